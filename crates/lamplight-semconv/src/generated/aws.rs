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

/// Returns the attribute `aws.extended_request_id` with this value. See [`EXTENDED_REQUEST_ID`].
pub fn extended_request_id(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(EXTENDED_REQUEST_ID, value.into())
}

/// Request id the service returned.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"79b9da39-b7ae-508a-a6bc-864b2829c622"`.
pub const REQUEST_ID: &str = "aws.request_id";

/// Returns the attribute `aws.request_id` with this value. See [`REQUEST_ID`].
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

    /// Returns the attribute `aws.dynamodb.attribute_definitions` with this value. See [`ATTRIBUTE_DEFINITIONS`].
    pub fn attribute_definitions(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(ATTRIBUTE_DEFINITIONS, value)
    }

    /// Attributes requested with the older parameter.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["id", "title"]`.
    pub const ATTRIBUTES_TO_GET: &str = "aws.dynamodb.attributes_to_get";

    /// Returns the attribute `aws.dynamodb.attributes_to_get` with this value. See [`ATTRIBUTES_TO_GET`].
    pub fn attributes_to_get(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(ATTRIBUTES_TO_GET, value)
    }

    /// True if the request asks for a consistent read.
    ///
    /// Type: `boolean`. Stability: development.
    pub const CONSISTENT_READ: &str = "aws.dynamodb.consistent_read";

    /// Returns the attribute `aws.dynamodb.consistent_read` with this value. See [`CONSISTENT_READ`].
    pub fn consistent_read(value: bool) -> KeyValue {
        KeyValue::new(CONSISTENT_READ, value)
    }

    /// Capacity each table consumed, one JSON text per entry of the response.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["{\"TableName\":\"orders\",\"CapacityUnits\":1.0}"]`.
    pub const CONSUMED_CAPACITY: &str = "aws.dynamodb.consumed_capacity";

    /// Returns the attribute `aws.dynamodb.consumed_capacity` with this value. See [`CONSUMED_CAPACITY`].
    pub fn consumed_capacity(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(CONSUMED_CAPACITY, value)
    }

    /// Number of items in the response.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `10`.
    pub const COUNT: &str = "aws.dynamodb.count";

    /// Returns the attribute `aws.dynamodb.count` with this value. See [`COUNT`].
    pub fn count(value: i64) -> KeyValue {
        KeyValue::new(COUNT, value)
    }

    /// Table name after which a listing starts.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"orders"`.
    pub const EXCLUSIVE_START_TABLE: &str = "aws.dynamodb.exclusive_start_table";

    /// Returns the attribute `aws.dynamodb.exclusive_start_table` with this value. See [`EXCLUSIVE_START_TABLE`].
    pub fn exclusive_start_table(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(EXCLUSIVE_START_TABLE, value.into())
    }

    /// Changes to global secondary indexes, one JSON text each.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["{\"Delete\":{\"IndexName\":\"by_customer\"}}"]`.
    pub const GLOBAL_SECONDARY_INDEX_UPDATES: &str = "aws.dynamodb.global_secondary_index_updates";

    /// Returns the attribute `aws.dynamodb.global_secondary_index_updates` with this value. See [`GLOBAL_SECONDARY_INDEX_UPDATES`].
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

    /// Returns the attribute `aws.dynamodb.global_secondary_indexes` with this value. See [`GLOBAL_SECONDARY_INDEXES`].
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

    /// Returns the attribute `aws.dynamodb.index_name` with this value. See [`INDEX_NAME`].
    pub fn index_name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(INDEX_NAME, value.into())
    }

    /// Item collection metrics of the response, as JSON text.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"{\"orders\":[]}"`.
    pub const ITEM_COLLECTION_METRICS: &str = "aws.dynamodb.item_collection_metrics";

    /// Returns the attribute `aws.dynamodb.item_collection_metrics` with this value. See [`ITEM_COLLECTION_METRICS`].
    pub fn item_collection_metrics(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(ITEM_COLLECTION_METRICS, value.into())
    }

    /// Maximum number of items to evaluate.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `10`.
    pub const LIMIT: &str = "aws.dynamodb.limit";

    /// Returns the attribute `aws.dynamodb.limit` with this value. See [`LIMIT`].
    pub fn limit(value: i64) -> KeyValue {
        KeyValue::new(LIMIT, value)
    }

    /// Local secondary indexes of the request, one JSON text each.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["{\"IndexName\":\"by_date\"}"]`.
    pub const LOCAL_SECONDARY_INDEXES: &str = "aws.dynamodb.local_secondary_indexes";

    /// Returns the attribute `aws.dynamodb.local_secondary_indexes` with this value. See [`LOCAL_SECONDARY_INDEXES`].
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

    /// Returns the attribute `aws.dynamodb.projection` with this value. See [`PROJECTION`].
    pub fn projection(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(PROJECTION, value.into())
    }

    /// Read capacity units the request provisions.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Examples: `1.0`.
    pub const PROVISIONED_READ_CAPACITY: &str = "aws.dynamodb.provisioned_read_capacity";

    /// Returns the attribute `aws.dynamodb.provisioned_read_capacity` with this value. See [`PROVISIONED_READ_CAPACITY`].
    pub fn provisioned_read_capacity(value: f64) -> KeyValue {
        KeyValue::new(PROVISIONED_READ_CAPACITY, value)
    }

    /// Write capacity units the request provisions.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Examples: `1.0`.
    pub const PROVISIONED_WRITE_CAPACITY: &str = "aws.dynamodb.provisioned_write_capacity";

    /// Returns the attribute `aws.dynamodb.provisioned_write_capacity` with this value. See [`PROVISIONED_WRITE_CAPACITY`].
    pub fn provisioned_write_capacity(value: f64) -> KeyValue {
        KeyValue::new(PROVISIONED_WRITE_CAPACITY, value)
    }

    /// True if a query runs in ascending order.
    ///
    /// Type: `boolean`. Stability: development.
    pub const SCAN_FORWARD: &str = "aws.dynamodb.scan_forward";

    /// Returns the attribute `aws.dynamodb.scan_forward` with this value. See [`SCAN_FORWARD`].
    pub fn scan_forward(value: bool) -> KeyValue {
        KeyValue::new(SCAN_FORWARD, value)
    }

    /// Number of items evaluated before filtering.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `50`.
    pub const SCANNED_COUNT: &str = "aws.dynamodb.scanned_count";

    /// Returns the attribute `aws.dynamodb.scanned_count` with this value. See [`SCANNED_COUNT`].
    pub fn scanned_count(value: i64) -> KeyValue {
        KeyValue::new(SCANNED_COUNT, value)
    }

    /// Segment read by one worker of a parallel scan.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `3`.
    pub const SEGMENT: &str = "aws.dynamodb.segment";

    /// Returns the attribute `aws.dynamodb.segment` with this value. See [`SEGMENT`].
    pub fn segment(value: i64) -> KeyValue {
        KeyValue::new(SEGMENT, value)
    }

    /// Choice of attributes to return.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"COUNT"`.
    pub const SELECT: &str = "aws.dynamodb.select";

    /// Returns the attribute `aws.dynamodb.select` with this value. See [`SELECT`].
    pub fn select(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(SELECT, value.into())
    }

    /// Number of tables that a listing returned.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `20`.
    pub const TABLE_COUNT: &str = "aws.dynamodb.table_count";

    /// Returns the attribute `aws.dynamodb.table_count` with this value. See [`TABLE_COUNT`].
    pub fn table_count(value: i64) -> KeyValue {
        KeyValue::new(TABLE_COUNT, value)
    }

    /// Tables on which the request operates.
    ///
    /// Type: `string[]`. Stability: development.
    ///
    /// Examples: `["orders", "customers"]`.
    pub const TABLE_NAMES: &str = "aws.dynamodb.table_names";

    /// Returns the attribute `aws.dynamodb.table_names` with this value. See [`TABLE_NAMES`].
    pub fn table_names(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(TABLE_NAMES, value)
    }

    /// Number of segments of a parallel scan.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `10`.
    pub const TOTAL_SEGMENTS: &str = "aws.dynamodb.total_segments";

    /// Returns the attribute `aws.dynamodb.total_segments` with this value. See [`TOTAL_SEGMENTS`].
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

    /// Returns the attribute `aws.kinesis.stream_name` with this value. See [`STREAM_NAME`].
    pub fn stream_name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(STREAM_NAME, value.into())
    }
}

