//! Plain HTTP to the local AWS: three protocols of AWS, without a signature worth the name.

use std::time::Duration;

use serde_json::Value;

use super::error::{Context, Error, Result};

/// Longest wait for any single answer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Largest answer read: one page of GetRecords holds at most 10 MiB, in base64.
const LARGEST_ANSWER: u64 = 32 << 20;

/// A client of one local AWS.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    endpoint: String,
}

/// A service that speaks JSON: the name in the credential scope and the prefix of its operations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonService {
    scope: &'static str,
    prefix: &'static str,
    version: &'static str,
}

pub(crate) const KINESIS: JsonService = JsonService {
    scope: "kinesis",
    prefix: "Kinesis_20131202",
    version: "1.1",
};
pub(crate) const LOGS: JsonService = JsonService {
    scope: "logs",
    prefix: "Logs_20140328",
    version: "1.1",
};
pub(crate) const SQS: JsonService = JsonService {
    scope: "sqs",
    prefix: "AmazonSQS",
    version: "1.0",
};

/// Status and body of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Client {
    /// A client that talks to `endpoint` and nothing else: proxies of the environment are ignored.
    pub(crate) fn new(endpoint: impl Into<String>) -> Self {
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
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// GET; any answer at all is `Ok`.
    pub(crate) fn get(&self, path: &str) -> Result<Answer> {
        let response = self.agent.get(format!("{}{path}", self.endpoint)).call();
        Self::read(response.context(format!("GET {path}"))?)
    }

    /// POST of JSON; any answer at all is `Ok`.
    pub(crate) fn post(&self, path: &str, body: &str) -> Result<Answer> {
        let request = self.agent.post(format!("{}{path}", self.endpoint));
        let response = request
            .header("content-type", "application/json")
            .send(body);
        Self::read(response.context(format!("POST {path}"))?)
    }

    /// An operation of a JSON service.
    pub(crate) fn call(
        &self,
        service: JsonService,
        operation: &str,
        input: &Value,
    ) -> Result<Value> {
        let response = self
            .agent
            .post(format!("{}/", self.endpoint))
            .header("authorization", authorization(service.scope))
            .header(
                "content-type",
                format!("application/x-amz-json-{}", service.version),
            )
            .header("x-amz-target", format!("{}.{operation}", service.prefix))
            .send(input.to_string());
        let answer = Self::read(response.context(operation)?)?.succeeded(operation)?;
        serde_json::from_str(&answer).context(format!("read the answer of {operation}"))
    }

    /// An operation of CloudFormation, which speaks forms and XML.
    pub(crate) fn cloudformation(&self, operation: &str, input: &[(&str, &str)]) -> Result<String> {
        let fixed = [("Action", operation), ("Version", "2010-05-15")];
        let form = fixed.iter().chain(input).copied();
        let response = self
            .agent
            .post(format!("{}/", self.endpoint))
            .header("authorization", authorization("cloudformation"))
            .send_form(form);
        Self::read(response.context(operation)?)?.succeeded(operation)
    }

    /// PUT to a service that is addressed by path.
    pub(crate) fn put(&self, path: &str, service: &str, body: &[u8]) -> Result<()> {
        let response = self
            .agent
            .put(format!("{}{path}", self.endpoint))
            .header("authorization", authorization(service))
            .send(body);
        let doing = format!("PUT {path}");
        Self::read(response.context(doing.as_str())?)?
            .succeeded(&doing)
            .map(drop)
    }

    fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer> {
        let status = response.status().as_u16();
        let body = response
            .body_mut()
            .with_config()
            .limit(LARGEST_ANSWER)
            .read_to_string();
        Ok(Answer {
            status,
            body: body.context("read the answer")?,
        })
    }
}

/// The text at a JSON pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// The elements of the array at a JSON pointer; none if it is not there.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

impl Answer {
    fn succeeded(self, doing: &str) -> Result<String> {
        match self.status {
            200..300 => Ok(self.body),
            status => Err(Error::new(format!(
                "{doing}: HTTP {status}: {}",
                self.body.trim()
            ))),
        }
    }
}

/// The local AWS reads the service from the credential scope and does not check the signature.
fn authorization(scope: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{scope}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}
