use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{NameBuffer, Text, Value, blocks, mask, may_hide_words, scan};

/// Walks to `path` the slow way and the lazy way.
fn lazy_equals_parsed(document: &str, path: &[&str]) {
    let parsed: Json = serde_json::from_str(document).unwrap();
    let expected = path.iter().try_fold(&parsed, |value, name| value.get(name));
    let found = Value::document(document.as_bytes()).pointer(path);
    assert_eq!(found.is_some(), expected.is_some(), "{document} {path:?}");
    if let (Some(found), Some(expected)) = (found, expected) {
        let raw = document.get(found.start()..found.end().unwrap()).unwrap();
        assert_eq!(
            &serde_json::from_str::<Json>(raw).unwrap(),
            expected,
            "{document}"
        );
    }
}

#[test]
fn members_are_found_among_everything_else() {
    let document = "\n{ \"a\" : [1, {\"}\": \"]\\\"\"}, \"{\"] ,\t\"b\\\"\":-1e5,\"c\":{\"d\":null,\"e\":\"\\u0041\"}\r}";
    for path in [
        &["a"][..],
        &["c"],
        &["c", "d"],
        &["c", "e"],
        &["c", "f"],
        &["x"],
        &["b\""],
    ] {
        lazy_equals_parsed(document, path);
    }
    let value = Value::document(document.as_bytes());
    assert!(value.get("b\"").is_some());
    let text = value.pointer(&["c", "e"]).unwrap().text().unwrap();
    assert!(text.is("A"));
    assert_eq!(text.to_str().unwrap(), "A");
}

#[test]
fn strings_end_where_they_end() {
    // Every length around the block size, every number of backslashes before the quote.
    for len in 0..200 {
        for slashes in 0..5 {
            let inner = format!("{}{}", "x\\\"".repeat(len % 7), "y".repeat(len));
            let body = format!("{inner}{}", "\\\\".repeat(slashes));
            let document = format!("[\"{body}\", \"{}\\\\\", 1]", "\\\"".repeat(len));
            let items: Vec<_> = Value::document(document.as_bytes()).elements().collect();
            assert_eq!(items.len(), 3, "{document}");
            let text = items[0].text().unwrap();
            assert_eq!(text.raw().len(), body.len());
            assert_eq!(items[2].scalar().as_deref(), Some("1"));
        }
    }
}