/// `aws.lambda.*`
pub mod lambda {
    use ::opentelemetry::{KeyValue, StringValue};

    /// ARN by which the function was called, including an alias or version.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Conditionally required by span `aws.client.invoke`.
    ///
    /// Examples: `"arn:aws:lambda:eu-west-1:123456789012:function:order-ingress:live"`.
    pub const INVOKED_ARN: &str = "aws.lambda.invoked_arn";

    /// Returns the attribute `aws.lambda.invoked_arn` with this value. See [`INVOKED_ARN`].
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

        /// Returns the attribute `aws.lambda.resource_mapping.id` with this value. See [`ID`].
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

        /// Returns the attribute `aws.log.group.arns` with this value. See [`ARNS`].
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

        /// Returns the attribute `aws.log.group.names` with this value. See [`NAMES`].
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

        /// Returns the attribute `aws.log.stream.arns` with this value. See [`ARNS`].
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

        /// Returns the attribute `aws.log.stream.names` with this value. See [`NAMES`].
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

    /// Returns the attribute `aws.s3.bucket` with this value. See [`BUCKET`].
    pub fn bucket(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(BUCKET, value.into())
    }

    /// Bucket and key the object is copied from.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"order-documents/drafts/42.pdf"`.
    pub const COPY_SOURCE: &str = "aws.s3.copy_source";

