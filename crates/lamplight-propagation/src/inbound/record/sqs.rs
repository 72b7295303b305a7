//! Messages of SQS.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use aws_lambda_events::sqs::SqsMessage;
use lamplight_semconv::messaging::{MessagingSystem, destination, message};

use super::{Record, RecordContext, ignoring_case};
use crate::{
    inbound::{
        EventExtractor, InferredSpan, Source,
        carriers::DATADOG,
        describe::{last_of_arn, process},
        fields::Strings,
        inferred,
        path::Path,
        seen::or_else,
    },
    json::Text,
    xray::AWS_TRACE_HEADER,
};

impl Record for SqsMessage {
    fn context(&self, extractor: &EventExtractor) -> RecordContext {
        let mut look = extractor.look();
        let value = |name: &str| {
            let attribute = ignoring_case(&self.message_attributes, name)?;
            let binary = || attribute.binary_value.as_ref().map(|it| it.0.as_slice());
            let string = attribute.string_value.as_deref().map(str::as_bytes);
            string.or_else(binary).map(Cow::Borrowed)
        };
        let mut found = look.accept(&Strings::of(value), &Path::Root, "");
        or_else(&mut found, || look.datadog(&value(DATADOG)?, &Path::Root));
        or_else(&mut found, || {
            look.nested(Text::plain(self.body.as_deref()?), &Path::Root, 0)
        });
        let header = || self.attributes.get(AWS_TRACE_HEADER);
        let found = look.beside_xray(
            found,
            || header().map(|it| Cow::Borrowed(it.as_str())),
            &Path::Root,
        );

        let queue = self.event_source_arn.as_deref().and_then(last_of_arn);
        let number = |name| self.attributes.get(name)?.parse::<u64>().ok();
        let mut context = extractor.record_context(Source::Sqs, found, queue.as_deref());
        context.attributes.extend(process(MessagingSystem::AwsSqs));
        context.attributes.extend(queue.map(destination::name));
        context
            .attributes
            .extend(self.message_id.clone().map(message::id));
        context.sent_at = number("SentTimestamp")
            .and_then(|sent| SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(sent)));
        context.receive_count =
            number("ApproximateReceiveCount").and_then(|count| u32::try_from(count).ok());
        context
    }

    fn inferred_spans(&self) -> Vec<InferredSpan> {
        let sent = self.attributes.get("SentTimestamp");
        let sent = sent.map(String::as_str).and_then(inferred::millis);
        let (arn, id) = (self.event_source_arn.as_deref(), self.message_id.clone());
        let mut found: Vec<InferredSpan> = sent
            .map(|sent| inferred::sqs(sent, arn, id))
            .into_iter()
            .collect();
        if let Some(body) = self.body.as_deref() {
            inferred::nested(Text::plain(body), 0, &mut found);
        }
        found
    }
}
