//! Dead letters in S3 and SQS, over HTTP.

// Tests fail by panicking.
#![allow(clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::mpsc,
    time::Duration,
};

use aws_sdk_sqs::config::{Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use bytes::Bytes;

use super::*;
use crate::{
    record::{SequenceNumber, ShardId},
    sink::RecordId,
};

/// A service that responds to everything with `body`, and returns the first line and the body of a
/// request.
fn service(
    status: &'static str,
    body: &'static str,
) -> (SdkConfig, mpsc::Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = BufReader::new(stream);
            let (mut head, mut length, mut line) = (String::new(), 0, String::new());
            while stream.read_line(&mut line).unwrap() > 2 {
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                head.push_str(&std::mem::take(&mut line));
            }
            let mut request = vec![0; length];
            stream.read_exact(&mut request).unwrap();
            let first = head.lines().next().unwrap_or_default().to_owned();
            let _ = tell.send((first, String::from_utf8_lossy(&request).into_owned()));
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
        }
    });
    let credentials = Credentials::new("key", "secret", None, None, "test");
    let config = lamplight_aws_config::sdk_config()
        .into_builder()
        .endpoint_url(url)
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    (config, told)
}

fn letter(bytes: usize) -> DeadLetter {
    let record = RecordId::new(ShardId::new("shardId-0"), SequenceNumber::new("49"));
    DeadLetter::of_record(record, Bytes::from(vec![b'x'; bytes]), "why")
}

#[tokio::test]
async fn a_letter_is_an_object_that_says_where_it_came_from_and_is_one_however_often_it_comes() {
    let (config, told) = service("200 OK", "");
    let letters = S3DeadLetters::with_config("bucket", "relay/", &config);
    for _ in 0..2 {
        letters.put(&letter(3)).await.unwrap();
    }
    let sent: Vec<_> = (0..2)
        .map(|_| told.recv_timeout(Duration::from_secs(60)).unwrap())
        .collect();
    assert_eq!(sent[0].0, sent[1].0);
    let line = &sent[0].0;
    assert!(
        line.starts_with("PUT /bucket/relay/records/shardId-0/49-"),
        "{line}"
    );
    assert!(sent[0].1.contains(r#""data":"eHh4""#), "{}", sent[0].1);
}

#[tokio::test]
async fn a_letter_longer_than_a_message_comes_without_its_data() {
    let (config, told) = service("200 OK", r#"{"MessageId":"1"}"#);
    let letters = SqsDeadLetters::with_config("http://sqs/1/queue", &config);
    for (bytes, has_data) in [(3, true), (300 << 10, false)] {
        letters.put(&letter(bytes)).await.unwrap();
        let (_, body) = told.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(body.contains(r#"\"data\":"#), has_data);
        assert!(body.contains("shardId-0") && body.len() < 256 << 10);
    }
}

#[tokio::test]
async fn a_letter_that_was_not_taken_is_an_error_that_says_why() {
    let (config, _told) = service(
        "400 Bad Request",
        r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"as told"}"#,
    );
    let letters = SqsDeadLetters::with_config("http://sqs/1/queue", &config);
    let why = letters.put(&letter(3)).await.unwrap_err();
    assert!(why.contains("QueueDoesNotExist"), "{why}");
}
