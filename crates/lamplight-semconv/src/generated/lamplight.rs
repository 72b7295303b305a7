// Generated from a registry of semantic conventions: change that, not this.

//! `lamplight.*`

use ::opentelemetry::KeyValue;

/// Number of times the message has been received, including this one.
///
/// Type: `int`. Stability: development.
///
/// Examples: `1`.
pub const RECEIVE_COUNT: &str = "lamplight.receive_count";

/// Returns the attribute `lamplight.receive_count` with this value. See [`RECEIVE_COUNT`].
pub fn receive_count(value: i64) -> KeyValue {
    KeyValue::new(RECEIVE_COUNT, value)
}

/// `lamplight.aws.*`
pub mod aws {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Number of attempts that the SDK made for one call, including the first.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Conditionally required by span `aws.client`, span `aws.client.messaging`, span
    /// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, span
    /// `aws.client.messaging.receive`, span `aws.client.messaging.settle`, 5 more.
    ///
    /// Examples: `1`, `3`.
    pub const ATTEMPTS: &str = "lamplight.aws.attempts";

    /// Returns the attribute `lamplight.aws.attempts` with this value. See [`ATTEMPTS`].
    pub fn attempts(value: i64) -> KeyValue {
        KeyValue::new(ATTEMPTS, value)
    }

    /// Error code of an expected response, which does not make the call fail.
    ///
    /// It is the status code as text if the response has no error code.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Conditionally required by span `aws.client`, span `aws.client.messaging`, span
    /// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, span
    /// `aws.client.messaging.receive`, span `aws.client.messaging.settle`, 5 more.
    ///
    /// Examples: `"ConditionalCheckFailedException"`, `"NotFound"`, `"304"`.
    pub const EXPECTED_ERROR: &str = "lamplight.aws.expected_error";

    /// Returns the attribute `lamplight.aws.expected_error` with this value. See [`EXPECTED_ERROR`].
    pub fn expected_error(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(EXPECTED_ERROR, value.into())
    }

    /// Number of entries of a batch call that the service rejected although the call succeeded.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Conditionally required by span `aws.client`, span `aws.client.messaging`, span
    /// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, span
    /// `aws.client.messaging.receive`, span `aws.client.messaging.settle`, 5 more.
    ///
    /// Examples: `1`.
    pub const FAILED_ENTRIES: &str = "lamplight.aws.failed_entries";

    /// Returns the attribute `lamplight.aws.failed_entries` with this value. See [`FAILED_ENTRIES`].
    pub fn failed_entries(value: i64) -> KeyValue {
        KeyValue::new(FAILED_ENTRIES, value)
    }

    /// `lamplight.aws.dynamodb.*`
    pub mod dynamodb {
        /// `lamplight.aws.dynamodb.event.*`
        pub mod event {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Id of a change in a DynamoDB stream.
            ///
            /// Type: `string`. Stability: development.
            ///
            /// Examples: `"c4ca4238a0b923820dcc509a6f75849b"`.
            pub const ID: &str = "lamplight.aws.dynamodb.event.id";

            /// Returns the attribute `lamplight.aws.dynamodb.event.id` with this value. See [`ID`].
            pub fn id(value: impl Into<StringValue>) -> KeyValue {
                KeyValue::new(ID, value.into())
            }
        }
    }

    /// `lamplight.aws.entry.*`
    pub mod entry {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Id of an entry of a batch call, set by the caller.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"order-7"`.
        pub const ID: &str = "lamplight.aws.entry.id";

        /// Returns the attribute `lamplight.aws.entry.id` with this value. See [`ID`].
        pub fn id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ID, value.into())
        }

        /// Position of an entry in its batch call, from 0, if entries have no id.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Examples: `3`.
        pub const INDEX: &str = "lamplight.aws.entry.index";

        /// Returns the attribute `lamplight.aws.entry.index` with this value. See [`INDEX`].
        pub fn index(value: i64) -> KeyValue {
            KeyValue::new(INDEX, value)
        }
    }

    /// `lamplight.aws.s3.*`
    pub mod s3 {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Second id of the request to S3 that caused the event.
        ///
        /// The span of that call has it as `aws.extended_request_id`.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD"`.
        pub const EXTENDED_REQUEST_ID: &str = "lamplight.aws.s3.extended_request_id";

