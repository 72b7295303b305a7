//! A panic of what the user gave to OpenTelemetry, inside our hooks, is no reason for a call to fail.

use std::{
    pin::Pin,
    task::{Context as Waiting, Poll, Waker},
    time::Duration,
};

use aws_sdk_eventbridge::{Client, config};
use aws_smithy_http_client::test_util::NeverClient;
use aws_smithy_runtime_api::client::http::HttpClient;
use lamplight_aws_sdk::LamplightInterceptor;
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceId, TraceState},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{
        SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample, SpanData, SpanProcessor,
    },
};

use crate::common::*;

fn builder(http: impl HttpClient + 'static) -> config::Builder {
    config::Builder::from(&crate::common::config(http))
}

/// A span processor and a sampler of the user's that panic where they are told to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Panics {
    OnStart,
    OnEnd,
    InSampler,
}

impl SpanProcessor for Panics {
    fn on_start(&self, _: &mut opentelemetry_sdk::trace::Span, _: &Context) {
        assert_ne!(*self, Self::OnStart, "a processor");
    }

    fn on_end(&self, _: SpanData) {
        assert_ne!(*self, Self::OnEnd, "a processor");
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

impl ShouldSample for Panics {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        assert_ne!(*self, Self::InSampler, "a sampler");
        SamplingResult {
            decision: SamplingDecision::RecordAndSample,
            attributes: Vec::new(),
            trace_state: TraceState::NONE,
        }
    }
}

#[tokio::test]
async fn a_processor_or_sampler_that_panics_does_not_fail_the_call() {
    for panics in [Panics::OnStart, Panics::OnEnd, Panics::InSampler] {
        let provider = SdkTracerProvider::builder()
            .with_sampler(panics)
            .with_span_processor(panics)
            .build();
        let lamplight = || LamplightInterceptor::new().with_tracer_provider(&provider);
        let accepted = replay([reply(200, r#"{"FailedEntryCount":0,"Entries":[]}"#)]);
        let client = Client::from_conf(builder(accepted).interceptor(lamplight()).build());
        client.put_events().send().await.unwrap();

        // A call that fails, and one that is dropped in flight.
        let refused = replay([reply(400, r#"{"__type":"AccessDeniedException"}"#)]);
        let client = Client::from_conf(builder(refused).interceptor(lamplight()).build());
        client.put_events().send().await.unwrap_err();
        let never = builder(NeverClient::new()).interceptor(lamplight());
        let client = Client::from_conf(never.build());
        let mut call = Box::pin(client.put_events().send());
        assert!(poll_once(&mut call).is_pending());
        drop(call);
    }
}

/// Polls a future once.
fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Waiting::from_waker(Waker::noop()))
}
