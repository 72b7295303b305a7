use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span::Event, span::Link},
};
use proptest::prelude::*;
use prost::Message;
use std::io::Write as _;

use super::*;

fn attribute(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

fn span(id: u8) -> Span {
    Span {
        trace_id: vec![id.max(1); 16],
        span_id: vec![id.max(1); 8],
        parent_span_id: vec![7; 8],
        name: format!("work {id}"),
        kind: 2,
        start_time_unix_nano: 1,
        end_time_unix_nano: 2,
        attributes: vec![attribute("n", any_value::Value::IntValue(id.into()))],
        events: vec![Event {
            name: "exception".to_owned(),
            time_unix_nano: 3,
            ..Event::default()
        }],
        links: vec![Link {
            trace_id: vec![3; 16],
            span_id: vec![4; 8],
            ..Link::default()
        }],
        status: Some(Status {
            message: "no".to_owned(),
            code: 2,
        }),
        flags: 0x101,
        ..Span::default()
    }
}

fn resource_spans(spans: Vec<Span>) -> ResourceSpans {
    ResourceSpans {
        resource: Some(Resource {
            attributes: vec![attribute(
                "service.name",
                any_value::Value::StringValue("shop".to_owned()),
            )],
            ..Resource::default()
        }),
        scope_spans: vec![ScopeSpans {
            scope: Some(InstrumentationScope {
                name: "scope".to_owned(),
                ..InstrumentationScope::default()
            }),
            spans,
            ..ScopeSpans::default()
        }],
        ..ResourceSpans::default()
    }
}

fn request(spans: Vec<Span>) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![resource_spans(spans)],
    }
}

fn encoded(spans: Vec<Span>) -> Bytes {
    request(spans).encode_to_vec().into()
}

fn read(data: impl Into<Bytes>) -> Result<Payloads, Refusal> {
    payloads(&data.into(), &Limits::default())
}

fn only(data: impl Into<Bytes>) -> Bytes {
    let payloads = read(data).unwrap();
    assert_eq!(payloads.len(), 1);
    assert_eq!(payloads.refusal(), None);
    payloads.into_iter().next().unwrap()
}

fn reason(data: impl Into<Bytes>) -> Reason {
    read(data).unwrap_err().reason
}

/// An aggregated record as the Kinesis Producer Library makes it.
fn aggregated(records: &[&[u8]]) -> Vec<u8> {
    let mut message = vec![0x0a, 2, b'p', b'k'];
    for data in records {
        let mut record = vec![0x08, 0, 0x1a];
        prost::encoding::encode_varint(data.len() as u64, &mut record);
        record.extend_from_slice(data);
        message.push(0x1a);
        prost::encoding::encode_varint(record.len() as u64, &mut message);
        message.extend_from_slice(&record);
    }
    let mut all = vec![0xf3, 0x89, 0x9a, 0xc2];
    all.extend_from_slice(&message);
    all.extend_from_slice(&Md5::digest(&message));
    all
}

