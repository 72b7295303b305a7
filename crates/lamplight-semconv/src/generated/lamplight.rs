// Generated from a registry of semantic conventions: change that, not this.

//! `lamplight.*`

use ::opentelemetry::KeyValue;

/// Times the message has been received, this time included.
///
/// Type: `int`. Stability: development.
///
/// Examples: `1`.
pub const RECEIVE_COUNT: &str = "lamplight.receive_count";

/// [`RECEIVE_COUNT`] with a value.
pub fn receive_count(value: i64) -> KeyValue {
    KeyValue::new(RECEIVE_COUNT, value)
}

/// `lamplight.aws.*`
pub mod aws {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Attempts the SDK made for one call, the first included.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Conditionally required by span `aws.client`, span `aws.client.messaging`, span
    /// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, span
    /// `aws.client.messaging.receive`, span `aws.client.messaging.settle`, 5 more.
    ///
    /// Examples: `1`, `3`.
    pub const ATTEMPTS: &str = "lamplight.aws.attempts";

    /// [`ATTEMPTS`] with a value.
    pub fn attempts(value: i64) -> KeyValue {
        KeyValue::new(ATTEMPTS, value)
    }

    /// Error code of an answer that counts as expected, so that the call has not failed.
    ///
    /// The status code as text where the answer has no code.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Conditionally required by span `aws.client`, span `aws.client.messaging`, span
    /// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, span
    /// `aws.client.messaging.receive`, span `aws.client.messaging.settle`, 5 more.
    ///
    /// Examples: `"ConditionalCheckFailedException"`, `"NotFound"`, `"304"`.
    pub const EXPECTED_ERROR: &str = "lamplight.aws.expected_error";

    /// [`EXPECTED_ERROR`] with a value.
    pub fn expected_error(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(EXPECTED_ERROR, value.into())
    }

    /// Entries of a batch call the service refused although the call succeeded.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Conditionally required by span `aws.client`, span `aws.client.messaging`, span
    /// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, span
    /// `aws.client.messaging.receive`, span `aws.client.messaging.settle`, 5 more.
    ///
    /// Examples: `1`.
    pub const FAILED_ENTRIES: &str = "lamplight.aws.failed_entries";

    /// [`FAILED_ENTRIES`] with a value.
    pub fn failed_entries(value: i64) -> KeyValue {
        KeyValue::new(FAILED_ENTRIES, value)
    }

    /// `lamplight.aws.dynamodb.*`
    pub mod dynamodb {
        /// `lamplight.aws.dynamodb.event.*`
        pub mod event {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Id of a change in a stream of DynamoDB.
            ///
            /// Type: `string`. Stability: development.
            ///
            /// Examples: `"c4ca4238a0b923820dcc509a6f75849b"`.
            pub const ID: &str = "lamplight.aws.dynamodb.event.id";

            /// [`ID`] with a value.
            pub fn id(value: impl Into<StringValue>) -> KeyValue {
                KeyValue::new(ID, value.into())
            }
        }
    }

    /// `lamplight.aws.entry.*`
    pub mod entry {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Id the caller gave an entry of a batch call.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"order-7"`.
        pub const ID: &str = "lamplight.aws.entry.id";

        /// [`ID`] with a value.
        pub fn id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ID, value.into())
        }

        /// Position of an entry in its batch call, from 0, where entries have no id.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Examples: `3`.
        pub const INDEX: &str = "lamplight.aws.entry.index";

        /// [`INDEX`] with a value.
        pub fn index(value: i64) -> KeyValue {
            KeyValue::new(INDEX, value)
        }
    }

    /// `lamplight.aws.s3.*`
    pub mod s3 {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Second id of the request to S3 that an event tells of.
        ///
        /// The span of that call has it as `aws.extended_request_id`.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD"`.
        pub const EXTENDED_REQUEST_ID: &str = "lamplight.aws.s3.extended_request_id";

        /// [`EXTENDED_REQUEST_ID`] with a value.
        pub fn extended_request_id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(EXTENDED_REQUEST_ID, value.into())
        }

        /// Id of the request to S3 that an event tells of.
        ///
        /// The span of that call has it as `aws.request_id`.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"C3D13FE58DE4C810"`.
        pub const REQUEST_ID: &str = "lamplight.aws.s3.request_id";

        /// [`REQUEST_ID`] with a value.
        pub fn request_id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(REQUEST_ID, value.into())
        }
    }

    /// `lamplight.aws.step_functions.*`
    pub mod step_functions {
        /// `lamplight.aws.step_functions.execution.*`
        pub mod execution {
            use ::opentelemetry::{KeyValue, StringValue};

            /// ARN of the Step Functions execution; the caller that started it and its tasks know
            /// it.
            ///
            /// Type: `string`. Stability: development.
            ///
            /// Conditionally required by span `faas.server`, span `aws.client`, span
            /// `faas.server.http`, span `faas.server.pubsub`, span `faas.server.timer`, span
            /// `faas.server.datasource`, 10 more.
            ///
            /// Examples: `"arn:aws:states:eu-west-1:123456789012:execution:fulfilment:0f3c"`.
            pub const ARN: &str = "lamplight.aws.step_functions.execution.arn";

            /// [`ARN`] with a value.
            pub fn arn(value: impl Into<StringValue>) -> KeyValue {
                KeyValue::new(ARN, value.into())
            }
        }
    }
}

/// `lamplight.batch.*`
pub mod batch {
    use ::opentelemetry::KeyValue;

    /// Records of the batch that are delivered again, by what the function answered.
    ///
    /// Behind the lowest sequence number of a stream all records are, and all of the batch where
    /// the answer names one that is not in it.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Conditionally required by span `messaging.process.consumer`, span `faas.server.pubsub`,
    /// span `faas.server.datasource`.
    ///
    /// Examples: `2`.
    pub const FAILED_COUNT: &str = "lamplight.batch.failed_count";

