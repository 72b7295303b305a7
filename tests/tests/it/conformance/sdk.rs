//! The trace SDK, resources and propagators: `spec:trace/`, `spec:resource/`, `spec:context/`.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use lambda_runtime::{Error, LambdaEvent, LambdaInvocation};
use lamplight_export::{Delivery, DeliveryFuture, ExporterSink, SpanQueue, SpanSink};
use lamplight_lambda::{Instrumentation, SnapStartIdGenerator};
use opentelemetry::trace::{Span as _, TraceFlags, Tracer, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider, SpanData};
use serde_json::{Value as Json, json};
use tower::{Layer, ServiceExt, service_fn};

use crate::conformance::{
    function::{self, Function},
    statement::{is_there, statements},
};

/// Returns the span of an invocation by a caller with this `traceparent`.
async fn called_with(traceparent: &str) -> SpanData {
    let function = Function::new();
    let handler = service_fn(async |_: LambdaEvent<Json>| Ok::<_, Error>(Json::Null));
    let event = json!({"_otel": {"traceparent": traceparent}});
    function.invoke(&event, handler).await.unwrap();
    function.only_span()
}

/// An exporter that counts batches.
#[derive(Debug, Default)]
struct Counting(Arc<AtomicUsize>);

impl SpanSink for Counting {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        self.0.fetch_add(1, Ordering::Relaxed);
        let delivered = batch.len();
        Box::pin(async move { Delivery::all(delivered) })
    }
}

