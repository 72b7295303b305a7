//! Settings of a sink that inserts into ClickHouse.

use std::fmt;

use crate::config::{compression::Compression, http, item::Item, section::Section};

/// The keys that only sinks of this type have.
pub(super) const OF_TYPE: &[&str] = &[
    "url",
    "database",
    "user",
    "password",
    "create_schema",
    "ttl_days",
    "replacing",
    "faas_columns",
    "text_indexes",
    "async_insert",
    "max_rows",
    "compression",
];

/// A database of ClickHouse.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClickHouseConfig {
    /// The URL of the HTTP interface.
    pub url: String,
    /// The database of the tables.
    pub database: String,
    /// The user.
    pub user: String,
    /// The password of the user.
    pub password: Option<Password>,
    /// True if the sink creates missing tables.
    pub create_schema: bool,
    /// Number of days after which rows are removed from tables that are created.
    pub ttl_days: Option<u32>,
    /// True if the table of spans is created as a `ReplacingMergeTree`.
    pub replacing: bool,
    /// True if the table of spans is created with columns for attributes of functions.
    pub faas_columns: bool,
    /// True if the table of spans is created with inverted indexes.
    pub text_indexes: bool,
    /// True if the server collects blocks before it writes them.
    pub async_insert: bool,
    /// Compression of requests.
    pub compression: Compression,
}

#[cfg(feature = "clickhouse")]
impl ClickHouseConfig {
    /// Returns the tables that the sink creates, or that are to be created for it.
    pub fn schema(&self) -> lamplight_clickhouse::Schema {
        let mut schema = lamplight_clickhouse::Schema::new(&self.database);
        if let Some(days) = self.ttl_days {
            schema = schema.with_ttl_days(days);
        }
        if self.replacing {
            schema = schema.with_replacing();
        }
        if self.faas_columns {
            schema = schema.with_faas_columns();
        }
        if self.text_indexes {
            schema = schema.with_text_indexes();
        }
        schema
    }
}

/// A password. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Returns the password itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Reads the settings of a sink of this type.
pub(super) fn read(section: &Section<'_>, compression: Compression) -> Option<ClickHouseConfig> {
    let url = section.required("url", "write `url = \"http://clickhouse:8123\"`");
    let text = |name: &str| {
        let item = section.get(name)?;
        let text = item.filled()?;
        is_visible(&item, &text).then_some(text)
    };
    let is_on = |name: &str| section.bool(name).unwrap_or(false);
    let ttl_days = section.integer("ttl_days", 1..=36_500);
    Some(ClickHouseConfig {
        database: text("database").unwrap_or_else(|| "default".to_owned()),
        user: text("user").unwrap_or_else(|| "default".to_owned()),
        password: text("password").map(Password),
        create_schema: section.bool("create_schema").unwrap_or(true),
        ttl_days: ttl_days.and_then(|days| u32::try_from(days).ok()),
        replacing: is_on("replacing"),
        faas_columns: is_on("faas_columns"),
        text_indexes: is_on("text_indexes"),
        async_insert: is_on("async_insert"),
        compression,
        url: address(&url?)?,
    })
}

/// Returns the URL of the HTTP interface, without a query: the server would take it for settings.
fn address(item: &Item<'_>) -> Option<String> {
    let url = http::url_with(item, "put user and password into `user` and `password`")?;
    if url.contains(['?', '#']) {
        item.fault(
            "has a query, which the relay sets itself",
            "remove it, and use `database`, `user` and `password`",
        );
        return None;
    }
    Some(url)
}

/// Returns whether a text can be in a header; reports a fault otherwise, without the text.
fn is_visible(item: &Item<'_>, text: &str) -> bool {
    let is_visible = text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    if !is_visible {
        item.fault(
            "contains a control character or a non-ASCII character",
            "use visible ASCII characters only",
        );
    }
    is_visible
}
