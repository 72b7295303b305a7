//! Headers as events: what AWS delivers when a producer has put them into its carrier.

use std::{collections::BTreeMap, str::FromStr};

use axum::http::{HeaderMap, HeaderName};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_propagation::{inbound::RawInvocation, outbound::DEFAULT_KEY};
use opentelemetry::propagation::Extractor;
use serde_json::{Map, Value, json};

/// The headers of a request; a name may have several values.
pub(crate) struct Headers<'a>(pub(crate) &'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        Some(
            self.0
                .get_all(key)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .collect(),
        )
    }
}

impl Headers<'_> {
    /// All values of every name, in order.
    fn multi(&self) -> BTreeMap<&str, Vec<&str>> {
        self.keys()
            .into_iter()
            .map(|key| (key, self.get_all(key).unwrap_or_default()))
            .collect()
    }

    /// One value a name, several joined by commas.
    fn joined(&self) -> BTreeMap<&str, String> {
        self.multi()
            .into_iter()
            .map(|(key, values)| (key, values.join(",")))
            .collect()
    }

    /// What a producer puts into a carrier that takes no empty values.
    fn carried(&self) -> BTreeMap<&str, String> {
        let fields = ["traceparent", "tracestate", "baggage"];
        let mut headers = self.joined();
        headers.retain(|key, value| fields.contains(key) && !value.is_empty());
        headers
    }
}

/// Where the headers go before they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Envelope {
    Alb,
    ApiGatewayV1,
    ApiGatewayV2,
    EventBridge,
    EventBridgeInSqs,
    Invoke,
    None,
    Sns,
    SnsInSqs,
    Sqs,
}

impl Envelope {
    const NAMES: [(&str, Self); 10] = [
        ("alb", Self::Alb),
        ("apigw-v1", Self::ApiGatewayV1),
        ("apigw-v2", Self::ApiGatewayV2),
        ("eventbridge", Self::EventBridge),
        ("eventbridge-in-sqs", Self::EventBridgeInSqs),
        ("invoke", Self::Invoke),
        ("none", Self::None),
        ("sns", Self::Sns),
        ("sns-in-sqs", Self::SnsInSqs),
        ("sqs", Self::Sqs),
    ];

    /// The invocation a function behind this envelope gets.
    pub(crate) fn wrap(self, headers: &Headers<'_>) -> Event {
        let body = match self {
            Self::Alb => json!({
                "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/t/1"}},
                "httpMethod": "POST",
                "path": "/test",
                "multiValueQueryStringParameters": {},
                "multiValueHeaders": headers.multi(),
                "body": "",
                "isBase64Encoded": false,
            }),
            Self::ApiGatewayV1 => {
                // This one hands over the names as the client wrote them.
                let multi: Map<_, _> = headers
                    .multi()
                    .into_iter()
                    .map(|(key, values)| (title_case(key), json!(values)))
                    .collect();
                let single: Map<_, _> = multi
                    .iter()
                    .filter_map(|(key, values)| {
                        Some((key.clone(), values.as_array()?.last()?.clone()))
                    })
                    .collect();
                json!({
                    "resource": "/test",
                    "path": "/test",
                    "httpMethod": "POST",
                    "headers": single,
                    "multiValueHeaders": multi,
                    "requestContext": {"stage": "prod", "httpMethod": "POST", "requestId": "1"},
                    "body": "",
                })
            }
            Self::ApiGatewayV2 => json!({
                "version": "2.0",
                "routeKey": "POST /test",
                "rawPath": "/test",
                "rawQueryString": "",
                "headers": headers.joined(),
                "requestContext": {"domainName": "api.example.com", "http": {"method": "POST"}},
                "body": "",
            }),
            Self::EventBridge => event(headers),
            Self::EventBridgeInSqs => records(&sqs(&event(headers).to_string(), &json!({}))),
            Self::Invoke => {
                let context = json!({"custom": headers.carried()}).to_string();
                // Over the wire it is base64; the Runtime API decodes it.
                let context = BASE64.decode(BASE64.encode(context)).ok();
                let client_context = context.and_then(|context| String::from_utf8(context).ok());
                return Event {
                    body: json!({}).to_string(),
                    client_context,
                };
            }
            Self::None => json!({}),
            Self::Sns => records(&json!({"EventSource": "aws:sns", "Sns": notification(headers)})),
            Self::SnsInSqs => records(&sqs(&notification(headers).to_string(), &json!({}))),
            Self::Sqs => {
                let attribute = |(key, value): (&str, String)| {
                    (
                        key.to_owned(),
                        json!({"stringValue": value, "dataType": "String"}),
                    )
                };
                let attributes: Map<_, _> = headers.carried().into_iter().map(attribute).collect();
                records(&sqs("hello", &attributes.into()))
            }
        };
        Event {
            body: body.to_string(),
            client_context: None,
        }
    }
}

