//! Batches of messages.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    ACCOUNT, REGION, eventbridge::EventBridge, message::Message, stamp::Stamp, with_context,
};

/// Messages of a queue, a topic, a stream or a broker.
///
/// Without a call of [`message`](Self::message) or [`json`](Self::json) the event has one message.
///
/// ```
/// use lamplight_testing::events;
/// use serde_json::json;
///
/// let batch = events::sqs()
///     .message("plain text")
///     .json(&json!({"order": 1}))
///     .with_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
/// assert_eq!(batch.to_json()["Records"].as_array().map(Vec::len), Some(2));
/// ```
#[derive(Debug, Clone)]
#[must_use = "it is given to `Lambda::invoke`"]
pub struct Batch {
    carrier: Carrier,
    name: String,
    messages: Vec<Message>,
    sent: Stamp,
}

#[derive(Debug, Clone, Copy)]
enum Carrier {
    Sqs,
    Sns,
    SnsInSqs,
    EventBridgeInSqs,
    Kinesis,
    Kafka,
    SelfManagedKafka,
    RabbitMq,
    ActiveMq,
}

/// Returns messages of a queue of Amazon SQS.
pub fn sqs() -> Batch {
    Batch::new(Carrier::Sqs)
}

/// Returns messages of a topic of Amazon SNS. SNS itself never sends more than one at a time.
pub fn sns() -> Batch {
    Batch::new(Carrier::Sns)
}

/// Returns messages of an SNS topic that arrive through a queue, without raw delivery.
pub fn sns_in_sqs() -> Batch {
    Batch::new(Carrier::SnsInSqs)
}

/// Returns events of EventBridge that arrive through a queue. Each message is the detail of one.
pub fn eventbridge_in_sqs() -> Batch {
    Batch::new(Carrier::EventBridgeInSqs)
}

/// Returns records of a stream of Amazon Kinesis.
pub fn kinesis() -> Batch {
    Batch::new(Carrier::Kinesis)
}

/// Returns records of a topic of Amazon MSK.
pub fn kafka() -> Batch {
    Batch::new(Carrier::Kafka)
}

/// Returns records of a topic of a self-managed Kafka.
pub fn self_managed_kafka() -> Batch {
    Batch::new(Carrier::SelfManagedKafka)
}

/// Returns messages of a queue of RabbitMQ on Amazon MQ.
pub fn rabbitmq() -> Batch {
    Batch::new(Carrier::RabbitMq)
}

/// Returns messages of a queue of ActiveMQ on Amazon MQ.
pub fn activemq() -> Batch {
    Batch::new(Carrier::ActiveMq)
}

impl Batch {
    fn new(carrier: Carrier) -> Self {
        Self {
            carrier,
            name: "orders".to_owned(),
            messages: Vec::new(),
            sent: Stamp::now(),
        }
    }

    /// Sets the name of the queue, topic or stream. Default: `orders`.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Adds a message with this text.
    pub fn message(mut self, body: impl Into<String>) -> Self {
        self.messages.push(Message::new(body.into()));
        self
    }

    /// Adds a message with this value as JSON.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON.
    #[track_caller]
    pub fn json(self, body: &impl Serialize) -> Self {
        self.message(super::json(body).to_string())
    }

    /// Gives the last message the context of this `traceparent`, where the source carries it.
    pub fn with_trace(self, traceparent: impl Into<String>) -> Self {
        self.last(|it| it.traceparent = Some(traceparent.into()))
    }

    /// Gives the last message an attribute, header or property. Kinesis and EventBridge have none.
    pub fn with_attribute(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.last(|it| it.attributes.push((name.into(), value.into())))
    }

    /// Sets the id of the last message. Kafka and Kinesis number theirs themselves.
    pub fn with_id(self, id: impl Into<String>) -> Self {
        self.last(|it| it.id = Some(id.into()))
    }

    /// Sets how often the last message has been received, in SQS. Default: once.
    pub fn with_receive_count(self, count: u32) -> Self {
        self.last(|it| it.receive_count = Some(count))
    }

    /// Sets how long ago the messages were sent. Default: now.
    pub fn sent_ago(mut self, age: Duration) -> Self {
        self.sent = Stamp::ago(age);
        self
    }

