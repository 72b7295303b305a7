//! The meaning of answers to gRPC calls.

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use tokio::net::TcpListener;
use tonic::{
    Code, Status,
    transport::{Server, server::TcpIncoming},
};

use super::{
    over_grpc::{Collector, over_grpc},
    *,
};

/// `google.rpc.Status` with a `RetryInfo` of so many seconds.
fn retry_info(seconds: u8) -> Bytes {
    let mut any = b"\x0a\x28type.googleapis.com/google.rpc.RetryInfo\x12\x04\x0a\x02\x08".to_vec();
    any.push(seconds);
    let mut status = b"\x1a".to_vec();
    status.push(u8::try_from(any.len()).unwrap());
    status.extend(any);
    status.into()
}

/// The whole table: https://opentelemetry.io/docs/specs/otlp/#failures.
#[tokio::test(flavor = "current_thread")]
async fn each_code_is_tried_again_or_not_as_the_specification_says() {
    for number in 1..=16 {
        let code = Code::from_i32(number);
        for hint in [false, true] {
            let (collector, address) = Collector::that_says(move |_, number| match number {
                0 if hint => Err(Status::with_details(code, "no", retry_info(0))),
                0 => Err(Status::new(code, "no")),
                _ => Ok(ExportTraceServiceResponse::default()),
            })
            .await;
            let queue = over_grpc(address);
            record(&queue, ["a"]);
            flush(&queue).await;
            flush(&queue).await;
            let is_retried = match code {
                Code::Cancelled
                | Code::DeadlineExceeded
                | Code::Aborted
                | Code::OutOfRange
                | Code::Unavailable
                | Code::DataLoss => true,
                Code::ResourceExhausted => hint,
                _ => false,
            };
            let expected = if is_retried { (1, 0, 0) } else { (0, 1, 0) };
            assert_eq!(counts(&queue), expected, "{code:?} {hint}");
            assert_eq!(collector.sizes().len(), 1 + usize::from(is_retried));
            assert!(!queue.is_destination_down());
        }
    }
}

/// https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling.
#[tokio::test(flavor = "current_thread")]
async fn a_server_that_asks_to_be_left_alone_is_left_alone() {
    for code in [Code::Unavailable, Code::ResourceExhausted] {
        let (_collector, address) = Collector::that_says(move |_, number| match number {
            0 => Err(Status::with_details(code, "busy", retry_info(100))),
            _ => Ok(ExportTraceServiceResponse::default()),
        })
        .await;
        let queue = over_grpc(address);
        record(&queue, ["a"]);
        flush(&queue).await;
        flush(&queue).await;
        assert_eq!(counts(&queue), (0, 0, 1), "{code:?}");
        flush_anyway(&queue).await;
        assert_eq!(counts(&queue), (1, 0, 0), "{code:?}");
    }
}

/// Each in the words of a server: Go, Java, C++ and Python, tonic, .NET.
#[tokio::test(flavor = "current_thread")]
async fn a_batch_that_is_too_large_is_split_until_it_fits() {
    for (code, words) in [
        (
            Code::ResourceExhausted,
            "grpc: received message larger than max (5000 vs. 4000)",
        ),
        (
            Code::ResourceExhausted,
            "gRPC message exceeds maximum size 4000: 5000",
        ),
        (
            Code::ResourceExhausted,
            "Received message larger than max (5000 vs. 4000)",
        ),
        (
            Code::OutOfRange,
            "Error, decoded message length too large: found 5000 bytes, the limit is: 4000 bytes",
        ),
        (
            Code::ResourceExhausted,
            "Received message exceeds the maximum configured message size.",
        ),
    ] {
        let (collector, address) = Collector::that_says(move |spans, _| {
            match spans.len() > 3 || spans.contains(&"big".to_owned()) {
                true => Err(Status::new(code, words)),
                false => Ok(ExportTraceServiceResponse::default()),
            }
        })
        .await;
        let queue = over_grpc(address);
        record(&queue, ["a", "b", "c", "d", "big"]);
        flush(&queue).await;
        assert_eq!(counts(&queue), (4, 1, 0), "{words}");
        assert_eq!(collector.sizes(), [5, 2, 3, 1, 2, 1, 1], "{words}");
    }
}

/// The server's own limit, with its own words.
#[tokio::test(flavor = "current_thread")]
async fn a_limit_of_tonics_server_is_met_by_splitting() {
    let collector = Collector::new(100, |_, _| Ok(ExportTraceServiceResponse::default()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = collector.service().max_decoding_message_size(2_000);
    let server = Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    let queue = over_grpc(address);
    record(&queue, (0..8).map(|number| number.to_string().repeat(500)));
    flush(&queue).await;
    assert_eq!(counts(&queue), (8, 0, 0));
    assert_eq!(collector.sizes(), [2; 4]);
}

/// https://opentelemetry.io/docs/specs/otlp/#partial-success.
#[tokio::test(flavor = "current_thread")]
async fn what_is_rejected_of_a_request_is_counted_and_never_offered_again() {
    let (collector, address) = Collector::that_says(|_, _| {
        let partial_success = Some(ExportTracePartialSuccess {
            rejected_spans: 2,
            error_message: "too old".to_owned(),
        });
        Ok(ExportTraceServiceResponse { partial_success })
    })
    .await;
    let queue = over_grpc(address);
    record(&queue, ["a", "b", "c", "d", "e"]);
    for _ in 0..3 {
        flush(&queue).await;
    }
    assert_eq!(counts(&queue), (3, 2, 0));
    assert_eq!(collector.sizes(), [5]);
}