impl FromStr for Envelope {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::NAMES.iter().find(|(known, _)| *known == name);
        known
            .map(|(_, envelope)| *envelope)
            .ok_or_else(|| format!("no envelope {name}"))
    }
}

/// What the runtime gets.
pub(crate) struct Event {
    body: String,
    client_context: Option<String>,
}

impl Event {
    pub(crate) fn invocation(&self) -> RawInvocation<'_> {
        RawInvocation::new(self.body.as_bytes(), "w3c-service")
            .with_client_context(self.client_context.as_deref())
    }
}

fn records(record: &Value) -> Value {
    json!({ "Records": [record] })
}

fn sqs(body: &str, attributes: &Value) -> Value {
    json!({
        "messageId": "1",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": attributes,
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
    })
}

fn notification(headers: &Headers<'_>) -> Value {
    let attribute =
        |(key, value): (&str, String)| (key.to_owned(), json!({"Type": "String", "Value": value}));
    let attributes: Map<_, _> = headers.carried().into_iter().map(attribute).collect();
    json!({
        "Type": "Notification",
        "MessageId": "1",
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:shop",
        "Message": "hello",
        "MessageAttributes": attributes,
    })
}

fn event(headers: &Headers<'_>) -> Value {
    json!({
        "detail-type": "Test",
        "source": "w3c",
        "detail": {DEFAULT_KEY: headers.carried(), "order": 1},
    })
}

fn title_case(name: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase())
            .into_iter()
            .chain(letters)
            .collect()
    };
    name.split('-')
        .map(capital)
        .collect::<Vec<String>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};
    use lamplight_propagation::{inbound::EventExtractor, outbound::Fields, w3c::W3cPropagator};
    use opentelemetry::{Context, propagation::TextMapPropagator as _};

    use super::{Envelope, Headers};

    const VALID: &str = "00-12345678901234567890123456789012-1234567890123456-03";

    /// The kinds of headers the test-suite sends.
    fn requests() -> Vec<Vec<(&'static str, String)>> {
        let parent = || ("traceparent", VALID.to_owned());
        let state = |value: &str| ("tracestate", value.to_owned());
        let long = (1..=32)
            .map(|i| format!("bar{i:02}={i:02}"))
            .collect::<Vec<_>>()
            .join(",");
        vec![
            vec![],
            vec![parent()],
            vec![parent(), parent()],
            vec![("trace-parent", VALID.to_owned())],
            vec![("traceparent", format!("\t {VALID} \t"))],
            vec![("traceparent", VALID.replace("00-", "cc-") + "-what")],
            vec![("traceparent", VALID.replace("00-", "ff-"))],
            vec![("traceparent", VALID.replace("-03", "-03-"))],
            vec![state("foo=1")],
            vec![parent(), state("foo=1,bar=2")],
            vec![parent(), state("foo=1"), state(""), state("bar=2")],
            vec![parent(), state("")],
            vec![parent(), state("foo@bar@baz=1,bar=2")],
            vec![
                parent(),
                state("foo= !\"#$%&'()*+-./0123456789:;<>?@AZ[\\]^_`az{|}~"),
            ],
            vec![parent(), state(&long)],
            vec![parent(), state(&long), state("bar33=33")],
            vec![parent(), state("foo=bar=baz")],
            vec![
                parent(),
                ("baggage", "a=1;p=q,b=%22".to_owned()),
                ("baggage", "c=3".to_owned()),
            ],
        ]
    }

    #[test]
    fn every_envelope_gives_what_plain_headers_give() {
        for request in requests() {
            let mut headers = HeaderMap::new();
            for (name, value) in &request {
                let value = HeaderValue::from_str(value).unwrap();
                headers.append(HeaderName::from_static(name), value);
            }
            let headers = Headers(&headers);
            let plain = W3cPropagator::new().extract_with_context(&Context::new(), &headers);
            let plain = format!("{:?}", Fields::from_context(&plain));
            for (name, envelope) in Envelope::NAMES {
                if envelope == Envelope::None {
                    continue;
                }
                let event = envelope.wrap(&headers);
                let found = EventExtractor::new().extract(&event.invocation());
                let found = format!("{:?}", Fields::from_context(&found.parent));
                assert_eq!(found, plain, "{name} {request:?}");
            }
        }
    }

    #[test]
    fn every_envelope_has_a_name() {
        for (name, envelope) in Envelope::NAMES {
            assert_eq!(name.parse(), Ok(envelope));
        }
        assert!("pigeon".parse::<Envelope>().is_err());
    }
}
