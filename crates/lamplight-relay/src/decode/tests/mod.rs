use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span::Event, span::Link},
};
use prost::Message;
use std::io::Write as _;

use super::*;

mod hostile;

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
                lamplight_semconv::service::NAME,
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

/// An aggregated record as the Kinesis Producer Library writes it.
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

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
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
    for pack in [gzipped, zlibbed, deflated, zstdded] {
        let packed = pack(&data);
        assert_eq!(only(packed.clone()), data);
        assert!(read(packed).unwrap().facts().compressed);
    }
    let members = [gzipped(&data), gzipped(&data)].concat();
    assert_eq!(only(members), [&data[..], &data].concat());
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
    // As written by the Kinesis Producer Library, with two JSON records and a table of keys.
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
    // A Jaeger span, whose first fields are ids and a name, and a Zipkin span in a list.
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
