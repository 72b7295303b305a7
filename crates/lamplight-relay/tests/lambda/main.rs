//! The complete functions. This file covers `lamplight-relay-function`: it receives batches from
//! Lambda's Runtime API and delivers over HTTP.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

#[path = "../process/receiver.rs"]
mod receiver;
mod scheduled;
mod table;

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use receiver::{PATIENCE, Receiver, record};

/// An execution environment: the function's process, and its Runtime API.
struct Environment {
    api: TcpStream,
    buffer: Vec<u8>,
    process: Child,
}

impl Drop for Environment {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Environment {
    async fn start(config: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_lamplight-relay-function"))
            .env_clear()
            .env(
                "AWS_LAMBDA_RUNTIME_API",
                listener.local_addr().unwrap().to_string(),
            )
            .env("AWS_LAMBDA_FUNCTION_NAME", "relay")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("LAMPLIGHT_RELAY_CONFIG", config)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let accepted = timeout(PATIENCE, listener.accept()).await;
        let (api, _) = accepted.expect("the function asks").unwrap();
        Self {
            api,
            buffer: Vec::new(),
            process,
        }
    }

    /// Returns the path and body of the function's next request.
    async fn request(&mut self) -> (String, Vec<u8>) {
        loop {
            let head = self.buffer.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = head.map(|end| end + 4) {
                let text = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
                let length = text
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:"));
                let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
                if self.buffer.len() >= end + length {
                    let body = self.buffer[end..end + length].to_vec();
                    self.buffer.drain(..end + length);
                    let path = text.split(' ').nth(1).unwrap().to_owned();
                    return (path, body);
                }
            }
            let read = timeout(PATIENCE, self.api.read_buf(&mut self.buffer)).await;
            assert_ne!(
                read.expect("a request in time").unwrap(),
                0,
                "the function is gone"
            );
        }
    }

    /// Sends an event to the function, and returns its response and whether that is an error.
    async fn invoke(&mut self, event: &str) -> (Value, bool) {
        let (path, _) = self.request().await;
        assert!(path.ends_with("/invocation/next"), "{path}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let deadline = (now + Duration::from_secs(5)).as_millis();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: request\r\n\
             lambda-runtime-deadline-ms: {deadline}\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:123456789012:function:relay\r\n\
             content-length: {}\r\n\r\n{event}",
            event.len()
        );
        self.api.write_all(answer.as_bytes()).await.unwrap();
        let (path, body) = self.request().await;
        let accepted = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
        self.api.write_all(accepted).await.unwrap();
        (
            serde_json::from_slice(&body).unwrap(),
            path.ends_with("/error"),
        )
    }
}

fn batch(records: &[(u32, Vec<u8>)]) -> String {
    let record = |(sequence, data): &(u32, Vec<u8>)| {
        json!({
            "kinesis": {
                "partitionKey": "key",
                "sequenceNumber": sequence.to_string(),
                "data": STANDARD.encode(data),
                "approximateArrivalTimestamp": 1_700_000_000.5,
            },
            "eventID": format!("shardId-000000000000:{sequence}"),
            "eventSource": "aws:kinesis",
        })
    };
    json!({ "Records": records.iter().map(record).collect::<Vec<_>>() }).to_string()
}

fn config(endpoint: &str) -> String {
    format!(
        "[[rule]]\nname = \"errors\"\nwhen = {{ error = true }}\nkeep = true\n\
         [[sink]]\nname = \"backend\"\ntype = \"otlp_http\"\nendpoint = {endpoint:?}\n\
         compression = \"none\"\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_relays_batch_after_batch_and_answers_each() {
    let mut receiver = Receiver::start().await;
    let mut lambda = Environment::start(&config(&receiver.url)).await;
    let event = batch(&[
        (1, record(1, 1, false)),
        (2, record(1, 2, true)),
        (3, record(2, 1, false)),
        (4, b"not OTLP".to_vec()),
    ]);
    let none = json!({ "batchItemFailures": [] });
    assert_eq!(lambda.invoke(&event).await, (none.clone(), false));
    assert_eq!(receiver.wait_for(2).await.len(), 2);
    let event = batch(&[(5, record(3, 1, true))]);
    assert_eq!(lambda.invoke(&event).await, (none, false));
    assert_eq!(receiver.wait_for(3).await.len(), 3);
}

#[test]
fn a_configuration_that_is_wrong_is_told_as_it_is_meant_to_be_read() {
    let output = Command::new(env!("CARGO_BIN_EXE_lamplight-relay-function"))
        .env_clear()
        .env("LAMPLIGHT_RELAY_CONFIG", "[sampling]\nmax_wait = 3\n")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    let mut lines = error.lines();
    let first = lines.next().unwrap();
    assert!(
        first.starts_with("LAMPLIGHT_RELAY_CONFIG:1:1: there is no sink; "),
        "{error}"
    );
    let second = lines.next().unwrap();
    assert!(
        second.starts_with("LAMPLIGHT_RELAY_CONFIG:2:12: sampling.max_wait: "),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_that_is_away_is_answered_with_the_first_record_before_the_time_is_up() {
    // An address without a server.
    let mut lambda = Environment::start(&config("http://127.0.0.1:9")).await;
    let event = batch(&[
        (1, record(1, 1, false)),
        (2, record(2, 1, true)),
        (3, record(3, 1, true)),
    ]);
    let answer = json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] });
    assert_eq!(lambda.invoke(&event).await, (answer, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_something_else_is_an_error_and_the_function_goes_on() {
    let mut receiver = Receiver::start().await;
    let mut lambda = Environment::start(&config(&receiver.url)).await;
    let (error, is_error) = lambda
        .invoke("{\"detail-type\": \"Scheduled Event\"}")
        .await;
    assert!(
        is_error && error.to_string().contains("not a Kinesis event"),
        "{error}"
    );
    let event = batch(&[(5, record(3, 1, true))]);
    lambda.invoke(&event).await;
    assert_eq!(receiver.wait_for(1).await.len(), 1);
}
