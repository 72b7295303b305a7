//! The stack of `template.yaml` on a local AWS, and plain HTTP to it.

use lamplight_local_aws::LocalAws;
use lamplight_tests::{PATIENCE, Span, decode, hold};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

/// How often a state that cannot be waited for is looked at.
const POLL: Duration = Duration::from_millis(50);

/// The function, deployed behind all its triggers.
pub(crate) struct Stack {
    agent: ureq::Agent,
    endpoint: String,
    outputs: BTreeMap<String, String>,
    /// Ends last.
    aws: Arc<LocalAws>,
}

impl Stack {
    /// The one of this process, deployed if it is not.
    pub(crate) fn shared() -> Arc<Self> {
        static DEPLOYED: Mutex<Weak<Stack>> = Mutex::new(Weak::new());
        let mut deployed = DEPLOYED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stack) = deployed.upgrade() {
            return stack;
        }
        let stack = Arc::new(Self::deploy(LocalAws::shared()));
        *deployed = Arc::downgrade(&stack);
        stack
    }

    fn deploy(aws: Arc<LocalAws>) -> Self {
        let config = ureq::Agent::config_builder().proxy(None);
        let config = config.timeout_global(Some(PATIENCE)).user_agent("shop/1");
        let config = config.http_status_as_error(false);
        let mut stack = Self {
            agent: config.build().new_agent(),
            endpoint: aws.endpoint(),
            outputs: BTreeMap::new(),
            aws,
        };
        // If the stack before this one ended a moment ago, its server may still be there.
        stack.send("POST", "", "/_ministack/reset", &Value::Null);
        stack.put("/artifacts", &[]);
        stack.put("/artifacts/triggered.zip", &archive());
        let architecture = if cfg!(target_arch = "aarch64") {
            "arm64"
        } else {
            "x86_64"
        };
        let form = [
            ("StackName", "triggers"),
            ("TemplateBody", include_str!("template.yaml")),
            ("Parameters.member.1.ParameterKey", "Architecture"),
            ("Parameters.member.1.ParameterValue", architecture),
        ];
        stack.query("cloudformation", "2010-05-15", "CreateStack", &form);
        let complete = wait_for("the stack is complete", || {
            let name = [("StackName", "triggers")];
            let answer = stack.query("cloudformation", "2010-05-15", "DescribeStacks", &name);
            match element(&answer, "StackStatus") {
                Some("CREATE_COMPLETE") => Some(answer),
                Some("CREATE_IN_PROGRESS") => None,
                _ => panic!("the stack could not be created: {answer}"),
            }
        });
        let members = complete.split("<OutputKey>").skip(1);
        stack.outputs = members
            .filter_map(|member| {
                let (key, rest) = member.split_once("</OutputKey>")?;
                Some((key.to_owned(), element(rest, "OutputValue")?.to_owned()))
            })
            .collect();
        stack
    }

    /// An output of the template.
    pub(crate) fn output(&self, name: &str) -> &str {
        &self.outputs[name]
    }

    /// The port of the local AWS.
    pub(crate) fn port(&self) -> u16 {
        self.aws.address().port()
    }

    /// What a client gets that sends these headers too.
    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> String {
        let mut request = self.agent.get(format!("{}{path}", self.endpoint));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        text(request.call())
    }

    /// An operation that is addressed by path.
    pub(crate) fn send(&self, method: &str, service: &str, path: &str, body: &Value) -> String {
        let url = format!("{}{path}", self.endpoint);
        let request = match method {
            "PUT" => self.agent.put(url),
            _ => self.agent.post(url),
        };
        let request = request.header("authorization", authorization(service));
        text(request.send(body.to_string()))
    }

    /// Puts an object, or makes a bucket.
    pub(crate) fn put(&self, path: &str, body: &[u8]) {
        let request = self.agent.put(format!("{}{path}", self.endpoint));
        text(
            request
                .header("authorization", authorization("s3"))
                .send(body),
        );
    }

    /// An operation of a service that speaks JSON, such as `AmazonSQS.SendMessage` of `sqs`.
    pub(crate) fn call(&self, service: &str, operation: &str, input: &Value) -> Value {
        let request = self.agent.post(format!("{}/", self.endpoint));
        let request = request
            .header("authorization", authorization(service))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", operation);
        serde_json::from_str(&text(request.send(input.to_string()))).unwrap()
    }

    /// An operation of a service that speaks forms and XML.
    pub(crate) fn query(
        &self,
        service: &str,
        version: &str,
        operation: &str,
        input: &[(&str, &str)],
    ) -> String {
        let fixed = [("Action", operation), ("Version", version)];
        let request = self.agent.post(format!("{}/", self.endpoint));
        let request = request.header("authorization", authorization(service));
        text(request.send_form(fixed.iter().chain(input).copied()))
    }

    /// Spans for which `wanted` holds, at least `count` of them. They have to be what the registry
    /// says.
    pub(crate) fn spans(&self, count: usize, wanted: impl Fn(&Span) -> bool) -> Vec<Span> {
        wait_for("the spans arrive", || {
            let mut spans = Vec::new();
            for record in self.records() {
                let mut of_record = decode(&record);
                if of_record.iter().any(&wanted) {
                    hold([record.as_slice()]);
                    of_record.retain(&wanted);
                    spans.extend(of_record);
                }
            }
            (spans.len() >= count).then_some(spans)
        })
    }

    fn records(&self) -> Vec<Vec<u8>> {
        let shard = json!({
            "StreamName": "spans",
            "ShardId": "shardId-000000000000",
            "ShardIteratorType": "TRIM_HORIZON",
        });
        let iterator = self.call("kinesis", "Kinesis_20131202.GetShardIterator", &shard);
        let from = json!({"ShardIterator": iterator["ShardIterator"]});
        let page = self.call("kinesis", "Kinesis_20131202.GetRecords", &from);
        let records = page["Records"].as_array().unwrap().iter();
        let data = records.map(|record| BASE64.decode(record["Data"].as_str().unwrap()));
        data.map(Result::unwrap).collect()
    }
}

/// Looks again and again until there is something to see.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(POLL);
    }
}

fn text(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> String {
    let mut answer = answer.unwrap();
    // A page of records is larger than the client reads by default.
    let body = answer.body_mut().with_config().limit(64 << 20);
    let body = body.read_to_string().unwrap();
    assert!(answer.status().is_success(), "{}: {body}", answer.status());
    body
}

/// The archive of the function, not compressed: it travels over loopback.
fn archive() -> Vec<u8> {
    let executable = std::fs::read(env!("CARGO_BIN_EXE_triggered")).unwrap();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .unix_permissions(0o755);
    archive.start_file("bootstrap", options).unwrap();
    archive.write_all(&executable).unwrap();
    archive.finish().unwrap().into_inner()
}

/// The local AWS reads the service from the credential scope and does not check the signature.
fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}

/// The text of the first `name` element.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}