statements! {
    "spec:resource/sdk.md, Specifying resource information via an environment variable" {
        elsewhere attributes_are_listed_as_in_baggage(
            "`OTEL_RESOURCE_ATTRIBUTES` MUST be read, percent-decoded";
            "crates/lamplight-lambda/src/resource.rs"
        ) {}
        deviates bad_members("on any error the whole of `OTEL_RESOURCE_ATTRIBUTES` SHOULD be discarded";
            does "an invalid member is logged and ignored, the others are used";
            because "one mistake should not cost a service its name and its stage";
            setting "none"
        ) {
            is_there("crates/lamplight-lambda/src/resource.rs", "attributes_are_listed_as_in_baggage");
        }
        elsewhere otel_service_name_wins_over_the_functions_name(
            "`OTEL_SERVICE_NAME` takes precedence over everything else";
            "crates/lamplight-lambda/src/resource.rs"
        ) {}
    }
    "resource/service.md, Service" {
        elsewhere outside_lambda_the_service_is_unknown_and_there_is_no_cloud(
            "`service.name` MUST fall back to `unknown_service:` and the program's name";
            "crates/lamplight-lambda/src/resource.rs"
        ) {}
    }
    "resource/README.md, Telemetry distro" {
        elsewhere the_distribution_is_named_beside_the_sdk(
            "`telemetry.sdk.*` is the SDK's, `telemetry.distro.*` SHOULD be the distribution's";
            "crates/lamplight-lambda/src/resource.rs"
        ) {}
    }
    "spec:resource/sdk.md, Detecting resource information from the environment" {
        elsewhere follows_the_lambda_convention(
            "A detector that follows the conventions MUST set their schema URL";
            "crates/lamplight-lambda/src/resource.rs"
        ) {}
    }
    "spec:common/README.md, Attribute Collections" {
        elsewhere the_last_value_of_a_key_stays_once(
            "Keys of a span MUST be unique";
            "crates/lamplight-lambda/src/limits.rs"
        ) {}
        elsewhere events_and_links_have_unique_short_attributes_too(
            "The same for events and links, including limits";
            "crates/lamplight-lambda/src/limits.rs"
        ) {}
    }
    "spec:common/README.md, Attribute Limits" {
        elsewhere texts_are_cut_at_a_character_and_numbers_are_not(
            "Strings MUST be truncated to the limit, in arrays each one individually";
            "crates/lamplight-lambda/src/limits.rs"
        ) {}
        elsewhere what_is_beyond_the_count_is_counted(
            "Items beyond the limit MUST be dropped, and are counted";
            "crates/lamplight-lambda/src/limits.rs"
        ) {}
    }
    "spec:trace/sdk.md, Span Limits" {
        elsewhere links_left_out_are_counted_as_dropped(
            "Omitted links are counted where exporters expect it";
            "crates/lamplight-lambda/tests/it/records/links.rs"
        ) {}
        elsewhere a_limit_of_links_is_lowered_and_raised(
            "The limit of links is the user's";
            "crates/lamplight-propagation/tests/properties.rs"
        ) {}
        elsewhere limits_are_those_of_the_provider(
            "Limits can be set, and are enforced";
            "crates/lamplight/src/environment/tests.rs"
        ) {}
    }
    "spec:trace/sdk.md, Id Generators" {
        elsewhere ids_differ_before_and_after_a_restore(
            "Ids MUST be random";
            "crates/lamplight-lambda/src/ids.rs"
        ) {}
        deviates random_flag_of_roots("A root span SHOULD set the random flag for its trace id";
            does "The flag is not set on new traces, and kept on others";
            because "the SDK derives a span's flags from its parent's and the sampler's decision, and requests only ids from its generator; the specification is in development";
            setting "none"
        ) {
            let provider = SdkTracerProvider::builder()
                .with_id_generator(SnapStartIdGenerator::new())
                .build();
            let root = provider.tracer("test").start("root");
            assert_eq!(root.span_context().trace_flags(), TraceFlags::SAMPLED);
        }
    }
    "spec:context/api-propagators.md, W3C Trace Context" {
        held random_flag_is_kept("The flags of the caller's trace are kept") {
            let span = called_with("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03").await;
            assert_eq!(span.span_context.trace_flags(), TraceFlags::new(0x03));
            assert!(span.parent_span_is_remote);
        }
        elsewhere traceparent_is_read_by_the_letter(
            "MUST parse and validate `traceparent` as W3C specifies";
            "crates/lamplight-propagation/src/w3c/tests.rs"
        ) {}
        elsewhere tracestate_is_kept_whole_or_discarded_whole(
            "MUST parse and validate `tracestate` as W3C specifies";
            "crates/lamplight-propagation/src/w3c/tests.rs"
        ) {}
        elsewhere nothing_empty_is_written_and_a_missing_context_writes_nothing(
            "MUST write a valid `traceparent`, and a `tracestate` unless it is empty";
            "crates/lamplight-propagation/src/w3c/tests.rs"
        ) {}
        elsewhere baggage_follows_the_published_test_vectors(
            "Baggage is read and written as W3C specifies";
            "crates/lamplight-propagation/src/w3c/tests.rs"
        ) {}
        held invalid_context("A context that cannot be parsed MUST NOT be used, and MUST NOT throw") {
            let span = called_with("00-00000000000000000000000000000000-b7ad6b7169203331-01").await;
            assert_eq!(span.parent_span_id, opentelemetry::trace::SpanId::INVALID);
        }
    }
    "spec:trace/sdk.md, Sampling" {
        held sampled_only("An exporter SHOULD NOT receive spans that are not sampled") {
            let exporter = InMemorySpanExporter::default();
            let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
            let provider = SdkTracerProvider::builder()
                .with_sampler(Sampler::AlwaysOff)
                .with_span_processor(queue.clone())
                .build();
            let instrumentation = Instrumentation::builder(&provider, queue).build();
            let runtime = service_fn(async |_: LambdaInvocation| Ok::<_, Error>(()));
            let stack = instrumentation.invocation_layer().layer(runtime);
            stack.oneshot(function::invocation(&json!({}))).await.unwrap();
            assert_eq!(exporter.get_finished_spans().unwrap().len(), 0);
        }
        held parent_decides("By default the caller's decision holds") {
            let function = Function::new();
            let handler = service_fn(async |_: LambdaEvent<Json>| Ok::<_, Error>(Json::Null));
            let event = json!({"_otel": {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}});
            function.invoke(&event, handler).await.unwrap();
            assert_eq!(function.spans().len(), 0);
        }
    }
    "spec:trace/sdk.md, Span processor" {
        held on_end_does_not_block("`OnEnd` MUST NOT block or throw: nothing is sent in it") {
            let batches = Arc::<AtomicUsize>::default();
            let queue = SpanQueue::new(Counting(batches.clone()));
            let provider = SdkTracerProvider::builder()
                .with_span_processor(queue.clone())
                .build();
            provider.tracer("test").in_span("work", |_| ());
            assert_eq!(batches.load(Ordering::Relaxed), 0);
            queue.flush().await;
            assert_eq!(batches.load(Ordering::Relaxed), 1);
        }
        elsewhere of_many_flushes_at_once_the_first_two_deliver_everything(
            "`Export` MUST NOT be called concurrently for one exporter";
            "crates/lamplight-export/src/queue/tests/mod.rs"
        ) {}
        elsewhere a_full_queue_drops_the_newest_and_counts_it(
            "The queue is bounded, and dropped spans are counted";
            "crates/lamplight-export/src/queue/tests/mod.rs"
        ) {}
    }
    "otel/sdk-metrics.md, `otel.sdk.processor.span.processed`" {
        elsewhere a_span_is_processed_when_it_is_handed_over(
            "MUST be counted when the export is invoked, whatever its result";
            "crates/lamplight-export/tests/it/metrics.rs"
        ) {}
        elsewhere every_span_is_in_the_metrics_once(
            "MUST have `queue_full` or `already_shutdown` for dropped spans";
            "crates/lamplight-export/tests/it/metrics.rs"
        ) {}
    }
}
