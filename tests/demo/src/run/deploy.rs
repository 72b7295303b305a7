//! The stacks of `template.yaml` and of the relay on the local AWS, the way a user would deploy them on AWS.

use std::collections::BTreeMap;

use lamplight_local_aws::client::Client;

use super::package::archive;
use crate::{
    error::{Error, Result},
    options::Options,
};

/// The template, unchanged.
const TEMPLATE: &str = include_str!("../../../../examples/event-broker/template.yaml");
const STACK: &str = "event-broker";
/// The template of the relay, unchanged.
const RELAY_TEMPLATE: &str = include_str!("../../../../deploy/relay-function.yaml");
const RELAY_STACK: &str = "relay";
const BUCKET: &str = "artifacts";
const PREFIX: &str = "functions/";
const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") {
    "arm64"
} else {
    "x86_64"
};
/// Attempts at a record before it goes to the dead-letter queue.
pub(crate) const ATTEMPTS: usize = 2;

/// The outputs of the stack, by their names in the template.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    pub(crate) orders_path: String,
    pub(crate) span_stream: String,
    pub(crate) span_stream_arn: String,
    pub(crate) queue_url: String,
    pub(crate) queue_mapping: String,
    pub(crate) dead_letter_queue_url: String,
    pub(crate) ingress_logs: String,
    pub(crate) egress_logs: String,
    pub(crate) subscriber_logs: String,
}

/// Uploads the functions, creates the stack and waits until all of it exists.
pub(crate) fn deploy(client: &Client, options: &Options) -> Result<Stack> {
    let functions = &options.functions;
    client.put(&format!("/{BUCKET}"), "s3", &[])?;
    for (name, executable) in [
        ("ingress", &functions.ingress),
        ("egress", &functions.egress),
        ("subscriber", &functions.subscriber),
        ("relay", &functions.relay),
    ] {
        let key = format!("/{BUCKET}/{PREFIX}{name}.zip");
        client.put(&key, "s3", &archive(executable)?)?;
    }

    let seconds = options.retry_after.as_secs().max(1).to_string();
    let attempts = ATTEMPTS.to_string();
    let parameters = [
        ("ArtifactBucket", BUCKET),
        ("ArtifactPrefix", PREFIX),
        ("Architecture", ARCHITECTURE),
        ("FunctionTimeout", &seconds),
        ("QueueVisibilityTimeout", &seconds),
        ("MaxReceiveCount", &attempts),
    ];
    let outputs = client.create_stack(STACK, TEMPLATE, &parameters)?;
    Stack::from_outputs(&outputs)
}

/// Puts the relay behind the stream. It keeps errors and half of all traces, and delivers to `endpoint`.
pub(crate) fn deploy_relay(client: &Client, stack: &Stack, endpoint: &str) -> Result<()> {
    let configuration = format!(
        r#"
[[rule]]
name = "errors"
when = {{ error = true }}
keep = true

[[rule]]
name = "half"
probability = "50 %"

[[sink]]
name = "receiver"
type = "otlp_http"
endpoint = "{endpoint}"
compression = "none"
"#
    );
    let parameters = [
        ("ArtifactBucket", BUCKET),
        ("ArtifactKey", &format!("{PREFIX}relay.zip")),
        ("Architecture", ARCHITECTURE),
        ("StreamArn", &stack.span_stream_arn),
        ("Configuration", &configuration),
        ("BatchingWindow", "0"),
    ];
    client.create_stack(RELAY_STACK, RELAY_TEMPLATE, &parameters)?;
    Ok(())
}

impl Stack {
    fn from_outputs(outputs: &BTreeMap<String, String>) -> Result<Self> {
        let output = |key: &str| {
            let value = outputs.get(key).cloned();
            value.ok_or_else(|| Error::new(format!("the stack has no output {key}")))
        };
        Ok(Self {
            // The local AWS serves every API below its own address.
            orders_path: format!("/_aws/execute-api/{}/$default/orders", output("ApiId")?),
            span_stream: output("SpanStreamName")?,
            span_stream_arn: output("SpanStreamArn")?,
            queue_url: output("OrderQueueUrl")?,
            queue_mapping: output("OrderQueueMappingId")?,
            dead_letter_queue_url: output("DeadLetterQueueUrl")?,
            ingress_logs: output("IngressLogGroup")?,
            egress_logs: output("EgressLogGroup")?,
            subscriber_logs: output("SubscriberLogGroup")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_without_an_output_says_which() {
        let outputs = BTreeMap::from([("ApiId".to_owned(), "a1b2".to_owned())]);
        let error = Stack::from_outputs(&outputs)
            .expect_err("incomplete")
            .to_string();
        assert!(error.contains("SpanStreamName"), "{error}");
    }
}
