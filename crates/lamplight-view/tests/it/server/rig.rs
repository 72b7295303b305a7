//! A server on a separate thread.

use std::{net::SocketAddr, sync::Arc, thread::JoinHandle};

use lamplight_view::{
    server::{Intake, Server, Settings, Token},
    store::{self, SqliteStore},
};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, TracesData},
};
use tokio::sync::oneshot;

use crate::http::{Answer, request};

pub(crate) struct Running {
    pub(crate) pages: SocketAddr,
    pub(crate) otlp: SocketAddr,
    pub(crate) url: String,
    pub(crate) intake: Intake,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts a server with an empty store in memory.
pub(crate) fn start(token: Option<&str>) -> Running {
    let (sender, receiver) = std::sync::mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    let mut settings = Settings::default();
    settings.otlp_port = Some(0);
    settings.token = token.map(|it| Token::new(it).unwrap());
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let store = SqliteStore::in_memory(store::Settings::default()).unwrap();
            let server = Server::bind(Arc::new(store), settings).await.unwrap();
            let url = server.url();
            let otlp = server.otlp_endpoint().unwrap();
            sender.send((url, otlp, server.intake())).unwrap();
            let stop = async {
                let _ = stopped.await;
            };
            server.run(stop).await.unwrap();
        });
    });
    let (url, otlp, intake) = receiver.recv().unwrap();
    let address = |url: &str| {
        let host = url.strip_prefix("http://").unwrap();
        host.split('/').next().unwrap().parse().unwrap()
    };
    Running {
        pages: address(&url),
        otlp: address(&otlp),
        url,
        intake,
        stop: Some(stop),
        thread: Some(thread),
    }
}

impl Running {
    /// Ends the server, and waits until it has ended.
    pub(crate) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    /// Posts a request with spans and these headers.
    pub(crate) fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        request(self.otlp, "POST", "/v1/traces", headers, body)
    }

    /// Requests a page.
    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        request(self.pages, "GET", path, headers, b"")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// A request with one span with this name, in a trace whose id consists of this byte.
pub(crate) fn traces(name: &str, byte: u8) -> TracesData {
    let service = KeyValue {
        key: lamplight_semconv::service::NAME.to_owned(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue("shop".to_owned())),
        }),
        ..KeyValue::default()
    };
    let start = 1_800_000_000_000_000_000;
    TracesData {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: vec![service],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                spans: vec![Span {
                    trace_id: vec![byte; 16],
                    span_id: vec![byte; 8],
                    name: name.to_owned(),
                    start_time_unix_nano: start,
                    end_time_unix_nano: start + 5_000_000,
                    ..Span::default()
                }],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}