        /// Returns the attribute `lamplight.aws.s3.extended_request_id` with this value. See [`EXTENDED_REQUEST_ID`].
        pub fn extended_request_id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(EXTENDED_REQUEST_ID, value.into())
        }

        /// Id of the request to S3 that caused the event.
        ///
        /// The span of that call has it as `aws.request_id`.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"C3D13FE58DE4C810"`.
        pub const REQUEST_ID: &str = "lamplight.aws.s3.request_id";

        /// Returns the attribute `lamplight.aws.s3.request_id` with this value. See [`REQUEST_ID`].
        pub fn request_id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(REQUEST_ID, value.into())
        }
    }

    /// `lamplight.aws.step_functions.*`
    pub mod step_functions {
        /// `lamplight.aws.step_functions.execution.*`
        pub mod execution {
            use ::opentelemetry::{KeyValue, StringValue};

            /// ARN of the Step Functions execution, recorded by the caller that started it and by
            /// its tasks.
            ///
            /// Type: `string`. Stability: development.
            ///
            /// Conditionally required by span `faas.server`, span `aws.client`, span
            /// `faas.server.http`, span `faas.server.pubsub`, span `faas.server.timer`, span
            /// `faas.server.datasource`, 10 more.
            ///
            /// Examples: `"arn:aws:states:eu-west-1:123456789012:execution:fulfilment:0f3c"`.
            pub const ARN: &str = "lamplight.aws.step_functions.execution.arn";

            /// Returns the attribute `lamplight.aws.step_functions.execution.arn` with this value. See [`ARN`].
            pub fn arn(value: impl Into<StringValue>) -> KeyValue {
                KeyValue::new(ARN, value.into())
            }
        }
    }
}

/// `lamplight.batch.*`
pub mod batch {
    use ::opentelemetry::KeyValue;

    /// Number of records of the batch that are redelivered, according to the function's response.
    ///
    /// In a stream, all records after the lowest failed sequence number are redelivered. The
    /// whole batch is redelivered if the response names a record that is not in it.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Conditionally required by span `messaging.process.consumer`, span `faas.server.pubsub`,
    /// span `faas.server.datasource`.
    ///
    /// Examples: `2`.
    pub const FAILED_COUNT: &str = "lamplight.batch.failed_count";

    /// Returns the attribute `lamplight.batch.failed_count` with this value. See [`FAILED_COUNT`].
    pub fn failed_count(value: i64) -> KeyValue {
        KeyValue::new(FAILED_COUNT, value)
    }
}

/// `lamplight.inferred.*`
pub mod inferred {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Managed service represented by an inferred span, whose timestamp is in the event.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Required by span `lamplight.inferred`, span `lamplight.inferred.message`.
    ///
    /// Examples: `"aws_sqs"`, `"aws_api_gateway"`.
    pub const SERVICE: &str = "lamplight.inferred.service";

    /// Returns the attribute `lamplight.inferred.service` with this value. See [`SERVICE`].
    pub fn service(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(SERVICE, value.into())
    }
}

/// `lamplight.init.*`
pub mod init {
    use ::opentelemetry::KeyValue;

    /// Time from the set-up of telemetry to the first invocation of the environment, in
    /// milliseconds.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Conditionally required by span `faas.server`, span `faas.server.http`, span
    /// `faas.server.pubsub`, span `faas.server.timer`, span `faas.server.datasource`.
    ///
    /// Examples: `18.25`.
    pub const DURATION_MS: &str = "lamplight.init.duration_ms";

    /// Returns the attribute `lamplight.init.duration_ms` with this value. See [`DURATION_MS`].
    pub fn duration_ms(value: f64) -> KeyValue {
        KeyValue::new(DURATION_MS, value)
    }
}

/// `lamplight.links.*`
pub mod links {
    use ::opentelemetry::KeyValue;

    /// Number of links left out of a span because a batch has more records than a span may have
    /// links.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Conditionally required by span `faas.server`, span `messaging.process.consumer`, span
    /// `faas.server.http`, span `faas.server.pubsub`, span `faas.server.timer`, span
    /// `faas.server.datasource`.
    ///
    /// Examples: `9872`.
    pub const DROPPED: &str = "lamplight.links.dropped";

    /// Returns the attribute `lamplight.links.dropped` with this value. See [`DROPPED`].
    pub fn dropped(value: i64) -> KeyValue {
        KeyValue::new(DROPPED, value)
    }
}

