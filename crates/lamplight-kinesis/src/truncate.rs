//! Truncation of strings, and of the lists of a span.

use std::borrow::Cow;

use opentelemetry::{Array, StringValue, Value, trace::Status};
use opentelemetry_sdk::trace::SpanData;

/// The size of a number in a list, and the overhead of a string in one.
const ELEMENT: usize = 8;

/// Truncates the name, the status description and the values of attributes to `max` bytes each.
pub(crate) fn span(span: &mut SpanData, max: usize) {
    if span.name.len() > max {
        span.name = Cow::Owned(text(&span.name, max).to_owned());
    }
    if let Status::Error { description } = &mut span.status
        && description.len() > max
    {
        *description = Cow::Owned(text(description, max).to_owned());
    }
    for attribute in &mut span.attributes {
        value(&mut attribute.value, max);
    }
}

fn value(value: &mut Value, max: usize) {
    match value {
        Value::String(value) => string(value, max),
        Value::Array(Array::String(texts)) => {
            let (mut left, mut kept) = (max, 0);
            for value in texts.iter_mut() {
                if left == 0 {
                    break;
                }
                string(value, left);
                left = left.saturating_sub(value.as_str().len() + ELEMENT);
                kept += 1;
            }
            texts.truncate(kept);
        }
        Value::Array(Array::I64(numbers)) => numbers.truncate(max / ELEMENT),
        Value::Array(Array::F64(numbers)) => numbers.truncate(max / ELEMENT),
        Value::Array(Array::Bool(truths)) => truths.truncate(max / ELEMENT),
        _ => {}
    }
}

fn string(value: &mut StringValue, max: usize) {
    if value.as_str().len() > max {
        *value = StringValue::from(text(value.as_str(), max).to_owned());
    }
}

/// Returns the first `max` bytes of `text`, or a few less so that no character is cut.
pub(crate) fn text(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(mut whole: Value, longest: usize) -> Value {
        value(&mut whole, longest);
        whole
    }

    fn texts(texts: &[&str]) -> Value {
        let texts = texts
            .iter()
            .map(|text| StringValue::from((*text).to_owned()));
        Value::Array(Array::String(texts.collect()))
    }

    #[test]
    fn texts_end_with_a_whole_character() {
        assert_eq!(cut("üüü".into(), 5), "üü".into());
        assert_eq!(cut("abc".into(), 5), "abc".into());
    }

    #[test]
    fn lists_keep_their_first_members() {
        let three = ["abc", "def", "ghi"];
        assert_eq!(cut(texts(&three), 13), texts(&["abc", "de"]));
        assert_eq!(cut(texts(&three), 100), texts(&three));
        assert_eq!(cut(texts(&["abcdefgh", "i"]), 3), texts(&["abc"]));
        assert_eq!(cut(texts(&[""; 100]), 16), texts(&["", ""]));
        let numbers = |count| Value::Array(Array::I64(vec![1 << 40; count]));
        assert_eq!(cut(numbers(1_000), 64), numbers(8));
    }
}
