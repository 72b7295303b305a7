//! A Kinesis of a few lines that does as it is told.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// The response to a request.
#[derive(Clone, Debug)]
pub struct Answer {
    status: &'static str,
    body: String,
    after: Duration,
}

impl Answer {
    /// All `records` were written.
    pub fn taken(records: usize) -> Self {
        let results = vec![r#"{"SequenceNumber":"1","ShardId":"s"}"#; records].join(",");
        let body = format!(r#"{{"FailedRecordCount":0,"Records":[{results}]}}"#);
        Self::new("200 OK", &body)
    }

    /// One of the errors of the API.
    pub fn error(code: &str) -> Self {
        let body = format!(r#"{{"__type":"{code}","message":"as told"}}"#);
        Self::new("400 Bad Request", &body)
    }

    pub fn new(status: &'static str, body: &str) -> Self {
        Self {
            status,
            body: body.to_owned(),
            after: Duration::ZERO,
        }
    }

    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    /// Nothing is ever answered.
    pub fn never() -> Self {
        Self::new("200 OK", "").after(Duration::from_secs(3_600))
    }
}

/// A request: the keys of its records.
pub type Keys = Vec<String>;

type Behavior = dyn Fn(usize, &Keys) -> Answer + Send + Sync;

/// It runs on threads of its own: no runtime of a test has to run for it, and many block theirs.
#[derive(Clone)]
pub struct Stub {
    pub url: String,
    state: Arc<State>,
}

struct State {
    requests: Mutex<Vec<Keys>>,
    answered: AtomicUsize,
    connections: AtomicUsize,
    behavior: Box<Behavior>,
}

impl Stub {
    /// Takes everything.
    pub fn good() -> Self {
        Self::start(|_, keys| Answer::taken(keys.len()))
    }

    /// `behavior` is given the place of the request among those with records, from zero on.
    pub fn start(behavior: impl Fn(usize, &Keys) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            requests: Mutex::default(),
            answered: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            behavior: Box::new(behavior),
        });
        let stub = Self { url, state };
        let serving = stub.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let stub = serving.clone();
                stub.state.connections.fetch_add(1, Ordering::SeqCst);
                // It ends in the middle when its client does.
                std::thread::spawn(move || stub.serve(&connection));
            }
        });
        stub
    }

    fn serve(&self, connection: &TcpStream) -> Option<()> {
        connection.set_nodelay(true).unwrap();
        let mut reader = BufReader::new(connection);
        loop {
            let (mut length, mut target) = (0, String::new());
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).ok()? == 0 {
                    return None;
                }
                let line = line.trim().to_ascii_lowercase();
                match line.split_once(':') {
                    Some(("content-length", value)) => length = value.trim().parse().unwrap(),
                    Some(("x-amz-target", value)) => value.trim().clone_into(&mut target),
                    _ if line.is_empty() => break,
                    _ => {}
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            let answer = self.answer(&target, &String::from_utf8_lossy(&body));
            std::thread::sleep(answer.after);
            let Answer { status, body, .. } = answer;
            let text = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut writer = connection;
            writer.write_all(text.as_bytes()).ok()?;
            self.state.answered.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn answer(&self, target: &str, body: &str) -> Answer {
        if target.ends_with(".liststreams") {
            return Answer::new("200 OK", r#"{"StreamNames":[],"HasMoreStreams":false}"#);
        }
        let keys = body.split(r#""PartitionKey":""#).skip(1);
        let keys = keys.map(|rest| rest.split('"').next().unwrap().to_owned());
        let keys: Keys = keys.collect();
        if keys.is_empty() {
            return Answer::error("ValidationException");
        }
        let place = {
            let mut requests = self.requests_mut();
            requests.push(keys.clone());
            requests.len() - 1
        };
        (self.state.behavior)(place, &keys)
    }

    fn requests_mut(&self) -> MutexGuard<'_, Vec<Keys>> {
        self.state.requests.lock().unwrap()
    }

    /// The requests with records so far.
    pub fn requests(&self) -> Vec<Keys> {
        self.requests_mut().clone()
    }

    /// Returns the number of received records, including repetitions.
    pub fn records(&self) -> usize {
        self.requests_mut().iter().map(Vec::len).sum()
    }

    /// Returns the number of opened connections.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Returns the number of completely answered requests.
    pub fn answered(&self) -> usize {
        self.state.answered.load(Ordering::SeqCst)
    }
}
