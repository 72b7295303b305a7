//! Direct invocations, tasks of state machines, and events that carry no context.

use std::io::Write;

use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use serde_json::{Value, json};

use super::{ACCOUNT, REGION, stamp::Stamp, with_context};

/// The payload of somebody who calls `Invoke`.
#[derive(Debug, Clone)]
#[must_use = "it is given to `Lambda::invoke`"]
pub struct Payload {
    payload: Value,
    traceparent: Option<String>,
}

/// Returns the payload of a direct invocation.
///
/// # Panics
///
/// If the value cannot be JSON.
#[track_caller]
pub fn invoke(payload: &impl Serialize) -> Payload {
    Payload {
        payload: super::json(payload),
        traceparent: None,
    }
}

impl Payload {
    /// Puts the context of this `traceparent` into the payload.
    pub fn with_trace(mut self, traceparent: impl Into<String>) -> Self {
        self.traceparent = Some(traceparent.into());
        self
    }

    pub(super) fn value(&self) -> Value {
        match &self.traceparent {
            Some(traceparent) => with_context(&self.payload, traceparent, "a payload"),
            None => self.payload.clone(),
        }
    }
}

/// The context object of a Step Functions task, which a state machine passes as `$$` (JSONPath) or
/// `$states.context` (JSONata).
#[derive(Debug, Clone)]
#[must_use = "it is given to `Lambda::invoke`"]
pub struct StepFunctions {
    input: Value,
    state: String,
    traceparent: Option<String>,
    sent: Stamp,
}

/// Returns the context object of a task.
pub fn step_functions() -> StepFunctions {
    StepFunctions {
        input: json!({"order": 1}),
        state: "Ship".to_owned(),
        traceparent: None,
        sent: Stamp::now(),
    }
}

impl StepFunctions {
    /// Sets the input of the execution. Default: an order.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON.
    #[track_caller]
    pub fn input(mut self, input: &impl Serialize) -> Self {
        self.input = super::json(input);
        self
    }

    /// Sets the name of the state. Default: `Ship`.
    pub fn with_state(mut self, name: impl Into<String>) -> Self {
        self.state = name.into();
        self
    }

    /// Puts the context of this `traceparent` into the input.
    pub fn with_trace(mut self, traceparent: impl Into<String>) -> Self {
        self.traceparent = Some(traceparent.into());
        self
    }

    pub(super) fn value(&self) -> Value {
        let states = format!("arn:aws:states:{REGION}:{ACCOUNT}");
        let input = match &self.traceparent {
            Some(traceparent) => {
                with_context(&self.input, traceparent, "the input of an execution")
            }
            None => self.input.clone(),
        };
        json!({
            "Execution": {
                "Id": format!("{states}:execution:shop:run"),
                "Input": input,
                "StartTime": self.sent.iso_millis(),
                "Name": "run",
                "RoleArn": format!("arn:aws:iam::{ACCOUNT}:role/shop"),
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": format!("{states}:stateMachine:shop"), "Name": "shop"},
            "State": {
                "Name": self.state,
                "EnteredTime": self.sent.iso_millis(),
                "RetryCount": 0,
            },
        })
    }
}

/// An event that carries no context, and that has no methods of its own: change its JSON where a test needs
/// another.
#[derive(Debug, Clone)]
#[must_use = "it is given to `Lambda::invoke`"]
pub struct Document(Value);

impl Document {
    pub(super) fn value(&self) -> Value {
        self.0.clone()
    }
}

/// Returns the event of a user pool's trigger, such as `PreSignUp_SignUp`.
pub fn cognito(trigger: impl Into<String>) -> Document {
    let trigger = trigger.into();
    // Members that the function may change are in it as they are by default.
    let response = match trigger.starts_with("PreSignUp_") {
        true => json!({
            "autoConfirmUser": false,
            "autoVerifyEmail": false,
            "autoVerifyPhone": false,
        }),
        false => json!({}),
    };
    Document(json!({
        "version": "1",
        "triggerSource": trigger,
        "region": REGION,
        "userPoolId": format!("{REGION}_example"),
        "userName": "ada",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "example"},
        "request": {"userAttributes": {"email": "ada@example.com"}},
        "response": response,
    }))
}

/// Returns the event of a Lex bot, version 2, that is to fulfill this intent.
pub fn lex(intent: impl Into<String>) -> Document {
    let intent = intent.into();
    Document(json!({
        "messageVersion": "1.0",
        "invocationSource": "FulfillmentCodeHook",
        "inputMode": "Text",
        "responseContentType": "text/plain; charset=utf-8",
        "sessionId": "session",
        "inputTranscript": "one tea, please",
        "bot": {
            "id": "ABCDEFGHIJ",
            "name": "shop",
            "aliasId": "TSTALIASID",
            "aliasName": "test",
            "localeId": "en_US",
            "version": "DRAFT",
        },
        "interpretations": [],
        "proposedNextState": null,
        "requestAttributes": {},
        "sessionState": {
            "activeContexts": [],
            "sessionAttributes": {},
            "runtimeHints": {},
            "dialogAction": null,
            "intent": {
                "name": intent,
                "slots": {},
                "state": "ReadyForFulfillment",
                "confirmationState": "None",
            },
            "originatingRequestId": "d3b2b0c4-0000-4000-8000-000000000000",
        },
        "transcriptions": [],
    }))
}

