//! Plain HTTP to a local AWS: the protocols of its services, without a signature worth the name.

use std::{
    collections::BTreeMap,
    fmt::Display,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::Error;

/// Longest wait for any single answer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Largest answer read: one page of GetRecords holds at most 10 MiB, in base64.
const LARGEST_ANSWER: u64 = 32 << 20;
/// Longest wait for a stack.
const STACK_LIMIT: Duration = Duration::from_secs(60);
/// How often a stack that is being created is looked at.
const POLL: Duration = Duration::from_millis(50);

/// A client of one local AWS.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
    endpoint: String,
}

/// Status and body of an answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, which is text whatever the service.
    pub body: String,
}

impl Client {
    /// A client that talks to `endpoint` and nothing else: proxies of the environment are ignored.
    #[must_use]
    pub fn new(endpoint: impl Into<String>) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(TIMEOUT))
            .build()
            .new_agent();
        Self {
            agent,
            endpoint: endpoint.into(),
        }
    }

    /// The URL of this local AWS, without a trailing slash.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// GET; any answer at all is `Ok`.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Answer, Error> {
        let mut request = self.agent.get(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(&format!("GET {path}"), request.call())
    }

    /// POST of JSON; any answer at all is `Ok`.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub fn post(&self, path: &str, body: &str) -> Result<Answer, Error> {
        let request = self.agent.post(self.url(path));
        let request = request.header("content-type", "application/json");
        read(&format!("POST {path}"), request.send(body))
    }

    /// PUT to a service that is addressed by path, whose name in the credential scope is `scope`.
    ///
    /// # Errors
    ///
    /// When the service refuses, and when there is no answer.
    pub fn put(&self, path: &str, scope: &str, body: &[u8]) -> Result<(), Error> {
        let request = self.agent.put(self.url(path));
        let request = request.header("authorization", authorization(scope));
        let doing = format!("PUT {path}");
        read(&doing, request.send(body))?
            .succeeded(&doing)
            .map(drop)
    }

    /// An operation of a service that speaks JSON, such as `AmazonSQS.SendMessage` of `sqs`.
    ///
    /// # Errors
    ///
    /// When the service refuses, and when there is no answer or none in JSON.
    pub fn call(&self, scope: &str, operation: &str, input: &Value) -> Result<Value, Error> {
        let request = self.agent.post(self.url("/"));
        let request = request
            .header("authorization", authorization(scope))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", operation);
        let answer = read(operation, request.send(input.to_string()))?.succeeded(operation)?;
        serde_json::from_str(&answer).map_err(|error| because(operation, error))
    }

    /// An operation of a service that speaks forms and XML.
    ///
    /// # Errors
    ///
    /// When the service refuses, and when there is no answer.
    pub fn query(
        &self,
        scope: &str,
        version: &str,
        operation: &str,
        input: &[(&str, &str)],
    ) -> Result<String, Error> {
        let fixed = [("Action", operation), ("Version", version)];
        let request = self.agent.post(self.url("/"));
        let request = request.header("authorization", authorization(scope));
        let form = fixed.iter().chain(input).copied();
        read(operation, request.send_form(form))?.succeeded(operation)
    }

    /// Creates the stack of a template, waits until all of it exists, and gives its outputs.
    ///
    /// # Errors
    ///
    /// When it cannot be created, and when that takes longer than a minute.
    pub fn create_stack(
        &self,
        name: &str,
        template: &str,
        parameters: &[(&str, &str)],
    ) -> Result<BTreeMap<String, String>, Error> {
        let named = [("StackName", name)];
        let parameters: Vec<_> = (1..)
            .zip(parameters)
            .flat_map(|(index, (key, value))| {
                let member = format!("Parameters.member.{index}.Parameter");
                [
                    (format!("{member}Key"), *key),
                    (format!("{member}Value"), *value),
                ]
            })
            .collect();
        let mut form = vec![
            ("TemplateBody", template),
            ("Capabilities.member.1", "CAPABILITY_IAM"),
        ];
        form.extend(named);
        form.extend(
            parameters
                .iter()
                .map(|(name, value)| (name.as_str(), *value)),
        );
        self.query("cloudformation", "2010-05-15", "CreateStack", &form)?;
        let deadline = Instant::now() + STACK_LIMIT;
        loop {
            let answer = self.query("cloudformation", "2010-05-15", "DescribeStacks", &named)?;
            match element(&answer, "StackStatus") {
                Some("CREATE_COMPLETE") => return Ok(outputs(&answer)),
                Some("CREATE_IN_PROGRESS") if Instant::now() < deadline => thread::sleep(POLL),
                status => {
                    let reason = element(&answer, "StackStatusReason").unwrap_or("no reason given");
                    let status = status.unwrap_or("unknown");
                    return Err(format!("the stack is {status}: {reason}").into());
                }
            }
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.endpoint)
    }
}

impl Answer {
    /// The body of an answer whose status says that all is well.
    ///
    /// # Errors
    ///
    /// What the answer says instead, and what was being `doing`.
    pub fn succeeded(self, doing: &str) -> Result<String, Error> {
        match self.status {
            200..300 => Ok(self.body),
            status => Err(format!("{doing}: HTTP {status}: {}", self.body.trim()).into()),
        }
    }
}

fn read(
    doing: &str,
    answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answer, Error> {
    let mut answer = answer.map_err(|error| because(doing, error))?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(LARGEST_ANSWER);
    let body = body.read_to_string();
    let body = body.map_err(|error| because(doing, error))?;
    Ok(Answer { status, body })
}

fn because(doing: &str, error: impl Display) -> Error {
    format!("{doing}: {error}").into()
}

/// The text of the first `name` element.
#[must_use]
pub fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// The pairs of key and value in the `Outputs` of an answer.
fn outputs(answer: &str) -> BTreeMap<String, String> {
    let members = answer.split("<OutputKey>").skip(1);
    members
        .filter_map(|member| {
            let (key, rest) = member.split_once("</OutputKey>")?;
            Some((key.to_owned(), element(rest, "OutputValue")?.to_owned()))
        })
        .collect()
}

/// The local AWS reads the service from the credential scope and does not check the signature.
fn authorization(scope: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{scope}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}

#[cfg(test)]
mod tests {
    use super::outputs;

    #[test]
    fn outputs_are_read_from_a_description() {
        let answer = "<Stack><StackStatus>CREATE_COMPLETE</StackStatus><Outputs><member>\
            <OutputKey>ApiId</OutputKey><OutputValue>a1b2</OutputValue></member><member>\
            <OutputKey>OrderQueueUrl</OutputKey><Description>d</Description>\
            <OutputValue>http://q</OutputValue></member></Outputs></Stack>";
        let outputs = outputs(answer);
        assert_eq!(outputs["ApiId"], "a1b2");
        assert_eq!(outputs["OrderQueueUrl"], "http://q");
    }
}
