//! A message in the hands of whoever fetched it, outside any event.

use opentelemetry::Context;

use super::{Extractor, RecordPolicy, Source, Trust, look::Look, path::Path, seen::or_else};
use crate::json::Text;

impl Extractor {
    /// The context in the body of a message that somebody polled, else in its X-Ray header
    /// (`AWSTraceHeader`), by the rules for a message of SQS in an event. Empty where there is
    /// none. A body without context costs a search for its mark, and no allocation.
    ///
    /// ```
    /// # use lamplight_propagation::inbound::Extractor;
    /// # use opentelemetry::trace::TraceContextExt as _;
    /// let body = r#"{"detail-type":"OrderPlaced","source":"shop","detail":{"_otel":
    ///     {"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}}"#;
    /// assert!(Extractor::new().message(body, None).span().span_context().is_remote());
    /// ```
    #[must_use]
    pub fn message(&self, body: &str, xray_header: Option<&str>) -> Context {
        let mut look = Look::new(&self.config, None);
        let mut found = look.nested(Text::plain(body), &Path::Root, 0);
        or_else(&mut found, || look.xray(xray_header?, &Path::Root));
        let Some(mut found) = found else {
            return Context::new();
        };
        if self.config.trust(Source::Sqs) != Trust::Continue {
            return Context::new();
        }
        if found.link_only || self.config.records == RecordPolicy::Link {
            found.received.span = None;
            found.received.text = None;
        }
        found.received.into_context(&Context::new())
    }
}