/// Returns the event of a receipt rule of Amazon SES, for a mail with this subject.
pub fn ses(subject: impl Into<String>) -> Document {
    let now = Stamp::now().iso_millis();
    let subject = subject.into();
    let pass = json!({"status": "PASS"});
    Document(json!({
        "Records": [{
            "eventSource": "aws:ses",
            "eventVersion": "1.0",
            "ses": {
                "mail": {
                    "timestamp": now,
                    "source": "ada@example.com",
                    "messageId": "o3vrnil0e2ic28tr",
                    "destination": ["orders@example.com"],
                    "headersTruncated": false,
                    "headers": [{"name": "Subject", "value": subject}],
                    "commonHeaders": {
                        "from": ["ada@example.com"],
                        "to": ["orders@example.com"],
                        "returnPath": "ada@example.com",
                        "messageId": "<0123456789@example.com>",
                        "date": "Tue, 10 Mar 2026 05:16:23 +0000",
                        "subject": subject,
                    },
                },
                "receipt": {
                    "timestamp": now,
                    "processingTimeMillis": 574,
                    "recipients": ["orders@example.com"],
                    "spamVerdict": pass,
                    "virusVerdict": pass,
                    "spfVerdict": pass,
                    "dkimVerdict": pass,
                    "dmarcVerdict": pass,
                    "action": {
                        "type": "Lambda",
                        "functionArn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:function"),
                        "invocationType": "Event",
                    },
                },
            },
        }],
    }))
}

/// Returns the event of a log subscription, with these lines.
pub fn cloudwatch_logs<L: Into<String>>(lines: impl IntoIterator<Item = L>) -> Document {
    let now = Stamp::now().millis();
    let events = lines.into_iter().enumerate().map(|(index, line)| {
        json!({"id": format!("{index:056}"), "timestamp": now, "message": line.into()})
    });
    let data = json!({
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": "/aws/lambda/shop",
        "logStream": "2026/03/10/[$LATEST]0123456789abcdef0123456789abcdef",
        "subscriptionFilters": ["function"],
        "logEvents": events.collect::<Vec<_>>(),
    });
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    // Into memory nothing fails.
    let written = gzip.write_all(data.to_string().as_bytes());
    let data = written.and_then(|()| gzip.finish()).unwrap_or_default();
    Document(json!({"awslogs": {"data": BASE64_STANDARD.encode(data)}}))
}

/// Returns the event of a Firehose transformation, with a record of each of these texts.
pub fn firehose<D: AsRef<[u8]>>(records: impl IntoIterator<Item = D>) -> Document {
    let now = Stamp::now().millis();
    let records = records.into_iter().enumerate().map(|(index, data)| {
        json!({
            "recordId": format!("{index:056}"),
            "approximateArrivalTimestamp": now,
            "data": BASE64_STANDARD.encode(data),
        })
    });
    Document(json!({
        "invocationId": "invocation",
        "deliveryStreamArn": format!("arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/shop"),
        "region": REGION,
        "records": records.collect::<Vec<_>>(),
    }))
}

/// Returns the event of a custom authorizer of AWS IoT, with this token.
pub fn iot(token: impl Into<String>) -> Document {
    Document(json!({
        "token": token.into(),
        "signatureVerified": true,
        "protocols": ["tls", "mqtt"],
        "protocolData": {
            "tls": {"serverName": "example.iot.us-east-1.amazonaws.com"},
            "mqtt": {"username": "ada", "password": "", "clientId": "device"},
        },
        "connectionMetadata": {"id": "0123456789abcdef"},
    }))
}

/// Returns the event of a custom resource of CloudFormation; `request` is `Create`, `Update` or `Delete`.
pub fn cloudformation(request: impl Into<String>) -> Document {
    let stack = format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/guid");
    Document(json!({
        "RequestType": request.into(),
        "ServiceToken": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:function"),
        "ResponseURL": "https://cloudformation-custom-resource-response.s3.amazonaws.com/example",
        "StackId": stack,
        "RequestId": "d3b2b0c4-0000-4000-8000-000000000000",
        "ResourceType": "Custom::Shop",
        "LogicalResourceId": "Shop",
        "PhysicalResourceId": "shop",
        "ResourceProperties": {"ServiceToken": "function"},
        "OldResourceProperties": {},
    }))
}
