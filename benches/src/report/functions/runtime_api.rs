//! Lambda as seen by a function: the Runtime API and the Extensions API.
//!
//! The simulator of the tests is not used, for accurate figures. Here a blocking thread serves each
//! connection and measures the times at which the last byte is read or the first one written, without a task
//! scheduler, a wiretap or JSON parsing in between, which would add more to a response than the measured
//! effect. Extensions receive `INVOKE` events, and a function is idle only when its extensions are, because
//! rivals send their spans from them.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use lamplight_test_rig::{Connection, Message};

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live";

/// The Lambda of one function. Its threads end when this is dropped.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: VecDeque<Handed>,
    begun: Vec<Handed>,
    answers: HashMap<String, Answer>,
    /// The times at which the function requested events.
    asked: Vec<Instant>,
    extensions: HashMap<String, Extension>,
    /// The maximum number of concurrent invocations.
    most_at_once: usize,
    closed: bool,
}

#[derive(Debug, Default)]
struct Extension {
    wants_invocations: bool,
    asked: usize,
    told: usize,
}

/// An event for the function.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) body: String,
    /// The function's timeout.
    pub(crate) timeout: Duration,
    /// Lambda's trace header.
    pub(crate) xray: &'static str,
}

#[derive(Debug, Clone)]
struct Handed {
    id: String,
    event: Event,
    at: Option<Instant>,
}

/// The function's response.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The time from the delivery of the event to the last byte of the response.
    pub(crate) took: Duration,
    pub(crate) at: Instant,
    pub(crate) body: Vec<u8>,
}

/// Lambda's trace header for a function with active tracing.
pub(crate) const SAMPLED: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

/// The header for every other function.
pub(crate) const NOT_SAMPLED: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

impl Event {
    /// Returns an event with a timeout of half a minute.
    pub(crate) fn new(body: impl Into<String>) -> Self {
        Self {
            body: body.into(),
            timeout: Duration::from_secs(30),
            xray: SAMPLED,
        }
    }

    pub(crate) fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    pub(crate) fn with_xray(mut self, xray: &'static str) -> Self {
        self.xray = xray;
        self
    }
}

