// Generated from a registry of semantic conventions: change that, not this.

//! `aws.*`

use ::opentelemetry::{KeyValue, StringValue};

/// Second request id Amazon S3 returns.
///
/// Type: `string`. Stability: development.
///
/// Conditionally required by span `aws.client`, span `aws.client.messaging`, span
/// `aws.client.messaging.send.producer`, span `aws.client.messaging.send.client`, span
/// `aws.client.messaging.receive`, span `aws.client.messaging.settle`, 5 more.
///
/// Examples: `"wzHcyEWfmOGDIE5QOhTAqFDoDWP3y8IUvpNINCwL9N4TEHbUw0/gZJ+VZTmCNCWR7fezEN3eCiQ="`.
pub const EXTENDED_REQUEST_ID: &str = "aws.extended_request_id";

/// [`EXTENDED_REQUEST_ID`] with a value.
pub fn extended_request_id(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(EXTENDED_REQUEST_ID, value.into())
}

/// Request id the service returned.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"79b9da39-b7ae-508a-a6bc-864b2829c622"`.
pub const REQUEST_ID: &str = "aws.request_id";

/// [`REQUEST_ID`] with a value.
pub fn request_id(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(REQUEST_ID, value.into())
}

/// `aws.dynamodb.*`
pub mod dynamodb {
    use ::opentelemetry::{Array, KeyValue, StringValue, Value};

    /// Attribute definitions of the request, one JSON text each.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["{\"AttributeName\":\"id\",\"AttributeType\":\"S\"}"]`.
    pub const ATTRIBUTE_DEFINITIONS: &str = "aws.dynamodb.attribute_definitions";

    /// [`ATTRIBUTE_DEFINITIONS`] with a value.
    pub fn attribute_definitions(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(ATTRIBUTE_DEFINITIONS, value)
    }

    /// Attributes the request asks for by the older parameter.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["id", "title"]`.
    pub const ATTRIBUTES_TO_GET: &str = "aws.dynamodb.attributes_to_get";

    /// [`ATTRIBUTES_TO_GET`] with a value.
    pub fn attributes_to_get(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(ATTRIBUTES_TO_GET, value)
    }

    /// Whether the request asks for a consistent read.
    ///
    /// Type: `boolean`. Stability: development.
    pub const CONSISTENT_READ: &str = "aws.dynamodb.consistent_read";

    /// [`CONSISTENT_READ`] with a value.
    pub fn consistent_read(value: bool) -> KeyValue {
        KeyValue::new(CONSISTENT_READ, value)
    }

    /// Capacity each table consumed, one JSON text per entry of the response.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["{\"TableName\":\"orders\",\"CapacityUnits\":1.0}"]`.
    pub const CONSUMED_CAPACITY: &str = "aws.dynamodb.consumed_capacity";

    /// [`CONSUMED_CAPACITY`] with a value.
    pub fn consumed_capacity(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(CONSUMED_CAPACITY, value)
    }

    /// Items the response holds.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `10`.
    pub const COUNT: &str = "aws.dynamodb.count";

    /// [`COUNT`] with a value.
    pub fn count(value: i64) -> KeyValue {
        KeyValue::new(COUNT, value)
    }

    /// Table name after which a listing starts.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"orders"`.
    pub const EXCLUSIVE_START_TABLE: &str = "aws.dynamodb.exclusive_start_table";

    /// [`EXCLUSIVE_START_TABLE`] with a value.
    pub fn exclusive_start_table(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(EXCLUSIVE_START_TABLE, value.into())
    }

    /// Changes to global secondary indexes, one JSON text each.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["{\"Delete\":{\"IndexName\":\"by_customer\"}}"]`.
    pub const GLOBAL_SECONDARY_INDEX_UPDATES: &str = "aws.dynamodb.global_secondary_index_updates";

