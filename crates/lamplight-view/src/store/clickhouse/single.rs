//! Spans by id, and by message.

use lamplight_clickhouse::literal;
use lamplight_semconv::{lamplight, messaging};

use super::{
    ClickHouseStore,
    lookup::has_id,
    parameters::Parameters,
    span::{Part, columns, without_copies},
};
use crate::{
    facts::Facts,
    span::{Span, SpanRef},
    store::StoreError,
};

/// Maximum number of spans with the same id.
pub(super) const OF_ONE_ID: usize = 100;

/// Maximum number of spans of a message.
const OF_MESSAGE: usize = 10_000;

/// Attributes with the id of a message, or of a changed document.
const MESSAGES: [&str; 2] = [messaging::message::ID, lamplight::aws::dynamodb::event::ID];

/// Returns the spans with an id.
pub(super) fn span(store: &ClickHouseStore, id: SpanRef) -> Result<Vec<Span>, StoreError> {
    let has_id = |parameters: &mut Parameters| has_id(id.span, parameters);
    let spans = store.of_trace(id.trace, has_id, OF_ONE_ID)?;
    Ok(without_copies(spans))
}

/// Returns the spans of one message.
pub(super) fn message(store: &ClickHouseStore, id: &str) -> Result<Vec<Span>, StoreError> {
    let mut parameters = Parameters::default();
    let rest = format!(
        "FROM otel_traces WHERE {} ORDER BY Timestamp, TraceId, SpanId LIMIT {OF_MESSAGE}",
        has_message(&[id], &mut parameters)
    );
    let columns = columns(Part::All, store.has_scope()?);
    let spans = store.spans(&columns, &rest, &parameters, Part::All)?;
    let of_message = spans
        .into_iter()
        .filter(|span| Facts::of(span).message_id == Some(id));
    Ok(without_copies(of_message.collect()))
}

/// Returns the condition for spans that may be of one of these messages.
pub(super) fn has_message(ids: &[&str], parameters: &mut Parameters) -> String {
    let ids = parameters.texts(ids);
    let each = MESSAGES.map(|key| {
        let key = literal(key);
        // An index has the keys.
        format!("(mapContains(SpanAttributes, {key}) AND has({ids}, SpanAttributes[{key}]))")
    });
    format!("({})", each.join(" OR "))
}
