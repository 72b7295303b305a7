//! The service the official W3C trace-context test-suite wants to talk to.
//!
//! The suite POSTs an array of `{"url", "arguments"}`; for each of them the service POSTs the
//! arguments to the URL with the headers it would send downstream. With `--envelope`, the incoming
//! headers do not stay headers: they are put into an event as AWS would deliver it, and what
//! continues the trace is what is found there.
//!
//! ```text
//! cargo run -p w3c-service -- --port 5000 --envelope sns-in-sqs
//! SPEC_LEVEL=2 STRICT_LEVEL=2 python test.py http://127.0.0.1:5000/test
//! ```
//!
//! Every envelope passes all 41 cases. Three of them reach the reader in another form, because
//! their carrier has one value a name and no empty ones: of repeated headers, the sender makes one
//! comma-separated value, as API Gateway does for an HTTP API, and an empty header is not sent. That
//! concerns `sqs`, `sns`, `sns-in-sqs`, `eventbridge`, `eventbridge-in-sqs`, `invoke` and, for
//! repeated headers, `apigw-v2`.

mod envelope;

use std::{error::Error, net::Ipv4Addr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use lamplight_propagation::{
    inbound::EventExtractor,
    outbound::{self, Fields},
    w3c::W3cPropagator,
};
use lexopt::prelude::{Long, ValueExt as _};
use opentelemetry::{
    Context,
    propagation::{Injector, TextMapPropagator as _},
    trace::{SpanKind, TraceContextExt as _, Tracer as _, TracerProvider as _},
};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use serde_json::Value;

use self::envelope::{Envelope, Headers};

const USAGE: &str = "\
usage: w3c-service [--port N] [--envelope NAME]

envelopes: none, alb, apigw-v1, apigw-v2, eventbridge, eventbridge-in-sqs, invoke, sns, sns-in-sqs, sqs";

struct Service {
    envelope: Envelope,
    extractor: EventExtractor,
    tracer: SdkTracer,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (mut port, mut envelope) = (5000, Envelope::None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => port = arguments.value()?.parse()?,
            Long("envelope") => envelope = arguments.value()?.parse()?,
            Long("help") => {
                println!("{USAGE}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let tracer = SdkTracerProvider::default().tracer("w3c-service");
    let service = Arc::new(Service {
        envelope,
        extractor: EventExtractor::new(),
        tracer,
    });
    let router = Router::new().fallback(post(answer)).with_state(service);
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening on {} with {envelope:?}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn answer(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let Ok(Value::Array(calls)) = serde_json::from_slice(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let parent = service.parent(&headers);
    let span = service
        .tracer
        .span_builder("answer")
        .with_kind(SpanKind::Server)
        .start_with_context(&service.tracer, &parent);
    let cx = parent.with_span(span);
    let called = tokio::task::spawn_blocking(move || {
        calls.iter().all(|call| service.call(&cx, call).is_ok())
    });
    match called.await {
        Ok(true) => StatusCode::OK,
        _ => StatusCode::BAD_GATEWAY,
    }
}

impl Service {
    /// What the request continues: read from its headers, or from the event made of them.
    fn parent(&self, headers: &HeaderMap) -> Context {
        let headers = Headers(headers);
        if self.envelope == Envelope::None {
            return W3cPropagator::new().extract_with_context(&Context::new(), &headers);
        }
        let event = self.envelope.wrap(&headers);
        self.extractor.extract(&event.invocation()).parent
    }

    /// Calls back with a span of its own.
    fn call(&self, cx: &Context, call: &Value) -> Result<(), Box<dyn Error>> {
        let url = call
            .get("url")
            .and_then(Value::as_str)
            .ok_or("a call without a url")?;
        let arguments = call
            .get("arguments")
            .ok_or("a call without arguments")?
            .to_string();
        let span = self
            .tracer
            .span_builder("call")
            .with_kind(SpanKind::Client)
            .start_with_context(&self.tracer, cx);

        struct Request(ureq::RequestBuilder<ureq::typestate::WithBody>);
        impl Injector for Request {
            fn set(&mut self, key: &str, value: String) {
                let request = std::mem::replace(&mut self.0, ureq::post(""));
                self.0 = request.header(key, value);
            }
        }
        let mut request = Request(ureq::post(url).header("content-type", "application/json"));
        outbound::inject_headers(&mut request, &Fields::from_context(&cx.with_span(span)));
        request.0.send(arguments.as_str())?;
        Ok(())
    }
}
