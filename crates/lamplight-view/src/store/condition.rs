//! Conditions on attributes, and their text form.

use std::fmt;

use super::StoreError;
use crate::span::{Attributes, Span, Value};

/// A condition on attributes.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `key=value`: the value as text is exactly this one.
    Equal(String, String),
    /// `key!=value`: the attribute is missing or has another value.
    NotEqual(String, String),
    /// `key>number`.
    Greater(String, f64),
    /// `key<number`.
    Less(String, f64),
    /// Any name, message or attribute value contains the text; ASCII letters match regardless of
    /// case.
    Text(String),
}

impl Condition {
    /// Parses conditions such as `key=value other>5 timeout "sold out"`.
    ///
    /// Conditions are separated by white space. A condition without an operator is text to search
    /// for. Values with white space, or with a quote at the start, must be quoted; within quotes,
    /// `\"` is a quote and `\\` a backslash. The text forms of [`Condition`]s, joined with spaces,
    /// parse to the same conditions.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is invalid; the error explains the syntax.
    ///
    /// ```
    /// use lamplight_view::store::Condition;
    ///
    /// let conditions = Condition::parse_all(r#"faas.trigger=http "sold out""#)?;
    /// assert_eq!(conditions[1], Condition::Text("sold out".to_owned()));
    /// # Ok::<(), lamplight_view::store::StoreError>(())
    /// ```
    pub fn parse_all(text: &str) -> Result<Vec<Self>, StoreError> {
        let mut rest = text.trim_start();
        let mut conditions = Vec::new();
        while !rest.is_empty() {
            let condition;
            (condition, rest) = one(rest)?;
            conditions.push(condition);
            rest = rest.trim_start();
        }
        Ok(conditions)
    }

    /// Returns whether a span meets the condition.
    #[must_use]
    pub fn fits(&self, span: &Span) -> bool {
        let any = |key: &str, fits: &dyn Fn(&Value) -> bool| {
            attributes(span).any(|it| it.get(key).is_some_and(fits))
        };
        match self {
            Self::Equal(key, text) => any(key, &|value| is(value, text)),
            Self::NotEqual(key, text) => !any(key, &|value| is(value, text)),
            Self::Greater(key, number) => any(key, &|value| {
                value.number().is_some_and(|value| value > *number)
            }),
            Self::Less(key, number) => any(key, &|value| {
                value.number().is_some_and(|value| value < *number)
            }),
            Self::Text(text) => {
                texts(span).any(|it| contains(it, text))
                    || attributes(span)
                        .flatten()
                        .any(|attribute| match &attribute.value {
                            Value::String(value) => contains(value, text),
                            value => contains(&value.to_string(), text),
                        })
            }
        }
    }
}

/// Returns the attributes of a span, in all places where it has some.
pub(super) fn attributes(span: &Span) -> impl Iterator<Item = &Attributes> {
    let own = [&span.attributes, &span.resource.attributes];
    let of_events = span.events.iter().map(|event| &event.attributes);
    own.into_iter().chain(of_events)
}

/// Returns the texts of a span other than attributes.
pub(super) fn texts(span: &Span) -> impl Iterator<Item = &str> {
    let own = [span.name.as_str(), span.status_message.as_str()];
    let of_events = span.events.iter().map(|event| event.name.as_str());
    own.into_iter().chain(of_events)
}

/// Returns whether a value as text is exactly this one.
pub(super) fn is(value: &Value, text: &str) -> bool {
    match value {
        Value::String(value) => value == text,
        value => value.to_string() == text,
    }
}

/// Returns whether a text contains another, ignoring the case of ASCII letters.
fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let Some(first) = part.first() else {
        return true;
    };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    memchr::memchr2_iter(lower, upper, text).any(|at| {
        let end = at.checked_add(part.len());
        end.and_then(|end| text.get(at..end))
            .is_some_and(|found| found.eq_ignore_ascii_case(part))
    })
}

/// Returns the first condition of a text that does not begin with white space, and the rest.
fn one(text: &str) -> Result<(Condition, &str), StoreError> {
    let is_end = |rest: &str| rest.starts_with(['=', '<', '>']) || rest.starts_with("!=");
    let (key, rest) = word(text, is_end)?;
    let operators = ["!=", ">=", "<=", "=", ">", "<"];
    let Some((operator, rest)) =
        (operators.iter()).find_map(|operator| Some((*operator, rest.strip_prefix(operator)?)))
    else {
        return Ok((Condition::Text(key), rest));
    };
    if key.is_empty() {
        return Err(StoreError::Query(format!(
            "There is no key before `{operator}`: write `key{operator}value`, or quote text that \
            contains `{operator}`."
        )));
    }
    let (value, rest) = word(rest, |_| false)?;
    let number = || {
        let number = value.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| {
            StoreError::Query(format!(
                "`{value}` in `{key}{operator}{value}` is not a number: write \
                `{key}{operator}1.5`, or quote text that contains `{operator}`."
            ))
        })
    };
    let condition = match operator {
        "=" => Condition::Equal(key, value),
        "!=" => Condition::NotEqual(key, value),
        ">" => {
            let number = number()?;
            Condition::Greater(key, number)
        }
        "<" => {
            let number = number()?;
            Condition::Less(key, number)
        }
        _ => {
            return Err(StoreError::Query(format!(
                "`{operator}` is not an operator: write `=`, `!=`, `>` or `<`, or quote text that \
                contains `{operator}`."
            )));
        }
    };
    Ok((condition, rest))
}