    /// Changes the last message.
    fn last(mut self, change: impl FnOnce(&mut Message)) -> Self {
        let last = self.messages.pop();
        let mut last = last.unwrap_or_else(|| self.default_message());
        change(&mut last);
        self.messages.push(last);
        self
    }

    fn default_message(&self) -> Message {
        Message::new(json!({"order": 1}).to_string())
    }

    pub(super) fn value(&self) -> Value {
        let default = [self.default_message()];
        let messages = match self.messages.is_empty() {
            true => default.as_slice(),
            false => self.messages.as_slice(),
        };
        let messages = messages.iter().enumerate();
        let records = messages.map(|(index, message)| self.record(index, message));
        let records = Value::Array(records.collect());
        let keyed = |key: String| Value::Object(Map::from_iter([(key, records.clone())]));
        match self.carrier {
            Carrier::Kafka => json!({
                "eventSource": "aws:kafka",
                "eventSourceArn": format!("arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/shop/751d2973-a626-431c-9d4e-d7975eb44dd7-2"),
                "bootstrapServers": "b-1.shop.kafka.us-east-1.amazonaws.com:9092",
                "records": keyed(format!("{}-0", self.name)),
            }),
            Carrier::SelfManagedKafka => json!({
                "eventSource": "SelfManagedKafka",
                "bootstrapServers": "b-1.example.com:9092",
                "records": keyed(format!("{}-0", self.name)),
            }),
            Carrier::RabbitMq => json!({
                "eventSource": "aws:rmq",
                "eventSourceArn": self.broker(),
                "rmqMessagesByQueue": keyed(format!("{}::/", self.name)),
            }),
            Carrier::ActiveMq => json!({
                "eventSource": "aws:mq",
                "eventSourceArn": self.broker(),
                "messages": records,
            }),
            _ => json!({"Records": records}),
        }
    }

    fn broker(&self) -> String {
        format!("arn:aws:mq:{REGION}:{ACCOUNT}:broker:shop:b-9bcfa592-423a-4942-879d-eb284b418fc8")
    }

    fn record(&self, index: usize, message: &Message) -> Value {
        match self.carrier {
            Carrier::Sqs => self.queued(index, message, &message.body, &message.sqs_attributes()),
            Carrier::SnsInSqs => {
                let body = self.notification(index, message, ("SigningCertURL", "UnsubscribeURL"));
                self.queued(index, message, &body.to_string(), &json!({}))
            }
            Carrier::EventBridgeInSqs => {
                let body = self.event(message).to_string();
                self.queued(index, message, &body, &json!({}))
            }
            Carrier::Sns => json!({
                "EventVersion": "1.0",
                "EventSubscriptionArn": format!("arn:aws:sns:{REGION}:{ACCOUNT}:{}:21be56ed-a058-49f5-8c98-aedd2564c486", self.name),
                "EventSource": "aws:sns",
                "Sns": self.notification(index, message, ("SigningCertUrl", "UnsubscribeUrl")),
            }),
            Carrier::Kinesis => self.kinesis(index, message),
            Carrier::Kafka | Carrier::SelfManagedKafka => self.kafka(index, message),
            Carrier::RabbitMq => self.rabbitmq(index, message),
            Carrier::ActiveMq => self.activemq(index, message),
        }
    }

    fn queued(&self, index: usize, message: &Message, body: &str, attributes: &Value) -> Value {
        let sent = self.sent.millis();
        json!({
            "messageId": message.id(index),
            "receiptHandle": format!("AQEBwJnKyrHigUMZj6rYigCgxlaS{index}"),
            "attributes": {
                "ApproximateReceiveCount": message.receive_count.unwrap_or(1).to_string(),
                "SentTimestamp": sent.to_string(),
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": (sent + 1).to_string(),
            },
            "messageAttributes": attributes,
            "md5OfBody": super::stamp::md5(body),
            "body": body,
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", self.name),
            "awsRegion": REGION,
        })
    }

