//! Statements that insert blocks.

/// Returns the statement whose data is a block in the format `Native`.
///
/// Quotes the names: a database may be called `my-database`.
pub(crate) fn statement(database: &str, table: &str, columns: &[&str]) -> String {
    let columns: Vec<String> = columns.iter().map(|name| identifier(name)).collect();
    format!(
        "INSERT INTO {}.{} ({}) FORMAT Native",
        identifier(database),
        identifier(table),
        columns.join(", ")
    )
}

/// Returns a name in backquotes, as an identifier of SQL. Each character in it that could end it is escaped.
#[must_use]
pub fn identifier(name: &str) -> String {
    format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}

/// Returns a text in quotes, as a literal of SQL.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