/// Returns the word or the quoted text at the start, and the rest.
fn word(text: &str, is_end: impl Fn(&str) -> bool) -> Result<(String, &str), StoreError> {
    if let Some(quoted) = text.strip_prefix('"') {
        return in_quotes(quoted);
    }
    let end = (text.char_indices())
        .find(|(at, found)| found.is_whitespace() || text.get(*at..).is_some_and(&is_end))
        .map_or(text.len(), |(at, _)| at);
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    Ok((word.to_owned(), rest))
}

/// Returns the text up to its closing quote, and the rest.
fn in_quotes(text: &str) -> Result<(String, &str), StoreError> {
    let mut unquoted = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Ok((unquoted, characters.as_str())),
            '\\' => match characters.clone().next() {
                Some(escaped @ ('"' | '\\')) => {
                    unquoted.push(escaped);
                    characters.next();
                }
                _ => unquoted.push('\\'),
            },
            other => unquoted.push(other),
        }
    }
    Err(StoreError::Query(format!(
        "There is no closing quote behind `\"{text}`: add one, or write `\\\"` for a quote within \
         quotes."
    )))
}

impl fmt::Display for Condition {
    /// Writes the condition in the syntax of [`Condition::parse_all`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, operator) = match self {
            Self::Equal(key, _) => (key, "="),
            Self::NotEqual(key, _) => (key, "!="),
            Self::Greater(key, _) => (key, ">"),
            Self::Less(key, _) => (key, "<"),
            Self::Text(text) => return quoted(text, f),
        };
        quoted(key, f)?;
        f.write_str(operator)?;
        match self {
            Self::Greater(_, number) | Self::Less(_, number) => write!(f, "{number}"),
            Self::Equal(_, value) | Self::NotEqual(_, value) | Self::Text(value) => {
                quoted(value, f)
            }
        }
    }
}

/// Writes a text, in quotes if necessary.
fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let needs_quotes =
        |found: char| found.is_whitespace() || matches!(found, '"' | '=' | '<' | '>' | '!');
    if !text.is_empty() && !text.contains(needs_quotes) {
        return f.write_str(text);
    }
    f.write_str("\"")?;
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            f.write_str("\\")?;
        }
        write!(f, "{character}")?;
    }
    f.write_str("\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Condition;

    fn error(text: &str) -> String {
        Condition::parse_all(text).unwrap_err().to_string()
    }

    #[test]
    fn a_filter_is_read_as_people_write_it() {
        let text =
            r#" faas.trigger=http a!=b  n>5 n<-0.5 timeout "sold out" url="a b" "my key"="\"" x= "#;
        let of = |text: &str| text.to_owned();
        assert_eq!(
            Condition::parse_all(text).unwrap(),
            [
                Condition::Equal(of("faas.trigger"), of("http")),
                Condition::NotEqual(of("a"), of("b")),
                Condition::Greater(of("n"), 5.0),
                Condition::Less(of("n"), -0.5),
                Condition::Text(of("timeout")),
                Condition::Text(of("sold out")),
                Condition::Equal(of("url"), of("a b")),
                Condition::Equal(of("my key"), of("\"")),
                Condition::Equal(of("x"), of("")),
            ]
        );
        assert_eq!(Condition::parse_all(" ").unwrap(), []);
        // Operators only count in the key.
        let query = Condition::parse_all("url.query=a=1&b>2").unwrap();
        assert_eq!(query, [Condition::Equal(of("url.query"), of("a=1&b>2"))]);
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_remedy() {
        assert!(error("=x").contains("write `key=value`"));
        assert!(error("n>many").contains("`many` in `n>many` is not a number"));
        assert!(error("n>NaN").contains("is not a number"));
        assert!(error("n>=5").contains("write `=`, `!=`, `>` or `<`"));
        assert!(error("\"sold out").contains("no closing quote"));
    }

    fn condition() -> impl Strategy<Value = Condition> {
        let word = || "[a-z.\"=<>! \\\\é]{0,6}";
        let key = || "[a-z.\"=<>! \\\\é]{1,6}";
        let number = any::<f64>().prop_filter("finite", |number| number.is_finite());
        prop_oneof![
            (key(), word()).prop_map(|(key, value)| Condition::Equal(key, value)),
            (key(), word()).prop_map(|(key, value)| Condition::NotEqual(key, value)),
            (key(), number).prop_map(|(key, number)| Condition::Greater(key, number)),
            (key(), -9.0..9.0).prop_map(|(key, number)| Condition::Less(key, number)),
            word().prop_map(Condition::Text),
        ]
    }

    proptest! {
        #[test]
        fn conditions_as_text_are_the_same_conditions(
            conditions in proptest::collection::vec(condition(), 0..5),
        ) {
            let texts: Vec<_> = conditions.iter().map(Condition::to_string).collect();
            prop_assert_eq!(Condition::parse_all(&texts.join(" ")).unwrap(), conditions);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[ -~é]{0,20}") {
            let _ = Condition::parse_all(&text);
        }
    }
}
