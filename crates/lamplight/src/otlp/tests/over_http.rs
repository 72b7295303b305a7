//! OTLP over HTTP.

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;

use super::{
    server::{Server, answer, ok},
    *,
};

#[tokio::test(flavor = "current_thread")]
async fn spans_arrive_over_one_connection_with_the_headers() {
    let server = Server::that_says(ok());
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=shop,x-key=a%20b");
    let queue = queue(&server.url(), &[headers]);
    for name in ["first", "second"] {
        record(&queue, [name]);
        flush(&queue).await;
    }
    assert_eq!(counts(&queue), (2, 0, 0));
    for (seen, name) in server.seen().iter().zip(["first", "second"]) {
        assert_eq!(seen.line, "POST /v1/traces HTTP/1.1");
        assert_eq!(seen.spans(), [name]);
        assert_eq!(seen.header("content-type"), "application/x-protobuf");
        assert_eq!(seen.header("x-tenant"), "shop");
        assert_eq!(seen.header("x-key"), "a b");
        assert!(seen.header("user-agent").starts_with("Lamplight-OTLP"));
    }
}

/// Failures that the specification does not call retryable:
/// https://opentelemetry.io/docs/specs/otlp/#failures-1.
#[tokio::test(flavor = "current_thread")]
async fn a_refused_batch_is_counted_and_in_nobodys_way() {
    for status in [
        "301 M", "400 B", "401 U", "403 F", "404 N", "408 T", "500 I", "501 N",
    ] {
        let refuse = answer(status, &[], b"no");
        let server = Server::start(move |seen, _| match seen.spans()[0].as_str() {
            "bad" => refuse.clone(),
            _ => ok(),
        });
        let queue = queue(&server.url(), &[]);
        for _ in 0..5 {
            record(&queue, ["bad"]);
            flush(&queue).await;
        }
        record(&queue, ["good"]);
        flush(&queue).await;
        assert_eq!(counts(&queue), (1, 5, 0), "{status}");
        assert_eq!(server.sizes(), [1; 6], "{status}: once each");
    }
}

/// In one flush, behind each other.
#[tokio::test(flavor = "current_thread")]
async fn a_flush_goes_on_behind_a_refused_batch() {
    let server = Server::start(|seen, _| match seen.spans()[0].as_str() {
        "bad" => answer("400 Bad Request", &[], b""),
        _ => ok(),
    });
    let queue = builder(&server.url(), &[]).with_max_batch(1).build();
    record(&queue, ["bad", "good", "bad", "good"]);
    flush(&queue).await;
    assert_eq!(counts(&queue), (2, 2, 0));
}

#[tokio::test(flavor = "current_thread")]
async fn what_may_work_later_waits_and_is_offered_again() {
    for status in ["429 T", "502 B", "503 S", "504 G"] {
        let away = answer(status, &[], b"");
        let server = Server::start(move |_, number| match number {
            0 => away.clone(),
            _ => ok(),
        });
        let queue = queue(&server.url(), &[]);
        record(&queue, ["a", "b"]);
        flush(&queue).await;
        assert_eq!(counts(&queue), (0, 0, 2), "{status}");
        flush(&queue).await;
        assert_eq!(counts(&queue), (2, 0, 0), "{status}");
        assert_eq!(server.sizes(), [2, 2]);
    }
}