impl RuntimeApi {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = Self {
            address: listener.local_addr().unwrap(),
            state: Arc::default(),
        };
        let state = api.state.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if state.lock().closed {
                    return;
                }
                let state = state.clone();
                std::thread::spawn(move || state.serve(connection));
            }
        });
        api
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the function, and each extension in its process, have completed their work and request the
    /// next event. Returns the time of the function's last request.
    pub(crate) fn idle(&self, patience: Duration) -> Option<Instant> {
        self.state.wait(patience, |inner| {
            let invocations = inner.waiting.len() + inner.begun.len();
            let of_extensions = inner.extensions.values().all(|extension| {
                let events = if extension.wants_invocations {
                    invocations
                } else {
                    0
                };
                extension.asked > events
            });
            (inner.asked.len() > invocations && of_extensions)
                .then(|| inner.asked.last().copied())
                .flatten()
        })
    }

    /// Delivers an event as soon as the function requests it; returns the invocation's id.
    pub(crate) fn invoke(&self, event: Event) -> String {
        let mut inner = self.state.lock();
        let number = inner.waiting.len() + inner.begun.len();
        let id = format!("8476a536-e9f4-11e8-9739-{number:012x}");
        inner.waiting.push_back(Handed {
            id: id.clone(),
            event,
            at: None,
        });
        self.state.changed.notify_all();
        id
    }

    /// Returns the maximum number of concurrent invocations.
    pub(crate) fn most_at_once(&self) -> usize {
        self.state.lock().most_at_once
    }

    /// Returns the response to an invocation.
    pub(crate) fn answer(&self, id: &str, patience: Duration) -> Option<Answer> {
        self.state
            .wait(patience, |inner| inner.answers.get(id).cloned())
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.state.lock().closed = true;
        self.state.changed.notify_all();
        // A connection wakes up the listener.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    fn wait<T>(
        &self,
        patience: Duration,
        mut done: impl FnMut(&mut Inner) -> Option<T>,
    ) -> Option<T> {
        let end = Instant::now() + patience;
        let mut inner = self.lock();
        loop {
            if let Some(done) = done(&mut inner) {
                return Some(done);
            }
            let left = end.checked_duration_since(Instant::now())?;
            inner = self.changed.wait_timeout(inner, left).unwrap().0;
        }
    }

    fn serve(&self, connection: TcpStream) {
        let _ = connection.set_nodelay(true);
        let mut connection = Connection::new(connection);
        // Connections end with the function.
        while let Ok(Some(request)) = connection.read() {
            if self.treat(&request, &mut connection).is_err() {
                return;
            }
        }
    }

    fn treat(&self, request: &Message, connection: &mut Connection<TcpStream>) -> io::Result<()> {
        let now = Instant::now();
        let mut path = request.path.rsplit('/');
        let last = path.next().unwrap_or_default();
        match (request.method.as_str(), last) {
            ("GET", "next") if request.path.contains("/extension/") => {
                self.next_of_extension(request, connection)
            }
            ("GET", "next") => self.next(now, connection),
            ("POST", "register") => self.register(request, connection),
            ("POST", "response" | "error") => {
                let id = path.next().unwrap_or_default();
                let mut inner = self.lock();
                let begun = inner.begun.iter().find(|begun| begun.id == id);
                if let Some(at) = begun.and_then(|begun| begun.at) {
                    let answer = Answer {
                        took: now - at,
                        at: now,
                        body: request.body.clone(),
                    };
                    inner.answers.insert(id.to_owned(), answer);
                }
                drop(inner);
                self.changed.notify_all();
                connection.respond(202, &[], b"{}")
            }
            _ => connection.respond(404, &[], b""),
        }
    }

    fn next(&self, now: Instant, connection: &mut Connection<TcpStream>) -> io::Result<()> {
        let mut inner = self.lock();
        inner.asked.push(now);
        self.changed.notify_all();
        let handed = loop {
            if let Some(handed) = inner.waiting.pop_front() {
                break handed;
            }
            if inner.closed {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            inner = self.changed.wait(inner).unwrap();
        };
        let id = handed.id.clone();
        let event = handed.event.clone();
        inner.begun.push(handed);
        let under_way = inner.begun.len() - inner.answers.len();
        inner.most_at_once = inner.most_at_once.max(under_way);
        let place = inner.begun.len() - 1;
        drop(inner);
        // Extensions are notified of it.
        self.changed.notify_all();
        let deadline = deadline(event.timeout);
        let headers = [
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", id.as_str()),
            ("lambda-runtime-deadline-ms", deadline.as_str()),
            ("lambda-runtime-invoked-function-arn", ARN),
            ("lambda-runtime-trace-id", event.xray),
        ];
        if let Some(begun) = self.lock().begun.get_mut(place) {
            begun.at = Some(Instant::now());
        }
        connection.respond(200, &headers, event.body.as_bytes())
    }

    fn register(
        &self,
        request: &Message,
        connection: &mut Connection<TcpStream>,
    ) -> io::Result<()> {
        let mut inner = self.lock();
        let id = format!("extension-{}", inner.extensions.len());
        let extension = Extension {
            wants_invocations: String::from_utf8_lossy(&request.body).contains("INVOKE"),
            ..Extension::default()
        };
        inner.extensions.insert(id.clone(), extension);
        drop(inner);
        let headers = [
            ("content-type", "application/json"),
            ("lambda-extension-identifier", id.as_str()),
        ];
        let body = br#"{"functionName":"orders","functionVersion":"7","handler":"bootstrap"}"#;
        connection.respond(200, &headers, body)
    }

    fn next_of_extension(
        &self,
        request: &Message,
        connection: &mut Connection<TcpStream>,
    ) -> io::Result<()> {
        let id = request
            .header("lambda-extension-identifier")
            .unwrap_or_default();
        let mut inner = self.lock();
        if let Some(extension) = inner.extensions.get_mut(id) {
            extension.asked += 1;
        }
        self.changed.notify_all();
        let begun = loop {
            let told = inner.extensions.get(id).map_or(0, |known| {
                if known.wants_invocations {
                    known.told
                } else {
                    usize::MAX
                }
            });
            if let Some(begun) = inner.begun.get(told) {
                break begun.clone();
            }
            if inner.closed {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            inner = self.changed.wait(inner).unwrap();
        };
        if let Some(extension) = inner.extensions.get_mut(id) {
            extension.told += 1;
        }
        drop(inner);
        let body = format!(
            r#"{{"eventType":"INVOKE","deadlineMs":{},"requestId":"{}","invokedFunctionArn":"{ARN}","tracing":{{"type":"X-Amzn-Trace-Id","value":"{}"}}}}"#,
            deadline(begun.event.timeout),
            begun.id,
            begun.event.xray,
        );
        let headers = [
            ("content-type", "application/json"),
            ("lambda-extension-identifier", id),
            ("lambda-extension-event-identifier", begun.id.as_str()),
        ];
        connection.respond(200, &headers, body.as_bytes())
    }
}

fn deadline(timeout: Duration) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    (now.unwrap_or_default() + timeout).as_millis().to_string()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    use super::{Event, RuntimeApi};

    const LONG: Duration = Duration::from_secs(20);

    fn ask(api: &RuntimeApi, request: &str) -> TcpStream {
        let mut connection = TcpStream::connect(api.address()).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        connection
    }

    fn read(mut connection: &TcpStream) -> String {
        let mut bytes = [0; 1024];
        let read = connection.read(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..read]).into_owned()
    }

    #[test]
    fn it_is_idle_when_function_and_extension_both_are() {
        const NEXT: &str = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n";
        let events = "{\"events\":[\"INVOKE\"]}";
        let register = format!(
            "POST /2020-01-01/extension/register HTTP/1.1\r\ncontent-length: {}\r\n\r\n{events}",
            events.len()
        );
        let next_of_extension = "GET /2020-01-01/extension/event/next HTTP/1.1\r\n\
            lambda-extension-identifier: extension-0\r\n\r\n";
        let api = RuntimeApi::start();
        assert!(read(&ask(&api, &register)).contains("extension-0"));
        let function = ask(&api, NEXT);
        assert!(api.idle(Duration::from_millis(50)).is_none());
        let extension = ask(&api, next_of_extension);
        assert!(api.idle(LONG).is_some());

        let id = api.invoke(Event::new("{}"));
        assert!(read(&function).contains(&id));
        assert!(read(&extension).contains("INVOKE"));
        let path = format!("/2018-06-01/runtime/invocation/{id}/response");
        ask(
            &api,
            &format!("POST {path} HTTP/1.1\r\ncontent-length: 2\r\n\r\nok"),
        );
        assert_eq!(api.answer(&id, LONG).unwrap().body, b"ok");
        let _function = ask(&api, NEXT);
        assert!(api.idle(Duration::from_millis(50)).is_none());
        let _extension = ask(&api, next_of_extension);
        assert!(api.idle(LONG).is_some());
    }
}
