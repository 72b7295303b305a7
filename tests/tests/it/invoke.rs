//! A function invoked by a client of the AWS SDK: the real requests of the SDK, read by the real runtime.

use aws_sdk_lambda::{
    Client,
    config::{Credentials, Region, SharedCredentialsProvider},
    primitives::Blob,
    types::InvocationType,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use lamplight_tests::{
    InvokeApi, Kinesis, Lambda, Span,
    events::{self, SPAN_ID, TRACE_ID},
};
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt as _,
    trace::{FutureExt as _, SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use serde_json::{Value, json};

/// A function that returns its context, called through the SDK.
struct Setup {
    api: InvokeApi,
    kinesis: Kinesis,
    client: Client,
    ended: InMemorySpanExporter,
}

impl Setup {
    /// Returns the setup with these settings of the client's interceptor.
    async fn with(configure: impl FnOnce(LamplightInterceptor) -> LamplightInterceptor) -> Self {
        let kinesis = Kinesis::start().await;
        let lambda = Lambda::builder(env!("CARGO_BIN_EXE_function"))
            .with_variables(kinesis.variables())
            .with_variable("LAMPLIGHT_KINESIS_TIMEOUT", "20000")
            .with_variable("LAMPLIGHT_FLUSH_BUDGET", "20000");
        let api = InvokeApi::in_front_of(lambda.start().await).await;
        let ended = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(ended.clone())
            .build();
        let lamplight = LamplightInterceptor::new().with_tracer_provider(&provider);
        let credentials = Credentials::new("test", "test", None, None, "test");
        let config = lamplight_aws_config::sdk_config()
            .into_builder()
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(api.url())
            .build();
        let config = aws_sdk_lambda::config::Builder::from(&config);
        let client = Client::from_conf(config.interceptor(configure(lamplight)).build());
        Self {
            api,
            kinesis,
            client,
            ended,
        }
    }

    /// Invokes the function. Returns its response and the span of its invocation, which must be a child of
    /// the call's span.
    async fn invoke(&self, kind: InvocationType, own: Option<&Value>) -> (Value, Span) {
        let invoke = self.client.invoke().function_name("orders");
        let invoke = invoke
            .invocation_type(kind)
            .set_client_context(own.map(|own| BASE64.encode(own.to_string())))
            .payload(Blob::new(events::plain(json!("context")).to_string()));
        let output = invoke.send().with_context(caller()).await.unwrap();
        assert_eq!(output.function_error(), None);

        let answer = self.api.answer().await;
        let invocation = self.kinesis.spans(1).await.remove(0);
        let call = self.ended.get_finished_spans().unwrap().remove(0);
        assert_eq!(call.parent_span_id.to_string(), SPAN_ID);
        assert_eq!(invocation.trace_id, TRACE_ID);
        assert_eq!(
            invocation.parent_span_id,
            call.span_context.span_id().to_string()
        );
        (answer.json(), invocation)
    }

    /// Returns the `traceparent` of the call.
    fn traceparent(&self) -> String {
        let call = self.ended.get_finished_spans().unwrap().remove(0);
        format!("00-{TRACE_ID}-{}-01", call.span_context.span_id())
    }
}

fn caller() -> Context {
    let span = SpanContext::new(
        TraceId::from_hex(TRACE_ID).unwrap(),
        SpanId::from_hex(SPAN_ID).unwrap(),
        TraceFlags::SAMPLED,
        true,
        "vendor=a".parse().unwrap(),
    );
    Context::new()
        .with_remote_span_context(span)
        .with_baggage([KeyValue::new("app.event.producer.application", "iot")])
}

#[tokio::test]
async fn the_client_context_of_a_synchronous_call_reaches_the_handler() {
    let setup = Setup::with(|lamplight| lamplight).await;
    let (answer, _) = setup.invoke(InvocationType::RequestResponse, None).await;
    let expected = json!({
        "traceparent": setup.traceparent(),
        "tracestate": "vendor=a",
        "baggage": "app.event.producer.application=iot",
    });
    assert_eq!(answer["client_context"]["custom"], expected);
    assert_eq!(
        answer["payload"],
        events::plain(json!("context")),
        "untouched"
    );
}

#[tokio::test]
async fn the_callers_own_client_context_reaches_the_handler_too() {
    let setup = Setup::with(|lamplight| lamplight).await;
    // The runtime rejects a `client` that lacks any of these.
    let own = json!({
        "client": {
            "installation_id": "i-1",
            "app_title": "shop",
            "app_version_name": "1.0",
            "app_version_code": "1",
            "app_package_name": "com.example.shop",
        },
        "custom": {"tenant": "a"},
    });
    let kind = InvocationType::RequestResponse;
    let (answer, _) = setup.invoke(kind, Some(&own)).await;
    let context = &answer["client_context"];
    assert_eq!(context["custom"]["tenant"], "a");
    assert_eq!(context["custom"]["traceparent"], setup.traceparent());
    assert_eq!(context["client"]["installationId"], "i-1", "{context}");
}

#[tokio::test]
async fn the_payload_carries_what_an_asynchronous_call_cannot() {
    let setup = Setup::with(|lamplight| lamplight.with_carrier(Carrier::LambdaPayload)).await;
    let (answer, _) = setup.invoke(InvocationType::Event, None).await;
    assert_eq!(answer["client_context"], Value::Null);
    let payload = &answer["payload"];
    assert_eq!(payload["_otel"]["traceparent"], setup.traceparent());
    assert_eq!(payload["do"], "context");
}

#[tokio::test]
async fn a_synchronous_call_may_use_both() {
    let setup = Setup::with(|lamplight| lamplight.with_carrier(Carrier::LambdaPayload)).await;
    let (answer, invocation) = setup.invoke(InvocationType::RequestResponse, None).await;
    let traceparent = setup.traceparent();
    assert_eq!(answer["payload"]["_otel"]["traceparent"], traceparent);
    assert_eq!(
        answer["client_context"]["custom"]["traceparent"],
        traceparent
    );
    assert_eq!(invocation.links, [], "it is one context, not two");
}