fn gzipped(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zlibbed(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zstdded(data: &[u8]) -> Vec<u8> {
    zstd::encode_all(data, 3).unwrap()
}

#[test]
fn a_sound_request_is_its_own_payload_without_a_copy() {
    let data = encoded(vec![span(1), span(2)]);
    let payload = only(data.clone());
    assert_eq!(payload.as_ptr(), data.as_ptr());
    assert_eq!(read(data).unwrap().facts().spans, 2);
}

#[test]
fn compressed_records_are_unpacked() {
    let data = encoded(vec![span(1)]);
    for packed in [gzipped(&data), zlibbed(&data), zstdded(&data)] {
        assert_eq!(only(packed.clone()), data);
        assert!(read(packed).unwrap().facts().compressed);
    }
    let members = [gzipped(&data), gzipped(&data)].concat();
    assert_eq!(only(members), [&data[..], &data].concat());
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let zeros = vec![0; 4 << 20];
    let limits = Limits { max_bytes: 1 << 20 };
    for bomb in [gzipped(&zeros), zlibbed(&zeros), zstdded(&zeros)] {
        assert!(bomb.len() < 64 << 10);
        let refusal = payloads(&bomb.into(), &limits).unwrap_err();
        assert_eq!(refusal.reason, Reason::TooLarge);
    }
}

#[test]
fn the_limit_is_for_all_parts_of_a_record_together() {
    let data = encoded((1..100).map(span).collect());
    let packed = gzipped(&data);
    let record = Bytes::from(aggregated(&[&packed, &packed, &packed]));
    let limits = Limits {
        max_bytes: data.len() * 2,
    };
    let payloads = payloads(&record, &limits).unwrap();
    assert_eq!(payloads.len(), 2);
    let refusal = payloads.refusal().unwrap();
    assert_eq!((refusal.reason, refusal.records), (Reason::TooLarge, 1));
}

#[test]
fn damaged_compression_is_refused() {
    for whole in [
        gzipped(&encoded(vec![span(1)])),
        zstdded(&encoded(vec![span(1)])),
    ] {
        let cut = whole[..whole.len() - 5].to_vec();
        assert_eq!(reason(cut), Reason::Damaged);
        let mut turned = whole.clone();
        let middle = whole.len() / 2;
        turned[middle] ^= 0x55;
        assert!(read(turned).is_err());
        let followed = [&whole[..], b"garbage"].concat();
        assert_eq!(reason(followed), Reason::Damaged);
    }
}

#[test]
fn aggregated_records_are_taken_apart_in_their_order() {
    let parts = [encoded(vec![span(1)]), encoded(vec![span(2), span(3)])];
    let packed = gzipped(&parts[1]);
    let read = read(aggregated(&[&parts[0], b"", &packed])).unwrap();
    assert!(read.facts().aggregated && read.facts().compressed);
    assert_eq!(read.facts().spans, 3);
    assert_eq!(read.refusal(), None);
    assert_eq!(read.iter().cloned().collect::<Vec<_>>(), parts);
}

#[test]
fn of_an_aggregated_record_the_good_parts_are_read_and_the_others_told() {
    let good = encoded(vec![span(1)]);
    let read = read(aggregated(&[b"{}", &good, b"\x07"])).unwrap();
    assert_eq!(read.iter().cloned().collect::<Vec<_>>(), [good]);
    let refusal = read.refusal().unwrap();
    assert_eq!((refusal.reason, refusal.records), (Reason::Json, 2));
}

#[test]
fn an_aggregated_record_with_another_checksum_is_refused() {
    let mut record = aggregated(&[&encoded(vec![span(1)])]);
    record[8] ^= 1;
    assert_eq!(reason(record), Reason::Checksum);
    assert_eq!(reason(vec![0xf3, 0x89, 0x9a, 0xc2, 1, 2]), Reason::Checksum);
}

#[test]
fn an_aggregated_record_of_another_producer_is_taken_apart() {
    // As the Kinesis Producer Library makes it, of two records of JSON, with its table of keys.
    let data = "84mawgoEcGstMRplCAAaYXsiX290ZWwiOiB7InRyYWNlcGFyZW50IjogIjAwLTVmM2QwYTFiN2MyZTRkNmY4MDkxYTJiM2M0ZDVlNmY3LTFhMmIzYzRkNWU2ZjcwODEtMDEifSwgIm9yZGVyIjogMX0aZQgAGmF7Il9vdGVsIjogeyJ0cmFjZXBhcmVudCI6ICIwMC02YTRlMWIyYzhkM2Y1ZTcwOTEwMmIzYzRkNWU2ZjcwOC0yYjNjNGQ1ZTZmNzA4MTkyLTAxIn0sICJvcmRlciI6IDJ9ZX1VX8k8vj+YAiiOp49xuQ==";
    let refusal = read(STANDARD.decode(data).unwrap()).unwrap_err();
    assert_eq!((refusal.reason, refusal.records), (Reason::Json, 2));
}

#[test]
fn other_formats_are_refused_with_what_to_do() {
    for json in [
        r#"{"resourceSpans":[]}"#,
        "\n [{\"traceId\":\"5f3d0a1b7c2e4d6f\"}]",
        r#""text""#,
    ] {
        assert_eq!(reason(json), Reason::Json, "{json}");
    }
    assert!(Reason::Json.to_string().contains("otlp_proto"));
    // A span of Jaeger, whose first fields are ids and a name; and one of Zipkin in a list.
    let mut jaeger = vec![0x0a, 16];
    jaeger.extend([0xab; 16]);
    jaeger.extend([0x12, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x1a, 2, b'o', b'p']);
    let mut zipkin = vec![0x0a, jaeger.len() as u8];
    zipkin.extend(&jaeger);
    for other in [jaeger, zipkin, b"plain text".to_vec(), vec![0x10, 1]] {
        assert_eq!(reason(other), Reason::NotOtlp);
    }
}

#[test]
fn metrics_and_logs_are_no_spans() {
    use opentelemetry_proto::tonic::metrics::v1::*;
    let metrics = MetricsData {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(Resource::default()),
            scope_metrics: vec![ScopeMetrics {
                metrics: vec![Metric {
                    name: "calls".to_owned(),
                    unit: "s".to_owned(),
                    ..Metric::default()
                }],
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    };
    assert_eq!(reason(metrics.encode_to_vec()), Reason::NotOtlp);
}

#[test]
fn a_request_without_spans_is_nothing_and_no_fault() {
    for data in [Bytes::new(), request(vec![]).encode_to_vec().into()] {
        let payloads = read(data).unwrap();
        assert!(payloads.is_empty() && payloads.refusal().is_none());
    }
}

/// Ways in which a single span is malformed.
fn malformed() -> Vec<Span> {
    let with = |change: fn(&mut Span)| {
        let mut span = span(9);
        change(&mut span);
        span
    };
    vec![
        with(|span| span.trace_id = vec![0; 16]),
        with(|span| span.trace_id = vec![1; 15]),
        with(|span| span.span_id = vec![0; 8]),
        with(|span| span.span_id.clear()),
        with(|span| span.parent_span_id = vec![1; 16]),
        with(|span| span.links[0].trace_id = vec![1; 8]),
        with(|span| span.links[0].span_id = vec![1; 9]),
    ]
}

#[test]
fn a_malformed_span_is_left_out_and_told_and_its_neighbors_are_not_changed() {
    for bad in malformed() {
        let read = read(encoded(vec![span(1), bad.clone(), span(2)])).unwrap();
        let refusal = read.refusal().unwrap();
        assert_eq!((refusal.reason, refusal.spans), (Reason::Malformed, 1));
        let payload = read.iter().next().unwrap();
        assert_eq!(payload, &encoded(vec![span(1), span(2)]));
        assert_eq!(
            super::payloads(payload, &Limits::default()).unwrap().len(),
            1
        );
    }
}

#[test]
fn text_that_is_no_utf8_costs_its_span_and_not_the_request() {
    let whole = encoded(vec![span(1), span(2)]).to_vec();
    let texts: [&[u8]; 3] = [b"work 2", b"exception", b"scope"];
    for (text, (left, lost)) in texts.into_iter().zip([(1, 1), (1, 1), (0, 2)]) {
        let mut data = whole.clone();
        let place = memchr::memmem::rfind(&data, text).unwrap();
        data[place] = 0xff;
        match read(data) {
            Ok(payloads) => {
                assert_eq!(payloads.facts().spans, left);
                assert_eq!(payloads.refusal().unwrap().spans, lost);
            }
            Err(refusal) => assert_eq!((0, lost), (left, refusal.spans)),
        }
    }
}

#[test]
fn a_bad_resource_costs_its_own_spans() {
    let mut bad = resource_spans(vec![span(1), span(2)]).encode_to_vec();
    let place = memchr::memmem::find(&bad, b"shop").unwrap();
    bad[place] = 0xff;
    let mut data = vec![0x0a, bad.len() as u8 | 0x80, (bad.len() >> 7) as u8];
    data.extend(&bad);
    let good = encoded(vec![span(3)]);
    data.extend(&good);
    let read = read(data).unwrap();
    assert_eq!(read.refusal().unwrap().spans, 2);
    assert_eq!(read.into_iter().collect::<Vec<_>>(), [good]);
}

#[test]
fn a_request_that_ends_in_the_middle_is_refused_as_a_whole() {
    let whole = encoded(vec![span(1), span(2)]);
    for end in 1..whole.len() {
        assert_eq!(reason(whole.slice(..end)), Reason::NotOtlp, "{end}");
    }
}

#[test]
fn values_are_nested_as_deep_as_receivers_read_and_no_deeper() {
    let nested = |depth: usize, list: bool| {
        let mut value = any_value::Value::BoolValue(true);
        for _ in 0..depth {
            value = if list {
                let values = vec![attribute("k", value)];
                any_value::Value::KvlistValue(KeyValueList { values })
            } else {
                let values = vec![AnyValue { value: Some(value) }];
                any_value::Value::ArrayValue(ArrayValue { values })
            };
        }
        let mut span = span(1);
        span.attributes.push(attribute("deep", value));
        encoded(vec![span])
    };
    for list in [false, true] {
        for depth in 0..50 {
            let data = nested(depth, list);
            if read(data.clone()).is_ok() {
                assert!(ExportTraceServiceRequest::decode(data).is_ok(), "{depth}");
            } else {
                assert!(depth > 20, "{depth}");
            }
        }
    }
}

#[test]
fn lengths_that_lie_and_what_is_nothing_over_and_over_are_refused_or_nothing() {
    let lie = b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    assert_eq!(reason(&lie[..]), Reason::NotOtlp);
    // A number of eleven bytes, one of too many bits, and a group, which nobody writes any more.
    for other in [
        &[0x80; 11][..],
        &[
            0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2,
        ],
        &[0x0b, 0x0c],
    ] {
        assert_eq!(reason(other), Reason::NotOtlp);
    }
    let mega = 1 << 20;
    assert!(read([0x0a, 0].repeat(mega)).unwrap().is_empty());
    assert_eq!(reason(vec![0; mega]), Reason::NotOtlp);
    assert_eq!(reason(vec![b'['; mega]), Reason::Json);
    // As deep as a megabyte allows, of messages in messages: of resources, scopes, spans and what comes next.
    let mut deep = vec![];
    for _ in 0..1000 {
        let mut outer = vec![0x0a];
        push_length(&mut outer, deep.len());
        outer.append(&mut deep);
        deep = outer;
    }
    assert!(read(deep).is_err());
    // Records in one aggregated record: empty ones, and ones that are wrong.
    let empty: Vec<&[u8]> = vec![b""; 100_000];
    assert!(read(aggregated(&empty)).unwrap().is_empty());
    let wrong: Vec<&[u8]> = vec![b"{"; 100_000];
    let refusal = read(aggregated(&wrong)).unwrap_err();
    assert_eq!((refusal.reason, refusal.records), (Reason::Json, 100_000));
}

#[test]
fn a_frame_that_asks_for_more_memory_than_the_limit_is_refused() {
    // A window of 2 GiB, for a frame that does not say how much is in it.
    let mut frame = b"\x28\xb5\x2f\xfd\x00\xa8".to_vec();
    frame.extend([0x01, 0, 0]);
    assert_eq!(reason(frame), Reason::Damaged);
}

#[test]
fn a_refusal_says_what_to_do_in_one_line() {
    let all = [
        Reason::GzipOff,
        Reason::ZstdOff,
        Reason::Damaged,
        Reason::TooLarge,
        Reason::Checksum,
        Reason::Json,
        Reason::NotOtlp,
        Reason::Malformed,
    ];
    for reason in all {
        let mut refusal = Refusal::of(reason);
        (refusal.spans, refusal.records) = (3, 2);
        let text = refusal.to_string();
        assert!(
            text.starts_with("the record is ") && !text.contains('\n'),
            "{text}"
        );
        assert!(text.ends_with("(3 spans) (2 records in it)"), "{text}");
        assert!(
            reason
                .as_str()
                .bytes()
                .all(|it| it.is_ascii_lowercase() || it == b'_')
        );
    }
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    prost::encoding::encode_varint(length as u64, out);
}

/// Whatever came in, what goes out is what a receiver takes whole.
fn check(data: &Bytes) -> Result<(), TestCaseError> {
    let limits = Limits { max_bytes: 1 << 20 };
    let Ok(read) = payloads(data, &limits) else {
        return Ok(());
    };
    let mut spans = 0;
    for payload in read.iter() {
        let request = ExportTraceServiceRequest::decode(payload.clone());
        prop_assert!(request.is_ok(), "{:?} of {:?}", request, data);
        for resource in request.unwrap().resource_spans {
            for span in resource.scope_spans.iter().flat_map(|scope| &scope.spans) {
                prop_assert_eq!(span.trace_id.len(), 16);
                prop_assert_eq!(span.span_id.len(), 8);
                prop_assert!(matches!(span.parent_span_id.len(), 0 | 8));
                spans += 1;
            }
        }
        let again = payloads(payload, &limits).unwrap();
        prop_assert!(again.refusal().is_none());
    }
    prop_assert_eq!(read.facts().spans, spans);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_or_refused(data in proptest::collection::vec(any::<u8>(), 0..300)) {
        check(&data.into())?;
    }

    #[test]
    fn any_bytes_behind_any_beginning_are_read_or_refused(
        start in proptest::sample::select(vec![
            &b"\x1f\x8b\x08\0\0\0\0\0\0\0"[..], b"\x28\xb5\x2f\xfd", b"\x78\x9c", b"{",
            b"\xf3\x89\x9a\xc2", b"\x0a",
        ]),
        data in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        check(&[start, &data].concat().into())?;
        let mut message = data.clone();
        message.extend_from_slice(&Md5::digest(&data));
        check(&[b"\xf3\x89\x9a\xc2", &message[..]].concat().into())?;
    }

    /// A few bytes of a sound request are others: what is left of it is what every receiver takes.
    #[test]
    fn what_is_forwarded_of_a_damaged_request_is_sound(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        wrap in 0..4,
    ) {
        let mut request = request(vec![span(1), span(2)]);
        request.resource_spans.push(resource_spans(vec![span(3)]));
        let mut data = request.encode_to_vec();
        for (place, byte) in changes {
            let place = place.index(data.len());
            data[place] = byte;
        }
        let data = match wrap {
            0 => gzipped(&data),
            1 => zstdded(&data),
            2 => aggregated(&[&data, &data]),
            _ => data,
        };
        check(&data.into())?;
    }
}