    /// Returns the attribute `aws.s3.copy_source` with this value. See [`COPY_SOURCE`].
    pub fn copy_source(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(COPY_SOURCE, value.into())
    }

    /// Objects the request deletes, in the shorthand of the command line.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"Objects=[{Key=invoices/2026/42.pdf}],Quiet=true"`.
    pub const DELETE: &str = "aws.s3.delete";

    /// Returns the attribute `aws.s3.delete` with this value. See [`DELETE`].
    pub fn delete(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(DELETE, value.into())
    }

    /// Key of the object the request names.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"invoices/2026/42.pdf"`.
    pub const KEY: &str = "aws.s3.key";

    /// Returns the attribute `aws.s3.key` with this value. See [`KEY`].
    pub fn key(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(KEY, value.into())
    }

    /// Number of the part in a multipart upload.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `1`.
    pub const PART_NUMBER: &str = "aws.s3.part_number";

    /// Returns the attribute `aws.s3.part_number` with this value. See [`PART_NUMBER`].
    pub fn part_number(value: i64) -> KeyValue {
        KeyValue::new(PART_NUMBER, value)
    }

    /// Multipart upload the request belongs to.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: `"dfRtDYWFbkRONycy.Yxwh66Yjlx.cph0gtNBtJ"`.
    pub const UPLOAD_ID: &str = "aws.s3.upload_id";

    /// Returns the attribute `aws.s3.upload_id` with this value. See [`UPLOAD_ID`].
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

        /// Returns the attribute `aws.secretsmanager.secret.arn` with this value. See [`ARN`].
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

        /// Returns the attribute `aws.sns.topic.arn` with this value. See [`ARN`].
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

        /// Returns the attribute `aws.sqs.queue.url` with this value. See [`URL`].
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

        /// Returns the attribute `aws.step_functions.activity.arn` with this value. See [`ARN`].
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

        /// Returns the attribute `aws.step_functions.state_machine.arn` with this value. See [`ARN`].
        pub fn arn(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ARN, value.into())
        }
    }
}
