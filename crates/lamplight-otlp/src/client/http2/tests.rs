//! Calls against a server that is written out in frames, as one of h2 would not let them be seen.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, duplex, split},
    sync::Mutex,
    time::{Duration, Instant, sleep},
};

use super::{super::received::MAX_KEPT, *};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
/// `END_STREAM`, and `ACK` of other frames.
const END: u8 = 1;
const END_HEADERS: u8 = 4;

/// After more strikes than these a connection is closed, as servers of gRPC do by default.
const MAX_STRIKES: u32 = 2;

/// A ping within this time after another one is a strike, unless something was sent in between.
const PING_INTERVAL: Duration = Duration::from_secs(300);

/// The treatment of pings by a server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pings {
    Answered,
    /// Nothing comes any more: the network has forgotten the connection.
    Lost,
}

/// One end of a connection, written to frame by frame.
struct Server {
    write: Mutex<WriteHalf<DuplexStream>>,
    /// The time of the last ping, strikes, and whether something was sent since.
    pings: std::sync::Mutex<(Option<Instant>, u32, bool)>,
    count: AtomicUsize,
}

impl Server {
    /// Answers each call after a while, which is the one of its number.
    fn start(io: DuplexStream, pings: Pings, answers: &'static [Duration]) -> Arc<Self> {
        let (read, write) = split(io);
        let server = Arc::new(Self {
            write: Mutex::new(write),
            pings: std::sync::Mutex::default(),
            count: AtomicUsize::new(0),
        });
        tokio::spawn(server.clone().serve(read, pings, answers));
        server
    }

    async fn serve(
        self: Arc<Self>,
        mut read: ReadHalf<DuplexStream>,
        pings: Pings,
        answers: &'static [Duration],
    ) -> Option<()> {
        read.read_exact(&mut [0; 24]).await.ok()?;
        self.frame(SETTINGS, 0, 0, &[]).await?;
        let mut calls = 0;
        loop {
            let mut head = [0; 9];
            read.read_exact(&mut head).await.ok()?;
            let [a, b, c, kind, flags, stream @ ..] = head;
            let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
            read.read_exact(&mut payload).await.ok()?;
            match kind {
                SETTINGS if flags & END == 0 => self.frame(SETTINGS, END, 0, &[]).await?,
                PING if flags & END == 0 => {
                    self.count.fetch_add(1, Ordering::Relaxed);
                    if pings == Pings::Answered {
                        self.pinged(&payload).await?;
                    }
                }
                DATA | HEADERS if flags & END != 0 => {
                    // A call that is not among them is never answered.
                    if let Some(after) = answers.get(calls) {
                        let (server, stream) = (self.clone(), u32::from_be_bytes(stream));
                        let after = *after;
                        tokio::spawn(async move {
                            sleep(after).await;
                            server.answer(stream).await
                        });
                    }
                    calls += 1;
                }
                _ => {}
            }
        }
    }

    async fn frame(&self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Option<()> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.write.lock().await.write_all(&frame).await.ok()
    }

    async fn pinged(&self, payload: &[u8]) -> Option<()> {
        let strikes = {
            let mut pings = self.pings.lock().unwrap();
            let last = pings.0.replace(Instant::now());
            if std::mem::take(&mut pings.2) {
                pings.1 = 0;
            } else if last.is_some_and(|last| last.elapsed() < PING_INTERVAL) {
                pings.1 += 1;
            }
            pings.1
        };
        if strikes > MAX_STRIKES {
            // The last stream is 1, the reason ENHANCE_YOUR_CALM.
            let goaway = b"\0\0\0\x01\0\0\0\x0btoo_many_pings";
            self.frame(GOAWAY, 0, 0, goaway).await?;
            return self.write.lock().await.shutdown().await.ok();
        }
        self.frame(PING, END, 0, payload).await
    }

    /// Answers a call with no message and the status 0.
    async fn answer(&self, stream: u32) -> Option<()> {
        self.pings.lock().unwrap().2 = true;
        // `:status: 200`
        self.frame(HEADERS, END_HEADERS, stream, &[0x88]).await?;
        let status = b"\x00\x0bgrpc-status\x010";
        self.frame(HEADERS, END_HEADERS | END, stream, status).await
    }

