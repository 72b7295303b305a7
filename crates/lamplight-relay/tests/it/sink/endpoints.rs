//! OTLP endpoints that follow the specification.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Instant, SystemTime},
};

use lamplight_relay::sink::{Outcome, Request, Signal, tickets};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};

use super::{
    server::{Seen, Server, answer, ok},
    *,
};

async fn sent(url: &str) -> Outcome {
    let request = Request::new(Signal::Traces, bytes::Bytes::new(), 0);
    otlp(url).send(request).await
}

#[tokio::test]
async fn spans_and_metrics_go_to_their_paths_compressed_with_the_headers() {
    let server = Server::that_says(ok());
    let sink = OtlpSink::builder("backend", Protocol::Http, &server.url())
        .with_header("x-tenant", "shop")
        .build()
        .unwrap();
    let (queue, _) = start(Arc::new(sink), quick());
    queue.push(parcel(1, &["a", "b"])).await;
    let metrics = Content::Metrics(bytes::Bytes::from_static(b"\x0a\x00"), 1);
    queue.push(Parcel::new([0; 16], metrics)).await;
    flush(&queue).await;
    let seen = server.seen();
    let lines: Vec<_> = seen.iter().map(|seen| &*seen.line).collect();
    assert_eq!(
        lines,
        ["POST /v1/traces HTTP/1.1", "POST /v1/metrics HTTP/1.1"]
    );
    assert_eq!(seen[0].spans(), ["a", "b"]);
    for seen in &seen {
        assert_eq!(seen.header("content-type"), "application/x-protobuf");
        assert_eq!(seen.header("content-encoding"), "gzip");
        assert_eq!(seen.header("x-tenant"), "shop");
    }
}

/// Over the whole range: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response.
#[tokio::test]
async fn what_a_status_means_is_what_the_specification_says() {
    for status in (200..600).filter(|status| ![204, 205, 304].contains(status)) {
        let server = Server::that_says(answer(&format!("{status} -"), &["connection: close"], b""));
        let outcome = sent(&server.url()).await;
        let is_right = match status {
            200..300 => matches!(outcome, Outcome::Accepted { rejected: 0, .. }),
            413 => matches!(outcome, Outcome::TooLarge { .. }),
            429 | 502 | 503 | 504 => matches!(outcome, Outcome::Retryable { after: None, .. }),
            _ => matches!(outcome, Outcome::Rejected { .. }),
        };
        assert!(is_right, "{status}: {outcome:?}");
    }
}

/// open-telemetry/opentelemetry-go#8383 and opentelemetry-python#5339.
#[tokio::test]
async fn a_pause_is_asked_for_in_seconds_or_until_a_date() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(11));
    for value in ["10", &date] {
        let header = format!("retry-after: {value}");
        let server = Server::that_says(answer("429 Too Many Requests", &[&header], b""));
        match sent(&server.url()).await {
            Outcome::Retryable {
                after: Some(after), ..
            } => assert!(
                (8.0..=11.0).contains(&after.as_secs_f64()),
                "{value}: {after:?}"
            ),
            outcome => panic!("{value}: {outcome:?}"),
        }
    }
}

#[tokio::test]
async fn a_pause_that_is_asked_for_is_kept() {
    let server = Server::start(|_, number| match number {
        0 => answer("503 -", &["retry-after: 1"], b""),
        _ => ok(),
    });
    let (queue, _) = start(otlp(&server.url()), quick());
    let began = Instant::now();
    queue.push(parcel(1, &["a"])).await;
    flush(&queue).await;
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!((queue.stats().delivered, queue.stats().retried), (1, 1));
}

