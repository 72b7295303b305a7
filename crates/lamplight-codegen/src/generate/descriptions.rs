//! Descriptions of attributes as data, for programs that show them to people.

use std::fmt::Write as _;

use super::HEADER;
use crate::{
    model::{Attribute, AttributeType},
    registry::Registry,
};

impl Registry {
    /// Returns Rust source for a table of all attributes with their briefs, sorted by key for binary search:
    /// `pub(super) static TABLE: [(&str, &str); N]`.
    ///
    /// The key of a template ends with a dot. The brief of a deprecated attribute mentions the deprecation.
    /// Attributes that are excluded from generated code are left out.
    pub fn to_description_table(&self) -> String {
        let attributes = self.attributes().filter(|attribute| !attribute.excluded());
        let mut rows: Vec<(String, String)> = attributes.map(row).collect();
        rows.sort();
        let mut out = format!(
            "{HEADER}//! Briefs of all attributes, in the order of their keys.\n\n\
             /// Key and brief; the key of a template ends with a dot.\n\
             #[rustfmt::skip]\n\
             pub(super) static TABLE: [(&str, &str); {}] = [\n",
            rows.len()
        );
        for (key, brief) in rows {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "    ({key:?}, {brief:?}),");
        }
        out.push_str("];\n");
        out
    }
}

fn row(attribute: &Attribute) -> (String, String) {
    let dot = if matches!(attribute.r#type, AttributeType::Template(_)) {
        "."
    } else {
        ""
    };
    let words: Vec<&str> = attribute.brief.split_whitespace().collect();
    let mut brief = words.join(" ");
    if let Some(deprecated) = &attribute.deprecated {
        let _ = write!(brief, " Deprecated: {deprecated}.");
    }
    (format!("{}{dot}", attribute.key), brief)
}