    /// [`FAILED_COUNT`] with a value.
    pub fn failed_count(value: i64) -> KeyValue {
        KeyValue::new(FAILED_COUNT, value)
    }
}

/// `lamplight.inferred.*`
pub mod inferred {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Managed service that a span was inferred for, from the timestamp it left in the event.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Required by span `lamplight.inferred`, span `lamplight.inferred.message`.
    ///
    /// Examples: `"aws_sqs"`, `"aws_api_gateway"`.
    pub const SERVICE: &str = "lamplight.inferred.service";

    /// [`SERVICE`] with a value.
    pub fn service(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(SERVICE, value.into())
    }
}

/// `lamplight.init.*`
pub mod init {
    use ::opentelemetry::KeyValue;

    /// Time from the set-up of telemetry to the invocation that started the environment, in
    /// milliseconds.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Conditionally required by span `faas.server`, span `faas.server.http`, span
    /// `faas.server.pubsub`, span `faas.server.timer`, span `faas.server.datasource`.
    ///
    /// Examples: `18.25`.
    pub const DURATION_MS: &str = "lamplight.init.duration_ms";

    /// [`DURATION_MS`] with a value.
    pub fn duration_ms(value: f64) -> KeyValue {
        KeyValue::new(DURATION_MS, value)
    }
}

/// `lamplight.links.*`
pub mod links {
    use ::opentelemetry::KeyValue;

    /// Links left out of a span because a batch had more records than a span may link to.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Conditionally required by span `faas.server`, span `messaging.process.consumer`, span
    /// `faas.server.http`, span `faas.server.pubsub`, span `faas.server.timer`, span
    /// `faas.server.datasource`.
    ///
    /// Examples: `9872`.
    pub const DROPPED: &str = "lamplight.links.dropped";

    /// [`DROPPED`] with a value.
    pub fn dropped(value: i64) -> KeyValue {
        KeyValue::new(DROPPED, value)
    }
}

/// `lamplight.previous_flush.*`
pub mod previous_flush {
    use ::opentelemetry::KeyValue;

    /// Time that the delivery of spans held the environment behind the response before this one,
    /// in milliseconds.
    ///
    /// A span has ended when its own is delivered, so the next one of the environment tells of
    /// it. It is billed, and nobody waited for it.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Conditionally required by span `faas.server`, span `faas.server.http`, span
    /// `faas.server.pubsub`, span `faas.server.timer`, span `faas.server.datasource`.
    ///
    /// Examples: `8.5`.
    pub const DURATION_MS: &str = "lamplight.previous_flush.duration_ms";

    /// [`DURATION_MS`] with a value.
    pub fn duration_ms(value: f64) -> KeyValue {
        KeyValue::new(DURATION_MS, value)
    }
}

/// `lamplight.queue.*`
pub mod queue {
    use ::opentelemetry::KeyValue;

    /// Time a message waited between being sent and being taken up, in milliseconds.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Examples: `12.5`.
    pub const LATENCY_MS: &str = "lamplight.queue.latency_ms";

    /// [`LATENCY_MS`] with a value.
    pub fn latency_ms(value: f64) -> KeyValue {
        KeyValue::new(LATENCY_MS, value)
    }
}

/// `lamplight.relay.*`
pub mod relay {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Whether the rest of the span's trace was dropped before the span came.
    ///
    /// Type: `boolean`. Stability: development.
    pub const INCOMPLETE: &str = "lamplight.relay.incomplete";

    /// [`INCOMPLETE`] with a value.
    pub fn incomplete(value: bool) -> KeyValue {
        KeyValue::new(INCOMPLETE, value)
    }

    /// Whether the trace was kept.
    ///
    /// Type: `boolean`. Stability: development.
    pub const KEPT: &str = "lamplight.relay.kept";

    /// [`KEPT`] with a value.
    pub fn kept(value: bool) -> KeyValue {
        KeyValue::new(KEPT, value)
    }

    /// What made the relay decide, refuse or drop.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"waited"`, `"root"`, `"trace_bytes"`, `"malformed"`.
    pub const REASON: &str = "lamplight.relay.reason";

    /// [`REASON`] with a value.
    pub fn reason(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(REASON, value.into())
    }

    /// Name of the rule of the relay that a span was kept by.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Conditionally required by metric `lamplight.relay.decisions`.
    ///
    /// Examples: `"errors"`, `"one-in-ten"`.
    pub const RULE: &str = "lamplight.relay.rule";

    /// [`RULE`] with a value.
    pub fn rule(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(RULE, value.into())
    }

    /// Shard of the stream that measurements are of.
    ///
    /// Each shard has series of its own, so that nobody has to add up what several relays measure
    /// before it is delivered.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"shardId-000000000000"`.
    pub const SHARD: &str = "lamplight.relay.shard";

    /// [`SHARD`] with a value.
    pub fn shard(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(SHARD, value.into())
    }

    /// Name of the destination, as it is configured.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"backend"`, `"archive"`.
    pub const SINK: &str = "lamplight.relay.sink";

    /// [`SINK`] with a value.
    pub fn sink(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(SINK, value.into())
    }
}

/// `lamplight.tenant.*`
pub mod tenant {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Tenant the function was invoked for, of a function with tenant isolation.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Conditionally required by span `faas.server`, span `faas.server.http`, span
    /// `faas.server.pubsub`, span `faas.server.timer`, span `faas.server.datasource`.
    ///
    /// Examples: `"blue"`.
    pub const ID: &str = "lamplight.tenant.id";

    /// [`ID`] with a value.
    pub fn id(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(ID, value.into())
    }
}
