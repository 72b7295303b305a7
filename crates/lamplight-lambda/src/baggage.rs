//! Baggage entries of the function, and the baggage of records.

use opentelemetry::{
    Context,
    baggage::{BaggageExt, KeyValueMetadata},
};

/// Returns the current context with these baggage entries added to those that came from the caller. An entry
/// replaces an existing one with the same key; all others are kept. (`Context::current_with_baggage` replaces
/// all of them.)
///
/// Baggage has room for 64 entries and 8192 bytes; entries beyond that are left out.
///
/// ```
/// use lamplight_lambda::with_baggage;
/// use opentelemetry::context::FutureExt;
/// use opentelemetry::KeyValue;
///
/// # async fn call() {}
/// # async fn example() {
/// call().with_context(with_baggage([KeyValue::new("app.tenant", "acme")])).await;
/// # }
/// ```
#[must_use = "a context has an effect on what runs with it: `.with_context(..)` or `.attach()`"]
pub fn with_baggage<T: Into<KeyValueMetadata>>(entries: impl IntoIterator<Item = T>) -> Context {
    let cx = Context::current();
    let carried = cx.baggage().iter().map(|(key, (value, metadata))| {
        KeyValueMetadata::new(key.clone(), value.clone(), metadata.as_str())
    });
    // If two entries have the same key, the later one counts.
    let both: Vec<_> = carried.chain(entries.into_iter().map(Into::into)).collect();
    cx.with_baggage(both)
}

/// Returns `cx` with the baggage of the record, because baggage of one record must not reach another. The
/// context is only copied if its baggage changes.
#[cfg(feature = "_records")]
pub(crate) fn with_baggage_of(cx: &Context, record: &Context) -> Context {
    let cx = match cx.baggage().is_empty() {
        true => cx.clone(),
        false => cx.with_cleared_baggage(),
    };
    if record.baggage().is_empty() {
        return cx;
    }
    let entries = record.baggage().iter().map(|(key, (value, metadata))| {
        KeyValueMetadata::new(key.clone(), value.clone(), metadata.as_str())
    });
    cx.with_baggage(entries)
}

#[cfg(test)]
mod tests {
    use opentelemetry::KeyValue;

    use super::*;

    #[test]
    fn what_is_there_stays() {
        let caller = KeyValueMetadata::new("k", "v", "ttl=1");
        let replaced = KeyValueMetadata::new("tenant", "theirs", "");
        let _current = Context::new().with_baggage([caller, replaced]).attach();
        let cx = with_baggage([KeyValue::new("tenant", "ours")]);
        let (value, metadata) = cx.baggage().get_with_metadata("k").unwrap();
        assert_eq!((value.as_str(), metadata.as_str()), ("v", "ttl=1"));
        assert_eq!(cx.baggage().get("tenant").unwrap().as_str(), "ours");
        assert_eq!(cx.baggage().len(), 2);
    }
}
