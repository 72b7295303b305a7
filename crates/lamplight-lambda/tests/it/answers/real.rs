//! A function on the real `lambda_runtime`: a process of this same program, which is told where its
//! Runtime API is, and which prints the spans it delivers.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::Value as Json;

/// Begins the lines that are spans.
pub(crate) const SPAN: &str = "SPAN ";

/// Nothing takes as long, even on a machine that is busy otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

/// A function under way.
pub(crate) struct Process {
    child: Child,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    events: VecDeque<(String, Duration)>,
    invoked: usize,
    answers: Vec<Answer>,
    spans: Vec<Json>,
    lines: Vec<String>,
}

impl State {
    fn lines_with(&self, text: &str) -> Vec<String> {
        let lines = self.lines.iter().filter(|line| line.contains(text));
        lines.cloned().collect()
    }
}

/// The posted response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) is_error: bool,
    pub(crate) body: String,
    /// True if a streamed body was complete.
    pub(crate) is_whole: bool,
}

impl Process {
    /// Starts the function of this name, on the flavor of Tokio's runtime that `flavor` names, with or
    /// without the layers.
    pub(crate) fn start(function: &str, flavor: &str, policy: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = listener.local_addr().unwrap().to_string();
        let seen = Arc::<Seen>::default();
        let serve = seen.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = serve.clone();
                thread::spawn(move || seen.serve(&stream));
            }
        });
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--ignored",
                "--exact",
                "--nocapture",
                "answers::function::function",
            ])
            .envs([
                ("FUNCTION", function),
                ("FLAVOR", flavor),
                ("POLICY", policy),
                ("AWS_LAMBDA_RUNTIME_API", &api),
                ("AWS_LAMBDA_FUNCTION_NAME", "orders"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let outputs: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().unwrap()),
            Box::new(child.stderr.take().unwrap()),
        ];
        for output in outputs {
            let seen = seen.clone();
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    seen.change(|state| match line.split_once(SPAN) {
                        Some((_, span)) => state.spans.push(serde_json::from_str(span).unwrap()),
                        None => state.lines.push(line),
                    });
                }
            });
        }
        Self { child, seen }
    }

    /// Has the function invoked with `event`, by when it has to be done.
    pub(crate) fn invoke(&self, event: &Json, timeout: Duration) {
        let event = (event.to_string(), timeout);
        self.seen.change(|state| state.events.push_back(event));
    }

    /// The answers, once there are `count`.
    pub(crate) fn answers(&self, count: usize) -> Vec<Answer> {
        self.when(|state| (state.answers.len() >= count).then(|| state.answers.clone()))
    }

    /// The delivered spans, once there are `count`.
    pub(crate) fn spans(&self, count: usize) -> Vec<Json> {
        self.when(|state| (state.spans.len() >= count).then(|| state.spans.clone()))
    }

    /// Returns the log of the function, once a line of it contains `text`.
    pub(crate) fn lines_with(&self, text: &str) -> Vec<String> {
        let with = |state: &State| state.lines_with(text);
        self.when(|state| Some(with(state)).filter(|lines| !lines.is_empty()))
    }

    /// Returns the lines logged so far that contain `text`.
    pub(crate) fn lines_now(&self, text: &str) -> Vec<String> {
        self.seen.state.lock().unwrap().lines_with(text)
    }

    /// Returns the number of responses so far.
    pub(crate) fn answered(&self) -> usize {
        self.seen.state.lock().unwrap().answers.len()
    }

    fn when<T>(&self, mut ready: impl FnMut(&State) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        let mut state = self.seen.state.lock().unwrap();
        loop {
            if let Some(found) = ready(&state) {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            let (answers, spans, lines) = (&state.answers, &state.spans, &state.lines);
            assert!(!left.is_zero(), "{answers:?} {spans:?} {lines:#?}");
            state = self.seen.changed.wait_timeout(state, left).unwrap().0;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Seen {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    /// Answers the requests of one connection.
    fn serve(&self, stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut writer = stream;
        loop {
            let path = line(&mut reader)?.split(' ').nth(1)?.to_owned();
            let (mut length, mut is_chunked) = (0, false);
            loop {
                let header = line(&mut reader)?.to_ascii_lowercase();
                match header.split_once(": ") {
                    Some(("content-length", value)) => length = value.parse().ok()?,
                    Some(("transfer-encoding", value)) => is_chunked = value == "chunked",
                    Some(_) => {}
                    None => break,
                }
            }
            if path.ends_with("/invocation/next") {
                let (body, timeout) = self.next();
                let deadline = SystemTime::now() + timeout;
                let deadline = deadline.duration_since(UNIX_EPOCH).ok()?.as_millis();
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: request\r\n\
                     lambda-runtime-deadline-ms: {deadline}\r\n\
                     lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:1:function:orders\r\n\
                     content-length: {length}\r\n\r\n"
                );
                writer.write_all((head + &body).as_bytes()).ok()?;
                continue;
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            let is_whole = !is_chunked || chunks(&mut reader, &mut body).is_some();
            let answer = Answer {
                is_error: path.ends_with("/error"),
                body: String::from_utf8_lossy(&body).into_owned(),
                is_whole,
            };
            self.change(|state| state.answers.push(answer));
            let accepted = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
            writer.write_all(accepted).ok()?;
        }
    }

    fn next(&self) -> (String, Duration) {
        let state = self.state.lock().unwrap();
        let waiting = |state: &mut State| state.events.is_empty();
        let mut state = self.changed.wait_while(state, waiting).unwrap();
        state.invoked += 1;
        state.events.pop_front().unwrap()
    }
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|&read| read > 0)?;
    Some(line.trim_end().to_owned())
}

/// Reads a chunked body; `None` if it breaks off.
fn chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> Option<()> {
    loop {
        let length = usize::from_str_radix(&line(reader)?, 16).ok()?;
        if length == 0 {
            while !line(reader)?.is_empty() {}
            return Some(());
        }
        let mut chunk = vec![0; length + 2];
        reader.read_exact(&mut chunk).ok()?;
        body.extend_from_slice(&chunk[..length]);
    }
}