    /// Returns a notification, whose URLs have other names in a queue than in an event.
    fn notification(&self, index: usize, message: &Message, urls: (&str, &str)) -> Value {
        let host = format!("https://sns.{REGION}.amazonaws.com");
        json!({
            "Type": "Notification",
            "MessageId": message.id(index),
            "TopicArn": format!("arn:aws:sns:{REGION}:{ACCOUNT}:{}", self.name),
            "Subject": null,
            "Message": message.body,
            "Timestamp": self.sent.iso_millis(),
            "SignatureVersion": "1",
            "Signature": "tcc6faL2yUC6dgZdmrwh1Y4cGa/ebXEkAi6RibDsvpi+tE/1+82j",
            urls.0: format!("{host}/SimpleNotificationService-0000000000000000.pem"),
            urls.1: format!("{host}/?Action=Unsubscribe"),
            "MessageAttributes": message.sns_attributes(),
        })
    }

    fn event(&self, message: &Message) -> Value {
        let detail = serde_json::from_str(&message.body);
        let detail: Value = match detail {
            Ok(detail) => detail,
            Err(error) => panic!(
                "the detail of an event is JSON, and {:?} is not: {error}",
                message.body
            ),
        };
        let event = EventBridge::new(self.sent).detail(&detail);
        match &message.traceparent {
            Some(traceparent) => event.with_trace(traceparent.as_str()).value(),
            None => event.value(),
        }
    }

    fn kinesis(&self, index: usize, message: &Message) -> Value {
        let number = 49_590_338_271_490_256_608_559_692_538_361_571_095_u128 + index as u128;
        let data = match &message.traceparent {
            Some(traceparent) => {
                let data = serde_json::from_str(&message.body).unwrap_or(Value::Null);
                with_context(&data, traceparent, "Kinesis").to_string()
            }
            None => message.body.clone(),
        };
        json!({
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "1",
                "sequenceNumber": number.to_string(),
                "data": BASE64_STANDARD.encode(data),
                "approximateArrivalTimestamp": self.sent.seconds(),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": format!("shardId-000000000000:{number}"),
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": format!("arn:aws:iam::{ACCOUNT}:role/function"),
            "awsRegion": REGION,
            "eventSourceARN": format!("arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{}", self.name),
        })
    }

    fn kafka(&self, index: usize, message: &Message) -> Value {
        let headers = message.carried();
        let headers = headers.map(|(name, value)| json!({name: value.as_bytes()}));
        json!({
            "topic": self.name,
            "partition": 0,
            "offset": 15 + index,
            "timestamp": self.sent.millis(),
            "timestampType": "CREATE_TIME",
            "key": BASE64_STANDARD.encode("key"),
            "value": BASE64_STANDARD.encode(&message.body),
            "headers": headers.collect::<Vec<_>>(),
        })
    }

    fn rabbitmq(&self, index: usize, message: &Message) -> Value {
        let headers = message.carried();
        let headers =
            headers.map(|(name, value)| (name.to_owned(), json!({"bytes": value.as_bytes()})));
        json!({
            "basicProperties": {
                "contentType": "text/plain",
                "contentEncoding": null,
                "headers": headers.collect::<Map<_, _>>(),
                "deliveryMode": 1,
                "priority": 34,
                "correlationId": null,
                "replyTo": null,
                "expiration": "60000",
                "messageId": message.id(index),
                "timestamp": self.sent.words(),
                "type": null,
                "userId": "AIDACKCEVSQ6C2EXAMPLE",
                "appId": null,
                "clusterId": null,
                "bodySize": message.body.len(),
            },
            "redelivered": false,
            "data": BASE64_STANDARD.encode(&message.body),
        })
    }

    fn activemq(&self, index: usize, message: &Message) -> Value {
        let properties = message.carried();
        let properties = properties.map(|(name, value)| (name.to_owned(), json!(value)));
        json!({
            "messageID": message.id(index),
            "messageType": "jms/text-message",
            "timestamp": self.sent.millis(),
            "deliveryMode": 0,
            "redelivered": false,
            "type": null,
            "expiration": 0,
            "priority": 0,
            "correlationId": null,
            "replyTo": null,
            "destination": {"physicalName": self.name},
            "data": BASE64_STANDARD.encode(&message.body),
            "brokerInTime": self.sent.millis(),
            "brokerOutTime": self.sent.millis(),
            "properties": properties.collect::<Map<_, _>>(),
        })
    }
}
