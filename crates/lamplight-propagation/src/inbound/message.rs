//! A message in the hands of whoever fetched it, outside any event.

use std::borrow::Cow;

use opentelemetry::Context;
use opentelemetry::trace::SpanContext;

use super::{
    EventExtractor, RecordPolicy, Source, Trust,
    carriers::DATADOG,
    fields::Strings,
    look::Look,
    path::Path,
    seen::{Candidate, or_else},
};
use crate::json::Text;

impl EventExtractor {
    /// Returns the context of a message that somebody polled: in its attributes, given by their names in
    /// lower case, else in its body, else in its X-Ray header (`AWSTraceHeader`), by the rules for a
    /// message of SQS in an event. Empty where there is none. A message without context costs a search
    /// for its marks, and no allocation.
    ///
    /// ```
    /// # use lamplight_propagation::inbound::EventExtractor;
    /// # use opentelemetry::trace::TraceContextExt as _;
    /// let body = r#"{"detail-type":"OrderPlaced","source":"shop","detail":{"_otel":
    ///     {"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}}"#;
    /// let context = EventExtractor::new().message(|_| None, body, None);
    /// assert!(context.span().span_context().is_remote());
    /// ```
    #[must_use]
    pub fn message<'m>(
        &self,
        attribute: impl Fn(&str) -> Option<Cow<'m, [u8]>>,
        body: &str,
        xray_header: Option<&str>,
    ) -> Context {
        let found = self.look_at_message(attribute, body, xray_header);
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

    /// Returns the span that a polled message comes from, for a link to it: also where
    /// [`message`](Self::message) gives no parent, since the X-Ray header, the records or the caller
    /// are good for links alone.
    ///
    /// ```
    /// # use lamplight_propagation::inbound::EventExtractor;
    /// let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    /// let origin = EventExtractor::new().message_origin(|_| None, "{}", Some(header));
    /// assert_eq!(origin.unwrap().span_id().to_string(), "53995c3f42cd8ad8");
    /// ```
    #[must_use]
    pub fn message_origin<'m>(
        &self,
        attribute: impl Fn(&str) -> Option<Cow<'m, [u8]>>,
        body: &str,
        xray_header: Option<&str>,
    ) -> Option<SpanContext> {
        self.look_at_message(attribute, body, xray_header)?
            .received
            .span
    }

    fn look_at_message<'m>(
        &self,
        attribute: impl Fn(&str) -> Option<Cow<'m, [u8]>>,
        body: &str,
        xray_header: Option<&str>,
    ) -> Option<Candidate> {
        let mut look = Look::new(&self.config, None);
        let mut found = look.accept(&Strings::of(&attribute), &Path::Root, "");
        or_else(&mut found, || {
            look.datadog(&attribute(DATADOG)?, &Path::Root)
        });
        or_else(&mut found, || {
            look.nested(Text::plain(body), &Path::Root, 0)
        });
        let header = || xray_header.map(Cow::Borrowed);
        look.beside_xray(found, header, &Path::Root)
    }
}
