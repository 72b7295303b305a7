//! Records of Kinesis.

use aws_lambda_events::kinesis::KinesisEventRecord;
use lamplight_semconv::{
    aws::kinesis,
    messaging::{MessagingSystem, destination, message},
};

use super::{Record, RecordContext};
use crate::inbound::{
    EventExtractor, InferredSpan, Source,
    describe::{after, process, shard},
    inferred,
    path::Path,
};

impl Record for KinesisEventRecord {
    fn context(&self, extractor: &EventExtractor) -> RecordContext {
        let found = extractor.look().data(&self.kinesis.data.0, &Path::Root);
        let stream = self
            .event_source_arn
            .as_deref()
            .and_then(|arn| after(arn, "stream/"));
        let mut context = extractor.record_context(Source::Kinesis, found, stream.as_deref());
        context
            .attributes
            .extend(process(MessagingSystem::AwsKinesis));
        context
            .attributes
            .extend(stream.clone().map(destination::name));
        context.attributes.extend(stream.map(kinesis::stream_name));
        let id = self.event_id.as_deref();
        context.attributes.extend(id.and_then(shard));
        context
            .attributes
            .extend(self.event_id.clone().map(message::id));
        context.sent_at = Some((*self.kinesis.approximate_arrival_timestamp).into());
        context
    }

    fn inferred_spans(&self) -> Vec<InferredSpan> {
        let arrived = (*self.kinesis.approximate_arrival_timestamp).into();
        let arn = self.event_source_arn.as_deref();
        vec![inferred::kinesis_stream(
            arrived,
            arn,
            self.event_id.clone(),
        )]
    }
}
