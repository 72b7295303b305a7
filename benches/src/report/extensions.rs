//! The part of the Lambda Extensions API that an internal extension needs for flushes concurrent with the
//! handler: it registers, and requests the next event, which is always an invocation.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
};

use crate::error::Result;

const REGISTERED: &str = r#"{"functionName":"orders","functionVersion":"7","handler":"bootstrap"}"#;
const INVOKE: &str = r#"{"eventType":"INVOKE","deadlineMs":4102444800000,"requestId":"8476a536-e9f4-11e8-9739-2dfe598c3fcd","invokedFunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:orders:live","tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}}"#;

/// Serves a free port for as long as the process lives.
pub(crate) fn serve() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // The thread ends when its client disconnects.
            std::thread::spawn(move || answer(stream));
        }
    });
    Ok(address)
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request)? == 0 {
            return Ok(());
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let Some((name, value)) = header.trim_end().split_once(':') else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
        let body = if request.contains("/register") {
            REGISTERED
        } else {
            INVOKE
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             lambda-extension-identifier: 6f1d2c7e-0000-4000-8000-000000000000\r\n\r\n",
            body.len()
        );
        stream.write_all((head + body).as_bytes())?;
    }
}
