//! Notifications of SNS.

use std::borrow::Cow;

use aws_lambda_events::sns::SnsRecord;
use lamplight_semconv::{
    aws::sns::topic,
    messaging::{MessagingSystem, destination, message},
};

use super::{Record, RecordContext, ignoring_case};
use crate::{
    inbound::{
        EventExtractor, InferredSpan, Source,
        carriers::DATADOG,
        describe::{last_of_arn, process},
        fields::{Strings, decode},
        inferred,
        path::Path,
        seen::or_else,
    },
    json::Text,
};

impl Record for SnsRecord {
    fn context(&self, extractor: &EventExtractor) -> RecordContext {
        let mut look = extractor.look();
        let value = |name: &str| {
            let attribute = ignoring_case(&self.sns.message_attributes, name)?;
            match attribute.data_type.as_str() {
                "Binary" => decode(Text::plain(&attribute.value)),
                _ => Some(Cow::Borrowed(attribute.value.as_bytes())),
            }
        };
        let mut found = look.accept(&Strings::of(value), &Path::Root, "");
        or_else(&mut found, || look.datadog(&value(DATADOG)?, &Path::Root));
        or_else(&mut found, || {
            look.nested(Text::plain(&self.sns.message), &Path::Root, 0)
        });

        let name = last_of_arn(&self.sns.topic_arn);
        let mut context = extractor.record_context(Source::Sns, found, name.as_deref());
        context.attributes.extend(process(MessagingSystem::AwsSns));
        context.attributes.extend(name.map(destination::name));
        context
            .attributes
            .push(topic::arn(self.sns.topic_arn.clone()));
        context
            .attributes
            .push(message::id(self.sns.message_id.clone()));
        context.sent_at = Some(self.sns.timestamp.into());
        context
    }

    fn inferred_spans(&self) -> Vec<InferredSpan> {
        let (arn, id) = (self.sns.topic_arn.clone(), self.sns.message_id.clone());
        let mut found = vec![inferred::sns(self.sns.timestamp.into(), arn, Some(id))];
        inferred::nested(Text::plain(&self.sns.message), 0, &mut found);
        found
    }
}
