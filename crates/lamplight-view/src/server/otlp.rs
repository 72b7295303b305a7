//! OTLP over HTTP, according to its specification.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest as _, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, post},
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message as _;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::{
    Intake,
    answer::plain,
    unpack::{MOST_BYTES, Refusal, unpack},
};
use crate::{read, store::Added};

/// Maximum number of requests processed concurrently, which bounds memory.
const AT_ONCE: usize = 4;

/// Maximum number of small bodies received concurrently. They do not count as being processed, so
/// that slow senders do not block others.
const SMALL_AT_ONCE: usize = 64;

/// Maximum size of a small body, in bytes.
const SMALL: u64 = 1 << 20;

/// Maximum number of values in a JSON request, estimated by counting commas: a value of three bytes
/// may need a hundred in memory.
const MOST_VALUES: usize = 4_000_000;

/// Maximum wait for the body of a request, and for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

#[derive(Clone)]
struct Receiver {
    intake: Intake,
    turns: Arc<Semaphore>,
    small: Arc<Semaphore>,
}

/// Returns the routes.
pub(super) fn router(intake: Intake) -> Router {
    let receiver = Receiver {
        intake,
        turns: Arc::new(Semaphore::new(AT_ONCE)),
        small: Arc::new(Semaphore::new(SMALL_AT_ONCE)),
    };
    Router::new()
        .route("/v1/traces", post(traces))
        .route("/v1/{signal}", any(other_signal))
        .fallback(elsewhere)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(receiver)
}

async fn other_signal() -> Response {
    let text = "Only traces are supported here. Disable other signals: \
    OTEL_METRICS_EXPORTER=none, OTEL_LOGS_EXPORTER=none\n";
    plain(StatusCode::NOT_FOUND, text)
}

async fn elsewhere() -> Response {
    let text = "OTLP over HTTP is available at /v1/traces. Pages have another address, which \
    `lamplight serve` prints. For gRPC set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n";
    plain(StatusCode::NOT_FOUND, text)
}

async fn traces(State(receiver): State<Receiver>, request: Request) -> Response {
    let Some(format) = Format::of(request.headers()) else {
        let text = format!("The content type must be {PROTOBUF} or {JSON}\n");
        return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, text);
    };
    match receiver.receive(request, format).await {
        Ok(added) => format.answer(added),
        Err(refusal) => refusal,
    }
}

impl Receiver {
    async fn receive(&self, request: Request, format: Format) -> Result<Added, Response> {
        let encoding = request.headers().get(header::CONTENT_ENCODING);
        let encoding = encoding.map(|it| it.to_str().unwrap_or("?").to_owned());
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length <= SMALL) {
            let waiting = turn(&self.small).await?;
            let body = body(request).await?;
            drop(waiting);
            let _turn = turn(&self.turns).await?;
            add(&self.intake, body, encoding, format).await
        } else {
            let _turn = turn(&self.turns).await?;
            let body = body(request).await?;
            add(&self.intake, body, encoding, format).await
        }
    }
}

/// Waits for a turn. A sender that waits too long must retry, as the specification requires for
/// that response.
async fn turn(turns: &Semaphore) -> Result<SemaphorePermit<'_>, Response> {
    match timeout(PATIENCE, turns.acquire()).await {
        Ok(Ok(turn)) => Ok(turn),
        _ => Err(later("Too many requests at once\n")),
    }
}

async fn body(request: Request) -> Result<Bytes, Response> {
    match timeout(PATIENCE, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(refusal)) if refusal.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let text = format!("A request may have at most {MOST_BYTES} bytes\n");
            Err(plain(StatusCode::PAYLOAD_TOO_LARGE, text))
        }
        Ok(Err(refusal)) => {
            let text = format!("The body is incomplete: {}\n", refusal.body_text());
            Err(plain(StatusCode::BAD_REQUEST, text))
        }
        Err(_) => Err(plain(
            StatusCode::REQUEST_TIMEOUT,
            "The body did not arrive in time\n",
        )),
    }
}

async fn add(
    intake: &Intake,
    body: Bytes,
    encoding: Option<String>,
    format: Format,
) -> Result<Added, Response> {
    let reading = tokio::task::spawn_blocking(move || read(&body, encoding.as_deref(), format));
    let request = match reading.await {
        Ok(Ok(request)) => request,
        Ok(Err((status, text))) => return Err(plain(status, text)),
        Err(error) => {
            return Err(plain(
                StatusCode::BAD_REQUEST,
                format!("Invalid request: {error}\n"),
            ));
        }
    };
    let added = intake.add_async(request).await;
    // A full disk may have room later; nothing of the request was added.
    added.map_err(|error| later(&format!("Not stored: {error}\n")))
}

/// Returns the request as protobuf, or the status and reason for refusing it.
fn read(
    body: &[u8],
    encoding: Option<&str>,
    format: Format,
) -> Result<Vec<u8>, (StatusCode, String)> {
    let unpacked = unpack(body, encoding).map_err(|refusal| match refusal {
        Refusal::Encoding(name) => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("The encoding {name} is unknown: use gzip, zstd, deflate or none\n"),
        ),
        Refusal::Broken(why) => (
            StatusCode::BAD_REQUEST,
            format!("The body cannot be decompressed: {why}\n"),
        ),
        Refusal::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "The decompressed body is too large\n".to_owned(),
        ),
    })?;
    match format {
        Format::Protobuf => Ok(unpacked),
        Format::Json if memchr::memchr_iter(b',', &unpacked).count() > MOST_VALUES => Err((
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("A request may have at most {MOST_VALUES} values\n"),
        )),
        Format::Json => read::from_json(&unpacked).map_err(|why| {
            (
                StatusCode::BAD_REQUEST,
                format!("Not OTLP in JSON: {why}\n"),
            )
        }),
    }
}

fn later(text: &str) -> Response {
    let headers = [(header::RETRY_AFTER, HeaderValue::from_static("1"))];
    (headers, plain(StatusCode::SERVICE_UNAVAILABLE, text)).into_response()
}

/// The format of a request and its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Protobuf,
    Json,
}

impl Format {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let said = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let name = said.split(';').next().unwrap_or_default().trim();
        if name.eq_ignore_ascii_case(PROTOBUF) {
            Some(Self::Protobuf)
        } else if name.eq_ignore_ascii_case(JSON) {
            Some(Self::Json)
        } else {
            None
        }
    }

    fn answer(self, added: Added) -> Response {
        let partial_success = (added.refused > 0).then(|| ExportTracePartialSuccess {
            rejected_spans: i64::try_from(added.refused).unwrap_or(i64::MAX),
            error_message: "some spans are invalid".to_owned(),
        });
        let answer = ExportTraceServiceResponse { partial_success };
        match self {
            Self::Protobuf => {
                let headers = [(header::CONTENT_TYPE, PROTOBUF)];
                (headers, answer.encode_to_vec()).into_response()
            }
            Self::Json => {
                let headers = [(header::CONTENT_TYPE, JSON)];
                // The response has only two plain fields, which JSON can represent.
                let text = match answer.partial_success {
                    Some(_) => serde_json::to_string(&answer).ok(),
                    // Members without a value are omitted.
                    None => None,
                };
                let text = text.unwrap_or_else(|| "{}".to_owned());
                (headers, text).into_response()
            }
        }
    }
}
