//! Attribute values as text, spelled as the Collector spells them.
//!
//! The tables hold text only. Numbers are in their shortest decimal form, with an exponent below 1e-6 and
//! from 1e21 on; bytes are Base64; arrays and maps are JSON with sorted keys, in which `<`, `>` and `&` are
//! escaped. Queries that were written for tables of the Collector depend on these forms.

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lamplight_otlp::{
    Fields, Value,
    trace::{AnyValue, Attribute, MAX_VALUE_DEPTH},
};

/// Appends the text of a value.
pub(crate) fn put(text: &mut Vec<u8>, value: &AnyValue<'_>) {
    match *value {
        AnyValue::String(string) => text.extend_from_slice(string),
        AnyValue::Bool(bool) => put_bool(text, bool),
        AnyValue::Int(int) => put_int(text, int),
        AnyValue::Double(double) => put_double(text, double),
        AnyValue::Bytes(bytes) => put_base64(text, bytes),
        AnyValue::Array(_) | AnyValue::KeyValueList(_) => {
            let start = text.len();
            if put_json(text, value, MAX_VALUE_DEPTH).is_none() {
                // JSON has no infinities. The Collector leaves the whole value empty then, too.
                text.truncate(start);
            }
        }
        _ => {}
    }
}

fn put_bool(text: &mut Vec<u8>, bool: bool) {
    text.extend_from_slice(if bool { b"true" } else { b"false" });
}

fn put_int(text: &mut Vec<u8>, int: i64) {
    // Writing into a vector does not fail.
    let _ = write!(text, "{int}");
}

fn put_double(text: &mut Vec<u8>, double: f64) {
    if double.is_finite() {
        put_finite(text, double);
    } else {
        let name = match double {
            _ if double.is_nan() => "NaN",
            _ if double > 0.0 => "+Inf",
            _ => "-Inf",
        };
        let _ = write!(text, "json: unsupported value: {name}");
    }
}

fn put_finite(text: &mut Vec<u8>, double: f64) {
    let size = double.abs();
    let _ = match size {
        _ if size != 0.0 && size < 1e-6 => write!(text, "{double:e}"),
        // The exponent has a sign: `1e+21`.
        _ if size >= 1e21 => write!(text, "{}", format!("{double:e}").replace('e', "e+")),
        _ => write!(text, "{double}"),
    };
}

fn put_base64(text: &mut Vec<u8>, bytes: &[u8]) {
    text.extend_from_slice(STANDARD.encode(bytes).as_bytes());
}

/// Appends a value as JSON; `None` if JSON has no form for it.
fn put_json(text: &mut Vec<u8>, value: &AnyValue<'_>, depth: u32) -> Option<()> {
    match *value {
        AnyValue::String(string) => put_string(text, string),
        AnyValue::Bool(bool) => put_bool(text, bool),
        AnyValue::Int(int) => put_int(text, int),
        AnyValue::Double(double) => {
            if !double.is_finite() {
                return None;
            }
            put_finite(text, double);
        }
        AnyValue::Bytes(bytes) => {
            text.push(b'"');
            put_base64(text, bytes);
            text.push(b'"');
        }
        AnyValue::Array(array) => {
            let depth = depth.checked_sub(1)?;
            text.push(b'[');
            let values = Fields::new(array).map_while(Result::ok);
            let values = values.filter_map(|field| match field {
                (1, Value::Bytes(value)) => AnyValue::new(value).ok(),
                _ => None,
            });
            for (position, value) in values.enumerate() {
                if position > 0 {
                    text.push(b',');
                }
                put_json(text, &value, depth)?;
            }
            text.push(b']');
        }
        AnyValue::KeyValueList(list) => {
            let depth = depth.checked_sub(1)?;
            let entries = Fields::new(list).map_while(Result::ok);
            let mut entries: Vec<_> = entries
                .filter_map(|field| match field {
                    (1, Value::Bytes(entry)) => Attribute::new(entry).ok(),
                    _ => None,
                })
                .collect();
            // Of equal keys the last one counts: the first in the reversed order.
            entries.reverse();
            entries.sort_by_key(|entry| entry.key);
            entries.dedup_by_key(|entry| entry.key);
            text.push(b'{');
            for (position, entry) in entries.iter().enumerate() {
                if position > 0 {
                    text.push(b',');
                }
                put_string(text, entry.key);
                text.push(b':');
                put_json(text, &entry.value, depth)?;
            }
            text.push(b'}');
        }
        _ => text.extend_from_slice(b"null"),
    }
    Some(())
}

/// Appends a JSON string.
fn put_string(text: &mut Vec<u8>, string: &[u8]) {
    text.push(b'"');
    for character in String::from_utf8_lossy(string).chars() {
        let _ = match character {
            '"' => write!(text, "\\\""),
            '\\' => write!(text, "\\\\"),
            '\n' => write!(text, "\\n"),
            '\r' => write!(text, "\\r"),
            '\t' => write!(text, "\\t"),
            '\u{8}' => write!(text, "\\b"),
            '\u{c}' => write!(text, "\\f"),
            '<' | '>' | '&' | '\u{0}'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                write!(text, "\\u{:04x}", u32::from(character))
            }
            _ => write!(text, "{character}"),
        };
    }
    text.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: AnyValue<'_>) -> String {
        let mut text = Vec::new();
        put(&mut text, &value);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn numbers_are_spelled_as_the_collector_spells_them() {
        for (number, spelled) in [
            (1.0, "1"),
            (0.5, "0.5"),
            (-0.0, "-0"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (0.000001, "0.000001"),
            (0.000_000_9, "9e-7"),
            (1.25e-10, "1.25e-10"),
            (f64::NAN, "json: unsupported value: NaN"),
            (f64::INFINITY, "json: unsupported value: +Inf"),
            (f64::NEG_INFINITY, "json: unsupported value: -Inf"),
        ] {
            assert_eq!(text(AnyValue::Double(number)), spelled);
        }
        assert_eq!(text(AnyValue::Int(i64::MIN)), "-9223372036854775808");
        assert_eq!(text(AnyValue::Bool(true)), "true");
        assert_eq!(text(AnyValue::Bytes(b"\x00\xffa")), "AP9h");
        assert_eq!(text(AnyValue::Empty), "");
    }

    #[test]
    fn lists_are_json_with_sorted_keys() {
        // {b: [1, "<a>"], a: true, a: "last"}, encoded by hand.
        let array = [b"\x0a\x02\x18\x01".as_slice(), b"\x0a\x05\x0a\x03<a>"].concat();
        let any = [&[0x2a, array.len() as u8], &*array].concat();
        let entry = |key: u8, any: &[u8]| {
            let entry = [&[0x0a, 1, key, 0x12, any.len() as u8], any].concat();
            [&[0x0a, entry.len() as u8], &*entry].concat()
        };
        let list = [
            entry(b'b', &any),
            entry(b'a', b"\x10\x01"),
            entry(b'a', b"\x0a\x04last"),
        ];
        assert_eq!(
            text(AnyValue::KeyValueList(&list.concat())),
            r#"{"a":"last","b":[1,"\u003ca\u003e"]}"#
        );
        assert_eq!(text(AnyValue::Array(b"")), "[]");
        // An infinity in it: there is no JSON for it.
        let infinite = [b"\x0a\x09\x21".as_slice(), &f64::INFINITY.to_le_bytes()].concat();
        assert_eq!(text(AnyValue::Array(&infinite)), "");
    }
}
