//! Malicious or broken endpoints. Time and memory are bounded, whatever they send.

use std::{
    io::{BufReader, Read, Write},
    net::TcpListener,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
};

use lamplight_relay::sink::Outcome;

use super::{
    server::{Seen, Server, answer, ok},
    *,
};

/// A server that responds to each connection with `head`, and then with `body` up to a number of
/// bytes, as long as it is read. Reports the number of bytes.
fn endless(
    head: &'static str,
    body: &'static [u8],
    most: usize,
) -> (String, mpsc::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tell = tell.clone();
            std::thread::spawn(move || {
                let mut stream = BufReader::new(stream);
                if Seen::read(&mut stream).is_none() {
                    return;
                }
                let (mut sent, mut written) = (0, stream.get_mut().write_all(head.as_bytes()));
                while written.is_ok() && !body.is_empty() && sent < most {
                    written = stream.get_mut().write_all(body);
                    sent += body.len();
                }
                let _ = tell.send(sent);
                let _ = stream.read(&mut [0; 1]);
            });
        }
    });
    (url, told)
}

/// The status has arrived: neither accepted nor refused data is sent again.
#[tokio::test]
async fn of_an_answer_of_a_gigabyte_little_is_read_and_its_status_counts() {
    for (head, expected) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n",
            (1, 0),
        ),
        ("HTTP/1.1 200 OK\r\n\r\n", (1, 0)),
        (
            "HTTP/1.1 400 Bad\r\ncontent-length: 1073741824\r\n\r\n",
            (0, 1),
        ),
    ] {
        let (url, told) = endless(head, &[b'x'; 4096], 1 << 30);
        let (queue, _) = start(otlp(&url), quick());
        queue.push(parcel(1, &["a"])).await;
        flush(&queue).await;
        let stats = queue.stats();
        assert_eq!((stats.delivered, stats.dead_lettered), expected, "{head}");
        let sent = tokio::task::spawn_blocking(move || told.recv_timeout(PATIENCE));
        let sent = sent.await.unwrap().unwrap();
        assert!(sent < 64 << 20, "{sent} bytes were read");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_tried_again_until_there_is_one() {
    for nonsense in [
        &b"SSH-2.0-OpenSSH\r\n"[..],
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n",
    ] {
        let server = Server::start(move |_, number| match number {
            0 => nonsense.to_vec(),
            _ => ok(),
        });
        let (queue, _) = start(otlp(&server.url()), quick());
        queue.push(parcel(1, &["a"])).await;
        flush(&queue).await;
        assert_eq!(queue.stats().delivered, 1, "{nonsense:?}");
    }
}

#[tokio::test]
async fn a_redirection_is_not_followed_and_says_what_to_do() {
    let elsewhere = Server::that_says(ok());
    for status in ["301 M", "302 F", "307 T", "308 P"] {
        let header = format!("location: {}/v1/traces", elsewhere.url());
        let server = Server::that_says(answer(status, &[&header], b""));
        let (queue, letters) = start(otlp(&server.url()), quick());
        queue.push(parcel(1, &["a"])).await;
        flush(&queue).await;
        assert_eq!(queue.stats().dead_lettered, 1, "{status}");
        let why = letters.all().remove(0).why;
        assert!(why.contains("redirects are not followed"), "{why}");
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_secret_that_an_endpoint_repeats_is_not_repeated() {
    let server = Server::that_says(answer("400 Bad", &[], b"not for Bearer Sesame123"));
    let sink = OtlpSink::builder("backend", Protocol::Http, &server.url())
        .with_header("authorization", "Bearer Sesame123");
    assert!(!format!("{sink:?}").contains("Sesame"));
    let sink = sink.build().unwrap();
    assert!(!format!("{sink:?}").contains("Sesame"), "{sink:?}");
    let (queue, letters) = start(Arc::new(sink), quick());
    queue.push(parcel(1, &["a"])).await;
    flush(&queue).await;
    let why = letters.all().remove(0).why;
    assert!(why.contains("REDACTED") && !why.contains("Sesame"), "{why}");
}

/// The response to the first requests is `first`, after which the connection is closed.
fn breaking(first: &'static [u8], times: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = AtomicUsize::new(0);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = BufReader::new(stream);
            while Seen::read(&mut stream).is_some() {
                let is_first = count.fetch_add(1, Ordering::SeqCst) < times;
                let written = stream.get_mut().write_all(if is_first {
                    first
                } else {
                    b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
                });
                if is_first || written.is_err() {
                    break;
                }
            }
        }
    });
    url
}

#[tokio::test]
async fn a_connection_that_is_closed_midway_is_tried_again() {
    for first in [
        &b""[..],
        b"HTTP/1.1 2",
        b"HTTP/1.1 503 S\r\ncontent-length: 9\r\n\r\nhal",
    ] {
        let url = breaking(first, 5);
        let (queue, _) = start(otlp(&url), quick());
        queue.push(parcel(1, &["a"])).await;
        flush(&queue).await;
        let stats = queue.stats();
        assert_eq!((stats.delivered, stats.dead_lettered), (1, 0));
        assert!(stats.retried > 0);
    }
}

#[tokio::test]
async fn an_endpoint_that_hangs_is_waited_for_and_then_tried_again() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let sink = OtlpSink::builder("backend", Protocol::Http, &url)
        .with_timeout(Duration::from_millis(100))
        .build()
        .unwrap();
    let request = lamplight_relay::sink::Request::new(
        lamplight_relay::sink::Signal::Traces,
        bytes::Bytes::new(),
        0,
    );
    match sink.send(request).await {
        Outcome::Retryable { after: None, why } => {
            assert!(why.contains("within 100ms"), "{why}");
        }
        outcome => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn what_is_no_endpoint_is_refused_without_its_secrets() {
    for url in ["", "backend", "ftp://me:hunter2@backend", "http://"] {
        let error = OtlpSink::builder("backend", Protocol::Http, url).build();
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("backend") && !error.contains("hunter2"),
            "{error}"
        );
    }
    let builder = OtlpSink::builder("backend", Protocol::Http, "http://b");
    let error = builder.with_header("x key", "hunter2").build().unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