/// `lamplight.previous_flush.*`
pub mod previous_flush {
    use ::opentelemetry::KeyValue;

    /// Time for which the delivery of spans held the environment after the previous response, in
    /// milliseconds.
    ///
    /// A span has ended before it is delivered, so the time is recorded on the environment's next
    /// span. It is billed, but no caller waited for it.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Conditionally required by span `faas.server`, span `faas.server.http`, span
    /// `faas.server.pubsub`, span `faas.server.timer`, span `faas.server.datasource`.
    ///
    /// Examples: `8.5`.
    pub const DURATION_MS: &str = "lamplight.previous_flush.duration_ms";

    /// Returns the attribute `lamplight.previous_flush.duration_ms` with this value. See [`DURATION_MS`].
    pub fn duration_ms(value: f64) -> KeyValue {
        KeyValue::new(DURATION_MS, value)
    }
}

/// `lamplight.queue.*`
pub mod queue {
    use ::opentelemetry::KeyValue;

    /// Time between the sending of a message and the start of its processing, in milliseconds.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Examples: `12.5`.
    pub const LATENCY_MS: &str = "lamplight.queue.latency_ms";

    /// Returns the attribute `lamplight.queue.latency_ms` with this value. See [`LATENCY_MS`].
    pub fn latency_ms(value: f64) -> KeyValue {
        KeyValue::new(LATENCY_MS, value)
    }
}

/// `lamplight.relay.*`
pub mod relay {
    use ::opentelemetry::{KeyValue, StringValue};

    /// True if the rest of the span's trace had been dropped before the span arrived.
    ///
    /// Type: `boolean`. Stability: development.
    pub const INCOMPLETE: &str = "lamplight.relay.incomplete";

    /// Returns the attribute `lamplight.relay.incomplete` with this value. See [`INCOMPLETE`].
    pub fn incomplete(value: bool) -> KeyValue {
        KeyValue::new(INCOMPLETE, value)
    }

    /// True if the trace was kept.
    ///
    /// Type: `boolean`. Stability: development.
    pub const KEPT: &str = "lamplight.relay.kept";

    /// Returns the attribute `lamplight.relay.kept` with this value. See [`KEPT`].
    pub fn kept(value: bool) -> KeyValue {
        KeyValue::new(KEPT, value)
    }

    /// Reason for which the relay decided, rejected or dropped.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"waited"`, `"root"`, `"trace_bytes"`, `"malformed"`.
    pub const REASON: &str = "lamplight.relay.reason";

    /// Returns the attribute `lamplight.relay.reason` with this value. See [`REASON`].
    pub fn reason(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(REASON, value.into())
    }

    /// Name of the relay's rule by which a span was kept.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Conditionally required by metric `lamplight.relay.decisions`.
    ///
    /// Examples: `"errors"`, `"one-in-ten"`.
    pub const RULE: &str = "lamplight.relay.rule";

    /// Returns the attribute `lamplight.relay.rule` with this value. See [`RULE`].
    pub fn rule(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(RULE, value.into())
    }

    /// Shard of the stream to which measurements refer.
    ///
    /// Each shard has series of its own, so that nobody has to add up what several relays measure
    /// before it is delivered.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"shardId-000000000000"`.
    pub const SHARD: &str = "lamplight.relay.shard";

    /// Returns the attribute `lamplight.relay.shard` with this value. See [`SHARD`].
    pub fn shard(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(SHARD, value.into())
    }

    /// Configured name of the destination.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"backend"`, `"archive"`.
    pub const SINK: &str = "lamplight.relay.sink";

    /// Returns the attribute `lamplight.relay.sink` with this value. See [`SINK`].
    pub fn sink(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(SINK, value.into())
    }
}

/// `lamplight.tenant.*`
pub mod tenant {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Tenant for which a function with tenant isolation was invoked.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Conditionally required by span `faas.server`, span `faas.server.http`, span
    /// `faas.server.pubsub`, span `faas.server.timer`, span `faas.server.datasource`.
    ///
    /// Examples: `"blue"`.
    pub const ID: &str = "lamplight.tenant.id";

    /// Returns the attribute `lamplight.tenant.id` with this value. See [`ID`].
    pub fn id(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(ID, value.into())
    }
}