    /// [`GLOBAL_SECONDARY_INDEX_UPDATES`] with a value.
    pub fn global_secondary_index_updates(
        value: impl IntoIterator<Item: Into<StringValue>>,
    ) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(GLOBAL_SECONDARY_INDEX_UPDATES, value)
    }

    /// Global secondary indexes of the request, one JSON text each.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["{\"IndexName\":\"by_customer\"}"]`.
    pub const GLOBAL_SECONDARY_INDEXES: &str = "aws.dynamodb.global_secondary_indexes";

    /// [`GLOBAL_SECONDARY_INDEXES`] with a value.
    pub fn global_secondary_indexes(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(GLOBAL_SECONDARY_INDEXES, value)
    }

    /// Index the request reads.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"by_customer"`.
    pub const INDEX_NAME: &str = "aws.dynamodb.index_name";

    /// [`INDEX_NAME`] with a value.
    pub fn index_name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(INDEX_NAME, value.into())
    }

    /// Item collection metrics of the response, as JSON text.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"{\"orders\":[]}"`.
    pub const ITEM_COLLECTION_METRICS: &str = "aws.dynamodb.item_collection_metrics";

    /// [`ITEM_COLLECTION_METRICS`] with a value.
    pub fn item_collection_metrics(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(ITEM_COLLECTION_METRICS, value.into())
    }

    /// Most items the request wants evaluated.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `10`.
    pub const LIMIT: &str = "aws.dynamodb.limit";

    /// [`LIMIT`] with a value.
    pub fn limit(value: i64) -> KeyValue {
        KeyValue::new(LIMIT, value)
    }

    /// Local secondary indexes of the request, one JSON text each.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["{\"IndexName\":\"by_date\"}"]`.
    pub const LOCAL_SECONDARY_INDEXES: &str = "aws.dynamodb.local_secondary_indexes";

    /// [`LOCAL_SECONDARY_INDEXES`] with a value.
    pub fn local_secondary_indexes(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(LOCAL_SECONDARY_INDEXES, value)
    }

    /// Projection expression of the request.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"title, price"`.
    pub const PROJECTION: &str = "aws.dynamodb.projection";

    /// [`PROJECTION`] with a value.
    pub fn projection(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(PROJECTION, value.into())
    }

    /// Read capacity units the request provisions.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Examples: `1.0`.
    pub const PROVISIONED_READ_CAPACITY: &str = "aws.dynamodb.provisioned_read_capacity";

    /// [`PROVISIONED_READ_CAPACITY`] with a value.
    pub fn provisioned_read_capacity(value: f64) -> KeyValue {
        KeyValue::new(PROVISIONED_READ_CAPACITY, value)
    }

    /// Write capacity units the request provisions.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Examples: `1.0`.
    pub const PROVISIONED_WRITE_CAPACITY: &str = "aws.dynamodb.provisioned_write_capacity";

    /// [`PROVISIONED_WRITE_CAPACITY`] with a value.
    pub fn provisioned_write_capacity(value: f64) -> KeyValue {
        KeyValue::new(PROVISIONED_WRITE_CAPACITY, value)
    }

    /// Whether a query runs in ascending order.
    ///
    /// Type: `boolean`. Stability: development.
    pub const SCAN_FORWARD: &str = "aws.dynamodb.scan_forward";

    /// [`SCAN_FORWARD`] with a value.
    pub fn scan_forward(value: bool) -> KeyValue {
        KeyValue::new(SCAN_FORWARD, value)
    }

    /// Items that were looked at before filtering.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `50`.
    pub const SCANNED_COUNT: &str = "aws.dynamodb.scanned_count";

    /// [`SCANNED_COUNT`] with a value.
    pub fn scanned_count(value: i64) -> KeyValue {
        KeyValue::new(SCANNED_COUNT, value)
    }

    /// Segment a parallel scan works on.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `3`.
    pub const SEGMENT: &str = "aws.dynamodb.segment";

    /// [`SEGMENT`] with a value.
    pub fn segment(value: i64) -> KeyValue {
        KeyValue::new(SEGMENT, value)
    }

    /// Which attributes the request wants returned.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"COUNT"`.
    pub const SELECT: &str = "aws.dynamodb.select";

    /// [`SELECT`] with a value.
    pub fn select(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(SELECT, value.into())
    }

    /// Tables a listing returned.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `20`.
    pub const TABLE_COUNT: &str = "aws.dynamodb.table_count";

    /// [`TABLE_COUNT`] with a value.
    pub fn table_count(value: i64) -> KeyValue {
        KeyValue::new(TABLE_COUNT, value)
    }

    /// Tables the request works on.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["orders", "customers"]`.
    pub const TABLE_NAMES: &str = "aws.dynamodb.table_names";

    /// [`TABLE_NAMES`] with a value.
    pub fn table_names(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(TABLE_NAMES, value)
    }

    /// Segments a parallel scan is split into.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `10`.
    pub const TOTAL_SEGMENTS: &str = "aws.dynamodb.total_segments";

    /// [`TOTAL_SEGMENTS`] with a value.
    pub fn total_segments(value: i64) -> KeyValue {
        KeyValue::new(TOTAL_SEGMENTS, value)
    }
}

