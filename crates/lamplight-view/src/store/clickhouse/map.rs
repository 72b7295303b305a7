//! Traffic between functions, queues and other services.

use lamplight_clickhouse::literal;
use lamplight_semconv::{aws, db, error, faas, lamplight, messaging, rpc, service};

use super::{
    ClickHouseStore,
    expression::function,
    filter::Range,
    parameters::Parameters,
    rows::Row,
    span::{Part, columns},
};
use crate::{
    facts::{Facts, Outcome},
    span::Span,
    store::{
        Map, NodeKind, StoreError, Window,
        calls::{NAMES, call},
        drawing::{Drawing, Sum, Traffic},
    },
};

/// Maximum number of spans on the map: the newest.
const SPANS: usize = 100_000;

/// Maximum number of functions.
const FUNCTIONS: usize = 2_000;

/// Attributes that the map depends on, in addition to [`NAMES`].
#[allow(deprecated, reason = "other SDKs still record `rpc.system`")]
const KEYS: [&str; 20] = [
    aws::dynamodb::TABLE_NAMES,
    error::TYPE,
    faas::INVOCATION_ID,
    faas::INVOKED_NAME,
    faas::NAME,
    faas::TRIGGER,
    db::system::NAME,
    lamplight::aws::dynamodb::event::ID,
    lamplight::aws::s3::REQUEST_ID,
    lamplight::inferred::SERVICE,
    lamplight::queue::LATENCY_MS,
    messaging::SYSTEM,
    messaging::batch::MESSAGE_COUNT,
    messaging::message::ID,
    messaging::operation::TYPE,
    rpc::SYSTEM,
    rpc::system::NAME,
    service::NAME,
    service::VERSION,
    faas::VERSION,
];

/// Returns the map of a window.
pub(super) fn map(store: &ClickHouseStore, window: Window) -> Result<Map, StoreError> {
    let Some(range) = Range::of(window, None) else {
        return Ok(Map::default());
    };
    let mut drawing = Drawing::default();
    for name in functions(store, range)? {
        drawing.node(NodeKind::Function, &name, NAMES.len());
    }
    let spans = store.newest_first(
        range,
        |range| traffic(store, range),
        |spans| spans.len() >= SPANS,
    )?;
    for span in &spans {
        let facts = Facts::of(span);
        let Some(call) = call(span, &facts) else {
            continue;
        };
        let traffic = Traffic {
            way: call.way,
            function: drawing.node(NodeKind::Function, facts.function, NAMES.len()),
            other: drawing.node(call.kind, call.name, call.named_by),
            parent: span.parent.map(|parent| (span.trace_id, parent)),
            sum: Sum {
                count: call.amount,
                errors: u64::from(facts.outcome != Outcome::Ok),
                wait: call
                    .wait
                    .map_or(0, |wait| wait.try_into().unwrap_or_default()),
                waits: u64::from(call.wait.is_some()),
            },
        };
        drawing.add((span.trace_id, span.span_id), traffic);
    }
    Ok(drawing.finish())
}

/// Returns the names of functions in a range.
fn functions(store: &ClickHouseStore, range: Range) -> Result<Vec<String>, StoreError> {
    let mut parameters = Parameters::default();
    let rest = format!(
        "FROM otel_traces WHERE {} GROUP BY function LIMIT {FUNCTIONS}",
        range.condition(&mut parameters)
    );
    let rows = store
        .client
        .rows(&[("function", function())], &rest, &parameters)?;
    store.client.all(&rows, Row::text)
}

/// Returns the newest spans that may have traffic, with the attributes that matter.
fn traffic(store: &ClickHouseStore, range: Range) -> Result<Vec<Span>, StoreError> {
    let mut parameters = Parameters::default();
    let keys: Vec<_> = KEYS.iter().chain(&NAMES).map(|key| literal(key)).collect();
    let keys = keys.join(", ");
    // All others are of kind `Internal`, and have neither a destination nor an operation.
    let rest = format!(
        "FROM otel_traces WHERE {} AND (SpanKind NOT IN ('Internal', 'SPAN_KIND_INTERNAL') OR \
         hasAny(mapKeys(SpanAttributes), [{keys}])) ORDER BY Timestamp DESC LIMIT {SPANS}",
        range.condition(&mut parameters)
    );
    let part = Part::Keys(&keys);
    store.spans(&columns(part, store.has_scope()?), &rest, &parameters, part)
}
