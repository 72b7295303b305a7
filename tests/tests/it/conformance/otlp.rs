//! OTLP: `otlp:`.

use std::time::{Duration, UNIX_EPOCH};

use lamplight_export::{ExporterSink, OtlpEncoder, SpanQueue, encode_json};
use opentelemetry::{
    Array, InstrumentationScope, KeyValue, StringValue, Value,
    trace::{
        Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
        Tracer, TracerProvider,
    },
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::any_value::Value as Any,
    trace::v1::{ResourceSpans, Span},
};
use opentelemetry_sdk::{
    Resource,
    trace::{InMemorySpanExporter, SdkTracerProvider, SpanData},
};
use prost::Message;
use serde_json::{Value as Json, json};

use crate::conformance::statement::statements;

/// Returns a span as the SDK ends it.
async fn span() -> SpanData {
    let exporter = InMemorySpanExporter::default();
    let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let scope = InstrumentationScope::builder("scope")
        .with_version("1.2")
        .with_schema_url("https://example.com/scope")
        .with_attributes([KeyValue::new("team", "red")])
        .build();
    let tracer = provider.tracer_with_scope(scope);
    tracer.in_span("work", |_| ());
    queue.flush().await;
    exporter.get_finished_spans().unwrap().remove(0)
}

fn resource() -> Resource {
    let attributes = [KeyValue::new("service.name", "orders")];
    Resource::builder_empty()
        .with_schema_url(attributes, "https://example.com/resource")
        .build()
}

fn request(span: SpanData) -> ResourceSpans {
    let bytes = OtlpEncoder::new(&resource()).encode(&[span]);
    let mut request = ExportTraceServiceRequest::decode(bytes.as_slice()).unwrap();
    request.resource_spans.remove(0)
}

fn encoded(span: SpanData) -> Span {
    request(span).scope_spans.remove(0).spans.remove(0)
}

fn encoded_json(span: SpanData) -> Json {
    let text = encode_json(&resource(), &[span]);
    let request: Json = serde_json::from_str(&text).unwrap();
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][0].clone()
}

fn context(flags: u8, is_remote: bool, state: TraceState) -> SpanContext {
    let (trace, span) = (TraceId::from(0xabc), SpanId::from(0xdef));
    SpanContext::new(trace, span, TraceFlags::new(flags), is_remote, state)
}

fn state() -> TraceState {
    TraceState::from_key_value([("vendor", "7")]).unwrap()
}

/// The bits that state whether it is known that the parent is remote, and whether it is.
const HAS_IS_REMOTE: u32 = 0x100;
const IS_REMOTE: u32 = 0x200;