    fn pings(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

fn request() -> Request<Bytes> {
    let request = Request::post("http://collector/Export");
    of_http2(request.body(Bytes::from_static(b"message")).unwrap())
}

async fn open(pings: Pings, answers: &'static [Duration]) -> (Session, Arc<Server>) {
    let (ours, theirs) = duplex(1 << 16);
    let server = Server::start(theirs, pings, answers);
    (Session::open(ours).await.unwrap(), server)
}

/// Returns the status in the trailers.
async fn status(response: Response<RecvStream>) -> String {
    let mut received = Received::default();
    read(response.into_body(), &mut received).await;
    assert_eq!(received.end, End::Whole);
    let status = received.trailers.get("grpc-status").unwrap();
    status.to_str().unwrap().to_owned()
}

const AT_ONCE: Duration = Duration::ZERO;
const SLOW: Duration = Duration::from_secs(60);

/// grpc-go and others: <https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md>.
#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_asked_for_once_and_so_often_that_no_server_minds() {
    let answers = &[AT_ONCE, SLOW, SLOW, SLOW, SLOW];
    let (session, server) = open(Pings::Answered, answers).await;
    assert_eq!(status(session.first(request()).await.unwrap()).await, "0");
    for calls in 1..answers.len() {
        let ready = session.clone().ready().await.unwrap();
        assert_eq!(status(ready.send(request()).await.unwrap()).await, "0");
        assert_eq!(server.pings(), calls);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_just_opened_is_not_asked() {
    let (session, server) = open(Pings::Answered, &[SLOW]).await;
    assert_eq!(status(session.first(request()).await.unwrap()).await, "0");
    assert_eq!(server.pings(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_used_and_answers_no_question_is_given_up() {
    let (session, server) = open(Pings::Lost, &[AT_ONCE]).await;
    assert_eq!(status(session.first(request()).await.unwrap()).await, "0");
    let ready = session.ready().await.unwrap();
    let began = Instant::now();
    let unanswered = ready.send(request()).await.unwrap_err();
    assert!(is_silent(&unanswered), "{unanswered:?}");
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(server.pings(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_closed_takes_no_request() {
    let (session, _server) = open(Pings::Answered, &[AT_ONCE]).await;
    assert_eq!(status(session.first(request()).await.unwrap()).await, "0");
    session.close();
    // The task of the connection ends when it is its turn.
    tokio::task::yield_now().await;
    assert!(session.ready().await.is_none());
}

#[test]
fn a_request_names_no_user() {
    let request = Request::post("http://me:hunter2@collector:4317/Export?a=b");
    let request = of_http2(request.body(Bytes::new()).unwrap());
    assert_eq!(request.uri(), "http://collector:4317/Export?a=b");
}

/// Returns what is read of an answer of so many bytes, with the status 0 behind it.
async fn answered(length: usize) -> Received {
    let (ours, theirs) = duplex(1 << 16);
    tokio::spawn(async move {
        let mut connection = h2::server::handshake(theirs).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            let mut stream = respond.send_response(Response::new(()), false).unwrap();
            let _ = stream.send_data(vec![b'x'; length].into(), false);
            let mut trailers = http::HeaderMap::new();
            trailers.insert("grpc-status", 0.into());
            let _ = stream.send_trailers(trailers);
        }
    });
    let session = Session::open(ours).await.unwrap();
    let response = session.first(request()).await.unwrap();
    let mut received = Received::default();
    read(response.into_body(), &mut received).await;
    received
}

/// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>: the status is behind the message.
#[tokio::test]
async fn a_long_answer_is_read_to_its_status_and_one_that_is_too_long_is_not() {
    for (length, kept, end) in [
        (10, 10, End::Whole),
        (1 << 20, MAX_KEPT, End::Whole),
        (MAX_READ, MAX_KEPT, End::Whole),
        (MAX_READ + 1, MAX_KEPT, End::TooLong),
    ] {
        let received = answered(length).await;
        assert_eq!((received.body.len(), received.end), (kept, end), "{length}");
        let has_status = received.trailers.contains_key("grpc-status");
        assert_eq!(has_status, end == End::Whole, "{length}");
    }
}
