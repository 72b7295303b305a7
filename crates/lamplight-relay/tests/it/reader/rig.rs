//! A relay between a stream and a sink of the test, with a store that ends it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::Bytes;
use lamplight_relay::{
    engine::Settings,
    record::ShardId,
    relay::{Lane, Relay, RelayBuilder},
    rules::{Condition, Rule},
    sink::{BoxFuture as Sending, Outcome, Request, Sink, SinkSettings},
    source::{
        BoxFuture, CheckpointStore, Lease, MemoryStore, Reader,
        store::{Row, Save, StoreError},
    },
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status},
};
use prost::Message as _;
use tokio::{sync::Notify, time::sleep};

use super::stream::Stream;

/// A span, by its trace and its number in it.
pub(super) type SpanId = (u8, u8);

/// Returns the request of a span.
pub(super) fn span((trace, number): SpanId, is_error: bool) -> Vec<u8> {
    let span = Span {
        trace_id: vec![trace + 1; 16],
        span_id: vec![number + 1; 8],
        name: "work".to_owned(),
        status: is_error.then(|| Status {
            code: 2,
            ..Status::default()
        }),
        ..Span::default()
    };
    let scope = ScopeSpans {
        spans: vec![span],
        ..ScopeSpans::default()
    };
    let resource = ResourceSpans {
        scope_spans: vec![scope],
        ..ResourceSpans::default()
    };
    let request = ExportTraceServiceRequest {
        resource_spans: vec![resource],
    };
    request.encode_to_vec()
}

/// A sink that keeps its requests, and refuses them on command.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    /// All accepted copies of each span, encoded.
    pub(super) taken: Arc<Mutex<BTreeMap<SpanId, Vec<Vec<u8>>>>>,
    /// The spans of refused requests.
    pub(super) refused: Arc<Mutex<Vec<SpanId>>>,
    pub(super) refuses: Arc<Mutex<bool>>,
    /// Time until it responds.
    pub(super) delay: Duration,
    pub(super) changed: Arc<Notify>,
}

impl Memory {
    /// Returns the accepted spans.
    pub(super) fn spans(&self) -> Vec<SpanId> {
        self.taken.lock().unwrap().keys().copied().collect()
    }

    /// Waits until `enough` returns true.
    pub(super) async fn until(&self, enough: impl Fn(&Self) -> bool) {
        while !enough(self) {
            self.changed.notified().await;
        }
    }
}

impl Sink for Memory {
    fn name(&self) -> &str {
        "memory"
    }

    fn send(&self, request: Request) -> Sending<'_, Outcome> {
        let request = ExportTraceServiceRequest::decode(request.message()).unwrap();
        let resources = request.resource_spans.into_iter();
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        let spans = scopes.flat_map(|scope| scope.spans);
        let refuses = *self.refuses.lock().unwrap();
        for span in spans {
            let id = (span.trace_id[0] - 1, span.span_id[0] - 1);
            if refuses {
                self.refused.lock().unwrap().push(id);
            } else {
                let mut taken = self.taken.lock().unwrap();
                taken.entry(id).or_default().push(span.encode_to_vec());
            }
        }
        self.changed.notify_one();
        let why = "as planned".to_owned();
        let outcome = match refuses {
            true => Outcome::Retryable { after: None, why },
            false => Outcome::accepted(),
        };
        Box::pin(async {
            sleep(self.delay).await;
            outcome
        })
    }
}

/// A store that saves a number of checkpoints, and then none, without any response.
#[derive(Debug, Clone, Default)]
pub(super) struct Mortal {
    pub(super) store: MemoryStore,
    left: Arc<AtomicUsize>,
    died: Arc<Notify>,
}

impl Mortal {
    /// Returns a store in front of another one.
    pub(super) fn new(store: &MemoryStore, saves: usize) -> Self {
        Self {
            store: store.clone(),
            left: Arc::new(saves.into()),
            died: Arc::default(),
        }
    }

    /// Waits for the first save that exceeds the number.
    pub(super) async fn died(&self) {
        self.died.notified().await;
    }
}

macro_rules! passed_on {
    ($($name:ident($($argument:ident: $type:ty),*) -> $output:ty;)*) => {
        $(fn $name<'a>(&'a self, $($argument: $type),*) -> BoxFuture<'a, Result<$output, StoreError>> {
            self.store.$name($($argument),*)
        })*
    };
}

impl CheckpointStore for Mortal {
    passed_on! {
        rows(stream: &'a str) -> Vec<Row>;
        add(rows: &'a [Row]) -> ();
        take(seen: &'a Row, owner: &'a str) -> Lease;
        renew(lease: &'a Lease) -> ();
        release(lease: &'a Lease) -> ();
        log(shard: &'a ShardId) -> Vec<Bytes>;
    }

    fn save<'a>(
        &'a self,
        lease: &'a Lease,
        save: &'a Save,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let one_less = |left: usize| left.checked_sub(1);
        match self.left.fetch_update(SeqCst, SeqCst, one_less) {
            Ok(_) => self.store.save(lease, save),
            Err(_) => {
                self.died.notify_one();
                Box::pin(std::future::pending())
            }
        }
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// Returns a reader of streams, with a lease of a second.
pub(super) fn reader(
    streams: &[Stream],
    store: &(impl CheckpointStore + Clone + 'static),
) -> lamplight_relay::source::ReaderBuilder {
    let reader = Reader::builder(Arc::new(store.clone())).lease(Duration::from_secs(1));
    let mut reader = reader.clock(streams[0].clock());
    for stream in streams {
        reader = reader.stream(Arc::new(stream.clone()));
    }
    reader
}

/// Returns a relay that keeps traces with errors, decides after 15 s, and saves ten times per
/// second.
pub(super) fn relay(reader: Reader, sink: &Memory) -> RelayBuilder {
    let mut settings = Settings::default();
    settings.decision_wait = Duration::from_secs(15);
    settings.max_wait = Duration::from_secs(15);
    let mut quick = SinkSettings::default();
    quick.linger = Duration::ZERO;
    Relay::builder()
        .source(reader)
        .rule(Rule::keep("errors", Condition::error()))
        .sampling(settings)
        .sink(Arc::new(sink.clone()), quick, Lane::all())
        .checkpoint_interval(Duration::from_millis(100))
}