/// `aws.kinesis.*`
pub mod kinesis {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Name of the Kinesis stream.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"orders"`.
    pub const STREAM_NAME: &str = "aws.kinesis.stream_name";

    /// [`STREAM_NAME`] with a value.
    pub fn stream_name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(STREAM_NAME, value.into())
    }
}

/// `aws.lambda.*`
pub mod lambda {
    use ::opentelemetry::{KeyValue, StringValue};

    /// ARN the function was called by, alias or version included.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Conditionally required by span `aws.client.invoke`.
    ///
    /// Examples: `"arn:aws:lambda:eu-west-1:123456789012:function:order-ingress:live"`.
    pub const INVOKED_ARN: &str = "aws.lambda.invoked_arn";

    /// [`INVOKED_ARN`] with a value.
    pub fn invoked_arn(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(INVOKED_ARN, value.into())
    }

    /// `aws.lambda.resource_mapping.*`
    pub mod resource_mapping {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Event source mapping that delivered the records.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"587ad24b-03b9-4413-8202-bbd56b36e5b7"`.
        pub const ID: &str = "aws.lambda.resource_mapping.id";

        /// [`ID`] with a value.
        pub fn id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ID, value.into())
        }
    }
}

/// `aws.log.*`
pub mod log {
    /// `aws.log.group.*`
    pub mod group {
        use ::opentelemetry::{Array, KeyValue, StringValue, Value};

        /// ARNs of the log groups the program writes to.
        ///
        /// Type: `string[]`. Stability: development.
        ///
        /// Examples:
        /// `["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/order-ingress:*"]`.
        pub const ARNS: &str = "aws.log.group.arns";

        /// [`ARNS`] with a value.
        pub fn arns(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
            let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
            KeyValue::new(ARNS, value)
        }

        /// Log groups the program writes to.
        ///
        /// Type: `string[]`. Stability: development.
        ///
        /// Examples: `["/aws/lambda/order-ingress"]`.
        pub const NAMES: &str = "aws.log.group.names";

        /// [`NAMES`] with a value.
        pub fn names(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
            let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
            KeyValue::new(NAMES, value)
        }
    }

    /// `aws.log.stream.*`
    pub mod stream {
        use ::opentelemetry::{Array, KeyValue, StringValue, Value};

        /// ARNs of the log streams the program writes to.
        ///
        /// Type: `string[]`. Stability: development.
        ///
        /// Examples:
        /// `["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/order-ingress:log-stream:2026/06/28/[$LATEST]2f39"]`.
        pub const ARNS: &str = "aws.log.stream.arns";

        /// [`ARNS`] with a value.
        pub fn arns(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
            let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
            KeyValue::new(ARNS, value)
        }

        /// Log streams the program writes to.
        ///
        /// Type: `string[]`. Stability: development.
        ///
        /// Examples: `["2026/06/28/[$LATEST]2f399eb14537447da05ab2a2e39309de"]`.
        pub const NAMES: &str = "aws.log.stream.names";

        /// [`NAMES`] with a value.
        pub fn names(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
            let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
            KeyValue::new(NAMES, value)
        }
    }
}

