//! An OTLP endpoint over gRPC.

#![allow(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use h2::{RecvStream, server::SendResponse};
use http::{HeaderMap, Request, Response};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use tokio::net::{TcpListener, TcpStream};

use crate::server::{names, unpacked};

/// A received call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// The method.
    pub path: String,
    /// Its metadata.
    pub headers: HeaderMap,
    /// Its message, unpacked.
    pub message: Vec<u8>,
}

impl Call {
    /// Returns the names of its spans.
    pub fn spans(&self) -> Vec<String> {
        names(ExportTraceServiceRequest::decode(&*self.message).unwrap())
    }
}

/// An endpoint, and the calls it received.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its address.
    pub address: SocketAddr,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Endpoint {
    /// Starts an endpoint on this runtime that answers its first calls with these statuses, and all others with 0.
    pub async fn start(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Self {
            address: listener.local_addr().unwrap(),
            calls: Arc::default(),
        };
        let this = endpoint.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(this.clone().serve(stream, statuses));
            }
        });
        endpoint
    }

    /// Returns the calls so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    async fn serve(self, stream: TcpStream, statuses: &'static [u16]) {
        let Ok(mut connection) = h2::server::handshake(stream).await else {
            return;
        };
        while let Some(Ok((request, respond))) = connection.accept().await {
            tokio::spawn(self.clone().call(request, respond, statuses));
        }
    }

    async fn call(
        self,
        request: Request<RecvStream>,
        mut respond: SendResponse<Bytes>,
        statuses: &'static [u16],
    ) {
        let (head, mut body) = request.into_parts();
        let mut framed = Vec::new();
        while let Some(Ok(data)) = body.data().await {
            framed.extend_from_slice(&data);
            let _ = body.flow_control().release_capacity(data.len());
        }
        let encoding = match framed.first() {
            Some(1) => head.headers.get("grpc-encoding").unwrap().to_str().unwrap(),
            _ => "",
        };
        let message = unpacked(encoding, framed.get(5..).unwrap_or_default());
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(Call {
                path: head.uri.path().to_owned(),
                headers: head.headers,
                message,
            });
            calls.len() - 1
        };
        let status = statuses.get(number).copied().unwrap_or_default();
        let head = Response::builder().header("content-type", "application/grpc");
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", status.into());
        // Who called may have gone.
        let Ok(mut stream) = respond.send_response(head.body(()).unwrap(), false) else {
            return;
        };
        if status == 0 {
            let _ = stream.send_data(Bytes::from_static(&[0; 5]), false);
        }
        let _ = stream.send_trailers(trailers);
    }
}
