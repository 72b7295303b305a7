//! Statements that create the tables of ClickHouse.

use lamplight_clickhouse::Schema;

use crate::config::{Config, SinkKind};

/// The message for a configuration without tables.
pub(super) const NO_SINK: &str = "the configuration has no sink of type `clickhouse`; add one, or use \
                                  the options of `lamplight-relay clickhouse schema`";

/// Returns the statements for all sinks of a configuration, if any sink is of this type.
pub(super) fn of_config(config: &Config) -> Option<String> {
    let mut schemas: Vec<Schema> = Vec::new();
    for sink in &config.sinks {
        if let SinkKind::ClickHouse(of_it) = &sink.kind {
            let schema = of_it.schema();
            if !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
    }
    (!schemas.is_empty()).then(|| script(schemas))
}

/// Returns the statements, each with a semicolon at its end.
pub(super) fn script(schemas: impl IntoIterator<Item = Schema>) -> String {
    let statements = schemas.into_iter().flat_map(|schema| schema.statements());
    let statements: Vec<_> = statements.map(|sql| format!("{sql};\n")).collect();
    statements.join("\n")
}
