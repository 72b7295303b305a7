use lamplight_propagation::inbound::ItemId;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    status_code: i64,
    body: Option<String>,
}

fn peeked<T: Serialize + ?Sized>(response: &T, names: &[&str]) -> Peeked {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut bytes);
    let (result, seen) = peek(response, &names, &mut serializer);
    result.unwrap();
    assert_eq!(bytes, serde_json::to_vec(response).unwrap());
    seen
}

fn status_code<T: Serialize + ?Sized>(response: &T) -> Option<u16> {
    peeked(response, &[]).status_code
}

#[test]
fn the_status_code_is_seen_in_typed_and_untyped_responses() {
    let typed = Typed {
        status_code: 503,
        body: Some("down".into()),
    };
    assert_eq!(status_code(&typed), Some(503));
    assert_eq!(status_code(&Some(&typed)), Some(503));
    assert_eq!(
        status_code(&json!({"body": "x", "statusCode": 201})),
        Some(201)
    );
}

/// As API Gateway takes them.
#[test]
fn a_status_code_may_be_written_as_text_or_with_a_fraction_of_nothing() {
    for (written, code) in [
        (json!("503"), Some(503)),
        (json!(" 503 "), Some(503)),
        (json!(503.0), Some(503)),
        (json!("503.0"), Some(503)),
        (json!("down"), None),
        (json!(""), None),
        (json!(503.5), None),
        (json!(-1), None),
        (json!(70_000), None),
        (json!(1e9), None),
    ] {
        let seen = peeked(&json!({ "statusCode": written }), &[]);
        assert_eq!(seen.status_code, code, "{written}");
        assert_eq!(seen.has_odd_status, code.is_none(), "{written}");
    }
    assert!(!peeked(&json!({"body": "503"}), &[]).has_odd_status);
}

#[test]
fn no_type_of_value_makes_a_status_code_of_what_is_none() {
    assert_eq!(status_code(&json!({"statusCode": true})), None);
    assert!(peeked(&json!({"statusCode": {"code": 503}}), &[]).has_odd_status);
    assert!(peeked(&json!({"statusCode": [503]}), &[]).has_odd_status);
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Single {
        status_code: f32,
    }
    assert_eq!(status_code(&Single { status_code: 503.0 }), Some(503));
}

type Failures = Option<Vec<Option<ItemId>>>;

fn failures<T: Serialize + ?Sized>(response: &T) -> Failures {
    peeked(response, &[]).batch_item_failures
}

fn named(names: &[&str]) -> Failures {
    Some(names.iter().map(|name| ItemId::named(name)).collect())
}

