//! Lambda's event source mappings.

use aws_sdk_lambda::Client;
use opentelemetry_sdk::trace::SpanData;

use crate::common::*;

const ID: &str = "587ad24b-03b9-4413-8202-bbd56b36e5b7";

macro_rules! span {
    ($answer:expr, |$client:ident| $call:expr) => {{
        let spans = Spans::new();
        let config = aws_sdk_lambda::config::Builder::from(&config(replay([reply(200, $answer)])));
        let $client = Client::from_conf(config.interceptor(spans.lamplight()).build());
        $call.send().await.unwrap();
        spans.one()
    }};
}

fn id(span: &SpanData) -> Option<String> {
    attributes(span).remove("aws.lambda.resource_mapping.id")
}

/// "This isn't available in the lambda execution context or the lambda runtime environment. This is going
/// to be populated by the AWS SDK for each language when that UUID is present. Some of these operations
/// are Create/Delete/Get/List/Update EventSourceMapping." (registry, `aws.lambda.resource_mapping.id`)
#[tokio::test]
async fn a_call_about_a_mapping_tells_its_id() {
    let answer = format!(r#"{{"UUID":"{ID}"}}"#);
    let created = span!(&answer, |it| it
        .create_event_source_mapping()
        .function_name("f"));
    let read = span!(&answer, |it| it.get_event_source_mapping().uuid(ID));
    let updated = span!("{}", |it| it.update_event_source_mapping().uuid(ID));
    let deleted = span!("{}", |it| it.delete_event_source_mapping().uuid(ID));
    let list = format!(r#"{{"EventSourceMappings":[{answer}]}}"#);
    let listed = span!(&list, |it| it.list_event_source_mappings());
    for span in [created, read, updated, deleted, listed] {
        assert_eq!(id(&span).as_deref(), Some(ID), "{}", span.name);
    }
    let several = format!(r#"{{"EventSourceMappings":[{answer},{answer}]}}"#);
    let listed = span!(&several, |it| it.list_event_source_mappings());
    assert_eq!(id(&listed), None);
}
