//! Answers that are errors, or not those of ClickHouse.

use std::{
    io::{BufRead, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

use lamplight_test_clickhouse::ClickHouse;
use lamplight_view::{
    page::{Site, View, failure, render},
    store::{ClickHouseStore, Query, Store, StoreError, Window},
};

use super::Fresh;

/// Starts a server that gives this answer to each request, and returns its address.
fn mock(answer: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://me:secret@{}/otel", listener.local_addr().unwrap());
    let answer = answer.to_vec();
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let _ = reply(&connection, &answer);
        }
    });
    address
}

/// Replies to a request, and returns the head of the request.
fn reply(mut connection: &TcpStream, answer: &[u8]) -> std::io::Result<String> {
    let mut reader = BufReader::new(connection);
    let (mut length, mut head) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    connection.write_all(answer)?;
    Ok(head)
}

fn with_body(head: &str, body: &[u8]) -> Vec<u8> {
    let length = format!(
        "content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [format!("HTTP/1.1 {head}\r\n{length}").as_bytes(), body].concat()
}

/// Returns the error of a page, as text.
fn error_of(address: &str) -> String {
    let store = ClickHouseStore::new(address).unwrap();
    let error = store.check().unwrap_err();
    let text = error.to_string();
    assert!(!text.contains("secret"), "{text}");
    let site = Site::served();
    let rendered = render(&store, &View::Functions(Window::default()), &site);
    let page = failure("No answer", &rendered.unwrap_err().to_string(), &site);
    assert!(!page.html.contains("secret"));
    text
}

#[test]
fn answers_that_are_none_are_errors_with_the_remedy() {
    let names = b"\x03\x05spans\x06oldest\x06newest";
    let late = b"Code: 241. DB::Exception: Memory limit (total) exceeded";
    let rows = [&names[..], &[0; 24]].concat();
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\nconnection: close\r\n\r\n\x03\x05spans";
    let cases: [(Vec<u8>, &str); 9] = [
        (with_body("200 OK", b"<html>a router</html>"), "port 8123"),
        (with_body("404 Not Found", b"<html>"), "port 8123"),
        (
            with_body("301 Moved\r\nlocation: http://x/", b""),
            "port 8123",
        ),
        (
            with_body("200 OK", &[&names[..], late].concat()),
            "shorter time span",
        ),
        (with_body("200 OK", &rows[..rows.len() - 1]), "port 8123"),
        (cut.to_vec(), "ended early"),
        (b"SSH-2.0-OpenSSH\r\n".to_vec(), "port 8123"),
        (with_body("503 Busy", b"starting"), "reload the page later"),
        (
            with_body(
                "500 Error\r\nx-clickhouse-exception-code: 452",
                b"Code: 452. DB::Exception: Setting max_execution_time should not be changed",
            ),
            "readonly = 2",
        ),
    ];
    for (answer, remedy) in cases {
        let text = error_of(&mock(&answer));
        assert!(text.contains(remedy), "{remedy}: {text}");
    }
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let text = error_of(&format!("http://me:secret@{gone}/otel"));
    assert!(text.contains("cannot be reached"), "{text}");
}

#[test]
fn a_query_has_limits_and_its_address_has_no_password() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://me:secret@{}/otel", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (connection, _) = listener.accept().unwrap();
        reply(&connection, &with_body("200 OK", b"")).unwrap()
    });
    ClickHouseStore::new(&address).unwrap().check().unwrap_err();
    let head = serving.join().unwrap();
    let (line, headers) = head.split_once("\r\n").unwrap();
    let limits = [
        "max_execution_time=",
        "max_memory_usage=",
        "max_result_rows=",
        "max_result_bytes=",
        "wait_end_of_query=1",
        "database=otel",
    ];
    for limit in limits {
        assert!(line.contains(limit), "{limit}: {line}");
    }
    assert!(
        !line.contains("secret") && !line.contains("readonly"),
        "{line}"
    );
    let headers = headers.to_lowercase();
    assert!(headers.contains("x-clickhouse-key: secret"), "{headers}");
}

#[test]
fn whole_rows_are_read_from_an_answer_that_is_slow() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let rows = [b"\x03\x05spans\x06oldest\x06newest".as_slice(), &[1; 24]].concat();
        let answer = with_body("200 OK", &rows);
        let (head, rest) = answer.split_at(answer.len() / 2);
        reply(&connection, head).unwrap();
        for byte in rest {
            connection.write_all(&[*byte]).unwrap();
            thread::yield_now();
        }
    });
    ClickHouseStore::new(&address).unwrap().check().unwrap();
    serving.join().unwrap();
}

#[test]
fn a_user_that_is_refused_and_a_table_that_is_missing_are_errors_with_the_remedy() {
    let server = ClickHouse::start("viewer", "pass/word");
    let host = server.url().replace("http://", "");
    let check = |address: &str| ClickHouseStore::new(address).unwrap().check().unwrap_err();
    for credentials in ["", "viewer:wrong@", "other:pass%2Fword@"] {
        let text = check(&format!("http://{credentials}{host}")).to_string();
        assert!(
            text.contains("CLICKHOUSE_PASSWORD") && text.contains("GRANT SELECT"),
            "{text}"
        );
    }
    let text = check(&format!("http://viewer:pass%2Fword@{host}/default")).to_string();
    assert!(text.contains("--clickhouse-create"), "{text}");
    let text = check(&format!("http://viewer:pass%2Fword@{host}/none")).to_string();
    assert!(text.contains("`none`"), "{text}");
    // Credentials from elsewhere, which do not replace those of the address.
    let own = Some("viewer".to_owned());
    let password = Some("pass/word".to_owned());
    let store = |address: &str| {
        let store = ClickHouseStore::new(&format!("http://{address}{host}/mine")).unwrap();
        store.or_credentials(own.clone(), password.clone())
    };
    store("").create_tables().unwrap();
    store("").check().unwrap();
    store("viewer@").check().unwrap();
    store("viewer:wrong@").check().unwrap_err();
}

#[test]
fn tables_of_other_columns_are_errors_with_the_remedy() {
    let store = Fresh::without_tables();
    store.database.run(
        "CREATE TABLE otel_traces (Timestamp DateTime64(9), SpanAttributes String) ENGINE = \
         MergeTree ORDER BY Timestamp",
    );
    match store.invocations(&Query::default()) {
        Err(StoreError::Version(text)) => assert!(text.contains("attributes as Map"), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_revision_changes_when_others_add_spans() {
    let store = Fresh::new();
    let before = store.revision().unwrap();
    assert_eq!(store.revision().unwrap(), before);
    store.database.run(
        "INSERT INTO otel_traces (Timestamp, TraceId, SpanId) VALUES ('2026-11-27 10:00:00', 'a', 'b')",
    );
    assert_ne!(store.revision().unwrap(), before);
    assert_eq!(store.revision().unwrap(), store.state().unwrap().revision);
}