statements! {
    "otlp:trace.proto, Span.flags" {
        held flags("The low 8 bits are the W3C flags, the next two say whether the parent is remote, the others MUST be 0") {
            for flags in [0, 1, 2, 3, 0xff] {
                for is_remote in [false, true] {
                    let mut span = span().await;
                    span.span_context = context(flags, false, TraceState::NONE);
                    span.parent_span_is_remote = is_remote;
                    let remote = if is_remote { IS_REMOTE } else { 0 };
                    assert_eq!(encoded(span).flags, u32::from(flags) | HAS_IS_REMOTE | remote);
                }
            }
        }
        held flags_of_links("The same for links") {
            let mut span = span().await;
            for is_remote in [false, true] {
                span.links.links.push(Link::with_context(context(3, is_remote, TraceState::NONE)));
            }
            let flags: Vec<_> = encoded(span).links.iter().map(|link| link.flags).collect();
            assert_eq!(flags, [3 | HAS_IS_REMOTE, 3 | HAS_IS_REMOTE | IS_REMOTE]);
        }
    }
    "otlp:trace.proto, Span" {
        held ids("Ids are bytes, 16 and 8, and not zero") {
            let mut span = span().await;
            span.span_context = context(1, false, TraceState::NONE);
            let encoded = encoded(span);
            assert_eq!(encoded.trace_id, 0xabc_u128.to_be_bytes());
            assert_eq!(encoded.span_id, 0xdef_u64.to_be_bytes());
        }
        held root("A root span MUST have an empty `parent_span_id`") {
            let mut span = span().await;
            assert_eq!(encoded(span.clone()).parent_span_id, Vec::<u8>::new());
            span.parent_span_id = SpanId::from(7);
            assert_eq!(encoded(span).parent_span_id, 7_u64.to_be_bytes());
        }
        held trace_state("`trace_state` is that of W3C, on spans and links") {
            let mut span = span().await;
            span.span_context = context(1, false, state());
            span.links.links.push(Link::with_context(context(1, true, state())));
            let encoded = encoded(span);
            assert_eq!(encoded.trace_state, "vendor=7");
            assert_eq!(encoded.links[0].trace_state, "vendor=7");
        }
        held dropped("Dropped items are counted: attributes, events, links, and the attributes of both") {
            let mut span = span().await;
            span.dropped_attributes_count = 1;
            span.events.dropped_count = 2;
            span.links.dropped_count = 3;
            span.events.events.push(Event::new("e", UNIX_EPOCH, Vec::new(), 4));
            span.links.links.push(Link::new(context(1, true, TraceState::NONE), Vec::new(), 5));
            let encoded = encoded(span);
            assert_eq!(encoded.dropped_attributes_count, 1);
            assert_eq!(encoded.dropped_events_count, 2);
            assert_eq!(encoded.dropped_links_count, 3);
            assert_eq!(encoded.events[0].dropped_attributes_count, 4);
            assert_eq!(encoded.links[0].dropped_attributes_count, 5);
        }
        held kinds("Kinds are 1 to 5, never 0") {
            let kinds = [
                SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer,
                SpanKind::Consumer,
            ];
            for (kind, number) in kinds.into_iter().zip(1..) {
                let mut span = span().await;
                span.span_kind = kind;
                assert_eq!(encoded(span.clone()).kind, number);
                assert_eq!(encoded_json(span)["kind"], number);
            }
        }
        held status("Status codes are 0, 1 and 2, with a message for errors only") {
            for (status, code, message) in [
                (Status::Unset, 0, ""),
                (Status::Ok, 1, ""),
                (Status::error("no"), 2, "no"),
            ] {
                let mut span = span().await;
                span.status = status;
                let status = encoded(span).status.unwrap_or_default();
                assert_eq!((status.code, status.message.as_str()), (code, message));
            }
        }
        held times("Times are nanoseconds since 1970, and never negative") {
            let mut span = span().await;
            span.start_time = UNIX_EPOCH - Duration::from_secs(1);
            span.end_time = UNIX_EPOCH + Duration::new(1, 7);
            let encoded = encoded(span);
            assert_eq!(encoded.start_time_unix_nano, 0);
            assert_eq!(encoded.end_time_unix_nano, 1_000_000_007);
        }
    }
    "otlp:common.proto, AnyValue" {
        held values("Values that are empty, zero or false are values") {
            let empty: Vec<StringValue> = Vec::new();
            let mut span = span().await;
            span.attributes = vec![
                KeyValue::new("text", ""),
                KeyValue::new("number", 0),
                KeyValue::new("fraction", 0.0),
                KeyValue::new("flag", false),
                KeyValue::new("list", Value::Array(Array::String(empty))),
            ];
            let values: Vec<_> = encoded(span).attributes.into_iter()
                .map(|it| it.value.unwrap().value.unwrap())
                .collect();
            let [text, number, fraction, flag, list] = values.try_into().unwrap();
            assert_eq!(text, Any::StringValue(String::new()));
            assert_eq!(number, Any::IntValue(0));
            assert_eq!(fraction, Any::DoubleValue(0.0));
            assert_eq!(flag, Any::BoolValue(false));
            assert!(matches!(list, Any::ArrayValue(list) if list.values.is_empty()));
        }
    }
    "otlp:trace.proto, ResourceSpans and ScopeSpans" {
        held schema_urls("Resource and scope each have their schema URL") {
            let request = request(span().await);
            assert_eq!(request.schema_url, "https://example.com/resource");
            assert_eq!(request.scope_spans[0].schema_url, "https://example.com/scope");
        }
        held scope("The scope has its name, version and attributes") {
            let request = request(span().await);
            let scope = request.scope_spans[0].scope.clone().unwrap();
            assert_eq!((scope.name.as_str(), scope.version.as_str()), ("scope", "1.2"));
            assert_eq!(scope.attributes[0].key, "team");
            assert_eq!(request.resource.unwrap().attributes[0].key, "service.name");
        }
        elsewhere protobuf_is_byte_identical_to_prost(
            "For all spans, the request is that of the published messages";
            "crates/lamplight-export/tests/it/otlp_oracle.rs"
        ) {}
    }
    "otlp:JSON Protobuf Encoding" {
        held json_ids("Ids MUST be hexadecimal, not base64") {
            let mut span = span().await;
            span.span_context = context(1, false, TraceState::NONE);
            let span = encoded_json(span);
            assert_eq!(span["traceId"], "00000000000000000000000000000abc");
            assert_eq!(span["spanId"], "0000000000000def");
        }
        held json_names("Keys MUST be in lowerCamelCase, enums MUST be numbers") {
            let mut span = span().await;
            span.status = Status::error("no");
            let span = encoded_json(span);
            assert_eq!(span["status"], json!({"code": 2, "message": "no"}));
            let keys = span.as_object().unwrap().keys();
            assert!(keys.into_iter().all(|key| !key.contains('_') && !key.starts_with(char::is_uppercase)));
        }
        held json_numbers("64-bit integers MAY be, and are, decimal text; NaN and Infinity have names") {
            let mut span = span().await;
            span.end_time = UNIX_EPOCH + Duration::new(1, 7);
            span.attributes = vec![
                KeyValue::new("most", i64::MAX),
                KeyValue::new("none", f64::NAN),
                KeyValue::new("all", f64::INFINITY),
            ];
            let span = encoded_json(span);
            assert_eq!(span["endTimeUnixNano"], "1000000007");
            assert_eq!(span["attributes"][0]["value"], json!({"intValue": "9223372036854775807"}));
            assert_eq!(span["attributes"][1]["value"], json!({"doubleValue": "NaN"}));
            assert_eq!(span["attributes"][2]["value"], json!({"doubleValue": "Infinity"}));
        }
        elsewhere json_reads_back_as_the_same_request(
            "All spans are equal after a round trip";
            "crates/lamplight-export/tests/it/otlp_oracle.rs"
        ) {}
    }
    "otlp:Failures" {
        elsewhere each_code_is_tried_again_or_not_as_the_specification_says(
            "Requests with non-retryable failures MUST NOT be sent again; those with retryable ones SHOULD be";
            "crates/lamplight/src/otlp/tests/codes.rs"
        ) {}
        elsewhere a_refused_batch_is_counted_and_in_nobodys_way(
            "Data with non-retryable failures MUST be dropped, and SHOULD be counted";
            "crates/lamplight/src/otlp/tests/over_http.rs"
        ) {}
    }
    "otlp:OTLP/HTTP Throttling, OTLP/gRPC Throttling" {
        elsewhere a_server_that_asks_to_be_left_alone_is_left_alone(
            "`Retry-After` and `RetryInfo` SHOULD be honored";
            "crates/lamplight/src/otlp/tests/codes.rs"
        ) {}
        elsewhere pauses_double_up_to_the_longest_and_one_success_ends_them(
            "SHOULD use increasing delays";
            "crates/lamplight-internal/src/circuit_breaker.rs"
        ) {}
        elsewhere pauses_differ_a_little(
            "With jitter";
            "crates/lamplight-internal/src/circuit_breaker.rs"
        ) {}
    }
    "otlp:Partial Success" {
        elsewhere what_is_rejected_of_a_request_is_counted_and_never_offered_again(
            "MUST NOT be sent again; rejected items are counted and logged";
            "crates/lamplight/src/otlp/tests/codes.rs"
        ) {}
        elsewhere a_partial_success_is_read_in_both_encodings(
            "The response is decoded according to its own encoding";
            "crates/lamplight-otlp/src/client/answer.rs"
        ) {}
    }
    "otlp:OTLP/HTTP Connection, OTLP/HTTP Request" {
        elsewhere spans_arrive_over_one_connection_with_the_headers(
            "POST to `/v1/traces`, `application/x-protobuf`, over a connection that is kept";
            "crates/lamplight/src/otlp/tests/over_http.rs"
        ) {}
        elsewhere requests_are_compressed_as_it_is_asked_for(
            "MAY be compressed, with `Content-Encoding`";
            "crates/lamplight/src/otlp/tests/over_http.rs"
        ) {}
    }
    "otlp:OTLP/HTTP Response" {
        elsewhere no_more_than_the_bound_is_kept_of_an_answer(
            "What is read of an answer SHOULD be bounded";
            "crates/lamplight-otlp/src/client/tests.rs"
        ) {}
    }
    "otlp:OTLP/gRPC" {
        elsewhere spans_arrive_over_one_connection_on_one_thread(
            "Unary calls of `TraceService.Export`";
            "crates/lamplight/src/otlp/tests/over_grpc.rs"
        ) {}
        elsewhere no_answer_is_too_strange(
            "No answer brings the client down";
            "crates/lamplight-otlp/src/client/tests.rs"
        ) {}
    }
    "spec:protocol/exporter.md, Configuration Options" {
        elsewhere a_client_shows_its_certificate_where_it_has_one(
            "Certificate, client key and client certificate MUST be available";
            "crates/lamplight/src/otlp/tests/tls.rs"
        ) {}
    }
}
