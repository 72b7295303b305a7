//! Shorter texts and lists of a span.

use opentelemetry::trace::Status;
use opentelemetry::{Array, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;
use std::borrow::Cow;

/// What a member of a list takes besides its value, or a number takes.
const MEMBER: usize = 8;

/// Cuts name, status description and the values of attributes to `longest` bytes each.
pub(crate) fn span(span: &mut SpanData, longest: usize) {
    if span.name.len() > longest {
        span.name = Cow::Owned(head(&span.name, longest).to_owned());
    }
    if let Status::Error { description } = &mut span.status
        && description.len() > longest
    {
        *description = Cow::Owned(head(description, longest).to_owned());
    }
    for attribute in &mut span.attributes {
        value(&mut attribute.value, longest);
    }
}

fn value(value: &mut Value, longest: usize) {
    match value {
        Value::String(text) => string(text, longest),
        Value::Array(Array::String(texts)) => {
            let (mut left, mut kept) = (longest, 0);
            for text in texts.iter_mut() {
                if left == 0 {
                    break;
                }
                string(text, left);
                left = left.saturating_sub(text.as_str().len() + MEMBER);
                kept += 1;
            }
            texts.truncate(kept);
        }
        Value::Array(Array::I64(numbers)) => numbers.truncate(longest / MEMBER),
        Value::Array(Array::F64(numbers)) => numbers.truncate(longest / MEMBER),
        Value::Array(Array::Bool(truths)) => truths.truncate(longest / MEMBER),
        _ => {}
    }
}

fn string(text: &mut StringValue, longest: usize) {
    if text.as_str().len() > longest {
        *text = StringValue::from(head(text.as_str(), longest).to_owned());
    }
}

/// The first `longest` bytes of `text`, or a few less where a character would be cut.
fn head(text: &str, longest: usize) -> &str {
    text.get(..text.floor_char_boundary(longest))
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
