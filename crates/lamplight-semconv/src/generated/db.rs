// Generated from a registry of semantic conventions: change that, not this.

//! `db.*`

/// `db.collection.*`
pub mod collection {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Table of the operation, if there is exactly one.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Conditionally required by span `aws.client.dynamodb`.
    ///
    /// Examples: `"orders"`.
    pub const NAME: &str = "db.collection.name";

    /// Returns the attribute `db.collection.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }
}

/// `db.operation.*`
pub mod operation {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Operation or command to be executed.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Required by span `aws.client.dynamodb`.
    ///
    /// Examples: `"GetItem"`.
    pub const NAME: &str = "db.operation.name";

    /// Returns the attribute `db.operation.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// `db.operation.batch.*`
    pub mod batch {
        use ::opentelemetry::KeyValue;

        /// Number of operations in a batch of two or more; absent otherwise.
        ///
        /// Type: `int`. Stability: stable.
        ///
        /// Examples: `25`.
        pub const SIZE: &str = "db.operation.batch.size";

        /// Returns the attribute `db.operation.batch.size` with this value. See [`SIZE`].
        pub fn size(value: i64) -> KeyValue {
            KeyValue::new(SIZE, value)
        }
    }
}

/// `db.query.*`
pub mod query {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Text of the query, if its values are passed as parameters.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"SELECT * FROM orders WHERE id = ?"`.
    pub const TEXT: &str = "db.query.text";

    /// Returns the attribute `db.query.text` with this value. See [`TEXT`].
    pub fn text(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(TEXT, value.into())
    }
}

/// `db.response.*`
pub mod response {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Status code that the database returned.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Conditionally required by span `aws.client.dynamodb`.
    ///
    /// Examples: `"ProvisionedThroughputExceededException"`.
    pub const STATUS_CODE: &str = "db.response.status_code";

    /// Returns the attribute `db.response.status_code` with this value. See [`STATUS_CODE`].
    pub fn status_code(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(STATUS_CODE, value.into())
    }
}

/// `db.system.*`
pub mod system {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// Database system, as identified by the client.
    ///
    /// Type: `enum of string`. Stability: stable.
    ///
    /// Required by span `aws.client.dynamodb`.
    pub const NAME: &str = "db.system.name";

    /// Returns the attribute `db.system.name` with this value. See [`NAME`].
    pub fn name(value: DbSystemName) -> KeyValue {
        KeyValue::new(NAME, value)
    }

    /// Values of [`NAME`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum DbSystemName {
        /// Amazon DynamoDB.
        AwsDynamodb,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    impl DbSystemName {
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
                "aws.dynamodb" => Self::AwsDynamodb,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::AwsDynamodb => "aws.dynamodb",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<DbSystemName> for Value {
        fn from(value: DbSystemName) -> Self {
            match value {
                DbSystemName::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }
}
