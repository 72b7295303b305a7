//! How spans end.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

use http::{Request, Response, Version};
use lamplight_http_client::HttpClientLayer;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::{SamplingResult, SdkTracerProvider, ShouldSample};
use tower::{Layer, Service, ServiceExt, service_fn, timeout::TimeoutLayer};
use tower_test::mock;

use crate::common::*;

fn request() -> http::request::Builder {
    Request::get("http://a.example/")
}

#[test]
fn a_status_of_400_and_above_is_an_error_without_a_description() {
    for status in [100, 200, 204, 301, 304, 399, 400, 404, 499, 500, 503, 999] {
        let spans = Spans::new();
        let client = spans.layer().layer(Arrived::default().answering(status));
        now(call(client, request())).unwrap();
        let span = spans.one();
        let (state, class) = match status {
            400.. => (Status::error(""), Some(status.to_string())),
            _ => (Status::Unset, None),
        };
        assert_eq!(span.status, state, "{status}");
        assert_eq!(attribute(&span, "error.type"), class, "{status}");
        assert_eq!(
            attribute(&span, "http.response.status_code").unwrap(),
            status.to_string()
        );
    }
}

#[test]
fn an_error_has_its_type_and_none_of_its_text() {
    let spans = Spans::new();
    let client = service_fn(|_: Request<String>| async {
        let error = io::Error::new(
            io::ErrorKind::ConnectionReset,
            "http://user:secret@a.example",
        );
        Err::<Response<()>, _>(error)
    });
    let error = now(call(spans.layer().layer(client), request())).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    let span = spans.one();
    assert_eq!(span.status, Status::error(""));
    assert_eq!(
        attribute(&span, "error.type").unwrap(),
        "std::io::error::Error"
    );
    assert_eq!(attribute(&span, "http.response.status_code"), None);
    assert!(!format!("{span:?}").contains("secret"));
}

#[test]
fn a_timeout_below_the_layer_is_one() {
    let spans = Spans::new();
    let client = TimeoutLayer::new(std::time::Duration::from_millis(1)).layer(service_fn(
        |_: Request<String>| std::future::pending::<Result<Response<()>, io::Error>>(),
    ));
    now(call(spans.layer().layer(client), request())).unwrap_err();
    assert_eq!(attribute(&spans.one(), "error.type").unwrap(), "timeout");
}

#[test]
fn a_request_that_is_dropped_was_cancelled() {
    let spans = Spans::new();
    let client =
        service_fn(|_: Request<String>| std::future::pending::<Result<Response<()>, io::Error>>());
    let mut client = spans.layer().layer(client);
    let request = request().body(String::new()).unwrap();
    let future = client.call(request);
    assert_eq!(spans.ended().len(), 0);
    drop(future);
    let span = spans.one();
    assert_eq!(attribute(&span, "error.type").unwrap(), "cancelled");
    let description = "the caller dropped the call before it ended";
    assert_eq!(span.status, Status::error(description));
}

#[test]
fn a_client_that_panics_panics_and_the_span_says_so() {
    let spans = Spans::new();
    let at_once = service_fn(
        |_: Request<String>| -> std::future::Ready<Result<Response<()>, io::Error>> {
            panic!("at once")
        },
    );
    let client = spans.layer().layer(at_once);
    catch_unwind(AssertUnwindSafe(|| now(call(client, request())))).unwrap_err();
    let later = service_fn(|_: Request<String>| async {
        if tokio::task::try_id().is_none() {
            panic!("later");
        }
        Ok::<_, io::Error>(Response::new(()))
    });
    let client = spans.layer().layer(later);
    catch_unwind(AssertUnwindSafe(|| now(call(client, request())))).unwrap_err();
    for span in spans.ended() {
        assert_eq!(attribute(&span, "error.type").unwrap(), "panic");
    }
    assert_eq!(spans.ended().len(), 2);
}

#[test]
fn headers_and_version_of_a_response_are_recorded() {
    for (version, expected) in [
        (Version::HTTP_10, "1.0"),
        (Version::HTTP_2, "2"),
        (Version::HTTP_3, "3"),
    ] {
        let spans = Spans::new();
        let client = service_fn(move |_: Request<String>| async move {
            let response = Response::builder()
                .version(version)
                .header("X-Cache", "hit");
            Ok::<_, io::Error>(response.body(()).unwrap())
        });
        let layer = spans.layer().with_response_headers(["x-cache"]);
        now(call(layer.layer(client), request())).unwrap();
        let span = spans.one();
        assert_eq!(
            attribute(&span, "network.protocol.version").unwrap(),
            expected
        );
        let cache = attribute(&span, "http.response.header.x-cache").unwrap();
        assert_eq!(cache, r#"["hit"]"#);
    }
}

#[derive(Debug, Clone)]
struct Panics;

impl ShouldSample for Panics {
    fn should_sample(
        &self,
        _: Option<&opentelemetry::Context>,
        _: opentelemetry::TraceId,
        _: &str,
        _: &opentelemetry::trace::SpanKind,
        _: &[opentelemetry::KeyValue],
        _: &[opentelemetry::trace::Link],
    ) -> SamplingResult {
        panic!("a sampler")
    }
}

#[test]
fn a_sampler_that_panics_costs_the_span() {
    let provider = SdkTracerProvider::builder().with_sampler(Panics).build();
    let layer = HttpClientLayer::new().with_tracer_provider(&provider);
    let arrived = Arrived::default();
    let response = now(call(layer.layer(arrived.answering(200)), request())).unwrap();
    assert_eq!(*response.body(), "body");
    arrived.one();
}

/// A client that is not ready stays so, and is asked nothing before it is.
#[tokio::test]
async fn readiness_is_that_of_the_client() {
    let spans = Spans::new();
    let (client, mut handle) = mock::pair::<Request<String>, Response<&'static str>>();
    let mut client = tower_test::mock::Spawn::new(spans.layer().layer(client));
    handle.allow(0);
    assert!(client.poll_ready().is_pending());
    handle.allow(1);
    assert!(client.poll_ready().is_ready());
    let sent = client.call(request().body("question".to_owned()).unwrap());
    let answer = async {
        let (request, answer) = handle.next_request().await.unwrap();
        assert_eq!(request.body(), "question");
        assert_eq!(spans.ended().len(), 0);
        answer.send_response(Response::new("answer"));
    };
    let (response, ()) = tokio::join!(sent, answer);
    let response = response.unwrap();
    assert_eq!(*response.body(), "answer");
    spans.one();
}

#[tokio::test]
async fn a_clone_is_ready_by_itself() {
    let spans = Spans::new();
    let (client, mut handle) = mock::pair::<Request<String>, Response<()>>();
    let client = spans.layer().layer(client);
    let (mut one, mut other) = (client.clone(), client);
    let send = async {
        let request = request().body(String::new()).unwrap();
        one.ready().await.unwrap().call(request).await.unwrap();
        let request = Request::post("http://a.example/")
            .body(String::new())
            .unwrap();
        other.ready().await.unwrap().call(request).await.unwrap();
    };
    let answer = async {
        for _ in 0..2 {
            let (_, answer) = handle.next_request().await.unwrap();
            answer.send_response(Response::new(()));
        }
    };
    tokio::join!(send, answer);
    assert_eq!(spans.ended().len(), 2);
}
