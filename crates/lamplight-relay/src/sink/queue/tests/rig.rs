//! A sink that gives scripted responses and keeps its requests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    resource::v1::Resource,
    trace::v1::{ResourceSpans, Span},
};
use prost::Message;
use tokio::{sync::watch, time::Instant};

use crate::{
    clean::Chunk,
    record::{SequenceNumber, ShardId},
    sink::{
        BoxFuture, Content, DeadLetter, DeadLetters, Layout, Outcome, Parcel, RecordId, Request,
        Sink, SinkQueue, SinkSettings,
    },
};

type Judge = Box<dyn Fn(&Request) -> Answer + Send + Sync>;

#[derive(Debug, Clone)]
pub(super) enum Answer {
    Now(Outcome),
    Never,
    Panic,
}

pub(super) fn accepted() -> Answer {
    Answer::Now(Outcome::accepted())
}

pub(super) fn rejected() -> Answer {
    let why = "status 400".to_owned();
    Answer::Now(Outcome::Rejected { why })
}

pub(super) fn too_large() -> Answer {
    let why = "status 413".to_owned();
    Answer::Now(Outcome::TooLarge { why })
}

pub(super) fn retryable(after: Option<Duration>) -> Answer {
    let why = "status 503".to_owned();
    Answer::Now(Outcome::Retryable { after, why })
}

pub(super) fn never() -> Answer {
    Answer::Never
}

pub(super) struct Scripted {
    script: Mutex<VecDeque<Answer>>,
    otherwise: Judge,
    layout: Layout,
    seen: watch::Sender<Vec<(Instant, Request)>>,
}

impl Scripted {
    /// Returns a sink that gives these responses and then accepts everything.
    pub(super) fn new(script: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            script: Mutex::new(script.into_iter().collect()),
            otherwise: Box::new(|_| accepted()),
            layout: Layout::Merged,
            seen: watch::Sender::default(),
        }
    }

    pub(super) fn accepting() -> Self {
        Self::new([])
    }

    pub(super) fn judging(judge: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self {
            otherwise: Box::new(judge),
            ..Self::new([])
        }
    }

    pub(super) fn by_trace(self) -> Self {
        Self {
            layout: Layout::ByTrace,
            ..self
        }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        let seen = self.seen.borrow();
        seen.iter().map(|(_, request)| request.clone()).collect()
    }

    pub(super) async fn requests_are(&self, count: usize) {
        let mut seen = self.seen.subscribe();
        seen.wait_for(|seen| seen.len() >= count).await.unwrap();
        // Yields, so that the effects of the response are visible.
        tokio::task::yield_now().await;
    }

    pub(super) fn decoded(&self) -> Vec<ExportTraceServiceRequest> {
        let requests = self.requests().into_iter();
        requests
            .map(|request| ExportTraceServiceRequest::decode(request.message()).unwrap())
            .collect()
    }

    /// The names of the spans of each request.
    pub(super) fn spans(&self) -> Vec<Vec<String>> {
        let requests = self.requests().into_iter();
        requests.map(|request| names(&request.message())).collect()
    }

    /// The time between one request and the next.
    pub(super) fn waits(&self) -> Vec<Duration> {
        let seen = self.seen.borrow();
        seen.windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }
}

impl Sink for Scripted {
    fn name(&self) -> &str {
        "test"
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Outcome> {
        let next = self.script.lock().unwrap().pop_front();
        let answer = next.unwrap_or_else(|| (self.otherwise)(&request));
        self.seen
            .send_modify(|seen| seen.push((Instant::now(), request)));
        Box::pin(async {
            match answer {
                Answer::Now(outcome) => outcome,
                Answer::Never => std::future::pending().await,
                Answer::Panic => panic!("a sink of the user's own"),
            }
        })
    }

    fn layout(&self) -> Layout {
        self.layout
    }
}

/// Dead letters in memory. The first attempts fail.
#[derive(Default)]
pub(super) struct Letters {
    pub(super) failing: Mutex<usize>,
    kept: Mutex<Vec<DeadLetter>>,
}

impl Letters {
    pub(super) fn all(&self) -> Vec<DeadLetter> {
        self.kept.lock().unwrap().clone()
    }
}

impl DeadLetters for Letters {
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async {
            let mut failing = self.failing.lock().unwrap();
            if *failing > 0 {
                *failing -= 1;
                return Err("no space".to_owned());
            }
            self.kept.lock().unwrap().push(letter.clone());
            Ok(())
        })
    }
}

pub(super) struct Rig {
    pub(super) sink: Arc<Scripted>,
    pub(super) letters: Arc<Letters>,
    pub(super) queue: SinkQueue,
}

impl Rig {
    pub(super) fn with(sink: Scripted, settings: SinkSettings) -> Self {
        let (sink, letters) = (Arc::new(sink), Arc::<Letters>::default());
        let queue = SinkQueue::start(sink.clone(), settings, letters.clone());
        Self {
            sink,
            letters,
            queue,
        }
    }

    pub(super) fn critical(sink: Scripted) -> Self {
        Self::with(sink, SinkSettings::default())
    }

    pub(super) fn best_effort(sink: Scripted) -> Self {
        Self::with(sink, SinkSettings::best_effort())
    }
}

pub(super) fn record(sequence: &str) -> RecordId {
    RecordId::new(ShardId::new("shard-0"), SequenceNumber::new(sequence))
}

/// A parcel of one chunk with spans of these names.
pub(super) fn parcel(trace: u64, names: &[&str]) -> Parcel {
    parcel_of(trace, "shop", names)
}

pub(super) fn parcel_of(trace: u64, resource: &str, names: &[&str]) -> Parcel {
    Parcel::new(
        trace_id(trace),
        Content::Traces(vec![chunk(resource, names)]),
    )
}

pub(super) fn trace_id(trace: u64) -> [u8; 16] {
    u128::from(trace + 1).to_be_bytes()
}

pub(super) fn chunk(resource: &str, names: &[&str]) -> Chunk {
    let of_resource = ResourceSpans {
        resource: Some(Resource {
            dropped_attributes_count: 1,
            ..Resource::default()
        }),
        schema_url: resource.to_owned(),
        ..ResourceSpans::default()
    };
    let mut spans = Vec::new();
    for name in names {
        let span = Span {
            name: (*name).to_owned(),
            ..Span::default()
        };
        spans.push(0x12);
        span.encode_length_delimited(&mut spans).unwrap();
    }
    Chunk {
        resource: of_resource.encode_to_vec().into(),
        scope: Bytes::from_static(b"\x0a\x03\x0a\x01t"),
        spans: spans.into(),
        count: names.len(),
    }
}

/// The names of the spans of a message.
pub(super) fn names(message: &[u8]) -> Vec<String> {
    let request = ExportTraceServiceRequest::decode(message).unwrap();
    let resources = request.resource_spans.into_iter();
    let scopes = resources.flat_map(|resource| resource.scope_spans);
    scopes
        .flat_map(|scope| scope.spans)
        .map(|span| span.name)
        .collect()
}
