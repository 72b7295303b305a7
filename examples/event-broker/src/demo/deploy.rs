//! The stack of `template.yaml` on the local AWS, the way a user would deploy it on AWS.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use super::error::{Error, Result};
use super::http::Client;
use super::options::{Functions, Options};
use super::package::archive;
use super::processes::POLL;

/// The template, unchanged.
const TEMPLATE: &str = include_str!("../../template.yaml");
const STACK: &str = "event-broker";
const BUCKET: &str = "artifacts";
const PREFIX: &str = "functions/";
/// How often a record is tried before it goes to the dead-letter queue.
pub(crate) const ATTEMPTS: usize = 2;
/// Longest wait for the stack; half a second is usual.
const LIMIT: Duration = Duration::from_secs(60);

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
    let mut form = vec![
        ("StackName".to_owned(), STACK),
        ("TemplateBody".to_owned(), TEMPLATE),
        ("Capabilities.member.1".to_owned(), "CAPABILITY_IAM"),
    ];
    for (index, (key, value)) in (1..).zip(parameters) {
        form.push((format!("Parameters.member.{index}.ParameterKey"), key));
        form.push((format!("Parameters.member.{index}.ParameterValue"), value));
    }
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    client.cloudformation("CreateStack", &form)?;
    wait_until_complete(client)
}

fn wait_until_complete(client: &Client) -> Result<Stack> {
    let deadline = Instant::now() + LIMIT;
    loop {
        let answer = client.cloudformation("DescribeStacks", &[("StackName", STACK)])?;
        match element(&answer, "StackStatus") {
            Some("CREATE_COMPLETE") => return Stack::from_outputs(&outputs(&answer)),
            Some("CREATE_IN_PROGRESS") if Instant::now() < deadline => thread::sleep(POLL),
            status => {
                let reason = element(&answer, "StackStatusReason").unwrap_or("no reason given");
                let status = status.unwrap_or("unknown");
                return Err(Error::new(format!("the stack is {status}: {reason}")));
            }
        }
    }
}

impl Stack {
    fn from_outputs(outputs: &BTreeMap<&str, &str>) -> Result<Self> {
        let output = |key: &str| {
            let value = outputs.get(key).map(|value| (*value).to_owned());
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

/// The pairs of key and value in the `Outputs` of an answer.
fn outputs(answer: &str) -> BTreeMap<&str, &str> {
    let members = answer.split("<OutputKey>").skip(1);
    members
        .filter_map(|member| {
            let (key, rest) = member.split_once("</OutputKey>")?;
            Some((key, element(rest, "OutputValue")?))
        })
        .collect()
}

/// The text of the first `name` element.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read_from_a_description() {
        let answer = "<Stack><StackStatus>CREATE_COMPLETE</StackStatus><Outputs><member>\
            <OutputKey>ApiId</OutputKey><OutputValue>a1b2</OutputValue></member><member>\
            <OutputKey>OrderQueueUrl</OutputKey><Description>d</Description>\
            <OutputValue>http://q</OutputValue></member></Outputs></Stack>";
        let outputs = outputs(answer);
        assert_eq!(outputs.get("ApiId"), Some(&"a1b2"));
        assert_eq!(outputs.get("OrderQueueUrl"), Some(&"http://q"));
        let error = Stack::from_outputs(&outputs)
            .expect_err("incomplete")
            .to_string();
        assert!(error.contains("SpanStreamName"), "{error}");
    }
}
