//! A single connection.

use std::{
    future::{pending, poll_fn},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use h2::{
    Ping, PingPong, RecvStream,
    client::{Connection, ResponseFuture, SendRequest},
};
use http::{Request, Response};
use lamplight_internal::within::within;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    task::AbortHandle,
};

use super::{unanswered::Unanswered, watched::Watched};

/// The time for which a connection may be silent while it owes an answer, before it is pinged, and again
/// before it is given up.
const SILENCE: Duration = Duration::from_millis(500);

/// The longest head of an answer, in bytes.
const MAX_HEAD: u32 = 16 << 10;

/// A connection that was alive when it was last used. Clones share the connection.
#[derive(Clone)]
pub(super) struct Session {
    sender: SendRequest<Bytes>,
    /// The number of reads from the connection.
    reads: Arc<AtomicUsize>,
    /// Makes the connection's task send a ping.
    ask: Arc<Notify>,
    task: AbortHandle,
}

impl Session {
    /// Opens a connection over `io`, on the current runtime.
    pub(super) async fn open<T>(io: T) -> Result<Self, Unanswered>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let reads = Arc::<AtomicUsize>::default();
        let mut builder = h2::client::Builder::new();
        builder.enable_push(false).max_header_list_size(MAX_HEAD);
        let io = Watched::new(io, reads.clone());
        let (sender, mut connection) = builder.handshake(io).await?;
        let ask = Arc::new(Notify::new());
        let pings = connection.ping_pong();
        let task = tokio::spawn(drive(connection, pings, ask.clone())).abort_handle();
        Ok(Self {
            sender,
            reads,
            ask,
            task,
        })
    }

    /// Returns the connection when it can accept another request; `None` if it has ended.
    pub(super) async fn ready(mut self) -> Option<Self> {
        self.sender = self.sender.ready().await.ok()?;
        Some(self)
    }

    /// Sends a request on a connection that was used before, and returns the head of its answer.
    pub(super) async fn send(
        mut self,
        request: Request<Bytes>,
    ) -> Result<Response<RecvStream>, Unanswered> {
        let mut answer = pin!(start(&mut self.sender, request)?);
        let mut is_asked = false;
        loop {
            let before = self.reads.load(Ordering::Relaxed);
            if let (Some(response), _) = within(SILENCE, &mut answer).await {
                return Ok(response?);
            }
            match (self.reads.load(Ordering::Relaxed) != before, is_asked) {
                (false, false) => {
                    is_asked = true;
                    self.ask.notify_one();
                }
                (false, true) => return Err(Unanswered::Silent),
                (true, false) => {}
                // The connection is alive, and the caller has its own timeout for the answer.
                (true, true) => return Ok(answer.await?),
            }
        }
    }

    /// Sends a request on a connection that has just been opened, and needs no ping.
    pub(super) fn first(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<RecvStream>, Unanswered>> + use<> {
        let sender = self.sender.clone();
        async move { Ok(start(&mut sender.ready().await?, request)?.await?) }
    }

    /// Ends the connection and all its requests in progress.
    pub(super) fn close(&self) {
        self.task.abort();
    }
}

/// Sends a request, whose body is already in memory.
fn start(
    sender: &mut SendRequest<Bytes>,
    request: Request<Bytes>,
) -> Result<ResponseFuture, h2::Error> {
    let (head, body) = request.into_parts();
    let (answer, mut stream) = sender.send_request(Request::from_parts(head, ()), false)?;
    stream.send_data(body, true)?;
    Ok(answer)
}

/// Drives a connection until it ends.
async fn drive<T>(connection: Connection<T, Bytes>, pings: Option<PingPong>, ask: Arc<Notify>)
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let asking = async {
        // A ping must be awaited to its end, otherwise no further ping can be sent.
        if let Some(mut pings) = pings {
            loop {
                ask.notified().await;
                if pings.ping(Ping::opaque()).await.is_err() {
                    break;
                }
            }
        }
        pending::<()>().await;
    };
    let (mut connection, mut asking) = (pin!(connection), pin!(asking));
    poll_fn(|cx| {
        let _ = asking.as_mut().poll(cx);
        match connection.as_mut().poll(cx) {
            // The waiting requests receive the reason.
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        }
    })
    .await;
}
