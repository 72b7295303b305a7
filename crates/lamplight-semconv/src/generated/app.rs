// Generated from a registry of semantic conventions: change that, not this.

//! `app.*`

/// `app.ebe.*`
pub mod ebe {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Prefix of the deployed stack's resource names.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"prod-ebe"`.
    pub const STACK_PREFIX: &str = "app.ebe.stack_prefix";

    /// Returns the attribute `app.ebe.stack_prefix` with this value. See [`STACK_PREFIX`].
    pub fn stack_prefix(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(STACK_PREFIX, value.into())
    }

    /// `app.ebe.egress.*`
    pub mod egress {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Kind of event that triggered the egress function.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"sqs"`, `"retry"`.
        pub const TRIGGER_TYPE: &str = "app.ebe.egress.trigger_type";

        /// Returns the attribute `app.ebe.egress.trigger_type` with this value. See [`TRIGGER_TYPE`].
        pub fn trigger_type(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(TRIGGER_TYPE, value.into())
        }
    }

    /// `app.ebe.ingress.*`
    pub mod ingress {
        use ::opentelemetry::KeyValue;

        /// Size of the event as it was put on the bus, in bytes.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Examples: `2304`.
        pub const EVENTBRIDGE_PAYLOAD_SIZE_BYTES: &str =
            "app.ebe.ingress.eventbridge_payload_size_bytes";

        /// Returns the attribute `app.ebe.ingress.eventbridge_payload_size_bytes` with this value. See [`EVENTBRIDGE_PAYLOAD_SIZE_BYTES`].
        pub fn eventbridge_payload_size_bytes(value: i64) -> KeyValue {
            KeyValue::new(EVENTBRIDGE_PAYLOAD_SIZE_BYTES, value)
        }

        /// Size of the event as sent by its producer, in bytes.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Examples: `2048`.
        pub const ORIGINAL_PAYLOAD_SIZE_BYTES: &str = "app.ebe.ingress.original_payload_size_bytes";

        /// Returns the attribute `app.ebe.ingress.original_payload_size_bytes` with this value. See [`ORIGINAL_PAYLOAD_SIZE_BYTES`].
        pub fn original_payload_size_bytes(value: i64) -> KeyValue {
            KeyValue::new(ORIGINAL_PAYLOAD_SIZE_BYTES, value)
        }
    }
}

/// `app.event.*`
pub mod event {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Time from receipt by the broker to delivery, in milliseconds.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Examples: `137.5`.
    pub const EVENTBROKER_LATENCY_MS: &str = "app.event.eventbroker_latency_ms";

    /// Returns the attribute `app.event.eventbroker_latency_ms` with this value. See [`EVENTBROKER_LATENCY_MS`].
    pub fn eventbroker_latency_ms(value: f64) -> KeyValue {
        KeyValue::new(EVENTBROKER_LATENCY_MS, value)
    }

    /// Time at which the broker received the event, RFC 3339 in UTC; propagated as baggage.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"2026-01-23T13:47:06.125Z"`.
    pub const RECEIVED_AT: &str = "app.event.received_at";

    /// Returns the attribute `app.event.received_at` with this value. See [`RECEIVED_AT`].
    pub fn received_at(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(RECEIVED_AT, value.into())
    }

    /// `app.event.consumer.*`
    pub mod consumer {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Application to which the event is delivered.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"track-and-trace"`.
        pub const APPLICATION: &str = "app.event.consumer.application";

        /// Returns the attribute `app.event.consumer.application` with this value. See [`APPLICATION`].
        pub fn application(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(APPLICATION, value.into())
        }

        /// Number of this delivery attempt, starting from 1.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Examples: `1`.
        pub const ATTEMPT_NUMBER: &str = "app.event.consumer.attempt_number";

        /// Returns the attribute `app.event.consumer.attempt_number` with this value. See [`ATTEMPT_NUMBER`].
        pub fn attempt_number(value: i64) -> KeyValue {
            KeyValue::new(ATTEMPT_NUMBER, value)
        }

        /// Way the event leaves the broker.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"http"`.
        pub const EGRESS_TYPE: &str = "app.event.consumer.egress_type";

        /// Returns the attribute `app.event.consumer.egress_type` with this value. See [`EGRESS_TYPE`].
        pub fn egress_type(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(EGRESS_TYPE, value.into())
        }

        /// Subscription to which the delivery belongs.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"sub-0042"`.
        pub const SUBSCRIPTION_ID: &str = "app.event.consumer.subscription_id";

        /// Returns the attribute `app.event.consumer.subscription_id` with this value. See [`SUBSCRIPTION_ID`].
        pub fn subscription_id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(SUBSCRIPTION_ID, value.into())
        }

        /// Endpoint to which the event is delivered, without credentials.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"https://consumer.example/events"`.
        pub const TARGET_ENDPOINT: &str = "app.event.consumer.target_endpoint";

        /// Returns the attribute `app.event.consumer.target_endpoint` with this value. See [`TARGET_ENDPOINT`].
        pub fn target_endpoint(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(TARGET_ENDPOINT, value.into())
        }
    }

    /// `app.event.producer.*`
    pub mod producer {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Application that published the event.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"iot"`.
        pub const APPLICATION: &str = "app.event.producer.application";

        /// Returns the attribute `app.event.producer.application` with this value. See [`APPLICATION`].
        pub fn application(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(APPLICATION, value.into())
        }

        /// Type of the event, as its producer names it.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"ParcelDelivered"`.
        pub const EVENT_TYPE: &str = "app.event.producer.event_type";

        /// Returns the attribute `app.event.producer.event_type` with this value. See [`EVENT_TYPE`].
        pub fn event_type(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(EVENT_TYPE, value.into())
        }

        /// Version of the event's schema.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"1.2"`.
        pub const EVENT_TYPE_VERSION: &str = "app.event.producer.event_type_version";

        /// Returns the attribute `app.event.producer.event_type_version` with this value. See [`EVENT_TYPE_VERSION`].
        pub fn event_type_version(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(EVENT_TYPE_VERSION, value.into())
        }

        /// Way the event entered the broker.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"http"`.
        pub const INGRESS_TYPE: &str = "app.event.producer.ingress_type";

        /// Returns the attribute `app.event.producer.ingress_type` with this value. See [`INGRESS_TYPE`].
        pub fn ingress_type(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(INGRESS_TYPE, value.into())
        }
    }
}

/// `app.subcomponent.*`
pub mod subcomponent {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Part of the service that recorded the span.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"ingress"`, `"egress"`.
    pub const NAME: &str = "app.subcomponent.name";

    /// Returns the attribute `app.subcomponent.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }
}