/// The examples of the module's documentation.
#[test]
fn the_examples_are_true() {
    let mut level = r#"{"a":"b\\"}"#.to_owned();
    for text in [
        r#"{"a":"b\\"}"#,
        r#"{\"a\":\"b\\\\\"}"#,
        r#"{\\\"a\\\":\\\"b\\\\\\\\\\\"}"#,
    ] {
        assert_eq!(level, text);
        level = level.replace('\\', r"\\").replace('"', r#"\""#);
    }

    let text = r#""k":"\\\"}","n":1}"#;
    let mut block = [0; mask::BLOCK];
    block[..text.len()].copy_from_slice(text.as_bytes());
    let block = mask::ByteBlock::of(&block);
    let bits = |line: &str| {
        let places = line.bytes().rev();
        places.fold(0, |bits, it| bits << 1 | u64::from(it == b'1'))
    };
    assert_eq!(block.equal(b'\\'), bits(".....111.........."));
    assert_eq!(block.equal(b'"'), bits("1.1.1...1.1.1.1..."));
    let brackets = block.either(b'{', b'}');
    assert_eq!(brackets, bits(".........1.......1"));
    let delimiting = bits("1.1.1.....1.1.1...");
    let mut blocks = blocks::Blocks::new(scan::Scan::document(text.as_bytes()), 0, 0);
    assert_eq!(blocks.next_quotes(), Some((0, delimiting)));
    let inside = mask::inside(delimiting);
    assert_eq!(inside, bits("11..111111..11...."));
    assert_eq!(brackets & !inside, bits(".................1"));
}

#[test]
fn a_document_in_a_document_in_a_document_is_read_where_it_lies() {
    let innermost =
        json!({"id": "a\"b\\c\u{e9}\n", "detail": {"_otel": {"traceparent": "x"}}, "t": true});
    let mut text = innermost.to_string();
    for depth in 1..=4 {
        text = json!({"Type": "N", "Message": text, "after": depth}).to_string();
    }
    let mut value = Value::document(text.as_bytes());
    for depth in (1..=4).rev() {
        let [message, after] = value.get_all(["Message", "after"]);
        assert_eq!(
            after.unwrap().scalar().as_deref(),
            Some(depth.to_string().as_str())
        );
        value = message.unwrap().text().unwrap().document().unwrap();
    }
    assert_eq!(
        value.get("id").unwrap().text().unwrap().to_str().unwrap(),
        "a\"b\\c\u{e9}\n"
    );
    assert_eq!(value.get("t").unwrap().scalar().as_deref(), Some("true"));
    let field = value.pointer(&["detail", "_otel", "traceparent"]).unwrap();
    assert!(field.text().unwrap().is("x"));
}

#[test]
fn escapes_are_resolved_as_json_has_them() {
    let cases = [
        (
            r#""\ud83d\ude00 \u00e9\/\b\f\n\r\t\"\\""#,
            "\u{1f600} \u{e9}/\u{8}\u{c}\n\r\t\"\\",
        ),
        (r#""\ud83d x""#, "\u{fffd} x"),
        (r#""\uZZZZ""#, "\u{fffd}ZZZZ"),
    ];
    for (document, expected) in cases {
        let text = Value::document(document.as_bytes()).text().unwrap();
        assert_eq!(text.to_str().unwrap(), expected);
    }
}

#[test]
fn structure_escaped_by_number_is_structure() {
    let inner = json!({"a": {"b": ["}", "\\", "x\"y"]}, "c": "{", "d": "e".repeat(200)});
    let text = inner.to_string();
    for (from, to) in [
        ("\\\"", "\\u0022"),
        ("\\\\", "\\u005c"),
        ("{", "\\u007b"),
        ("}", "\\u007D"),
        ("[", "\\u005B"),
        ("]", "\\u005d"),
        ("e", "\\u0065"),
    ] {
        // In the outer document, so that the number stands for a character of the inner one.
        let document = json!({"m": text}).to_string();
        let (start, end) = (document.find(":\"").unwrap() + 2, document.len() - 2);
        let body = document.get(start..end).unwrap().replace(from, to);
        let document = format!("{{\"m\":\"{body}\",\"n\":1}}");
        let [outer, after] = Value::document(document.as_bytes()).get_all(["m", "n"]);
        assert_eq!(after.unwrap().scalar().as_deref(), Some("1"));
        let found = outer.unwrap().text().unwrap().document().unwrap();
        assert_eq!(rebuild(found), inner, "{from} as {to}");
    }
}

#[test]
fn names_compare_through_escapes() {
    let document = br#"{"Trace\u0050arent": 1}"#;
    let (key, _) = Value::document(document).members().next().unwrap();
    assert!(key.is_ignoring_case("traceparent"));
    assert!(!key.is("traceparent"));
    assert!(!key.is_ignoring_case("traceparents"));
}

#[test]
fn a_key_is_the_name_it_says() {
    let longest = "a".repeat(48);
    for name in ["Records", "detail-type", "a\"b\\c", "", &longest] {
        let plain = json!({ name: 1 }).to_string();
        let numbers: String = name.bytes().map(|byte| format!("\\u{byte:04X}")).collect();
        let escaped = format!("{{\"{numbers}\":1}}");
        // As it is, and as a document in a string, spelled anew there.
        for document in [plain, escaped] {
            let nested = json!({ "m": document }).to_string().replace('R', "\\u0052");
            let value = Value::document(document.as_bytes());
            let outer = Value::document(nested.as_bytes()).get("m").unwrap();
            let inner = outer.text().unwrap().document().unwrap();
            for value in [value, inner] {
                let (key, _) = value.members().next().unwrap();
                let mut buffer = NameBuffer::default();
                assert_eq!(key.name(&mut buffer), name.as_bytes(), "{document}");
            }
        }
    }
    // Longer than any that is looked for, and outside of ASCII.
    for (escaped, name) in [
        (
            format!("\\u0061{longest}"),
            format!("\\u0061{longest}").into_bytes(),
        ),
        ("\\u0061\\u00e9".to_owned(), b"a\xff".to_vec()),
    ] {
        let document = format!("{{\"{escaped}\":1}}");
        let (key, _) = Value::document(document.as_bytes())
            .members()
            .next()
            .unwrap();
        assert_eq!(key.name(&mut NameBuffer::default()), name);
    }
}

#[test]
fn words_written_in_numbers_are_noticed() {
    for (text, expected) in [
        (r"\u005fotel", true),
        (r"\u0061", true),
        (r"\\u007A", true),
        (r"x\u00e9\u0041", true),
        (r"\u005cu0061", true),
        (r"\\u00\u0036\u0031", true),
        (r"\u00e9\u003d\u0027\u0022\u0040\u005b\u0060\u007b", false),
        (r"\u0161\u00", false),
        (r"\u00zz", false),
        ("u0061", false),
    ] {
        assert_eq!(may_hide_words(text.as_bytes()), expected, "{text}");
    }
}

#[test]
fn broken_documents_end_early() {
    let broken = [
        "",
        "{",
        "{\"",
        "{\"a",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\" 1}",
        "{,}",
        "[1,,2]",
        "\"\\",
        "{\"a\":}",
        "]",
        "{1:2}",
    ];
    for text in broken {
        let value = Value::document(text.as_bytes());
        let _ = value.members().count();
        let _ = value.elements().count();
        assert!(value.get("b").is_none(), "{text}");
    }
}

#[test]
fn deep_nesting_costs_no_stack() {
    let text = format!(
        "{{\"a\":{}{},\"b\":1}}",
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    assert_eq!(
        Value::document(text.as_bytes())
            .get("b")
            .unwrap()
            .scalar()
            .as_deref(),
        Some("1")
    );
}

fn json_values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<f64>().prop_map(|it| if it.is_finite() { json!(it) } else { json!(0) }),
        any::<i64>().prop_map(Json::from),
        ".{0,90}".prop_map(Json::from),
        "[\\\\\"{}\\[\\],:u0-9]{0,90}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::hash_map("[a-c\"\\\\\u{e9}]{0,3}", inner, 0..6)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

/// Rebuilds what serde_json would have built from what the lazy reader finds.
fn rebuild(value: Value<'_>) -> Json {
    match value.first().unwrap() {
        b'{' => value
            .members()
            .map(|(key, value)| (key.to_str().unwrap().into_owned(), rebuild(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        b'[' => value.elements().map(rebuild).collect(),
        b'"' => value
            .text()
            .and_then(Text::to_str)
            .unwrap()
            .into_owned()
            .into(),
        b'n' => Json::Null,
        _ => serde_json::from_str(&value.scalar().unwrap()).unwrap(),
    }
}

proptest! {
    #[test]
    fn the_lazy_reader_sees_what_a_parser_sees(value in json_values(), pretty in any::<bool>()) {
        let text = if pretty {
            serde_json::to_string_pretty(&value).unwrap()
        } else {
            value.to_string()
        };
        // The parser rounds numbers on the way in; both sides have to do it once.
        let value: Json = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&rebuild(Value::document(text.as_bytes())), &value);

        // And two strings deep, with characters escaped that need not be.
        let nested = json!({"m": text}).to_string().replace('a', "\\u0061");
        let nested = json!({"m": nested}).to_string();
        let outer = Value::document(nested.as_bytes()).get("m").unwrap().text().unwrap();
        let Some(inner) = outer.document() else { return Err(TestCaseError::fail("no document")) };
        let inner = inner.get("m").unwrap().text().unwrap();
        if let Some(inner) = inner.document() {
            prop_assert_eq!(rebuild(inner), value);
        } else {
            prop_assert!(!value.is_object() && !value.is_array());
        }
    }

    #[test]
    fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let value = Value::document(&bytes);
        prop_assert!(value.members().count() + value.elements().count() <= bytes.len());
        if let Some(text) = value.text() {
            let _ = text.to_str();
            let _ = text.document().map(|inner| inner.members().count());
        }
    }
}

#[test]
fn an_end_that_is_expected_is_the_end_there_is() {
    for (rest, expected) in [
        (r#","b":1}"#, r#","b":1}"#),
        (r#","b":1},"c":2}"#, r#","b":1}"#),
        (r#","b":{}}"#, r#","b":1}"#),
        (r#", "b":1}"#, r#","b":1}"#),
        (r#","b":1"#, r#","b":1}"#),
        ("}", r#","b":1}"#),
    ] {
        let document = format!(r#"{{"a":"x"{rest}"#);
        let value = Value::document(document.as_bytes());
        let mut members = value.members();
        members.next().unwrap();
        assert_eq!(
            members.end_behind(expected.as_bytes()),
            value.end(),
            "{document}"
        );
    }
}
