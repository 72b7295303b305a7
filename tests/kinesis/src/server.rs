//! An HTTP server in front of the simulated Kinesis.

use std::{io, net::SocketAddr};

use lamplight_test_rig::{Message, response};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::Kinesis;

/// The HTTP endpoint of a Kinesis, which ends when this is dropped.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Endpoint {
    /// Returns its URL, for `AWS_ENDPOINT_URL_KINESIS`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Kinesis {
    /// Starts an HTTP server on a free port of this machine.
    pub async fn serve(&self) -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let kinesis = self.clone();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let kinesis = kinesis.clone();
                // A broken connection only concerns the client.
                connections.spawn(async move { drop(serve(kinesis, stream).await) });
                while connections.try_join_next().is_some() {}
            }
        });
        Endpoint { address, task }
    }
}

async fn serve(kinesis: Kinesis, mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        let Some(request) = Message::take(&mut buffer)? else {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let operation = operation(&request);
        let input: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let Some(answer) = kinesis.call(&operation, &input).await else {
            return Ok(());
        };
        let headers = [("content-type", answer.content_type())];
        let bytes = response(answer.status, &headers, &answer.bytes());
        stream.write_all(&bytes).await?;
    }
}

/// Returns the operation of a request: `Kinesis_20131202.GetRecords` is `GetRecords`.
pub(crate) fn operation(request: &Message) -> String {
    let target = request.header("x-amz-target").unwrap_or_default();
    let name = target.rsplit('.').next().unwrap_or_default();
    name.to_owned()
}
