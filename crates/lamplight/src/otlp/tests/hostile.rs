//! Servers that mean no good, or cannot do better. Whatever comes is bounded in time and memory.

use std::{
    io::{BufReader, Read, Write},
    net::TcpListener,
    sync::mpsc,
};

use super::{
    server::{Seen, Server, answer, ok},
    *,
};

/// Starts a server that answers each connection with one request with `head`, and then with `endless` as long
/// as it is read. Reports the amount when the connection has ended.
fn endless(head: &'static str, endless: &'static [u8]) -> (String, mpsc::Receiver<usize>) {
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
                let mut sent = 0;
                let mut written = stream.get_mut().write_all(head.as_bytes());
                while written.is_ok() && !endless.is_empty() {
                    written = stream.get_mut().write_all(endless);
                    sent += endless.len();
                }
                let _ = tell.send(sent);
                // Until the other side has had enough.
                let _ = stream.read(&mut [0; 1]);
            });
        }
    });
    (url, told)
}

async fn one_flush(url: &str, more: Variables<'_>) -> (u64, u64, usize) {
    let queue = queue(url, more);
    record(&queue, ["a"]);
    flush(&queue).await;
    counts(&queue)
}

/// The status has come: what was taken is not sent again, and what was refused neither.
#[tokio::test(flavor = "current_thread")]
async fn a_body_without_an_end_is_read_up_to_a_bound() {
    const TAKEN: &str = "HTTP/1.1 200 OK\r\n\r\n";
    const REFUSED: &str = "HTTP/1.1 400 Bad\r\n\r\n";
    const HUGE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775807\r\n\r\n";
    for (head, body, expected) in [
        (TAKEN, &[b'x'; 4096][..], (1, 0, 0)),
        (REFUSED, &[0xff; 4096], (0, 1, 0)),
        (HUGE, &[0; 4096], (1, 0, 0)),
        // Silence in place of a body.
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n",
            b"",
            (1, 0, 0),
        ),
        (
            "HTTP/1.1 400 Bad\r\ncontent-length: 10\r\n\r\nwhy",
            b"",
            (0, 1, 0),
        ),
    ] {
        let began = Instant::now();
        assert_eq!(
            one_flush(&endless(head, body).0, &[]).await,
            expected,
            "{head}"
        );
        assert!(began.elapsed() < PATIENCE / 2, "{head}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_no_answer_is_none() {
    for (head, body) in [
        ("HTTP/1.1 200 OK\r\n", &b"x: y\r\n"[..]),
        ("HTTP/1.1 200 OK\r\nx: ", &[b'y'; 4096]),
        ("HTTP/1.1 999999 OK\r\n\r\n", b""),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n",
            b"",
        ),
        ("SSH-2.0-OpenSSH\r\n", b"\r\n"),
        ("\0\0\0\0", &[0; 4096]),
    ] {
        let timeout = [("OTEL_EXPORTER_OTLP_TIMEOUT", "10000")];
        let counted = one_flush(&endless(head, body).0, &timeout).await;
        assert_eq!(counted, (0, 0, 1), "{head}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_server_that_is_silent_is_a_matter_of_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    for protocol in ["http/protobuf", "grpc"] {
        let variables = [
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "150"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ];
        let failure = failure(&endpoint, &variables).await;
        assert!(failure.contains("no answer within 150ms"), "{failure}");
        assert!(failure.contains("OTEL_EXPORTER_OTLP_TIMEOUT"), "{failure}");
        assert_eq!(one_flush(&endpoint, &variables).await, (0, 0, 1));
    }
}

/// A server that counts its connections; each answers `served` requests and is closed when one
/// more comes.
fn closing(served: usize) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicU32::new(0));
    let count = connections.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            let mut stream = BufReader::new(stream);
            for _ in 0..served {
                if Seen::read(&mut stream).is_some() {
                    stream.get_mut().write_all(&ok()).unwrap();
                }
            }
            let _ = Seen::read(&mut stream);
        }
    });
    (url, connections)
}

#[tokio::test(flavor = "current_thread")]
async fn a_request_whose_connection_is_closed_goes_again_on_a_new_one() {
    let (url, connections) = closing(2);
    let queue = queue(&url, &[]);
    for _ in 0..6 {
        record(&queue, ["a"]);
        flush(&queue).await;
    }
    assert_eq!(counts(&queue), (6, 0, 0));
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "current_thread")]
async fn a_server_that_always_closes_is_asked_twice_and_no_more() {
    let (url, connections) = closing(0);
    assert_eq!(one_flush(&url, &[]).await, (0, 0, 1));
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

/// Each half is refused again, down to single spans: that ends, too.
#[tokio::test(flavor = "current_thread")]
async fn a_server_for_which_everything_is_too_large_gets_no_more_than_all_halves() {
    let server = Server::that_says(answer("413 Content Too Large", &[], b""));
    let queue = queue(&server.url(), &[]);
    record(&queue, (0..64).map(|number| number.to_string()));
    for _ in 0..64 {
        flush_anyway(&queue).await;
    }
    assert_eq!(counts(&queue), (0, 64, 0));
}

/// A limit found in one window is remembered in the next: otherwise an endpoint that rejects slowly would
/// receive the same request forever.
#[tokio::test(flavor = "current_thread")]
async fn a_limit_that_is_not_found_in_one_window_is_found_in_the_next() {
    let server = Server::start(|seen, _| match seen.spans().len() {
        0..=1 => ok(),
        _ => {
            std::thread::sleep(WINDOW / 3);
            answer("413 Content Too Large", &[], b"")
        }
    });
    let queue = queue(&server.url(), &[]);
    record(&queue, (0..16).map(|number| number.to_string()));
    for _ in 0..2 {
        flush_anyway(&queue).await;
    }
    assert!(queue.snapshot().delivered > 0, "{:?}", server.sizes());
}

/// Data without meaning, such as endless digits of a size (RFC 9112, section 7.1) and interim answers (RFC
/// 9110, section 15.2), takes no time from other tasks of the thread.
#[tokio::test(flavor = "current_thread")]
async fn an_answer_that_never_says_anything_is_a_matter_of_time() {
    for (head, endless_part) in [
        (
            "HTTP/1.1 503 S\r\ntransfer-encoding: chunked\r\n\r\n",
            &[b'0'; 44][..],
        ),
        ("", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let timeout = [("OTEL_EXPORTER_OTLP_TIMEOUT", "500")];
        let counted = one_flush(&endless(head, endless_part).0, &timeout).await;
        assert_eq!(counted, (0, 0, 1), "{head}");
    }
}
