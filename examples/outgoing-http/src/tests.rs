use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    thread,
};

use lamplight_testing::Lambda;
use serde_json::json;

use super::*;

#[tokio::test]
async fn the_request_is_a_span_whose_context_is_in_its_headers() {
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", service.local_addr().unwrap());
    let head = thread::spawn(move || {
        let mut stream = BufReader::new(service.accept().unwrap().0);
        let lines = stream.by_ref().lines().map_while(Result::ok);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"celsius\":21.5}";
        stream.get_mut().write_all(answer).unwrap();
        head
    });
    let weather: &Weather = Box::leak(Box::new(Weather {
        client: Client::new(),
        url,
    }));
    let handler = service_fn(|event| answer(weather, event));
    let invocation = Lambda::new(handler).invoke(json!({"city": "Oslo"})).await;
    assert_eq!(invocation.response(), json!({"celsius": 21.5}));

    let call = invocation.trace().root().child("GET /forecast");
    call.has("http.response.status_code", 200).has_no_error();
    let head = head.join().unwrap();
    assert_eq!(head[0], "GET /forecast?city=Oslo HTTP/1.1");
    let sent = format!("traceparent: {}", call.traceparent());
    assert!(head.contains(&sent), "{head:?}");
}