/// `aws.s3.*`
pub mod s3 {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Bucket the request names.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"order-documents"`.
    pub const BUCKET: &str = "aws.s3.bucket";

    /// [`BUCKET`] with a value.
    pub fn bucket(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(BUCKET, value.into())
    }

    /// Bucket and key the object is copied from.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"order-documents/drafts/42.pdf"`.
    pub const COPY_SOURCE: &str = "aws.s3.copy_source";

    /// [`COPY_SOURCE`] with a value.
    pub fn copy_source(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(COPY_SOURCE, value.into())
    }

    /// Objects the request deletes, in the shorthand of the command line.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"Objects=[{Key=invoices/2026/42.pdf}],Quiet=true"`.
    pub const DELETE: &str = "aws.s3.delete";

    /// [`DELETE`] with a value.
    pub fn delete(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(DELETE, value.into())
    }

    /// Key of the object the request names.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"invoices/2026/42.pdf"`.
    pub const KEY: &str = "aws.s3.key";

    /// [`KEY`] with a value.
    pub fn key(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(KEY, value.into())
    }

    /// Number of the part in a multipart upload.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `1`.
    pub const PART_NUMBER: &str = "aws.s3.part_number";

    /// [`PART_NUMBER`] with a value.
    pub fn part_number(value: i64) -> KeyValue {
        KeyValue::new(PART_NUMBER, value)
    }

    /// Multipart upload the request belongs to.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"dfRtDYWFbkRONycy.Yxwh66Yjlx.cph0gtNBtJ"`.
    pub const UPLOAD_ID: &str = "aws.s3.upload_id";

    /// [`UPLOAD_ID`] with a value.
    pub fn upload_id(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(UPLOAD_ID, value.into())
    }
}

/// `aws.secretsmanager.*`
pub mod secretsmanager {
    /// `aws.secretsmanager.secret.*`
    pub mod secret {
        use ::opentelemetry::{KeyValue, StringValue};

        /// ARN of the secret.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-Ab12Cd"`.
        pub const ARN: &str = "aws.secretsmanager.secret.arn";

        /// [`ARN`] with a value.
        pub fn arn(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ARN, value.into())
        }
    }
}

/// `aws.sns.*`
pub mod sns {
    /// `aws.sns.topic.*`
    pub mod topic {
        use ::opentelemetry::{KeyValue, StringValue};

        /// ARN of the SNS topic.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Conditionally required by span `aws.client.sns`.
        ///
        /// Examples: `"arn:aws:sns:eu-west-1:123456789012:orders"`.
        pub const ARN: &str = "aws.sns.topic.arn";

        /// [`ARN`] with a value.
        pub fn arn(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ARN, value.into())
        }
    }
}

/// `aws.sqs.*`
pub mod sqs {
    /// `aws.sqs.queue.*`
    pub mod queue {
        use ::opentelemetry::{KeyValue, StringValue};

        /// URL of the SQS queue.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"https://sqs.eu-west-1.amazonaws.com/123456789012/orders"`.
        pub const URL: &str = "aws.sqs.queue.url";

        /// [`URL`] with a value.
        pub fn url(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(URL, value.into())
        }
    }
}

/// `aws.step_functions.*`
pub mod step_functions {
    /// `aws.step_functions.activity.*`
    pub mod activity {
        use ::opentelemetry::{KeyValue, StringValue};

        /// ARN of the Step Functions activity.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"arn:aws:states:eu-west-1:123456789012:activity:approve"`.
        pub const ARN: &str = "aws.step_functions.activity.arn";

        /// [`ARN`] with a value.
        pub fn arn(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ARN, value.into())
        }
    }

    /// `aws.step_functions.state_machine.*`
    pub mod state_machine {
        use ::opentelemetry::{KeyValue, StringValue};

        /// ARN of the Step Functions state machine.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"arn:aws:states:eu-west-1:123456789012:stateMachine:fulfilment"`.
        pub const ARN: &str = "aws.step_functions.state_machine.arn";

        /// [`ARN`] with a value.
        pub fn arn(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ARN, value.into())
        }
    }
}
