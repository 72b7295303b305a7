//! SQS: messages of a queue, delivered by an event source mapping or a pipe, or polled.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use lamplight_semconv::messaging::MessagingSystem;
use opentelemetry::{Context, trace::SpanContext};

use super::{
    Source,
    message::{self, Body, Message, last_of_arn, owned, part, string},
    records::RecordSource,
};
use crate::{
    inbound::{
        EventExtractor, findings::FoundContext, members::RecordMembers, path::Path,
        search::ContextSearch,
    },
    json::{Place, Text},
    xray::AWS_TRACE_HEADER,
};

pub(super) struct Sqs;

impl RecordSource for Sqs {
    const NAMES: &'static [&'static str] = &["aws:sqs"];
    const IS_COUNTED: bool = true;
    const HAS_ITEMS: bool = true;

    type Record<'r> = Raw<'r>;

    fn record<'r>(members: &'r RecordMembers<'r>) -> Raw<'r> {
        Raw(members)
    }

    fn is_complete(seen: &RecordMembers<'_>) -> bool {
        let wanted = [seen.attributes, seen.body, seen.message_id];
        seen.message_attributes.is_some() && !wanted.into_iter().any(Place::is_nowhere)
    }

    fn item_at(members: &RecordMembers<'_>, _is_piped: bool) -> Place {
        members.message_id
    }
}

/// A message as JSON.
pub(super) struct Raw<'r>(&'r RecordMembers<'r>);

impl Raw<'_> {
    fn system_attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        string(self.0.attributes()?.get(name))
    }
}

impl Message for Raw<'_> {
    const SOURCE: Source = Source::Sqs;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::AwsSqs);

    fn in_attributes(&self, search: &mut ContextSearch<'_>, at: &Path<'_>) -> Option<FoundContext> {
        let attributes = self.0.message_attributes.as_ref()?;
        search.attributes(attributes, &at.member("messageAttributes"))
    }

    fn body(&self) -> Option<Body<'_>> {
        self.0.body()?.text().map(Body::Text)
    }

    fn xray_header(&self) -> Option<Cow<'_, str>> {
        self.system_attribute(AWS_TRACE_HEADER)
    }

    fn id(&self) -> Option<String> {
        owned(self.0.message_id())
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        part(string(self.0.arn())?, last_of_arn)
    }

    fn sent_at(&self) -> Option<SystemTime> {
        sent_at(&self.system_attribute("SentTimestamp")?)
    }
}

fn sent_at(timestamp: &str) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(timestamp.parse().ok()?))
}

#[cfg(feature = "records-sqs")]
impl Message for aws_lambda_events::sqs::SqsMessage {
    const SOURCE: Source = Source::Sqs;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::AwsSqs);

    fn in_attributes(&self, search: &mut ContextSearch<'_>, at: &Path<'_>) -> Option<FoundContext> {
        search.named_attributes(at, |name| {
            let attribute = message::ignoring_case(&self.message_attributes, name)?;
            let binary = || attribute.binary_value.as_ref().map(|it| it.0.as_slice());
            let string = attribute.string_value.as_deref().map(str::as_bytes);
            string.or_else(binary).map(Cow::Borrowed)
        })
    }

    fn body(&self) -> Option<Body<'_>> {
        self.body.as_deref().map(Text::plain).map(Body::Text)
    }

    fn xray_header(&self) -> Option<Cow<'_, str>> {
        let header = self.attributes.get(AWS_TRACE_HEADER)?;
        Some(Cow::Borrowed(header))
    }

    fn id(&self) -> Option<String> {
        self.message_id.clone()
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        let arn = self.event_source_arn.as_deref()?;
        last_of_arn(arn).map(Cow::Borrowed)
    }

    fn sent_at(&self) -> Option<SystemTime> {
        sent_at(self.attributes.get("SentTimestamp")?)
    }

    fn receive_count(&self) -> Option<u32> {
        let count = self.attributes.get("ApproximateReceiveCount")?;
        count.parse().ok()
    }
}

/// A polled message, as the AWS SDK returns it.
struct Polled<'m, A> {
    attribute: A,
    body: &'m str,
    xray_header: Option<&'m str>,
}

impl<'m, A: Fn(&str) -> Option<Cow<'m, [u8]>>> Message for Polled<'_, A> {
    const SOURCE: Source = Source::Sqs;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::AwsSqs);

    fn in_attributes(&self, search: &mut ContextSearch<'_>, at: &Path<'_>) -> Option<FoundContext> {
        search.named_attributes(at, &self.attribute)
    }

    fn body(&self) -> Option<Body<'_>> {
        Some(Body::Text(Text::plain(self.body)))
    }

    fn xray_header(&self) -> Option<Cow<'_, str>> {
        self.xray_header.map(Cow::Borrowed)
    }
}

impl EventExtractor {
    /// Returns the context of a polled message. It is searched in the attributes, which are looked up by name
    /// in lower case, then in the body, then in the X-Ray header (`AWSTraceHeader`), by the same rules as for
    /// an SQS message in an event. Empty if there is none. A message without context costs one search for
    /// marks of context, and no allocation.
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
        let found = self.find_in_polled(attribute, body, xray_header);
        let trust = self.config.trust(Source::Sqs);
        let continued = found.and_then(|it| it.apply(trust, self.config.records).continued);
        match continued {
            Some(continued) => continued.received.into_context(&Context::new()),
            None => Context::new(),
        }
    }

    /// Returns the span that a polled message originates from, for a link. It is returned also if
    /// [`message`](Self::message) has no parent because the settings allow links only.
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
        self.find_in_polled(attribute, body, xray_header)?
            .received
            .span
    }

    fn find_in_polled<'m>(
        &self,
        attribute: impl Fn(&str) -> Option<Cow<'m, [u8]>>,
        body: &str,
        xray_header: Option<&str>,
    ) -> Option<FoundContext> {
        let polled = Polled {
            attribute,
            body,
            xray_header,
        };
        let mut search = ContextSearch::new(&self.config, None);
        message::context(&polled, &mut search, &Path::Root, 0)
    }
}
