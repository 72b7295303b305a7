//! Records of Kafka.

use std::borrow::Cow;

use aws_lambda_events::kafka::KafkaRecord;
use lamplight_semconv::messaging::{MessagingSystem, destination, kafka};

use super::{Record, RecordContext, ignoring_case};
use crate::{
    inbound::{
        EventExtractor, Source,
        describe::{kafka_key, process},
        fields::Strings,
        path::Path,
        seen::or_else,
    },
    json::Text,
};

impl Record for KafkaRecord {
    fn context(&self, extractor: &EventExtractor) -> RecordContext {
        let mut look = extractor.look();
        let strings = Strings::of(|name| {
            let bytes = self
                .headers
                .iter()
                .find_map(|header| ignoring_case(header, name))?;
            let bytes = bytes.iter().map(|byte| byte.cast_unsigned());
            Some(Cow::Owned(bytes.collect()))
        });
        let mut found = look.accept(&strings, &Path::Root, "");
        or_else(&mut found, || {
            look.encoded(Text::plain(self.value.as_deref()?), &Path::Root)
        });

        let topic = self.topic.as_deref();
        let mut context = extractor.record_context(Source::Kafka, found, topic);
        context.attributes.extend(process(MessagingSystem::Kafka));
        context
            .attributes
            .extend(self.topic.clone().map(destination::name));
        context
            .attributes
            .push(destination::partition::id(self.partition.to_string()));
        context.attributes.push(kafka::offset(self.offset));
        let is_empty = self.value.is_none();
        let key = self.key.as_deref().map(Text::plain);
        context.attributes.extend(kafka_key(key, is_empty));
        context.sent_at = Some((*self.timestamp).into());
        context
    }
}
