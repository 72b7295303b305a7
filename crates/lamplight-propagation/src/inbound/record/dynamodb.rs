//! Changes of DynamoDB streams.

use std::time::SystemTime;

use aws_lambda_events::dynamodb::EventRecord;
use lamplight_semconv::{faas::document, lamplight::aws::dynamodb::event};

use super::{Record, RecordContext};
use crate::{
    inbound::{
        EventExtractor, Source,
        describe::{after, operation_named},
        path::Path,
    },
    json::Value,
};

impl Record for EventRecord {
    fn context(&self, extractor: &EventExtractor) -> RecordContext {
        let found = extractor.config.item_attribute.as_deref().and_then(|name| {
            let item = serde_json::to_vec(self.change.new_image.get(name)?).ok()?;
            let item = Value::document(&item);
            extractor.look().item_attribute(item, &Path::Root)
        });
        let table = self
            .event_source_arn
            .as_deref()
            .and_then(|arn| after(arn, "table/"));
        let mut context = extractor.record_context(Source::DynamoDb, found, table.as_deref());
        let operation = operation_named(&self.event_name);
        context.attributes.extend(table.map(document::collection));
        context
            .attributes
            .extend(operation.map(document::operation));
        context.attributes.push(event::id(self.event_id.clone()));
        // Absent in some records, and then the epoch.
        let changed: SystemTime = self.change.approximate_creation_date_time.into();
        context.sent_at = Some(changed).filter(|changed| *changed > SystemTime::UNIX_EPOCH);
        context
    }
}