/// open-telemetry/opentelemetry-collector-contrib#50437 and #31775.
#[tokio::test]
async fn of_two_sinks_the_one_that_is_away_is_tried_again_alone() {
    let (a, b) = (
        Server::that_says(ok()),
        Server::start(|_, number| match number {
            0..3 => answer("503 -", &[], b""),
            _ => ok(),
        }),
    );
    let (queue_a, _) = start(otlp(&a.url()), quick());
    let (queue_b, _) = start(otlp(&b.url()), quick());
    let (tickets, mut settlements) = tickets();
    let ticket = tickets.issue([1]);
    for queue in [&queue_b, &queue_a] {
        queue
            .push(parcel(1, &["a"]).with_ticket(ticket.clone()))
            .await;
    }
    ticket.settle();
    flush(&queue_a).await;
    flush(&queue_b).await;
    assert_eq!((a.seen().len(), b.seen().len()), (1, 4));
    assert_eq!(settlements.try_next(), Some(1));
}

#[tokio::test]
async fn a_backend_that_answers_400_is_in_nobodys_way() {
    let server = Server::start(|seen: &Seen, _| match &*seen.spans()[0] {
        "bad" => answer("400 Bad Request", &[], b"no"),
        _ => ok(),
    });
    let (queue, letters) = start(otlp(&server.url()), quick());
    let (tickets, mut settlements) = tickets();
    for (number, name) in (0..).zip(["bad", "good", "bad", "good"]) {
        let ticket = tickets.issue([number]);
        queue
            .push(parcel(number, &[name]).with_ticket(ticket))
            .await;
        flush(&queue).await;
    }
    let settled: Vec<_> = std::iter::from_fn(|| settlements.try_next()).collect();
    assert_eq!(settled, [0, 1, 2, 3]);
    assert_eq!(
        (queue.stats().delivered, queue.stats().dead_lettered),
        (2, 2)
    );
    assert_eq!(server.seen().len(), 4, "once each");
    assert!(
        letters.all()[0].why.contains("400"),
        "{}",
        letters.all()[0].why
    );
}

#[tokio::test]
async fn a_request_that_is_too_large_comes_in_parts_and_a_span_that_is_goes_alone() {
    let server = Server::start(|seen: &Seen, _| {
        let spans = seen.spans();
        match spans.len() > 3 || spans.iter().any(|name| name == "big") {
            true => answer("413 Content Too Large", &[], b""),
            false => ok(),
        }
    });
    let (queue, letters) = start(otlp(&server.url()), quick());
    queue
        .push(parcel(1, &["a", "b", "big", "c", "d", "e"]))
        .await;
    flush(&queue).await;
    assert_eq!(
        (queue.stats().delivered, queue.stats().dead_lettered),
        (5, 1)
    );
    assert_eq!(letters.all().len(), 1);
}

#[tokio::test]
async fn a_partial_success_is_never_tried_again() {
    let partial_success = Some(ExportTracePartialSuccess {
        rejected_spans: 2,
        error_message: "too old".to_owned(),
    });
    let body = ExportTraceServiceResponse { partial_success }.encode_to_vec();
    let header = "content-type: application/x-protobuf";
    let server = Server::that_says(answer("200 OK", &[header], &body));
    let (queue, letters) = start(otlp(&server.url()), quick());
    queue.push(parcel(1, &["a", "b", "c"])).await;
    flush(&queue).await;
    assert_eq!((queue.stats().delivered, queue.stats().rejected), (1, 2));
    assert_eq!(server.seen().len(), 1);
    assert!(letters.all().is_empty());
}

#[tokio::test]
async fn a_best_effort_sink_that_hangs_holds_no_critical_one() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hanging = otlp(&format!("http://{}", silent.local_addr().unwrap()));
    let server = Server::that_says(ok());
    let mut settings = SinkSettings::best_effort();
    settings.queue_bytes = 1_000;
    let (best_effort, _) = start(hanging, settings);
    let (critical, _) = start(otlp(&server.url()), quick());
    let delivered = AtomicUsize::new(0);
    for number in 0..100 {
        best_effort.push(parcel(number, &["a"])).await;
        critical.push(parcel(number, &["a"])).await;
        delivered.fetch_add(1, Ordering::Relaxed);
    }
    flush(&critical).await;
    assert_eq!(critical.stats().delivered, 100);
    let stats = best_effort.shutdown(Duration::ZERO).await;
    assert_eq!(stats.received, 100);
    assert_eq!(stats.dropped + stats.abandoned, 100);
}
