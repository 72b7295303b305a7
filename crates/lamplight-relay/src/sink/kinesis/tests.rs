use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use aws_sdk_kinesis::config::{Credentials, Region, SharedCredentialsProvider};
use bytes::Bytes;
use serde_json::Value;

use super::*;
use crate::sink::Signal;

/// A Kinesis that gives scripted responses and keeps the partition keys of calls.
fn kinesis(
    answers: &[(&'static str, &'static str)],
) -> (KinesisSink, Arc<Mutex<Vec<Vec<String>>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let calls = Arc::<Mutex<Vec<Vec<String>>>>::default();
    let (seen, answers) = (calls.clone(), answers.to_vec());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = BufReader::new(stream);
            while let Some(body) = read(&mut stream) {
                let records = body["Records"].as_array().unwrap().iter();
                let keys =
                    records.map(|record| record["PartitionKey"].as_str().unwrap().to_owned());
                let keys: Vec<_> = keys.collect();
                let taken = vec![r#"{"SequenceNumber":"1","ShardId":"s"}"#; keys.len()].join(",");
                let taken = format!(r#"{{"FailedRecordCount":0,"Records":[{taken}]}}"#);
                let mut seen = seen.lock().unwrap();
                let answer = answers.get(seen.len()).copied();
                let (status, body) = answer.unwrap_or(("200 OK", &taken));
                let length = body.len();
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}");
                seen.push(keys);
                stream.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    let credentials = Credentials::new("key", "secret", None, None, "test");
    let config = lamplight_aws_config::sdk_config()
        .into_builder()
        .endpoint_url(url)
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    (KinesisSink::with_config("stream", "spans", &config), calls)
}

fn read(stream: &mut impl BufRead) -> Option<Value> {
    let (mut line, mut length) = (String::new(), 0);
    while stream.read_line(&mut line).ok().filter(|read| *read > 0)? > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

fn request(traces: usize, bytes: usize) -> Request {
    let trace = |number: usize| TraceBody {
        trace_id: (number as u128).to_be_bytes(),
        message: Bytes::from(vec![b'x'; bytes]),
        items: 1,
    };
    Request {
        signal: Signal::Traces,
        body: Body::ByTrace((1..=traces).map(trace).collect()),
        items: traces,
    }
}

#[tokio::test]
async fn a_trace_is_a_record_keyed_by_its_id() {
    let (sink, calls) = kinesis(&[]);
    assert_eq!(sink.send(request(2, 10)).await, Outcome::accepted());
    let keys = [
        "00000000000000000000000000000001",
        "00000000000000000000000000000002",
    ];
    assert_eq!(*calls.lock().unwrap(), [keys]);
}

#[tokio::test]
async fn of_a_call_only_what_was_refused_is_left() {
    let partial = r#"{"FailedRecordCount":1,"Records":[{"SequenceNumber":"1","ShardId":"s"},
        {"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"slow"},
        {"SequenceNumber":"1","ShardId":"s"}]}"#;
    let (sink, _) = kinesis(&[("200 OK", partial)]);
    match sink.send(request(3, 10)).await {
        Outcome::Incomplete { left, why } => {
            assert_eq!(left, [1]);
            assert!(why.contains("ProvisionedThroughput"), "{why}");
        }
        outcome => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn a_request_of_many_traces_is_several_calls_and_one_that_fails_leaves_the_rest() {
    let throttled = r#"{"__type":"LimitExceededException","message":"as told"}"#;
    let (sink, calls) = kinesis(&[]);
    assert_eq!(sink.send(request(1_200, 10)).await, Outcome::accepted());
    let sizes: Vec<_> = calls.lock().unwrap().iter().map(Vec::len).collect();
    assert_eq!(sizes, [500, 500, 200]);
    let all = r#"{"FailedRecordCount":0,"Records":[]}"#;
    let (sink, _) = kinesis(&[("200 OK", all), ("400 Bad Request", throttled)]);
    match sink.send(request(600, 10)).await {
        Outcome::Incomplete { left, .. } => assert_eq!(left, (500..600).collect::<Vec<_>>()),
        outcome => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn a_stream_that_is_not_there_is_waited_for() {
    for code in [
        "ResourceNotFoundException",
        "AccessDeniedException",
        "InternalFailure",
    ] {
        let error = format!(r#"{{"__type":"{code}","message":"as told"}}"#);
        let (sink, calls) = kinesis(&[("400 Bad Request", error.leak())]);
        let outcome = sink.send(request(1, 10)).await;
        assert!(matches!(outcome, Outcome::Retryable { .. }), "{outcome:?}");
        assert_eq!(
            calls.lock().unwrap().len(),
            1,
            "the queue tries again, and nobody else"
        );
    }
}

#[tokio::test]
async fn a_record_over_the_limit_is_too_large_before_it_is_sent() {
    let (sink, calls) = kinesis(&[]);
    let outcome = sink.send(request(1, MAX_RECORD - KEY + 1)).await;
    assert!(matches!(outcome, Outcome::TooLarge { .. }), "{outcome:?}");
    assert!(calls.lock().unwrap().is_empty());
    assert_eq!(
        sink.send(request(1, MAX_RECORD - KEY)).await,
        Outcome::accepted()
    );
}
