//! The Runtime API, on loopback: one for all environments of the process, which post their answers to it.

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;

/// The size up to which Lambda takes a buffered response, in bytes.
pub(crate) const MAX_RESPONSE: usize = 6 * 1024 * 1024;

/// The size up to which Lambda takes a streamed response, in bytes.
const MAX_STREAM: usize = 200 * 1024 * 1024;

const INVOCATIONS: &str = "/2018-06-01/runtime/invocation/";

/// An answer that an environment posted.
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) is_error: bool,
    pub(crate) is_stream: bool,
    pub(crate) body: Result<Bytes, TooLarge>,
}

/// A response beyond Lambda's limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TooLarge;

/// A place for the answer to one invocation. It is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Expected {
    request_id: String,
}

type Answers = HashMap<String, Option<Posted>>;

/// Returns the answers that are expected, and those that have come.
fn answers() -> MutexGuard<'static, Answers> {
    static ANSWERS: OnceLock<Mutex<Answers>> = OnceLock::new();
    let answers = ANSWERS.get_or_init(Mutex::default);
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Expected {
    /// Returns a place for the answer to this invocation.
    pub(crate) fn new(request_id: &str) -> Self {
        let request_id = request_id.to_owned();
        answers().insert(request_id.clone(), None);
        Self { request_id }
    }

    /// Returns the answer, if it has been posted.
    pub(crate) fn take(&self) -> Option<Posted> {
        answers().get_mut(&self.request_id)?.take()
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        answers().remove(&self.request_id);
    }
}

/// Returns the address of the process's Runtime API, which is started unless it was.
///
/// It has a thread and a runtime of its own: a test's runtime ends with the test.
pub(crate) fn address() -> io::Result<SocketAddr> {
    static ADDRESS: Mutex<Option<SocketAddr>> = Mutex::new(None);
    let mut known = ADDRESS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(address) = *known {
        return Ok(address);
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    thread::Builder::new()
        .name("lamplight-runtime-api".to_owned())
        .spawn(move || runtime.block_on(serve(listener)))?;
    *known = Some(address);
    Ok(address)
}

async fn serve(listener: TcpListener) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors: others of the process may give some back.
            tokio::task::yield_now().await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            let service = service_fn(answer);
            // A connection that breaks is the client's to report.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let status = match taken(request).await {
        Some(status) => status,
        None => StatusCode::NOT_FOUND,
    };
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status;
    Ok(response)
}

/// Takes an answer; returns `None` for all else.
async fn taken(request: Request<Incoming>) -> Option<StatusCode> {
    let path = request.uri().path().strip_prefix(INVOCATIONS)?;
    let (request_id, kind) = path.split_once('/')?;
    let is_error = match kind {
        "response" => false,
        "error" => true,
        _ => return None,
    };
    let request_id = request_id.to_owned();
    let is_stream = is_stream(request.headers());
    let limit = if is_stream { MAX_STREAM } else { MAX_RESPONSE };
    let body = Limited::new(request.into_body(), limit).collect().await;
    let body = body.map(|body| body.to_bytes()).map_err(|_| TooLarge);
    let status = match body {
        Ok(_) => StatusCode::ACCEPTED,
        Err(TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
    };
    let mut answers = answers();
    let Some(place) = answers.get_mut(&request_id) else {
        // Of an invocation that is over.
        return Some(StatusCode::GONE);
    };
    *place = Some(Posted {
        is_error,
        is_stream,
        body,
    });
    Some(status)
}

fn is_stream(headers: &HeaderMap) -> bool {
    headers
        .get("lambda-runtime-function-response-mode")
        .is_some_and(|mode| mode == "streaming")
}
