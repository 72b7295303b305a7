//! Types of spans: which recorded spans are of a type, and the names they should have.

use super::recorded::RecordedSpan;
use crate::model::{Details, Literal, Signal, SpanKind};

/// A span type, prepared for comparison with recorded spans.
///
/// Registries describe the names of spans in prose, and do not define how their types are recognized. A
/// registry adds that with `annotations: {conformance: {match: ..., kinds: ..., name: ...}}`.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    pub(super) signal: Signal,
    /// The kinds that a span of the type may have.
    pub(super) kinds: Vec<SpanKind>,
    /// The kind that a span must have to match the type.
    kind: Option<SpanKind>,
    /// The values that a span must have to match the type; `None` stands for any value.
    values: Vec<(String, Option<Literal>)>,
    name: Option<Pattern>,
}

/// A name as literal text and keys in braces.
#[derive(Debug, Clone, PartialEq)]
struct Pattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Key(String),
}

impl Definition {
    /// Returns the definition, if the signal is a span.
    pub(super) fn of(signal: &Signal) -> Option<Self> {
        let Details::Span { kind, name } = &signal.details else {
            return None;
        };
        let annotation = signal
            .annotations
            .iter()
            .find(|(name, _)| name == "conformance");
        let field = |field: &str| annotation.and_then(|(_, value)| value.get(field));

        let mut definition = Self {
            signal: signal.clone(),
            kinds: kinds(field("kinds")),
            kind: None,
            values: Vec::new(),
            name: None,
        };
        if definition.kinds.is_empty() {
            definition.kinds.push(*kind);
        }
        if let Some(Literal::Map(entries)) = field("match") {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("kind", Literal::String(name)) => definition.kind = kind_named(name),
                    (_, Literal::String(any)) if any == "*" => {
                        definition.values.push((key.clone(), None));
                    }
                    (_, value) => definition.values.push((key.clone(), Some(value.clone()))),
                }
            }
        }
        definition.name = match field("name") {
            Some(Literal::String(pattern)) => Pattern::parse(pattern),
            _ => Pattern::parse(name).filter(Pattern::is_whole),
        };
        Some(definition)
    }

    /// Returns whether a recorded span matches this type. A definition without `match` matches no span.
    pub(super) fn fits(&self, span: &RecordedSpan) -> bool {
        if self.values.is_empty() || self.kind.is_some_and(|kind| span.kind != Some(kind)) {
            return false;
        }
        self.values.iter().all(|(key, wanted)| {
            value(span, key).is_some_and(|found| wanted.as_ref().is_none_or(|w| w == found))
        })
    }

    /// Returns the name that a span of this type should have, if its attributes determine it.
    pub(super) fn name(&self, span: &RecordedSpan) -> Option<String> {
        self.name.as_ref()?.render(span)
    }
}

pub(super) fn value<'s>(span: &'s RecordedSpan, key: &str) -> Option<&'s Literal> {
    span.attributes
        .iter()
        .find(|(found, _)| found == key)
        .map(|(_, value)| value)
}

fn kinds(field: Option<&Literal>) -> Vec<SpanKind> {
    let Some(Literal::List(items)) = field else {
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| match item {
            Literal::String(name) => kind_named(name),
            _ => None,
        })
        .collect()
}

fn kind_named(name: &str) -> Option<SpanKind> {
    SpanKind::NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, kind)| *kind)
}

impl Pattern {
    /// Returns the pattern, if the text has a key in braces.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text.trim();
        while let Some((before, after)) = rest.split_once('{') {
            let (key, after) = after.split_once('}')?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Key(key.trim().to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        parts
            .iter()
            .any(|part| matches!(part, Part::Key(_)))
            .then_some(Self(parts))
    }

    /// Returns whether the pattern consists of keys and separators only. A note in prose is not a pattern,
    /// even if it quotes one.
    fn is_whole(&self) -> bool {
        self.0.iter().all(|part| match part {
            Part::Text(text) => !text.chars().any(char::is_alphanumeric),
            Part::Key(key) => !key.contains(char::is_whitespace),
        })
    }

    /// Returns the name, if every key was recorded. If a key is missing, or if its value is a placeholder,
    /// conventions define another name in prose.
    fn render(&self, span: &RecordedSpan) -> Option<String> {
        let mut name = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Key(key) => match value(span, key)? {
                    Literal::String(stand_in) if stand_in == "_OTHER" => return None,
                    Literal::String(value) => name.push_str(value),
                    value => name.push_str(&value.to_string()),
                },
            }
        }
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(attributes: &[(&str, &str)]) -> RecordedSpan {
        let own =
            |(key, value): &(&str, &str)| ((*key).to_owned(), Literal::String((*value).to_owned()));
        RecordedSpan {
            name: String::new(),
            kind: None,
            attributes: attributes.iter().map(own).collect(),
            events: Vec::new(),
            links: Vec::new(),
            at_start: None,
        }
    }

    #[test]
    fn names_are_made_of_what_was_recorded() {
        let pattern = Pattern::parse("{a.b} {c.d}").unwrap();
        let full = span(&[("a.b", "GET"), ("c.d", "/orders/{id}")]);
        assert_eq!(pattern.render(&full).as_deref(), Some("GET /orders/{id}"));
        assert_eq!(pattern.render(&span(&[("a.b", "GET")])), None);
        assert_eq!(
            pattern.render(&span(&[("a.b", "_OTHER"), ("c.d", "/")])),
            None
        );
        assert_eq!(pattern.render(&span(&[])), None);
    }

    #[test]
    fn words_are_no_pattern() {
        assert_eq!(Pattern::parse("name of the function"), None);
        assert!(!Pattern::parse("SHOULD be `{a.b}`").unwrap().is_whole());
        assert!(Pattern::parse("{a.b}.{c.d}").unwrap().is_whole());
        assert_eq!(Pattern::parse("{a.b"), None);
    }
}
