use std::time::SystemTime;

use opentelemetry::{
    Array, KeyValue, Value,
    trace::{Event, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_sdk::{
    Resource,
    trace::{SpanEvents, SpanLinks},
};
use proptest::prelude::*;
use prost::Message;

use super::*;

const ONE_MIB: Limits = Limits {
    record_bytes: 1 << 20,
    request_bytes: 5 << 20,
    request_records: 500,
};

pub(crate) fn span(trace: u128, id: u64, payload: usize) -> SpanData {
    let (trace, id) = (TraceId::from(trace), SpanId::from(id));
    SpanData {
        span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::NONE),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: "work".into(),
        start_time: SystemTime::UNIX_EPOCH,
        end_time: SystemTime::UNIX_EPOCH,
        attributes: vec![KeyValue::new("payload", "p".repeat(payload))],
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: opentelemetry::InstrumentationScope::default(),
    }
}

fn format(key: PartitionKey) -> Format {
    Format {
        encoder: encoder(),
        compression: Compression::None,
        key,
    }
}

fn encoder() -> OtlpEncoder {
    OtlpEncoder::new(
        &Resource::builder_empty()
            .with_service_name("orders")
            .build(),
    )
}

/// The OTLP of a record; its first bytes say how it is packed.
fn unpacked(data: &[u8]) -> Vec<u8> {
    match data {
        #[cfg(feature = "gzip")]
        [0x1f, 0x8b, ..] => {
            let mut plain = Vec::new();
            let mut decoder = flate2::read::GzDecoder::new(data);
            std::io::Read::read_to_end(&mut decoder, &mut plain).unwrap();
            plain
        }
        #[cfg(feature = "zstd")]
        [0x28, 0xb5, 0x2f, 0xfd, ..] => zstd::decode_all(data).unwrap(),
        _ => data.to_vec(),
    }
}

fn decode(record: &Record) -> Vec<opentelemetry_proto::tonic::trace::v1::Span> {
    let request = ExportTraceServiceRequest::decode(unpacked(&record.data).as_slice()).unwrap();
    let [resource_spans] = request.resource_spans.try_into().unwrap();
    assert!(
        resource_spans.resource.is_some(),
        "every record stands alone"
    );
    resource_spans
        .scope_spans
        .into_iter()
        .flat_map(|scope| scope.spans)
        .collect()
}

#[test]
fn a_trace_is_one_record_with_its_id_as_the_key() {
    let batch = vec![span(7, 1, 1), span(8, 2, 1), span(7, 3, 1)];
    let (records, dropped) = records(&format(PartitionKey::TraceId), &ONE_MIB, batch);
    assert_eq!(dropped, 0);
    let keys: Vec<_> = records.iter().map(|record| record.key.as_str()).collect();
    assert_eq!(keys, [format!("{:032x}", 7), format!("{:032x}", 8)]);
    let ids: Vec<_> = decode(&records[0])
        .into_iter()
        .map(|span| span.span_id[7])
        .collect();
    assert_eq!(ids, [1, 3], "in the order they ended");
}

#[test]
fn other_keys_put_all_traces_into_one_record() {
    let batch = || vec![span(7, 1, 1), span(8, 2, 1)];
    let fixed = PartitionKey::Fixed("here".into());
    let (in_one, _) = records(&format(fixed), &ONE_MIB, batch());
    assert_eq!(in_one.len(), 1);
    assert_eq!(in_one[0].key, "here");
    let (in_one, _) = records(&format(PartitionKey::Random), &ONE_MIB, batch());
    assert_eq!(in_one.len(), 1);
}

#[test]
fn an_oversized_span_gives_up_events_first_then_the_tails_of_texts_and_itself_at_last() {
    let limits = Limits {
        record_bytes: 4_096,
        ..ONE_MIB
    };
    let sent = |span| records(&format(PartitionKey::TraceId), &limits, vec![span]);

    let mut events = span(1, 1, 10);
    events.events.events = vec![
        Event::new(
            "big",
            SystemTime::UNIX_EPOCH,
            vec![KeyValue::new("k", "v".repeat(9_000))],
            0
        );
        2
    ];
    let (kept, dropped) = sent(events);
    assert_eq!((kept.len(), dropped), (1, 0));
    let decoded = decode(&kept[0]);
    assert_eq!(
        (decoded[0].events.len(), decoded[0].dropped_events_count),
        (0, 2)
    );
    assert_eq!(decoded[0].attributes.len(), 1);

    let mut umlauts = span(1, 1, 0);
    umlauts.attributes = vec![KeyValue::new("text", "ü".repeat(5_000))];
    let (kept, dropped) = sent(umlauts);
    assert_eq!((kept.len(), dropped), (1, 0));

    let fits = Limits {
        record_bytes: 60,
        ..ONE_MIB
    };
    let batch = vec![span(1, 1, 0)];
    let (kept, dropped) = records(&format(PartitionKey::TraceId), &fits, batch);
    assert_eq!((kept.len(), dropped), (0, 1), "no room for the resource");
}

#[test]
fn whatever_makes_a_span_too_large_is_cut() {
    let text = || "x".repeat(1_200_000);
    let attribute = |value: Value| vec![KeyValue::new("large", value)];
    let list = |array| attribute(Value::Array(array));
    let cases: [(&str, SpanData); 8] = [
        (
            "a text",
            SpanData {
                attributes: attribute(text().into()),
                ..span(1, 1, 0)
            },
        ),
        (
            "ten texts in a list",
            SpanData {
                attributes: list(Array::String(vec!["x".repeat(120_000).into(); 10])),
                ..span(1, 1, 0)
            },
        ),
        (
            "many empty texts in a list",
            SpanData {
                attributes: list(Array::String(vec!["".into(); 1_000_000])),
                ..span(1, 1, 0)
            },
        ),
        (
            "a list of numbers",
            SpanData {
                attributes: list(Array::I64(vec![i64::MAX; 200_000])),
                ..span(1, 1, 0)
            },
        ),
        (
            "a status description",
            SpanData {
                status: Status::error(text()),
                ..span(1, 1, 0)
            },
        ),
        (
            "a name",
            SpanData {
                name: text().into(),
                ..span(1, 1, 0)
            },
        ),
        (
            "many attributes",
            SpanData {
                attributes: (0..1_500)
                    .map(|i| KeyValue::new(format!("k{i}"), "x".repeat(1_000)))
                    .collect(),
                ..span(1, 1, 0)
            },
        ),
        (
            "a key",
            SpanData {
                attributes: vec![KeyValue::new("kept", 1), KeyValue::new(text(), 2)],
                ..span(1, 1, 0)
            },
        ),
    ];
    for (what, large) in cases {
        let count = large.attributes.len();
        let (kept, dropped) = records(&format(PartitionKey::TraceId), &ONE_MIB, vec![large]);
        assert_eq!((kept.len(), dropped), (1, 0), "{what}");
        let span = decode(&kept[0]).remove(0);
        let lost = usize::try_from(span.dropped_attributes_count).unwrap();
        assert_eq!(span.attributes.len() + lost, count, "{what}");
        assert!(count < 2 || !span.attributes.is_empty(), "{what}");
    }
}

fn compressions() -> Vec<Compression> {
    vec![
        Compression::None,
        #[cfg(feature = "gzip")]
        Compression::Gzip,
        #[cfg(feature = "zstd")]
        Compression::Zstd,
    ]
}

fn keys() -> impl Strategy<Value = PartitionKey> {
    let by_id =
        |span: &SpanData| "k".repeat(usize::from(span.span_context.span_id().to_bytes()[7]) * 9);
    prop_oneof![
        Just(PartitionKey::TraceId),
        Just(PartitionKey::Random),
        ".{0,300}".prop_map(PartitionKey::Fixed),
        Just(PartitionKey::custom(by_id)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_record_and_no_request_is_over_any_limit_and_no_span_is_forgotten(
        spans in prop::collection::vec((0u128..6, 0usize..6_000), 0..60),
        record_bytes in 500usize..8_000,
        request_factor in 1usize..4,
        request_records in 1usize..7,
        key in keys(),
        compression in prop::sample::select(compressions()),
    ) {
        let limits = Limits {
            record_bytes,
            request_bytes: record_bytes * request_factor,
            request_records,
        };
        let format = Format { encoder: encoder(), compression, key };
        let mut noise = fastrand::Rng::with_seed(spans.len() as u64);
        let batch: Vec<_> = spans
            .iter()
            .zip(1..)
            .map(|((trace, payload), id)| {
                let mut span = span(*trace + 1, id, 0);
                // Limits are for what is left after compression, and this leaves something.
                let text: String = (0..*payload).map(|_| noise.alphanumeric()).collect();
                span.attributes = vec![KeyValue::new("payload", text)];
                span
            })
            .collect();
        let count = batch.len();

        let (records, dropped) = records(&format, &limits, batch);
        let requests = requests(&limits, records);
        let mut seen = std::collections::BTreeSet::new();
        for request in &requests {
            prop_assert!(!request.is_empty() && request.len() <= request_records);
            prop_assert!(request.iter().map(Record::size).sum::<usize>() <= limits.request_bytes);
            for record in request {
                prop_assert!(record.size() <= record_bytes);
                prop_assert!((1..=256).contains(&record.key.chars().count()));
                let decoded = decode(record);
                prop_assert_eq!(decoded.len(), record.spans.len());
                for span in decoded {
                    prop_assert!(seen.insert(span.span_id), "a span was sent twice");
                }
            }
        }
        prop_assert_eq!(seen.len() + dropped, count);
    }
}
