// Generated from a registry of semantic conventions: change that, not this.

//! `messaging.*`

use ::opentelemetry::{KeyValue, StringValue, Value};

/// Former name of the operation type.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"process"`.
#[deprecated(note = "use `messaging.operation.type` instead")]
pub const OPERATION: &str = "messaging.operation";

/// Returns the attribute `messaging.operation` with this value. See [`OPERATION`].
#[deprecated(note = "use `messaging.operation.type` instead")]
pub fn operation(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new("messaging.operation", value.into())
}

/// Messaging system the message travels through.
///
/// Type: `enum of string`. Stability: development.
///
/// Required by span `messaging.process.consumer`, span `lamplight.inferred.message`, span
/// `faas.server.pubsub`, span `aws.client.messaging`, span `aws.client.messaging.send.producer`,
/// span `aws.client.messaging.send.client`, 4 more.
pub const SYSTEM: &str = "messaging.system";

/// Returns the attribute `messaging.system` with this value. See [`SYSTEM`].
pub fn system(value: MessagingSystem) -> KeyValue {
    KeyValue::new(SYSTEM, value)
}

/// Values of [`SYSTEM`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessagingSystem {
    /// Apache ActiveMQ.
    Activemq,
    /// Amazon Simple Notification Service.
    AwsSns,
    /// Amazon Simple Queue Service.
    AwsSqs,
    /// Amazon EventBridge. An addition of this registry; no published value exists.
    AwsEventbridge,
    /// Amazon Kinesis Data Streams. An addition of this registry; no published value exists.
    AwsKinesis,
    /// Azure Event Grid.
    Eventgrid,
    /// Azure Event Hubs.
    Eventhubs,
    /// Azure Service Bus.
    Servicebus,
    /// Google Cloud Pub/Sub.
    GcpPubsub,
    /// Java Message Service.
    Jms,
    /// Apache Kafka.
    Kafka,
    /// RabbitMQ.
    Rabbitmq,
    /// Apache RocketMQ.
    Rocketmq,
    /// Apache Pulsar.
    Pulsar,
    /// A value the registry does not list.
    Custom(StringValue),
}

impl MessagingSystem {
    /// Returns the recorded value.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Custom(value) => value.as_str(),
            listed => listed.listed(),
        }
    }

    /// Returns the member with this value, or [`Custom`](Self::Custom) if there is none.
    pub fn from_value(value: impl Into<StringValue>) -> Self {
        let value = value.into();
        match value.as_str() {
            "activemq" => Self::Activemq,
            "aws.sns" => Self::AwsSns,
            "aws_sqs" => Self::AwsSqs,
            "aws.eventbridge" => Self::AwsEventbridge,
            "aws.kinesis" => Self::AwsKinesis,
            "eventgrid" => Self::Eventgrid,
            "eventhubs" => Self::Eventhubs,
            "servicebus" => Self::Servicebus,
            "gcp_pubsub" => Self::GcpPubsub,
            "jms" => Self::Jms,
            "kafka" => Self::Kafka,
            "rabbitmq" => Self::Rabbitmq,
            "rocketmq" => Self::Rocketmq,
            "pulsar" => Self::Pulsar,
            _ => Self::Custom(value),
        }
    }

    fn listed(&self) -> &'static str {
        match self {
            Self::Activemq => "activemq",
            Self::AwsSns => "aws.sns",
            Self::AwsSqs => "aws_sqs",
            Self::AwsEventbridge => "aws.eventbridge",
            Self::AwsKinesis => "aws.kinesis",
            Self::Eventgrid => "eventgrid",
            Self::Eventhubs => "eventhubs",
            Self::Servicebus => "servicebus",
            Self::GcpPubsub => "gcp_pubsub",
            Self::Jms => "jms",
            Self::Kafka => "kafka",
            Self::Rabbitmq => "rabbitmq",
            Self::Rocketmq => "rocketmq",
            Self::Pulsar => "pulsar",
            Self::Custom(_) => "",
        }
    }
}

impl From<MessagingSystem> for Value {
    fn from(value: MessagingSystem) -> Self {
        match value {
            MessagingSystem::Custom(value) => value.into(),
            listed => listed.listed().into(),
        }
    }
}

/// `messaging.batch.*`
pub mod batch {
    use ::opentelemetry::KeyValue;

    /// Number of messages in the batch.
    ///
    /// Only for operations on batches; operations on a single message omit it.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Conditionally required by span `messaging.process.consumer`, span
    /// `lamplight.inferred.message`, span `faas.server.pubsub`, span `aws.client.messaging`, span
    /// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, 4 more.
    ///
    /// Examples: `10`.
    pub const MESSAGE_COUNT: &str = "messaging.batch.message_count";

    /// Returns the attribute `messaging.batch.message_count` with this value. See [`MESSAGE_COUNT`].
    pub fn message_count(value: i64) -> KeyValue {
        KeyValue::new(MESSAGE_COUNT, value)
    }
}

