//! The stack of `template.yaml` on the local AWS, the way a user would deploy it on AWS.

use std::collections::BTreeMap;

use lamplight_local_aws::client::Client;

use super::{
    error::{Error, Result},
    options::{Functions, Options},
    package::archive,
};

/// The template, unchanged.
const TEMPLATE: &str = include_str!("../../template.yaml");
const STACK: &str = "event-broker";
const BUCKET: &str = "artifacts";
const PREFIX: &str = "functions/";
/// How often a record is tried before it goes to the dead-letter queue.
pub(crate) const ATTEMPTS: usize = 2;

/// What the stack created, by the names the template gives its outputs.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    pub(crate) orders_path: String,
    pub(crate) span_stream: String,
    pub(crate) queue_url: String,
    pub(crate) queue_mapping: String,
    pub(crate) dead_letter_queue_url: String,
    pub(crate) ingress_logs: String,
    pub(crate) egress_logs: String,
    pub(crate) subscriber_logs: String,
}

/// Uploads the functions, creates the stack and waits until all of it exists.
pub(crate) fn deploy(client: &Client, functions: &Functions, options: &Options) -> Result<Stack> {
    client.put(&format!("/{BUCKET}"), "s3", &[])?;
    for (name, executable) in [
        ("ingress", &functions.ingress),
        ("egress", &functions.egress),
        ("subscriber", &functions.subscriber),
    ] {
        let key = format!("/{BUCKET}/{PREFIX}{name}.zip");
        client.put(&key, "s3", &archive(executable)?)?;
    }

    let seconds = options.retry_after.as_secs().max(1).to_string();
    let attempts = ATTEMPTS.to_string();
    let architecture = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    };
    let parameters = [
        ("ArtifactBucket", BUCKET),
        ("ArtifactPrefix", PREFIX),
        ("Architecture", architecture),
        ("FunctionTimeout", &seconds),
        ("QueueVisibilityTimeout", &seconds),
        ("MaxReceiveCount", &attempts),
    ];
    let outputs = client.create_stack(STACK, TEMPLATE, &parameters)?;
    Stack::from_outputs(&outputs)
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
