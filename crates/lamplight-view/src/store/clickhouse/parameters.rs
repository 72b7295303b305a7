//! Parameters of queries.

/// The values that a query refers to. They are sent beside the query, so that no text of a user
/// becomes a part of it.
#[derive(Debug, Default)]
pub(super) struct Parameters(Vec<String>);

impl Parameters {
    /// Adds a text, and returns its placeholder.
    pub(super) fn text(&mut self, text: &str) -> String {
        self.add("String", escaped(text))
    }

    /// Adds a time in nanoseconds since 1970, and returns an expression for it.
    pub(super) fn time(&mut self, nanoseconds: i64) -> String {
        let placeholder = self.add("Int64", nanoseconds.to_string());
        format!("fromUnixTimestamp64Nano({placeholder})")
    }

    /// Adds a number, and returns its placeholder.
    pub(super) fn count(&mut self, number: u64) -> String {
        self.add("UInt64", number.to_string())
    }

    /// Adds a number, and returns its placeholder.
    pub(super) fn number(&mut self, number: f64) -> String {
        self.add("Float64", number.to_string())
    }

    /// Adds a list of ids, and returns its placeholder.
    pub(super) fn ids(&mut self, ids: impl IntoIterator<Item = String>) -> String {
        // Hexadecimal digits need no escaping.
        let ids: Vec<_> = ids.into_iter().map(|id| format!("'{id}'")).collect();
        self.add("Array(String)", format!("[{}]", ids.join(",")))
    }

    /// Adds a list of texts, and returns an expression for it.
    pub(super) fn texts(&mut self, texts: &[&str]) -> String {
        // As one text: quotes within lists are read differently by different versions.
        let list = serde_json::Value::from(texts.to_vec()).to_string();
        format!("JSONExtract({}, 'Array(String)')", self.text(&list))
    }

    fn add(&mut self, kind: &str, value: String) -> String {
        let name = name(self.0.len());
        self.0.push(value);
        format!("{{{name}:{kind}}}")
    }

    /// Returns the names and values for the URL.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (String, &str)> {
        let values = self.0.iter().enumerate();
        values.map(|(place, value)| (format!("param_{}", name(place)), value.as_str()))
    }
}

fn name(place: usize) -> String {
    format!("p{place}")
}

/// Returns a text in the server's escaped form, in which it reads parameters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\0' => escaped.push_str("\\0"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::Parameters;

    #[test]
    fn values_are_beside_the_query() {
        let mut parameters = Parameters::default();
        assert_eq!(parameters.text("'a\\b\n\0"), "{p0:String}");
        assert_eq!(parameters.time(5), "fromUnixTimestamp64Nano({p1:Int64})");
        assert_eq!(
            parameters.texts(&["\"x\"", "y"]),
            "JSONExtract({p2:String}, 'Array(String)')"
        );
        let pairs: Vec<_> = parameters.pairs().collect();
        assert_eq!(pairs[0], ("param_p0".to_owned(), "'a\\\\b\\n\\0"));
        assert_eq!(pairs[2].1, r#"["\\"x\\"","y"]"#);
    }
}