/// RFC 9110, section 10.2.3. How long a pause is at most is tested where pauses are.
#[tokio::test(flavor = "current_thread")]
async fn a_server_that_asks_to_be_left_alone_is_left_alone_from_then_on() {
    let later = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3_600));
    let earlier = httpdate::fmt_http_date(SystemTime::now() - Duration::from_secs(60));
    for (value, pauses) in [
        ("3600", true),
        (&*later, true),
        ("99999999999999999999", true),
        ("0", false),
        (&*earlier, false),
        ("soon", false),
    ] {
        let header = format!("retry-after: {value}");
        let busy = answer("429 Too Many Requests", &[&header], b"");
        let server = Server::start(move |_, number| match number {
            0 => busy.clone(),
            _ => ok(),
        });
        let queue = queue(&server.url(), &[]);
        record(&queue, ["a"]);
        flush(&queue).await;
        flush(&queue).await;
        let expected = if pauses { (0, 0, 1) } else { (1, 0, 0) };
        assert_eq!(counts(&queue), expected, "{value}");
        assert!(!queue.is_destination_down(), "{value}: it answers");
        flush_anyway(&queue).await;
        assert_eq!(counts(&queue), (1, 0, 0), "{value}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn spans_that_nobody_takes_are_offered_in_ever_fewer_and_then_a_few_are_given_up() {
    let server = Server::that_says(answer("503 Service Unavailable", &[], b""));
    let queue = queue(&server.url(), &[]);
    record(&queue, (0..16).map(|number| number.to_string()));
    for _ in 0..8 {
        flush_anyway(&queue).await;
    }
    assert_eq!(counts(&queue), (0, 0, 16));
    flush_anyway(&queue).await;
    assert_eq!(counts(&queue), (0, 1, 15), "the last attempt was with one");
    assert_eq!(server.sizes(), [16, 16, 16, 8, 4, 2, 1, 1, 1]);
    assert!(
        server.seen().iter().all(|seen| seen.spans()[0] == "0"),
        "in order"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn when_it_is_back_one_flush_delivers_everything() {
    let server = Server::start(|_, number| match number {
        0..6 => answer("503 Service Unavailable", &[], b""),
        _ => ok(),
    });
    let queue = queue(&server.url(), &[]);
    record(&queue, (0..16).map(|number| number.to_string()));
    for _ in 0..7 {
        flush_anyway(&queue).await;
    }
    assert_eq!(counts(&queue), (16, 0, 0));
    let delivered = server.seen().split_off(6);
    let delivered: Vec<_> = delivered.iter().flat_map(server::Seen::spans).collect();
    assert_eq!(
        delivered,
        (0..16).map(|n| n.to_string()).collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_batch_that_is_too_large_is_split_until_it_fits() {
    let server = Server::start(|seen, _| match seen.spans().len() {
        0..=3 => ok(),
        _ => answer("413 Content Too Large", &[], b""),
    });
    let queue = queue(&server.url(), &[]);
    record(&queue, (0..10).map(|number| number.to_string()));
    flush(&queue).await;
    assert_eq!(counts(&queue), (10, 0, 0));
    assert_eq!(server.sizes(), [10, 5, 2, 3, 5, 2, 3]);
    let taken = server.seen().into_iter().map(|seen| seen.spans());
    let taken: Vec<_> = taken.filter(|spans| spans.len() <= 3).flatten().collect();
    assert_eq!(taken, (0..10).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test(flavor = "current_thread")]
async fn a_span_that_is_too_large_alone_is_given_up_and_no_other() {
    let server = Server::start(|seen, _| match seen.spans().contains(&"big".to_owned()) {
        true => answer("413 Content Too Large", &[], b""),
        false => ok(),
    });
    let queue = queue(&server.url(), &[]);
    record(&queue, ["a", "b", "big", "c", "d", "e"]);
    flush(&queue).await;
    assert_eq!(counts(&queue), (5, 1, 0));
    assert!(!queue.is_destination_down());
}

/// https://opentelemetry.io/docs/specs/otlp/#partial-success-1.
#[tokio::test(flavor = "current_thread")]
async fn what_is_rejected_of_a_request_is_counted_and_never_offered_again() {
    for (rejected_spans, counted) in [
        (2, (3, 2, 0)),
        (0, (5, 0, 0)),
        (99, (0, 5, 0)),
        (-1, (5, 0, 0)),
    ] {
        let partial_success = Some(ExportTracePartialSuccess {
            rejected_spans,
            error_message: "too old".to_owned(),
        });
        let body = ExportTraceServiceResponse { partial_success }.encode_to_vec();
        let header = "content-type: application/x-protobuf";
        let server = Server::that_says(answer("200 OK", &[header], &body));
        let queue = queue(&server.url(), &[]);
        record(&queue, ["a", "b", "c", "d", "e"]);
        for _ in 0..3 {
            flush(&queue).await;
        }
        assert_eq!(counts(&queue), counted, "{rejected_spans}");
        assert_eq!(server.sizes(), [5]);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn requests_are_compressed_as_it_is_asked_for() {
    for (name, compression, expected) in [
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip", "gzip"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", " GZIP", "gzip"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "'zstd'", "zstd"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none", ""),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "brotli", ""),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "", ""),
    ] {
        let server = Server::that_says(ok());
        let queue = queue(&server.url(), &[(name, compression)]);
        record(&queue, ["a"]);
        flush(&queue).await;
        let seen = server.seen();
        assert_eq!(
            seen[0].header("content-encoding"),
            expected,
            "{compression}"
        );
        assert_eq!(seen[0].spans(), ["a"]);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_client_that_let_go_opens_a_new_connection() {
    let connections = Arc::new(AtomicU32::new(0));
    let count = connections.clone();
    let server = Server::on(
        |_, _| ok(),
        move |stream| {
            count.fetch_add(1, Ordering::SeqCst);
            stream
        },
    );
    let queue = queue(&server.url(), &[]);
    for expected in 1..=2 {
        for _ in 0..3 {
            record(&queue, ["a"]);
            flush(&queue).await;
        }
        assert_eq!(connections.load(Ordering::SeqCst), expected);
        queue.disconnect().await;
    }
    assert_eq!(counts(&queue), (6, 0, 0));
}

#[tokio::test]
async fn a_failed_export_says_where_and_why_and_what_to_look_at() {
    for (status, remedy) in [
        ("401 Unauthorized", "check OTEL_EXPORTER_OTLP_HEADERS"),
        ("403 Forbidden", "check OTEL_EXPORTER_OTLP_HEADERS"),
        ("404 Not Found", "the path /v1/traces is appended"),
        (
            "302 Found",
            "set OTEL_EXPORTER_OTLP_ENDPOINT to where it leads",
        ),
        (
            "413 Payload Too Large",
            "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        ),
        ("400 Bad Request", "OTEL_EXPORTER_OTLP_PROTOCOL"),
        ("407 Proxy Authentication Required", "NO_PROXY"),
        ("429 Too Many Requests", "more capacity"),
        (
            "500 Internal Server Error",
            "what OTEL_EXPORTER_OTLP_ENDPOINT names",
        ),
    ] {
        let server = Server::that_says(answer(status, &[], b"Said\r\n\x1b[31m the server"));
        let address = server.address;
        let failure = failure(
            &format!("http://user:secret@{address}/otlp?key=secret"),
            &[],
        )
        .await;
        let begin = format!(
            "http://{address}/otlp/v1/traces: answered with status {status}: \"Said [31m the \
             server\"; "
        );
        assert!(failure.starts_with(&begin), "{failure}");
        assert!(failure.contains(remedy), "{failure}");
    }
}

#[tokio::test]
async fn a_server_that_repeats_a_secret_is_not_quoted_with_it() {
    let body = b"no Sesame123 for Bearer Sesame123 of k3y-abc, k3y%2Fabd or k3y/abd";
    let server = Server::that_says(answer("401 Unauthorized", &[], body));
    let headers = (
        "OTEL_EXPORTER_OTLP_HEADERS",
        "authorization=Bearer%20Sesame123",
    );
    let url = format!("{}?api=k3y-abc&b=k3y%2Fabd", server.url());
    let failure = failure(&url, &[headers]).await;
    assert!(
        failure.contains("\"no REDACTED for REDACTED of REDACTED, REDACTED or REDACTED\""),
        "{failure}"
    );
}

#[tokio::test]
async fn an_endpoint_that_is_used_as_it_is_has_a_remedy_of_its_own() {
    let server = Server::that_says(answer("404 Not Found", &[], b""));
    let of_traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &*server.url());
    let failure = failure("", &[of_traces]).await;
    let remedy = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, which is used as it is";
    assert!(failure.contains(remedy), "{failure}");
}

#[tokio::test]
async fn a_connection_that_fails_says_how() {
    let plain = format!(
        "https://{}",
        server::that_says_at_once(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    );
    let patient = [("OTEL_EXPORTER_OTLP_TIMEOUT", "60000")];
    for (endpoint, cause, remedy) in [
        (
            "http://127.0.0.1:1",
            "onnection refused",
            "nothing listens there",
        ),
        ("http://nobody.invalid", "dns error", "resolves names"),
        (&plain, "InvalidContentType", "the scheme of"),
    ] {
        let failure = failure(endpoint, &patient).await;
        let begin = format!("{endpoint}/v1/traces: ");
        assert!(failure.starts_with(&begin), "{failure}");
        assert!(
            failure.contains(cause) && failure.contains(remedy),
            "{failure}"
        );
    }
}

#[test]
fn a_flush_without_a_runtime_keeps_the_spans() {
    let queue = queue("http://127.0.0.1:1", &[]);
    record(&queue, ["a"]);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let flush = std::pin::pin!(queue.flush());
    assert!(flush.poll(&mut context).is_ready());
    assert_eq!(counts(&queue), (0, 0, 1));
}