/// `messaging.client.*`
pub mod client {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Identifier of the client that sends or receives.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"client-5"`.
    pub const ID: &str = "messaging.client.id";

    /// Returns the attribute `messaging.client.id` with this value. See [`ID`].
    pub fn id(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(ID, value.into())
    }
}

/// `messaging.consumer.*`
pub mod consumer {
    /// `messaging.consumer.group.*`
    pub mod group {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Consumer group that receives.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"invoicing"`.
        pub const NAME: &str = "messaging.consumer.group.name";

        /// Returns the attribute `messaging.consumer.group.name` with this value. See [`NAME`].
        pub fn name(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(NAME, value.into())
        }
    }
}

/// `messaging.destination.*`
pub mod destination {
    use ::opentelemetry::{KeyValue, StringValue};

    /// True if the destination has no name, or a generated one.
    ///
    /// Type: `boolean`. Stability: development.
    pub const ANONYMOUS: &str = "messaging.destination.anonymous";

    /// Returns the attribute `messaging.destination.anonymous` with this value. See [`ANONYMOUS`].
    pub fn anonymous(value: bool) -> KeyValue {
        KeyValue::new(ANONYMOUS, value)
    }

    /// Queue, topic, stream or bus the message is sent to or taken from.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Conditionally required by span `messaging.process.consumer`, span
    /// `lamplight.inferred.message`, span `faas.server.pubsub`, span `aws.client.messaging`, span
    /// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, 4 more.
    ///
    /// Examples: `"orders"`.
    pub const NAME: &str = "messaging.destination.name";

    /// Returns the attribute `messaging.destination.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// Pattern behind a destination's name when names are made per customer or device.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"/customers/{customerId}"`.
    pub const TEMPLATE: &str = "messaging.destination.template";

    /// Returns the attribute `messaging.destination.template` with this value. See [`TEMPLATE`].
    pub fn template(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(TEMPLATE, value.into())
    }

    /// True if the destination may be deleted once its messages are processed.
    ///
    /// Type: `boolean`. Stability: development.
    pub const TEMPORARY: &str = "messaging.destination.temporary";

    /// Returns the attribute `messaging.destination.temporary` with this value. See [`TEMPORARY`].
    pub fn temporary(value: bool) -> KeyValue {
        KeyValue::new(TEMPORARY, value)
    }

    /// `messaging.destination.partition.*`
    pub mod partition {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Partition or shard of the destination.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"1"`, `"shardId-000000000000"`.
        pub const ID: &str = "messaging.destination.partition.id";

        /// Returns the attribute `messaging.destination.partition.id` with this value. See [`ID`].
        pub fn id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ID, value.into())
        }
    }

    /// `messaging.destination.subscription.*`
    pub mod subscription {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Subscription through which the message was taken from its destination.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"invoicing"`.
        pub const NAME: &str = "messaging.destination.subscription.name";

        /// Returns the attribute `messaging.destination.subscription.name` with this value. See [`NAME`].
        pub fn name(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(NAME, value.into())
        }
    }
}

/// `messaging.kafka.*`
pub mod kafka {
    use ::opentelemetry::KeyValue;

    /// Position of a Kafka record in its partition.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `42`.
    pub const OFFSET: &str = "messaging.kafka.offset";

    /// Returns the attribute `messaging.kafka.offset` with this value. See [`OFFSET`].
    pub fn offset(value: i64) -> KeyValue {
        KeyValue::new(OFFSET, value)
    }

    /// `messaging.kafka.message.*`
    pub mod message {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Key that determines the partition of a Kafka record.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"customer-42"`.
        pub const KEY: &str = "messaging.kafka.message.key";

        /// Returns the attribute `messaging.kafka.message.key` with this value. See [`KEY`].
        pub fn key(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(KEY, value.into())
        }

        /// True if a Kafka record has a key but no value, and so deletes the data of that key.
        ///
        /// Type: `boolean`. Stability: development.
        ///
        /// Conditionally required by span `messaging.process.consumer`, span
        /// `lamplight.inferred.message`, span `faas.server.pubsub`.
        pub const TOMBSTONE: &str = "messaging.kafka.message.tombstone";

        /// Returns the attribute `messaging.kafka.message.tombstone` with this value. See [`TOMBSTONE`].
        pub fn tombstone(value: bool) -> KeyValue {
            KeyValue::new(TOMBSTONE, value)
        }
    }
}

/// `messaging.message.*`
pub mod message {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Identifier of the conversation to which the message belongs.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"order-4711"`.
    pub const CONVERSATION_ID: &str = "messaging.message.conversation_id";

    /// Returns the attribute `messaging.message.conversation_id` with this value. See [`CONVERSATION_ID`].
    pub fn conversation_id(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(CONVERSATION_ID, value.into())
    }

    /// Identifier the messaging system gave the message.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"452a7c7c-7c70-48c2-f887-f61572b18fc2"`.
    pub const ID: &str = "messaging.message.id";

