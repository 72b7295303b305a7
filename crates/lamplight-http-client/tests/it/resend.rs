//! Requests that are sent again.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use http::{Request, Response};
use lamplight_http_client::ResendCount;
use tower::{
    Layer, Service, ServiceExt,
    retry::{Policy, Retry},
    service_fn,
};

use crate::common::*;

/// Tries until the answer is no 503.
#[derive(Clone)]
struct UntilThere;

impl<E> Policy<Request<String>, Response<()>, E> for UntilThere {
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<String>,
        result: &mut Result<Response<()>, E>,
    ) -> Option<Self::Future> {
        let again = result.as_ref().is_ok_and(|it| it.status() == 503);
        again.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<String>) -> Option<Request<String>> {
        Some(request.clone())
    }
}

#[test]
fn each_time_after_the_first_is_counted_through_a_retry_above() {
    let spans = Spans::new();
    let times = Arc::new(AtomicU16::new(0));
    let client = service_fn(move |_: Request<String>| {
        let status = if times.fetch_add(1, Ordering::Relaxed) < 2 {
            503
        } else {
            200
        };
        ready(Ok::<_, std::io::Error>(
            Response::builder().status(status).body(()).unwrap(),
        ))
    });
    let client = Retry::new(UntilThere, spans.layer().layer(client));
    let mut client = client.map_request(|mut request: Request<String>| {
        request.extensions_mut().insert(ResendCount::new());
        request
    });
    let mut send = || {
        let request = Request::get("http://a.example/")
            .body(String::new())
            .unwrap();
        now(client.call(request)).unwrap()
    };
    send();
    // Another request is counted anew.
    send();
    let counts: Vec<_> = spans
        .ended()
        .iter()
        .map(|span| attribute(span, "http.request.resend_count"))
        .collect();
    let count = |count: &str| Some(count.to_owned());
    assert_eq!(counts, [None, count("1"), count("2"), None]);
}