/// As Lambda reads them: "Success and failure conditions" in its developer guide.
#[test]
fn failed_records_are_told_by_what_they_are_called() {
    for (answer, expected) in [
        (json!([]), named(&[])),
        (json!(null), named(&[])),
        (
            json!([{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]),
            named(&["a", "b"]),
        ),
        (json!([{"itemIdentifier": ""}]), named(&[""])),
        (json!([{"itemIdentifier": null}]), named(&[""])),
        (json!([{"itemIdentifier": 7}]), named(&[""])),
        (
            json!([{"id": "a"}, {"itemIdentifier": "b"}]),
            named(&["", "b"]),
        ),
        (json!([null, "a", ["a"], {}]), named(&["", "", "", ""])),
        (json!("a"), named(&[""])),
        (json!({"itemIdentifier": "a"}), named(&[""])),
        (json!(true), named(&[""])),
        (json!(1), named(&[""])),
    ] {
        let answer = json!({ "batchItemFailures": answer });
        assert_eq!(failures(&answer), expected, "{answer}");
    }
    for answer in [
        json!(null),
        json!({}),
        json!("batchItemFailures"),
        json!([]),
    ] {
        assert_eq!(failures(&answer), None, "{answer}");
    }
}

#[test]
fn a_kafka_record_is_told_by_its_partition_and_offset() {
    let at = |place: Json| {
        let answer = json!({"batchItemFailures": [{"itemIdentifier": place}]});
        failures(&answer).unwrap()[0]
    };
    let expected = ItemId::at_offset("orders-0", 11);
    assert_eq!(at(json!({"partition": "orders-0", "offset": 11})), expected);
    assert_eq!(
        at(json!({"offset": "11", "partition": "orders-0"})),
        expected
    );
    for place in [
        json!({"partition": "orders-0"}),
        json!({"offset": 11}),
        json!({"partition": "", "offset": 11}),
        json!({"partition": "orders-0", "offset": null}),
    ] {
        assert_eq!(at(place.clone()), None, "{place}");
    }
}

/// An identifier that is written through `Display`.
struct Shown(&'static str);

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

#[test]
fn an_answer_of_any_type_is_read() {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Failure<I> {
        item_identifier: I,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer<F> {
        batch_item_failures: F,
    }
    #[derive(Serialize)]
    enum Tagged<F> {
        #[serde(rename = "batchItemFailures")]
        Failures(F),
    }
    #[derive(Serialize)]
    enum Id {
        #[serde(rename = "b")]
        B,
    }
    fn failure<I>(item_identifier: I) -> Failure<I> {
        Failure { item_identifier }
    }
    fn answer<F>(batch_item_failures: F) -> Answer<F> {
        Answer {
            batch_item_failures,
        }
    }
    let both = named(&["a", "b"]);
    assert_eq!(failures(&answer([failure("a"), failure("b")])), both);
    assert_eq!(failures(&answer((failure('a'), failure(Id::B)))), both);
    assert_eq!(
        failures(&answer(vec![failure(Some(Shown("a")))])),
        named(&["a"])
    );
    assert_eq!(failures(&Tagged::Failures([failure("a")])), named(&["a"]));
    assert_eq!(failures(&answer(None::<()>)), named(&[]));
    assert_eq!(failures(&answer(())), named(&[]));
    assert_eq!(failures(&answer([failure(None::<&str>)])), named(&[""]));
    let map = std::collections::HashMap::from([("batchItemFailures", [failure("a")])]);
    assert_eq!(failures(&map), named(&["a"]));
}

#[test]
fn json_that_was_written_before_is_read() {
    let raw = |json: &Json| serde_json::value::to_raw_value(json).unwrap();
    let list = json!([{"itemIdentifier": "a"}]);
    let answer =
        json!({"batchItemFailures": list, "statusCode": 503, "headers": {"X-Cache": "hit"}});
    let seen = peeked(&raw(&answer), &["x-cache"]);
    assert_eq!(seen.batch_item_failures, named(&["a"]));
    assert_eq!(seen.status_code, Some(503));
    assert_eq!(seen.headers, [["hit"]]);
    let parts = std::collections::HashMap::from([("batchItemFailures", raw(&list))]);
    assert_eq!(failures(&parts), named(&["a"]));
    assert_eq!(peeked(&raw(&json!([1])), &[]), Peeked::default());
}

#[test]
fn anything_else_says_nothing() {
    for response in [
        json!(null),
        json!("statusCode"),
        json!([{"statusCode": 500}]),
        json!({"nested": {"statusCode": 500}}),
        json!({"nested": {"batchItemFailures": [{"itemIdentifier": "a"}]}}),
    ] {
        assert_eq!(peeked(&response, &[]), Peeked::default(), "{response}");
    }
    assert_eq!(peeked(&(), &[]), Peeked::default());
    assert_eq!(peeked("text", &[]), Peeked::default());
}

#[test]
fn headers_that_were_asked_for_are_read_and_no_others() {
    let response = json!({
        "statusCode": 200,
        "headers": {"Content-Type": "text/plain", "set-cookie": "secret", "X-CACHE": 7},
        "body": "content-type",
    });
    let seen = peeked(&response, &["content-type", "x-cache", "absent"]);
    let expected = [vec!["text/plain".to_owned()], Vec::new(), Vec::new()];
    assert_eq!(seen.headers, expected);
}

#[test]
fn several_values_are_all_there_and_once() {
    let response = json!({
        "headers": {"x-cache": "b"},
        "multiValueHeaders": {"x-cache": ["a", "b"]},
    });
    let seen = peeked(&response, &["x-cache"]);
    assert_eq!(seen.headers, [["a", "b"].map(str::to_owned)]);
}

#[test]
fn what_is_no_response_has_no_headers() {
    for response in [
        json!(null),
        json!([]),
        json!("headers"),
        json!({"headers": "x"}),
    ] {
        assert_eq!(
            peeked(&response, &["x-cache"]).headers,
            [[""; 0]],
            "{response}"
        );
    }
}

/// Every kind of value in serde.
#[derive(Debug, Clone, Serialize)]
enum Kind {
    Unit,
    Newtype(Box<Kind>),
    Tuple(u8, String),
    #[serde(rename_all = "camelCase")]
    Struct {
        status_code: u16,
        headers: Vec<Kind>,
    },
}

#[derive(Debug, Clone, Serialize)]
struct UnitStruct;

#[derive(Debug, Clone, Serialize)]
struct TupleStruct(i128, char, f32);

#[derive(Debug, Clone, Serialize)]
struct Newtype<T>(T);

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Everything {
    status_code: Newtype<Option<u64>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    batch_item_failures: Vec<Kind>,
    headers: std::collections::BTreeMap<String, Json>,
    multi_value_headers: std::collections::BTreeMap<i8, Vec<Option<f64>>>,
    unit: (UnitStruct, (), TupleStruct),
    raw: Box<serde_json::value::RawValue>,
    #[serde(flatten)]
    rest: std::collections::BTreeMap<char, u128>,
}

fn json_value() -> impl Strategy<Value = Json> {
    let key = prop_oneof![
        Just("statusCode".to_owned()),
        Just("batchItemFailures".to_owned()),
        Just("headers".to_owned()),
        Just("multiValueHeaders".to_owned()),
        Just("X-Cache".to_owned()),
        ".*",
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (0..1_000_u64).prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".*".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    let leaf = prop_oneof![
        Just(Kind::Unit),
        (any::<u8>(), ".*").prop_map(|(number, text)| Kind::Tuple(number, text)),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|kind| Kind::Newtype(Box::new(kind))),
            (any::<u16>(), prop::collection::vec(inner, 0..4)).prop_map(
                |(status_code, headers)| {
                    Kind::Struct {
                        status_code,
                        headers,
                    }
                }
            ),
        ]
    })
}

proptest! {
    #[test]
    fn json_of_any_shape_passes_unchanged(response in json_value()) {
        peeked(&response, &["x-cache"]);
    }

    #[test]
    fn every_kind_of_value_passes_unchanged(
        status_code: Option<u64>,
        batch_item_failures in prop::collection::vec(kind(), 0..4),
        headers in prop::collection::btree_map("X-Cache|.*", json_value(), 0..4),
        multi_value_headers in prop::collection::btree_map(
            any::<i8>(),
            prop::collection::vec(any::<Option<f64>>(), 0..3),
            0..3,
        ),
        raw in json_value(),
        rest in prop::collection::btree_map(any::<char>(), any::<u128>(), 0..3),
        numbers: (i128, char, f32),
    ) {
        let response = Everything {
            status_code: Newtype(status_code),
            batch_item_failures: batch_item_failures.clone(),
            headers,
            multi_value_headers,
            unit: (UnitStruct, (), TupleStruct(numbers.0, numbers.1, numbers.2)),
            raw: serde_json::value::to_raw_value(&raw).unwrap(),
            rest,
        };
        let seen = peeked(&response, &["x-cache"]);
        let expected = status_code.and_then(|code| u16::try_from(code).ok());
        prop_assert_eq!(seen.status_code, expected);
        let failures = batch_item_failures.len();
        let seen = seen.batch_item_failures.map(|all| all.len());
        prop_assert_eq!(seen, (failures > 0).then_some(failures));
        for kind in batch_item_failures {
            peeked(&kind, &["x-cache"]);
        }
    }
}