    /// Returns the attribute `messaging.message.id` with this value. See [`ID`].
    pub fn id(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(ID, value.into())
    }

    /// `messaging.message.body.*`
    pub mod body {
        use ::opentelemetry::KeyValue;

        /// Size of the message's body, in bytes.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Examples: `1439`.
        pub const SIZE: &str = "messaging.message.body.size";

        /// Returns the attribute `messaging.message.body.size` with this value. See [`SIZE`].
        pub fn size(value: i64) -> KeyValue {
            KeyValue::new(SIZE, value)
        }
    }

    /// `messaging.message.envelope.*`
    pub mod envelope {
        use ::opentelemetry::KeyValue;

        /// Size of the message including its metadata, in bytes.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Examples: `2738`.
        pub const SIZE: &str = "messaging.message.envelope.size";

        /// Returns the attribute `messaging.message.envelope.size` with this value. See [`SIZE`].
        pub fn size(value: i64) -> KeyValue {
            KeyValue::new(SIZE, value)
        }
    }
}

/// `messaging.operation.*`
pub mod operation {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// Name of the operation in the messaging system's own terms.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Required by span `messaging.process.consumer`, span `lamplight.inferred.message`, span
    /// `faas.server.pubsub`, span `aws.client.messaging`, span
    /// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, 4 more.
    ///
    /// Examples: `"process"`, `"send"`, `"publish"`.
    pub const NAME: &str = "messaging.operation.name";

    /// Returns the attribute `messaging.operation.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// Type of the operation, common to all messaging systems.
    ///
    /// Type: `enum of string`. Stability: development.
    ///
    /// Required by span `aws.client.messaging.send.producer`, span
    /// `aws.client.messaging.send.client`, span `aws.client.messaging.receive`, span
    /// `aws.client.messaging.settle`, span `aws.client.sns`. Conditionally required by span
    /// `messaging.process.consumer`, span `lamplight.inferred.message`, span
    /// `faas.server.pubsub`, span `aws.client.messaging`, span `aws.client.sqs`.
    pub const TYPE: &str = "messaging.operation.type";

    /// Returns the attribute `messaging.operation.type` with this value. See [`TYPE`].
    pub fn r#type(value: MessagingOperationType) -> KeyValue {
        KeyValue::new(TYPE, value)
    }

    /// Values of [`TYPE`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum MessagingOperationType {
        /// A message is created, to be sent later in a batch.
        Create,
        /// Messages are sent to the messaging system.
        Send,
        /// A consumer requests messages.
        Receive,
        /// A consumer processes messages that it received.
        Process,
        /// A consumer accepts, rejects or deletes messages.
        Settle,
        /// Former name of processing.
        #[deprecated(note = "use `process` instead")]
        Deliver,
        /// Former name of sending.
        #[deprecated(note = "use `send` instead")]
        Publish,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    #[allow(deprecated)]
    impl MessagingOperationType {
        /// Returns the recorded value.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Custom(value) => value.as_str(),
                listed => listed.listed(),
            }
        }

        /// Returns the member with this value, or [`Custom`](Self::Custom) if there is none.
        pub fn from_value(value: impl Into<StringValue>) -> Self {
            let value = value.into();
            match value.as_str() {
                "create" => Self::Create,
                "send" => Self::Send,
                "receive" => Self::Receive,
                "process" => Self::Process,
                "settle" => Self::Settle,
                "deliver" => Self::Deliver,
                "publish" => Self::Publish,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::Create => "create",
                Self::Send => "send",
                Self::Receive => "receive",
                Self::Process => "process",
                Self::Settle => "settle",
                Self::Deliver => "deliver",
                Self::Publish => "publish",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<MessagingOperationType> for Value {
        fn from(value: MessagingOperationType) -> Self {
            match value {
                MessagingOperationType::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }
}

/// `messaging.rabbitmq.*`
pub mod rabbitmq {
    /// `messaging.rabbitmq.destination.*`
    pub mod destination {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Routing key of a RabbitMQ message.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"orders.created"`.
        pub const ROUTING_KEY: &str = "messaging.rabbitmq.destination.routing_key";

        /// Returns the attribute `messaging.rabbitmq.destination.routing_key` with this value. See [`ROUTING_KEY`].
        pub fn routing_key(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ROUTING_KEY, value.into())
        }
    }

    /// `messaging.rabbitmq.message.*`
    pub mod message {
        use ::opentelemetry::KeyValue;

        /// Delivery tag of a RabbitMQ message.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Examples: `123`.
        pub const DELIVERY_TAG: &str = "messaging.rabbitmq.message.delivery_tag";

        /// Returns the attribute `messaging.rabbitmq.message.delivery_tag` with this value. See [`DELIVERY_TAG`].
        pub fn delivery_tag(value: i64) -> KeyValue {
            KeyValue::new(DELIVERY_TAG, value)
        }
    }
}
