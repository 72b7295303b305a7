//! Whatever the fault between the exporter and Kinesis, every span arrives or is counted.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use lamplight_export::SpanQueue;
use lamplight_kinesis::KinesisExporter;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::common::{Kinesis, end_spans, provider};

/// The fault of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// The service is broken; nothing was written.
    InternalError,
    Throttled,
    KmsThrottled,
    /// No answer, ever; nothing was written.
    Hang,
    /// The records are written and the answer is lost.
    AnswerLost,
    /// The records are written and the answer breaks off in its middle.
    AnswerCut,
}

use Fault::{AnswerCut, AnswerLost, Hang, InternalError, KmsThrottled, Throttled};

const FAULTS: [Fault; 6] = [
    InternalError,
    Throttled,
    KmsThrottled,
    Hang,
    AnswerLost,
    AnswerCut,
];

impl Fault {
    fn writes(self) -> bool {
        matches!(self, AnswerLost | AnswerCut)
    }
}

/// Longer than the emulator takes on the most loaded machine.
const PATIENT: Duration = Duration::from_secs(20);

/// Short enough to sit out a hang.
const IMPATIENT: Duration = Duration::from_millis(400);

/// The faults still to come, one a PutRecords call.
type Script = Arc<Mutex<VecDeque<Option<Fault>>>>;

async fn fault(State(script): State<Script>, request: Request, next: Next) -> Response {
    let target = request.headers().get("x-amz-target");
    let is_put = target.is_some_and(|target| target.as_bytes().ends_with(b".PutRecords"));
    let fault = if is_put {
        script.lock().unwrap().pop_front().flatten()
    } else {
        None
    };
    let Some(fault) = fault else {
        return next.run(request).await;
    };
    if fault.writes() {
        let written = next.run(request).await;
        assert!(
            written.status().is_success(),
            "the emulator refused what was to be written"
        );
    }
    match fault {
        InternalError => error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalFailureException",
        ),
        Throttled => error(
            StatusCode::BAD_REQUEST,
            "ProvisionedThroughputExceededException",
        ),
        KmsThrottled => error(StatusCode::BAD_REQUEST, "KMSThrottlingException"),
        Hang => std::future::pending().await,
        AnswerLost => error(StatusCode::BAD_GATEWAY, "BadGateway"),
        AnswerCut => {
            let cut: [Result<Bytes, std::io::Error>; 2] = [
                Ok(Bytes::from_static(b"{\"FailedRecordCount\": 0, \"Rec")),
                Err(std::io::Error::other("cut")),
            ];
            Body::from_stream(tokio_stream::iter(cut)).into_response()
        }
    }
}

fn error(status: StatusCode, kind: &str) -> Response {
    let body = format!("{{\"__type\": \"{kind}\", \"message\": \"as told\"}}");
    (
        status,
        [("content-type", "application/x-amz-json-1.1")],
        body,
    )
        .into_response()
}

async fn kinesis(script: &Script) -> Kinesis {
    let layer = middleware::from_fn_with_state(script.clone(), fault);
    let kinesis = Kinesis::start_behind(|app| app.layer(layer)).await;
    kinesis.create("telemetry").await;
    kinesis
}

fn exporter(kinesis: &Kinesis, timeout: Duration) -> KinesisExporter {
    KinesisExporter::builder("telemetry")
        .with_sdk_config(&kinesis.config)
        .with_timeout(timeout)
        .with_max_attempts(2)
        .build()
}

async fn drain(queue: &SpanQueue) {
    for _ in 0..200 {
        if queue.snapshot().pending() == 0 {
            return;
        }
        queue.flush().await;
    }
    panic!("spans do not drain: {:?}", queue.snapshot());
}

#[tokio::test]
async fn each_fault_delays_spans_and_loses_none() {
    for fault in FAULTS {
        let script = Script::default();
        let kinesis = kinesis(&script).await;
        let timeout = if fault == Hang { IMPATIENT } else { PATIENT };
        let queue = SpanQueue::new(exporter(&kinesis, timeout));
        // Outlasts the attempts of a flush, so that the spans have to wait for a later one.
        script.lock().unwrap().extend([Some(fault); 3]);
        end_spans(&provider(&queue), 5, 10);
        queue.flush().await;
        assert_eq!(queue.snapshot().pending(), 5, "{fault:?}");
        drain(&queue).await;

        let (ids, received) = kinesis.spans("telemetry").await;
        let stats = queue.snapshot();
        assert_eq!((ids.len(), stats.delivered), (5, 5), "{fault:?}");
        assert_eq!((stats.dropped(), stats.failed), (0, 0), "{fault:?}");
        // A span is there more than once only if an answer was lost, or came too late to count.
        let expected = if fault.writes() { 5 + 3 * 5 } else { 5 };
        assert!(
            received == expected || fault == Hang,
            "{fault:?}: {received} spans"
        );
    }
}

/// The situation of a function whose environment was frozen for longer than Kinesis keeps a connection.
#[tokio::test]
async fn a_request_whose_connection_is_closed_is_sent_again_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let body = r#"{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"}]}"#;
        for number in 0.. {
            let (mut connection, _) = listener.accept().await.unwrap();
            // The beginning is enough: what is to be known is that a request has come.
            let mut request = [0; 1024];
            assert!(connection.read(&mut request).await.unwrap() > 0);
            if number == 0 {
                connection.shutdown().await.unwrap();
            } else {
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                connection.write_all(answer.as_bytes()).await.unwrap();
            }
            // Unread data of the request must not reset the connection.
            while connection.read(&mut request).await.unwrap_or_default() > 0 {}
        }
    });
    let config = crate::common::config(&url);
    let exporter = KinesisExporter::builder("telemetry")
        .with_sdk_config(&config)
        .with_timeout(PATIENT)
        .build();
    let queue = SpanQueue::new(exporter);
    end_spans(&provider(&queue), 1, 10);
    queue.flush().await;
    let stats = queue.snapshot();
    assert_eq!((stats.delivered, stats.pending()), (1, 0), "{stats:?}");
}

#[tokio::test]
async fn any_sequence_of_faults_and_cut_off_flushes_loses_none() {
    for seed in 0..4 {
        let mut random = fastrand::Rng::with_seed(seed);
        let script = Script::default();
        let kinesis = kinesis(&script).await;
        // Windows follow one another without a break here, and pauses would be most of the test.
        let queue = SpanQueue::builder(exporter(&kinesis, IMPATIENT))
            .with_max_pause(Duration::ZERO)
            .build();
        let provider = provider(&queue);
        let mut started = 0;
        for _ in 0..25 {
            let fault = random.bool().then(|| FAULTS[random.usize(..FAULTS.len())]);
            // Hanging is slow, and one occurrence is as good as ten.
            let fault = fault.filter(|fault| *fault != Hang || random.u8(..4) == 0);
            script.lock().unwrap().push_back(fault);
            let count = random.usize(1..6);
            end_spans(&provider, count, 10);
            started += count;
            // A window that ends at any point of a call: before, in its middle, after.
            let window = Duration::from_millis(random.u64(..60));
            let _ = tokio::time::timeout(window, queue.flush()).await;
        }
        script.lock().unwrap().clear();
        drain(&queue).await;

        let (ids, _) = kinesis.spans("telemetry").await;
        assert_eq!(ids.len(), started, "seed {seed}: {:?}", queue.snapshot());
        assert_eq!(queue.snapshot().delivered, started as u64, "seed {seed}");
    }
}
