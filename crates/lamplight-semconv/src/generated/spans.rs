// Generated from a registry of semantic conventions: change that, not this.

//! The spans of the registry.

/// `aws.*`
pub mod aws {
    /// One call through an AWS SDK, with all its attempts.
    ///
    /// Calls that send messages with context are of kind producer.
    ///
    /// Kind: client. Name: {rpc.service}.{rpc.method}
    ///
    /// Stability: development.
    ///
    /// - `rpc.system` (required): Former name of the system, still required by the AWS conventions.
    /// - `rpc.system.name` (required): System of the remote procedure call.
    /// - `rpc.service` (required): Called service, still required by the AWS conventions.
    /// - `rpc.method` (required): Called method.
    /// - `server.port` (conditionally required): Port of the server.
    /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
    /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
    /// - `lamplight.aws.expected_error` (conditionally required): Error code of an expected response, which does not make the call fail.
    /// - `lamplight.aws.attempts` (conditionally required): Number of attempts that the SDK made for one call, including the first.
    /// - `lamplight.aws.failed_entries` (conditionally required): Number of entries of a batch call that the service rejected although the call succeeded.
    /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
    /// - `cloud.region` (recommended): Region of the resource.
    /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
    /// - `aws.request_id` (recommended): Request id the service returned.
    /// - `http.response.status_code` (recommended): Status code of the response.
    pub mod client {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Type of the span.
        pub const TYPE: &str = "aws.client";

        /// Keys of the attributes that must be present when a span starts, so that samplers see them.
        pub const SAMPLING_RELEVANT: &[&str] = &[
            "rpc.system",
            "rpc.system.name",
            "rpc.service",
            "rpc.method",
            "cloud.region",
        ];

        /// Returns the required attributes, none of which can be omitted.
        #[allow(deprecated)]
        pub fn required(
            rpc_system: super::super::super::rpc::RpcSystem,
            rpc_system_name: super::super::super::rpc::system::RpcSystemName,
            rpc_service: impl Into<StringValue>,
            rpc_method: impl Into<StringValue>,
        ) -> [KeyValue; 4] {
            let rpc_system = super::super::super::rpc::system(rpc_system);
            let rpc_system_name = super::super::super::rpc::system::name(rpc_system_name);
            let rpc_service = super::super::super::rpc::service(rpc_service);
            let rpc_method = super::super::super::rpc::method(rpc_method);
            [rpc_system, rpc_system_name, rpc_service, rpc_method]
        }

        /// A call to DynamoDB.
        ///
        /// Calls that send messages with context are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system, still required by the AWS conventions.
        /// - `rpc.system.name` (required): System of the remote procedure call.
        /// - `rpc.service` (required): Called service, still required by the AWS conventions.
        /// - `rpc.method` (required): Called method.
        /// - `db.system.name` (required): Database system, as identified by the client.
        /// - `db.operation.name` (required): Operation or command to be executed.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an expected response, which does not make the call fail.
        /// - `lamplight.aws.attempts` (conditionally required): Number of attempts that the SDK made for one call, including the first.
        /// - `lamplight.aws.failed_entries` (conditionally required): Number of entries of a batch call that the service rejected although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
        /// - `db.collection.name` (conditionally required): Table of the operation, if there is exactly one.
        /// - `db.response.status_code` (conditionally required): Status code that the database returned.
        /// - `cloud.region` (recommended): Region of the resource.
        /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        /// - `db.operation.batch.size` (recommended): Number of operations in a batch of two or more; absent otherwise.
        /// - `db.query.text` (recommended): Text of the query, if its values are passed as parameters.
        /// - `aws.dynamodb.table_names` (recommended): Tables on which the request operates.
        pub mod dynamodb {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "rpc.system",
                "rpc.system.name",
                "rpc.service",
                "rpc.method",
                "cloud.region",
                "db.system.name",
                "db.operation.name",
                "db.collection.name",
                "db.operation.batch.size",
                "db.query.text",
                "aws.dynamodb.table_names",
            ];

            /// Returns the required attributes, none of which can be omitted.
            #[allow(deprecated)]
            pub fn required(
                rpc_system: super::super::super::super::rpc::RpcSystem,
                rpc_system_name: super::super::super::super::rpc::system::RpcSystemName,
                rpc_service: impl Into<StringValue>,
                rpc_method: impl Into<StringValue>,
                db_system_name: super::super::super::super::db::system::DbSystemName,
                db_operation_name: impl Into<StringValue>,
            ) -> [KeyValue; 6] {
                let rpc_system = super::super::super::super::rpc::system(rpc_system);
                let rpc_system_name =
                    super::super::super::super::rpc::system::name(rpc_system_name);
                let rpc_service = super::super::super::super::rpc::service(rpc_service);
                let rpc_method = super::super::super::super::rpc::method(rpc_method);
                let db_system_name = super::super::super::super::db::system::name(db_system_name);
                let db_operation_name =
                    super::super::super::super::db::operation::name(db_operation_name);
                [
                    rpc_system,
                    rpc_system_name,
                    rpc_service,
                    rpc_method,
                    db_system_name,
                    db_operation_name,
                ]
            }
        }

        /// A call that invokes a function.
        ///
        /// Calls that send messages with context are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system, still required by the AWS conventions.
        /// - `rpc.system.name` (required): System of the remote procedure call.
        /// - `rpc.service` (required): Called service, still required by the AWS conventions.
        /// - `rpc.method` (required): Called method.
        /// - `faas.invoked_name` (required): Name of the function that is called.
        /// - `faas.invoked_provider` (required): Cloud in which the called function runs.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an expected response, which does not make the call fail.
        /// - `lamplight.aws.attempts` (conditionally required): Number of attempts that the SDK made for one call, including the first.
        /// - `lamplight.aws.failed_entries` (conditionally required): Number of entries of a batch call that the service rejected although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
        /// - `faas.invoked_region` (conditionally required): Region in which the called function runs.
        /// - `aws.lambda.invoked_arn` (conditionally required): ARN by which the function was called, including an alias or version.
        /// - `cloud.region` (recommended): Region of the resource.
        /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        pub mod invoke {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "rpc.system",
                "rpc.system.name",
                "rpc.service",
                "rpc.method",
                "cloud.region",
                "faas.invoked_name",
                "faas.invoked_provider",
                "faas.invoked_region",
                "aws.lambda.invoked_arn",
            ];

            /// Returns the required attributes, none of which can be omitted.
            #[allow(deprecated)]
            pub fn required(
                rpc_system: super::super::super::super::rpc::RpcSystem,
                rpc_system_name: super::super::super::super::rpc::system::RpcSystemName,
                rpc_service: impl Into<StringValue>,
                rpc_method: impl Into<StringValue>,
                faas_invoked_name: impl Into<StringValue>,
                faas_invoked_provider: super::super::super::super::faas::FaasInvokedProvider,
            ) -> [KeyValue; 6] {
                let rpc_system = super::super::super::super::rpc::system(rpc_system);
                let rpc_system_name =
                    super::super::super::super::rpc::system::name(rpc_system_name);
                let rpc_service = super::super::super::super::rpc::service(rpc_service);
                let rpc_method = super::super::super::super::rpc::method(rpc_method);
                let faas_invoked_name =
                    super::super::super::super::faas::invoked_name(faas_invoked_name);
                let faas_invoked_provider =
                    super::super::super::super::faas::invoked_provider(faas_invoked_provider);
                [
                    rpc_system,
                    rpc_system_name,
                    rpc_service,
                    rpc_method,
                    faas_invoked_name,
                    faas_invoked_provider,
                ]
            }
        }

        /// A call about an event source mapping.
        ///
        /// Calls that send messages with context are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system, still required by the AWS conventions.
        /// - `rpc.system.name` (required): System of the remote procedure call.
        /// - `rpc.service` (required): Called service, still required by the AWS conventions.
        /// - `rpc.method` (required): Called method.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an expected response, which does not make the call fail.
        /// - `lamplight.aws.attempts` (conditionally required): Number of attempts that the SDK made for one call, including the first.
        /// - `lamplight.aws.failed_entries` (conditionally required): Number of entries of a batch call that the service rejected although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
        /// - `cloud.region` (recommended): Region of the resource.
        /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
        pub mod mapping {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "rpc.system",
                "rpc.system.name",
                "rpc.service",
                "rpc.method",
                "cloud.region",
            ];

            /// Returns the required attributes, none of which can be omitted.
            #[allow(deprecated)]
            pub fn required(
                rpc_system: super::super::super::super::rpc::RpcSystem,
                rpc_system_name: super::super::super::super::rpc::system::RpcSystemName,
                rpc_service: impl Into<StringValue>,
                rpc_method: impl Into<StringValue>,
            ) -> [KeyValue; 4] {
                let rpc_system = super::super::super::super::rpc::system(rpc_system);
                let rpc_system_name =
                    super::super::super::super::rpc::system::name(rpc_system_name);
                let rpc_service = super::super::super::super::rpc::service(rpc_service);
                let rpc_method = super::super::super::super::rpc::method(rpc_method);
                [rpc_system, rpc_system_name, rpc_service, rpc_method]
            }
        }

        /// A call about messages.
        ///
        /// Calls that send messages with context are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system, still required by the AWS conventions.
        /// - `rpc.system.name` (required): System of the remote procedure call.
        /// - `rpc.service` (required): Called service, still required by the AWS conventions.
        /// - `rpc.method` (required): Called method.
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Name of the operation in the messaging system's own terms.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an expected response, which does not make the call fail.
        /// - `lamplight.aws.attempts` (conditionally required): Number of attempts that the SDK made for one call, including the first.
        /// - `lamplight.aws.failed_entries` (conditionally required): Number of entries of a batch call that the service rejected although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Number of messages in the batch.
        /// - `messaging.operation.type` (conditionally required): Type of the operation, common to all messaging systems.
        /// - `cloud.region` (recommended): Region of the resource.
        /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        pub mod messaging {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "rpc.system",
                "rpc.system.name",
                "rpc.service",
                "rpc.method",
                "cloud.region",
                "messaging.system",
                "messaging.operation.name",
                "messaging.destination.name",
                "messaging.operation.type",
            ];

            /// Returns the required attributes, none of which can be omitted.
            #[allow(deprecated)]
            pub fn required(
                rpc_system: super::super::super::super::rpc::RpcSystem,
                rpc_system_name: super::super::super::super::rpc::system::RpcSystemName,
                rpc_service: impl Into<StringValue>,
                rpc_method: impl Into<StringValue>,
                messaging_system: super::super::super::super::messaging::MessagingSystem,
                messaging_operation_name: impl Into<StringValue>,
            ) -> [KeyValue; 6] {
                let rpc_system = super::super::super::super::rpc::system(rpc_system);
                let rpc_system_name =
                    super::super::super::super::rpc::system::name(rpc_system_name);
                let rpc_service = super::super::super::super::rpc::service(rpc_service);
                let rpc_method = super::super::super::super::rpc::method(rpc_method);
                let messaging_system =
                    super::super::super::super::messaging::system(messaging_system);
                let messaging_operation_name =
                    super::super::super::super::messaging::operation::name(
                        messaging_operation_name,
                    );
                [
                    rpc_system,
                    rpc_system_name,
                    rpc_service,
                    rpc_method,
                    messaging_system,
                    messaging_operation_name,
                ]
            }

            /// A call that receives messages.
            ///
            /// Calls that send messages with context are of kind producer.
            ///
            /// Kind: client. Name: {rpc.service}.{rpc.method}
            ///
            /// Stability: development.
            ///
            /// - `rpc.system` (required): Former name of the system, still required by the AWS conventions.
            /// - `rpc.system.name` (required): System of the remote procedure call.
            /// - `rpc.service` (required): Called service, still required by the AWS conventions.
            /// - `rpc.method` (required): Called method.
            /// - `messaging.system` (required): Messaging system the message travels through.
            /// - `messaging.operation.name` (required): Name of the operation in the messaging system's own terms.
            /// - `messaging.operation.type` (required): Type of the operation, common to all messaging systems.
            /// - `server.port` (conditionally required): Port of the server.
            /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
            /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
            /// - `lamplight.aws.expected_error` (conditionally required): Error code of an expected response, which does not make the call fail.
            /// - `lamplight.aws.attempts` (conditionally required): Number of attempts that the SDK made for one call, including the first.
            /// - `lamplight.aws.failed_entries` (conditionally required): Number of entries of a batch call that the service rejected although the call succeeded.
            /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
            /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
            /// - `messaging.batch.message_count` (conditionally required): Number of messages in the batch.
            /// - `cloud.region` (recommended): Region of the resource.
            /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
            /// - `aws.request_id` (recommended): Request id the service returned.
            /// - `http.response.status_code` (recommended): Status code of the response.
            /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
            /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
            pub mod receive {
                use ::opentelemetry::{KeyValue, StringValue};

                /// Type of the span.
                pub const TYPE: &str = "aws.client";

                /// Keys of the attributes that must be present when a span starts, so that samplers see them.
                pub const SAMPLING_RELEVANT: &[&str] = &[
                    "rpc.system",
                    "rpc.system.name",
                    "rpc.service",
                    "rpc.method",
                    "cloud.region",
                    "messaging.system",
                    "messaging.operation.name",
                    "messaging.destination.name",
                    "messaging.operation.type",
                ];

                /// Returns the required attributes, none of which can be omitted.
                #[allow(deprecated)]
                pub fn required(
                    rpc_system: super::super::super::super::super::rpc::RpcSystem,
                    rpc_system_name: super::super::super::super::super::rpc::system::RpcSystemName,
                    rpc_service: impl Into<StringValue>,
                    rpc_method: impl Into<StringValue>,
                    messaging_system: super::super::super::super::super::messaging::MessagingSystem,
                    messaging_operation_name: impl Into<StringValue>,
                    messaging_operation_type: super::super::super::super::super::messaging::operation::MessagingOperationType,
                ) -> [KeyValue; 7] {
                    let rpc_system = super::super::super::super::super::rpc::system(rpc_system);
                    let rpc_system_name =
                        super::super::super::super::super::rpc::system::name(rpc_system_name);
                    let rpc_service = super::super::super::super::super::rpc::service(rpc_service);
                    let rpc_method = super::super::super::super::super::rpc::method(rpc_method);
                    let messaging_system =
                        super::super::super::super::super::messaging::system(messaging_system);
                    let messaging_operation_name =
                        super::super::super::super::super::messaging::operation::name(
                            messaging_operation_name,
                        );
                    let messaging_operation_type =
                        super::super::super::super::super::messaging::operation::r#type(
                            messaging_operation_type,
                        );
                    [
                        rpc_system,
                        rpc_system_name,
                        rpc_service,
                        rpc_method,
                        messaging_system,
                        messaging_operation_name,
                        messaging_operation_type,
                    ]
                }
            }

            /// `aws.client.messaging.send.*`
            pub mod send {
                /// A call that sends messages which do not carry its context.
                ///
                /// Calls that send messages with context are of kind producer.
                ///
                /// Kind: client. Name: {rpc.service}.{rpc.method}
                ///
                /// Stability: development.
                ///
                /// - `rpc.system` (required): Former name of the system, still required by the AWS conventions.
                /// - `rpc.system.name` (required): System of the remote procedure call.
                /// - `rpc.service` (required): Called service, still required by the AWS conventions.
                /// - `rpc.method` (required): Called method.
                /// - `messaging.system` (required): Messaging system the message travels through.
                /// - `messaging.operation.name` (required): Name of the operation in the messaging system's own terms.
                /// - `messaging.operation.type` (required): Type of the operation, common to all messaging systems.
                /// - `server.port` (conditionally required): Port of the server.
                /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
                /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
                /// - `lamplight.aws.expected_error` (conditionally required): Error code of an expected response, which does not make the call fail.
                /// - `lamplight.aws.attempts` (conditionally required): Number of attempts that the SDK made for one call, including the first.
                /// - `lamplight.aws.failed_entries` (conditionally required): Number of entries of a batch call that the service rejected although the call succeeded.
                /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
                /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
                /// - `messaging.batch.message_count` (conditionally required): Number of messages in the batch.
                /// - `cloud.region` (recommended): Region of the resource.
                /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
                /// - `aws.request_id` (recommended): Request id the service returned.
                /// - `http.response.status_code` (recommended): Status code of the response.
                /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
                /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
                pub mod client {
                    use ::opentelemetry::{KeyValue, StringValue};

                    /// Type of the span.
                    pub const TYPE: &str = "aws.client";

                    /// Keys of the attributes that must be present when a span starts, so that samplers see them.
                    pub const SAMPLING_RELEVANT: &[&str] = &[
                        "rpc.system",
                        "rpc.system.name",
                        "rpc.service",
                        "rpc.method",
                        "cloud.region",
                        "messaging.system",
                        "messaging.operation.name",
                        "messaging.destination.name",
                        "messaging.operation.type",
                    ];

                    /// Returns the required attributes, none of which can be omitted.
                    #[allow(deprecated)]
                    pub fn required(
                        rpc_system: super::super::super::super::super::super::rpc::RpcSystem,
                        rpc_system_name: super::super::super::super::super::super::rpc::system::RpcSystemName,
                        rpc_service: impl Into<StringValue>,
                        rpc_method: impl Into<StringValue>,
                        messaging_system: super::super::super::super::super::super::messaging::MessagingSystem,
                        messaging_operation_name: impl Into<StringValue>,
                        messaging_operation_type: super::super::super::super::super::super::messaging::operation::MessagingOperationType,
                    ) -> [KeyValue; 7] {
                        let rpc_system =
                            super::super::super::super::super::super::rpc::system(rpc_system);
                        let rpc_system_name =
                            super::super::super::super::super::super::rpc::system::name(
                                rpc_system_name,
                            );
                        let rpc_service =
                            super::super::super::super::super::super::rpc::service(rpc_service);
                        let rpc_method =
                            super::super::super::super::super::super::rpc::method(rpc_method);
                        let messaging_system =
                            super::super::super::super::super::super::messaging::system(
                                messaging_system,
                            );
                        let messaging_operation_name =
                            super::super::super::super::super::super::messaging::operation::name(
                                messaging_operation_name,
                            );
                        let messaging_operation_type =
                            super::super::super::super::super::super::messaging::operation::r#type(
                                messaging_operation_type,
                            );
                        [
                            rpc_system,
                            rpc_system_name,
                            rpc_service,
                            rpc_method,
                            messaging_system,
                            messaging_operation_name,
                            messaging_operation_type,
                        ]
                    }
                }

                /// A call that sends messages which carry its context.
                ///
                /// Calls that send messages with context are of kind producer.
                ///
                /// Kind: client. Name: {rpc.service}.{rpc.method}
                ///
                /// Stability: development.
                ///
                /// - `rpc.system` (required): Former name of the system, still required by the AWS conventions.
                /// - `rpc.system.name` (required): System of the remote procedure call.
                /// - `rpc.service` (required): Called service, still required by the AWS conventions.
                /// - `rpc.method` (required): Called method.
                /// - `messaging.system` (required): Messaging system the message travels through.
                /// - `messaging.operation.name` (required): Name of the operation in the messaging system's own terms.
                /// - `messaging.operation.type` (required): Type of the operation, common to all messaging systems.
                /// - `server.port` (conditionally required): Port of the server.
                /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
                /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
                /// - `lamplight.aws.expected_error` (conditionally required): Error code of an expected response, which does not make the call fail.
                /// - `lamplight.aws.attempts` (conditionally required): Number of attempts that the SDK made for one call, including the first.
                /// - `lamplight.aws.failed_entries` (conditionally required): Number of entries of a batch call that the service rejected although the call succeeded.
                /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
                /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
                /// - `messaging.batch.message_count` (conditionally required): Number of messages in the batch.
                /// - `cloud.region` (recommended): Region of the resource.
                /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
                /// - `aws.request_id` (recommended): Request id the service returned.
                /// - `http.response.status_code` (recommended): Status code of the response.
                /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
                /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
                pub mod producer {
                    use ::opentelemetry::{KeyValue, StringValue};

                    /// Type of the span.
                    pub const TYPE: &str = "aws.client";

                    /// Keys of the attributes that must be present when a span starts, so that samplers see them.
                    pub const SAMPLING_RELEVANT: &[&str] = &[
                        "rpc.system",
                        "rpc.system.name",
                        "rpc.service",
                        "rpc.method",
                        "cloud.region",
                        "messaging.system",
                        "messaging.operation.name",
                        "messaging.destination.name",
                        "messaging.operation.type",
                    ];

                    /// Returns the required attributes, none of which can be omitted.
                    #[allow(deprecated)]
                    pub fn required(
                        rpc_system: super::super::super::super::super::super::rpc::RpcSystem,
                        rpc_system_name: super::super::super::super::super::super::rpc::system::RpcSystemName,
                        rpc_service: impl Into<StringValue>,
                        rpc_method: impl Into<StringValue>,
                        messaging_system: super::super::super::super::super::super::messaging::MessagingSystem,
                        messaging_operation_name: impl Into<StringValue>,
                        messaging_operation_type: super::super::super::super::super::super::messaging::operation::MessagingOperationType,
                    ) -> [KeyValue; 7] {
                        let rpc_system =
                            super::super::super::super::super::super::rpc::system(rpc_system);
                        let rpc_system_name =
                            super::super::super::super::super::super::rpc::system::name(
                                rpc_system_name,
                            );
                        let rpc_service =
                            super::super::super::super::super::super::rpc::service(rpc_service);
                        let rpc_method =
                            super::super::super::super::super::super::rpc::method(rpc_method);
                        let messaging_system =
                            super::super::super::super::super::super::messaging::system(
                                messaging_system,
                            );
                        let messaging_operation_name =
                            super::super::super::super::super::super::messaging::operation::name(
                                messaging_operation_name,
                            );
                        let messaging_operation_type =
                            super::super::super::super::super::super::messaging::operation::r#type(
                                messaging_operation_type,
                            );
                        [
                            rpc_system,
                            rpc_system_name,
                            rpc_service,
                            rpc_method,
                            messaging_system,
                            messaging_operation_name,
                            messaging_operation_type,
                        ]
                    }
                }
            }

            /// A call that settles messages.
            ///
            /// Calls that send messages with context are of kind producer.
            ///
            /// Kind: client. Name: {rpc.service}.{rpc.method}
            ///
            /// Stability: development.
            ///
            /// - `rpc.system` (required): Former name of the system, still required by the AWS conventions.
            /// - `rpc.system.name` (required): System of the remote procedure call.
            /// - `rpc.service` (required): Called service, still required by the AWS conventions.
            /// - `rpc.method` (required): Called method.
            /// - `messaging.system` (required): Messaging system the message travels through.
            /// - `messaging.operation.name` (required): Name of the operation in the messaging system's own terms.
            /// - `messaging.operation.type` (required): Type of the operation, common to all messaging systems.
            /// - `server.port` (conditionally required): Port of the server.
            /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
            /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
            /// - `lamplight.aws.expected_error` (conditionally required): Error code of an expected response, which does not make the call fail.
            /// - `lamplight.aws.attempts` (conditionally required): Number of attempts that the SDK made for one call, including the first.
            /// - `lamplight.aws.failed_entries` (conditionally required): Number of entries of a batch call that the service rejected although the call succeeded.
            /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
            /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
            /// - `messaging.batch.message_count` (conditionally required): Number of messages in the batch.
            /// - `cloud.region` (recommended): Region of the resource.
            /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
            /// - `aws.request_id` (recommended): Request id the service returned.
            /// - `http.response.status_code` (recommended): Status code of the response.
            /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
            /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
            pub mod settle {
                use ::opentelemetry::{KeyValue, StringValue};

                /// Type of the span.
                pub const TYPE: &str = "aws.client";

                /// Keys of the attributes that must be present when a span starts, so that samplers see them.
                pub const SAMPLING_RELEVANT: &[&str] = &[
                    "rpc.system",
                    "rpc.system.name",
                    "rpc.service",
                    "rpc.method",
                    "cloud.region",
                    "messaging.system",
                    "messaging.operation.name",
                    "messaging.destination.name",
                    "messaging.operation.type",
                ];

                /// Returns the required attributes, none of which can be omitted.
                #[allow(deprecated)]
                pub fn required(
                    rpc_system: super::super::super::super::super::rpc::RpcSystem,
                    rpc_system_name: super::super::super::super::super::rpc::system::RpcSystemName,
                    rpc_service: impl Into<StringValue>,
                    rpc_method: impl Into<StringValue>,
                    messaging_system: super::super::super::super::super::messaging::MessagingSystem,
                    messaging_operation_name: impl Into<StringValue>,
                    messaging_operation_type: super::super::super::super::super::messaging::operation::MessagingOperationType,
                ) -> [KeyValue; 7] {
                    let rpc_system = super::super::super::super::super::rpc::system(rpc_system);
                    let rpc_system_name =
                        super::super::super::super::super::rpc::system::name(rpc_system_name);
                    let rpc_service = super::super::super::super::super::rpc::service(rpc_service);
                    let rpc_method = super::super::super::super::super::rpc::method(rpc_method);
                    let messaging_system =
                        super::super::super::super::super::messaging::system(messaging_system);
                    let messaging_operation_name =
                        super::super::super::super::super::messaging::operation::name(
                            messaging_operation_name,
                        );
                    let messaging_operation_type =
                        super::super::super::super::super::messaging::operation::r#type(
                            messaging_operation_type,
                        );
                    [
                        rpc_system,
                        rpc_system_name,
                        rpc_service,
                        rpc_method,
                        messaging_system,
                        messaging_operation_name,
                        messaging_operation_type,
                    ]
                }
            }
        }

        /// A call that publishes messages.
        ///
        /// Calls that send messages with context are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system, still required by the AWS conventions.
        /// - `rpc.system.name` (required): System of the remote procedure call.
        /// - `rpc.service` (required): Called service, still required by the AWS conventions.
        /// - `rpc.method` (required): Called method.
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Name of the operation in the messaging system's own terms.
        /// - `messaging.operation.type` (required): Type of the operation, common to all messaging systems.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an expected response, which does not make the call fail.
        /// - `lamplight.aws.attempts` (conditionally required): Number of attempts that the SDK made for one call, including the first.
        /// - `lamplight.aws.failed_entries` (conditionally required): Number of entries of a batch call that the service rejected although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Number of messages in the batch.
        /// - `aws.sns.topic.arn` (conditionally required): ARN of the SNS topic.
        /// - `cloud.region` (recommended): Region of the resource.
        /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        pub mod sns {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "rpc.system",
                "rpc.system.name",
                "rpc.service",
                "rpc.method",
                "cloud.region",
                "messaging.system",
                "messaging.operation.name",
                "messaging.destination.name",
                "messaging.operation.type",
                "aws.sns.topic.arn",
            ];

            /// Returns the required attributes, none of which can be omitted.
            #[allow(deprecated)]
            pub fn required(
                rpc_system: super::super::super::super::rpc::RpcSystem,
                rpc_system_name: super::super::super::super::rpc::system::RpcSystemName,
                rpc_service: impl Into<StringValue>,
                rpc_method: impl Into<StringValue>,
                messaging_system: super::super::super::super::messaging::MessagingSystem,
                messaging_operation_name: impl Into<StringValue>,
                messaging_operation_type: super::super::super::super::messaging::operation::MessagingOperationType,
            ) -> [KeyValue; 7] {
                let rpc_system = super::super::super::super::rpc::system(rpc_system);
                let rpc_system_name =
                    super::super::super::super::rpc::system::name(rpc_system_name);
                let rpc_service = super::super::super::super::rpc::service(rpc_service);
                let rpc_method = super::super::super::super::rpc::method(rpc_method);
                let messaging_system =
                    super::super::super::super::messaging::system(messaging_system);
                let messaging_operation_name =
                    super::super::super::super::messaging::operation::name(
                        messaging_operation_name,
                    );
                let messaging_operation_type =
                    super::super::super::super::messaging::operation::r#type(
                        messaging_operation_type,
                    );
                [
                    rpc_system,
                    rpc_system_name,
                    rpc_service,
                    rpc_method,
                    messaging_system,
                    messaging_operation_name,
                    messaging_operation_type,
                ]
            }
        }

        /// A call to SQS about messages.
        ///
        /// Calls that send messages with context are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system, still required by the AWS conventions.
        /// - `rpc.system.name` (required): System of the remote procedure call.
        /// - `rpc.service` (required): Called service, still required by the AWS conventions.
        /// - `rpc.method` (required): Called method.
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Name of the operation in the messaging system's own terms.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an expected response, which does not make the call fail.
        /// - `lamplight.aws.attempts` (conditionally required): Number of attempts that the SDK made for one call, including the first.
        /// - `lamplight.aws.failed_entries` (conditionally required): Number of entries of a batch call that the service rejected although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Number of messages in the batch.
        /// - `messaging.operation.type` (conditionally required): Type of the operation, common to all messaging systems.
        /// - `cloud.region` (recommended): Region of the resource.
        /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        /// - `aws.sqs.queue.url` (recommended): URL of the SQS queue.
        pub mod sqs {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "rpc.system",
                "rpc.system.name",
                "rpc.service",
                "rpc.method",
                "cloud.region",
                "messaging.system",
                "messaging.operation.name",
                "messaging.destination.name",
                "messaging.operation.type",
                "aws.sqs.queue.url",
            ];

            /// Returns the required attributes, none of which can be omitted.
            #[allow(deprecated)]
            pub fn required(
                rpc_system: super::super::super::super::rpc::RpcSystem,
                rpc_system_name: super::super::super::super::rpc::system::RpcSystemName,
                rpc_service: impl Into<StringValue>,
                rpc_method: impl Into<StringValue>,
                messaging_system: super::super::super::super::messaging::MessagingSystem,
                messaging_operation_name: impl Into<StringValue>,
            ) -> [KeyValue; 6] {
                let rpc_system = super::super::super::super::rpc::system(rpc_system);
                let rpc_system_name =
                    super::super::super::super::rpc::system::name(rpc_system_name);
                let rpc_service = super::super::super::super::rpc::service(rpc_service);
                let rpc_method = super::super::super::super::rpc::method(rpc_method);
                let messaging_system =
                    super::super::super::super::messaging::system(messaging_system);
                let messaging_operation_name =
                    super::super::super::super::messaging::operation::name(
                        messaging_operation_name,
                    );
                [
                    rpc_system,
                    rpc_system_name,
                    rpc_service,
                    rpc_method,
                    messaging_system,
                    messaging_operation_name,
                ]
            }
        }
    }
}

/// `faas.*`
pub mod faas {
    /// One invocation of the function.
    ///
    /// Kind: server. Name: Name of the function, or a name derived from the event.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (required): Kind of event that triggered the invocation.
    /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
    /// - `lamplight.init.duration_ms` (conditionally required): Time from the set-up of telemetry to the first invocation of the environment, in milliseconds.
    /// - `lamplight.previous_flush.duration_ms` (conditionally required): Time for which the delivery of spans held the environment after the previous response, in milliseconds.
    /// - `lamplight.tenant.id` (conditionally required): Tenant for which a function with tenant isolation was invoked.
    /// - `lamplight.links.dropped` (conditionally required): Number of links left out of a span because a batch has more records than a span may have links.
    /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
    /// - `faas.invocation_id` (recommended): Identifier of the invocation; on Lambda, the request id of its context.
    /// - `faas.coldstart` (recommended): True for the first invocation of an environment, if its caller waited for the environment to start.
    /// - `cloud.resource_id` (recommended): Identifier of the resource, unique in its cloud; on AWS, the ARN.
    /// - `cloud.account.id` (recommended): Account that owns the resource.
    /// - `aws.lambda.invoked_arn` (recommended): ARN by which the function was called, including an alias or version.
    /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
    /// - `faas.execution` (opt-in): Former name of the invocation identifier.
    pub mod server {
        use ::opentelemetry::KeyValue;

        /// Type of the span.
        pub const TYPE: &str = "faas.server";

        /// Keys of the attributes that must be present when a span starts, so that samplers see them.
        pub const SAMPLING_RELEVANT: &[&str] =
            &["faas.trigger", "faas.invocation_id", "faas.coldstart"];

        /// Returns the required attributes, none of which can be omitted.
        pub fn required(faas_trigger: super::super::super::faas::FaasTrigger) -> [KeyValue; 1] {
            let faas_trigger = super::super::super::faas::trigger(faas_trigger);
            [faas_trigger]
        }

        /// An invocation about a change of data.
        ///
        /// Kind: server. Name: Name of the function, or a name derived from the event.
        ///
        /// Stability: development.
        ///
        /// - `faas.trigger` (required): Kind of event that triggered the invocation.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.init.duration_ms` (conditionally required): Time from the set-up of telemetry to the first invocation of the environment, in milliseconds.
        /// - `lamplight.previous_flush.duration_ms` (conditionally required): Time for which the delivery of spans held the environment after the previous response, in milliseconds.
        /// - `lamplight.tenant.id` (conditionally required): Tenant for which a function with tenant isolation was invoked.
        /// - `lamplight.links.dropped` (conditionally required): Number of links left out of a span because a batch has more records than a span may have links.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
        /// - `faas.document.collection` (conditionally required): Bucket, table or database that contains the change.
        /// - `faas.document.operation` (conditionally required): Operation that changed the data.
        /// - `lamplight.batch.failed_count` (conditionally required): Number of records of the batch that are redelivered, according to the function's response.
        /// - `faas.invocation_id` (recommended): Identifier of the invocation; on Lambda, the request id of its context.
        /// - `faas.coldstart` (recommended): True for the first invocation of an environment, if its caller waited for the environment to start.
        /// - `cloud.resource_id` (recommended): Identifier of the resource, unique in its cloud; on AWS, the ARN.
        /// - `cloud.account.id` (recommended): Account that owns the resource.
        /// - `aws.lambda.invoked_arn` (recommended): ARN by which the function was called, including an alias or version.
        /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
        /// - `faas.document.time` (recommended): Time of the change, ISO 8601 in UTC.
        /// - `faas.document.name` (recommended): Object or record that changed.
        /// - `lamplight.aws.s3.request_id` (recommended): Id of the request to S3 that caused the event.
        /// - `lamplight.aws.s3.extended_request_id` (recommended): Second id of the request to S3 that caused the event.
        /// - `faas.execution` (opt-in): Former name of the invocation identifier.
        pub mod datasource {
            use ::opentelemetry::KeyValue;

            /// Type of the span.
            pub const TYPE: &str = "faas.server";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] =
                &["faas.trigger", "faas.invocation_id", "faas.coldstart"];

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(
                faas_trigger: super::super::super::super::faas::FaasTrigger,
            ) -> [KeyValue; 1] {
                let faas_trigger = super::super::super::super::faas::trigger(faas_trigger);
                [faas_trigger]
            }
        }

        /// An invocation that answers a request.
        ///
        /// Kind: server. Name: Method and route of the request, or the name of the function if no
        /// route is known.
        ///
        /// Stability: development.
        ///
        /// - `faas.trigger` (required): Kind of event that triggered the invocation.
        /// - `http.request.method` (required): Method of the request.
        /// - `url.path` (required): Path of the URL.
        /// - `url.scheme` (required): Scheme of the URL.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.init.duration_ms` (conditionally required): Time from the set-up of telemetry to the first invocation of the environment, in milliseconds.
        /// - `lamplight.previous_flush.duration_ms` (conditionally required): Time for which the delivery of spans held the environment after the previous response, in milliseconds.
        /// - `lamplight.tenant.id` (conditionally required): Tenant for which a function with tenant isolation was invoked.
        /// - `lamplight.links.dropped` (conditionally required): Number of links left out of a span because a batch has more records than a span may have links.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
        /// - `url.query` (conditionally required): Query of the URL without its question mark, with secret values redacted.
        /// - `http.route` (conditionally required): Matched route, with placeholders for its variable parts.
        /// - `http.request.method_original` (conditionally required): Method in the client's spelling, if that differs from the recorded method.
        /// - `http.response.status_code` (conditionally required): Status code of the response.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `client.port` (conditionally required): Port of the client.
        /// - `network.peer.address` (conditionally required): Address of the other end of the connection.
        /// - `network.peer.port` (conditionally required): Port of the other end of the connection.
        /// - `faas.invocation_id` (recommended): Identifier of the invocation; on Lambda, the request id of its context.
        /// - `faas.coldstart` (recommended): True for the first invocation of an environment, if its caller waited for the environment to start.
        /// - `cloud.resource_id` (recommended): Identifier of the resource, unique in its cloud; on AWS, the ARN.
        /// - `cloud.account.id` (recommended): Account that owns the resource.
        /// - `aws.lambda.invoked_arn` (recommended): ARN by which the function was called, including an alias or version.
        /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
        /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
        /// - `client.address` (recommended): Address or name of the client; behind proxies, that of the original client if it is known.
        /// - `user_agent.original` (recommended): User-Agent header of the client.
        /// - `network.protocol.version` (recommended): Version of the application protocol.
        /// - `faas.execution` (opt-in): Former name of the invocation identifier.
        pub mod http {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "faas.server";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "faas.trigger",
                "faas.invocation_id",
                "faas.coldstart",
                "http.request.method",
                "url.path",
                "url.scheme",
                "url.query",
                "server.address",
                "server.port",
                "client.address",
                "user_agent.original",
            ];

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(
                faas_trigger: super::super::super::super::faas::FaasTrigger,
                http_request_method: super::super::super::super::http::request::HttpRequestMethod,
                url_path: impl Into<StringValue>,
                url_scheme: impl Into<StringValue>,
            ) -> [KeyValue; 4] {
                let faas_trigger = super::super::super::super::faas::trigger(faas_trigger);
                let http_request_method =
                    super::super::super::super::http::request::method(http_request_method);
                let url_path = super::super::super::super::url::path(url_path);
                let url_scheme = super::super::super::super::url::scheme(url_scheme);
                [faas_trigger, http_request_method, url_path, url_scheme]
            }
        }

        /// An invocation with messages that have no span of their own.
        ///
        /// Kind: server. Name: Name of the function, or a name derived from the event.
        ///
        /// Stability: development.
        ///
        /// - `faas.trigger` (required): Kind of event that triggered the invocation.
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Name of the operation in the messaging system's own terms.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.init.duration_ms` (conditionally required): Time from the set-up of telemetry to the first invocation of the environment, in milliseconds.
        /// - `lamplight.previous_flush.duration_ms` (conditionally required): Time for which the delivery of spans held the environment after the previous response, in milliseconds.
        /// - `lamplight.tenant.id` (conditionally required): Tenant for which a function with tenant isolation was invoked.
        /// - `lamplight.links.dropped` (conditionally required): Number of links left out of a span because a batch has more records than a span may have links.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
        /// - `messaging.operation.type` (conditionally required): Type of the operation, common to all messaging systems.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Number of messages in the batch.
        /// - `messaging.kafka.message.tombstone` (conditionally required): True if a Kafka record has a key but no value, and so deletes the data of that key.
        /// - `lamplight.batch.failed_count` (conditionally required): Number of records of the batch that are redelivered, according to the function's response.
        /// - `faas.invocation_id` (recommended): Identifier of the invocation; on Lambda, the request id of its context.
        /// - `faas.coldstart` (recommended): True for the first invocation of an environment, if its caller waited for the environment to start.
        /// - `cloud.resource_id` (recommended): Identifier of the resource, unique in its cloud; on AWS, the ARN.
        /// - `cloud.account.id` (recommended): Account that owns the resource.
        /// - `aws.lambda.invoked_arn` (recommended): ARN by which the function was called, including an alias or version.
        /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        /// - `messaging.message.conversation_id` (recommended): Identifier of the conversation to which the message belongs.
        /// - `messaging.kafka.offset` (recommended): Position of a Kafka record in its partition.
        /// - `messaging.kafka.message.key` (recommended): Key that determines the partition of a Kafka record.
        /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
        /// - `server.port` (recommended): Port of the server.
        /// - `aws.sqs.queue.url` (recommended): URL of the SQS queue.
        /// - `aws.sns.topic.arn` (recommended): ARN of the SNS topic.
        /// - `aws.kinesis.stream_name` (recommended): Name of the Kinesis stream.
        /// - `faas.execution` (opt-in): Former name of the invocation identifier.
        /// - `messaging.message.body.size` (opt-in): Size of the message's body, in bytes.
        pub mod pubsub {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "faas.server";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "faas.trigger",
                "faas.invocation_id",
                "faas.coldstart",
                "messaging.system",
                "messaging.operation.name",
                "messaging.operation.type",
                "messaging.destination.name",
                "messaging.destination.partition.id",
                "server.address",
                "server.port",
            ];

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(
                faas_trigger: super::super::super::super::faas::FaasTrigger,
                messaging_system: super::super::super::super::messaging::MessagingSystem,
                messaging_operation_name: impl Into<StringValue>,
            ) -> [KeyValue; 3] {
                let faas_trigger = super::super::super::super::faas::trigger(faas_trigger);
                let messaging_system =
                    super::super::super::super::messaging::system(messaging_system);
                let messaging_operation_name =
                    super::super::super::super::messaging::operation::name(
                        messaging_operation_name,
                    );
                [faas_trigger, messaging_system, messaging_operation_name]
            }
        }

        /// An invocation on a schedule.
        ///
        /// Kind: server. Name: Name of the function, or a name derived from the event.
        ///
        /// Stability: development.
        ///
        /// - `faas.trigger` (required): Kind of event that triggered the invocation.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.init.duration_ms` (conditionally required): Time from the set-up of telemetry to the first invocation of the environment, in milliseconds.
        /// - `lamplight.previous_flush.duration_ms` (conditionally required): Time for which the delivery of spans held the environment after the previous response, in milliseconds.
        /// - `lamplight.tenant.id` (conditionally required): Tenant for which a function with tenant isolation was invoked.
        /// - `lamplight.links.dropped` (conditionally required): Number of links left out of a span because a batch has more records than a span may have links.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution, recorded by the caller that started it and by its tasks.
        /// - `faas.invocation_id` (recommended): Identifier of the invocation; on Lambda, the request id of its context.
        /// - `faas.coldstart` (recommended): True for the first invocation of an environment, if its caller waited for the environment to start.
        /// - `cloud.resource_id` (recommended): Identifier of the resource, unique in its cloud; on AWS, the ARN.
        /// - `cloud.account.id` (recommended): Account that owns the resource.
        /// - `aws.lambda.invoked_arn` (recommended): ARN by which the function was called, including an alias or version.
        /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
        /// - `faas.time` (recommended): Scheduled time of the invocation, ISO 8601 in UTC.
        /// - `faas.cron` (recommended): Schedule that fired, as a cron expression.
        /// - `faas.execution` (opt-in): Former name of the invocation identifier.
        pub mod timer {
            use ::opentelemetry::KeyValue;

            /// Type of the span.
            pub const TYPE: &str = "faas.server";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] =
                &["faas.trigger", "faas.invocation_id", "faas.coldstart"];

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(
                faas_trigger: super::super::super::super::faas::FaasTrigger,
            ) -> [KeyValue; 1] {
                let faas_trigger = super::super::super::super::faas::trigger(faas_trigger);
                [faas_trigger]
            }
        }
    }
}

/// `http.*`
pub mod http {
    /// One request to an HTTP server, until the head of its response is there.
    ///
    /// The name is the method alone where there is no template.
    ///
    /// Kind: client. Name: {http.request.method} {url.template}
    ///
    /// Stability: stable.
    ///
    /// - `http.request.method` (required): Method of the request.
    /// - `url.full` (required): Complete URL, with credentials and signatures removed.
    /// - `server.address` (required): Address or name of the server; behind proxies, that of the original server if it is known.
    /// - `server.port` (required): Port of the server.
    /// - `http.request.method_original` (conditionally required): Method in the client's spelling, if that differs from the recorded method.
    /// - `http.request.resend_count` (conditionally required): Number of this attempt among the resends of the request.
    /// - `http.response.status_code` (conditionally required): Status code of the response.
    /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
    /// - `network.protocol.version` (recommended): Version of the application protocol.
    /// - `url.template` (opt-in): Path of the URL with placeholders for what varies.
    /// - `http.request.header` (opt-in): Values of the request header `<key>`, its name in lower case.
    /// - `http.response.header` (opt-in): Values of the response header `<key>`, its name in lower case.
    pub mod client {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Type of the span.
        pub const TYPE: &str = "http.client";

        /// Keys of the attributes that must be present when a span starts, so that samplers see them.
        pub const SAMPLING_RELEVANT: &[&str] = &[
            "http.request.method",
            "url.full",
            "server.address",
            "server.port",
            "url.template",
        ];

        /// Returns the required attributes, none of which can be omitted.
        pub fn required(
            http_request_method: super::super::super::http::request::HttpRequestMethod,
            url_full: impl Into<StringValue>,
            server_address: impl Into<StringValue>,
            server_port: i64,
        ) -> [KeyValue; 4] {
            let http_request_method =
                super::super::super::http::request::method(http_request_method);
            let url_full = super::super::super::url::full(url_full);
            let server_address = super::super::super::server::address(server_address);
            let server_port = super::super::super::server::port(server_port);
            [http_request_method, url_full, server_address, server_port]
        }
    }
}

/// `lamplight.*`
pub mod lamplight {
    /// Processing of one change in a DynamoDB stream, which is not a message.
    ///
    /// Kind: consumer. Name: process {faas.document.collection}
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (required): Kind of event that triggered the invocation.
    /// - `faas.document.collection` (required): Bucket, table or database that contains the change.
    /// - `faas.document.operation` (required): Operation that changed the data.
    /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
    /// - `lamplight.aws.dynamodb.event.id` (recommended): Id of a change in a DynamoDB stream.
    /// - `lamplight.queue.latency_ms` (recommended): Time between the sending of a message and the start of its processing, in milliseconds.
    pub mod change {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Type of the span.
        pub const TYPE: &str = "lamplight.change";

        /// Keys of the attributes that must be present when a span starts, so that samplers see them.
        pub const SAMPLING_RELEVANT: &[&str] = &[
            "faas.trigger",
            "faas.document.collection",
            "faas.document.operation",
        ];

        /// Returns the required attributes, none of which can be omitted.
        pub fn required(
            faas_trigger: super::super::super::faas::FaasTrigger,
            faas_document_collection: impl Into<StringValue>,
            faas_document_operation: super::super::super::faas::document::FaasDocumentOperation,
        ) -> [KeyValue; 3] {
            let faas_trigger = super::super::super::faas::trigger(faas_trigger);
            let faas_document_collection =
                super::super::super::faas::document::collection(faas_document_collection);
            let faas_document_operation =
                super::super::super::faas::document::operation(faas_document_operation);
            [
                faas_trigger,
                faas_document_collection,
                faas_document_operation,
            ]
        }
    }

    /// Time that an event spent in a managed service on its way to the function.
    ///
    /// Inferred from timestamps, and off by default.
    ///
    /// Kind: internal. Name: deliver {messaging.destination.name}, or the name of the request
    ///
    /// Stability: development.
    ///
    /// - `lamplight.inferred.service` (required): Managed service represented by an inferred span, whose timestamp is in the event.
    /// - `http.request.method` (recommended): Method of the request.
    /// - `http.route` (recommended): Matched route, with placeholders for its variable parts.
    /// - `url.path` (recommended): Path of the URL.
    /// - `url.scheme` (recommended): Scheme of the URL.
    /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
    pub mod inferred {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Type of the span.
        pub const TYPE: &str = "lamplight.inferred";

        /// Returns the required attributes, none of which can be omitted.
        pub fn required(lamplight_inferred_service: impl Into<StringValue>) -> [KeyValue; 1] {
            let lamplight_inferred_service =
                super::super::super::lamplight::inferred::service(lamplight_inferred_service);
            [lamplight_inferred_service]
        }

        /// Time that a message spent in a queue, topic, bus or stream.
        ///
        /// Inferred from timestamps, and off by default.
        ///
        /// Kind: internal. Name: deliver {messaging.destination.name}, or the name of the request
        ///
        /// Stability: development.
        ///
        /// - `lamplight.inferred.service` (required): Managed service represented by an inferred span, whose timestamp is in the event.
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Name of the operation in the messaging system's own terms.
        /// - `messaging.operation.type` (conditionally required): Type of the operation, common to all messaging systems.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Number of messages in the batch.
        /// - `messaging.kafka.message.tombstone` (conditionally required): True if a Kafka record has a key but no value, and so deletes the data of that key.
        /// - `http.request.method` (recommended): Method of the request.
        /// - `http.route` (recommended): Matched route, with placeholders for its variable parts.
        /// - `url.path` (recommended): Path of the URL.
        /// - `url.scheme` (recommended): Scheme of the URL.
        /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        /// - `messaging.message.conversation_id` (recommended): Identifier of the conversation to which the message belongs.
        /// - `messaging.kafka.offset` (recommended): Position of a Kafka record in its partition.
        /// - `messaging.kafka.message.key` (recommended): Key that determines the partition of a Kafka record.
        /// - `server.port` (recommended): Port of the server.
        /// - `aws.sqs.queue.url` (recommended): URL of the SQS queue.
        /// - `aws.sns.topic.arn` (recommended): ARN of the SNS topic.
        /// - `aws.kinesis.stream_name` (recommended): Name of the Kinesis stream.
        /// - `messaging.message.body.size` (opt-in): Size of the message's body, in bytes.
        pub mod message {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "lamplight.inferred";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "server.address",
                "messaging.system",
                "messaging.operation.name",
                "messaging.operation.type",
                "messaging.destination.name",
                "messaging.destination.partition.id",
                "server.port",
            ];

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(
                lamplight_inferred_service: impl Into<StringValue>,
                messaging_system: super::super::super::super::messaging::MessagingSystem,
                messaging_operation_name: impl Into<StringValue>,
            ) -> [KeyValue; 3] {
                let lamplight_inferred_service =
                    super::super::super::super::lamplight::inferred::service(
                        lamplight_inferred_service,
                    );
                let messaging_system =
                    super::super::super::super::messaging::system(messaging_system);
                let messaging_operation_name =
                    super::super::super::super::messaging::operation::name(
                        messaging_operation_name,
                    );
                [
                    lamplight_inferred_service,
                    messaging_system,
                    messaging_operation_name,
                ]
            }
        }
    }
}

/// `messaging.*`
pub mod messaging {
    /// `messaging.process.*`
    pub mod process {
        /// Processing of one record of a batch, or of all of them.
        ///
        /// The span for all of them is off by default; the invocation's span then has its
        /// attributes.
        ///
        /// Kind: consumer. Name: {messaging.operation.name} {messaging.destination.name}
        ///
        /// Stability: development.
        ///
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Name of the operation in the messaging system's own terms.
        /// - `faas.trigger` (required): Kind of event that triggered the invocation.
        /// - `messaging.operation.type` (conditionally required): Type of the operation, common to all messaging systems.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Number of messages in the batch.
        /// - `messaging.kafka.message.tombstone` (conditionally required): True if a Kafka record has a key but no value, and so deletes the data of that key.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.batch.failed_count` (conditionally required): Number of records of the batch that are redelivered, according to the function's response.
        /// - `lamplight.links.dropped` (conditionally required): Number of links left out of a span because a batch has more records than a span may have links.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        /// - `messaging.message.conversation_id` (recommended): Identifier of the conversation to which the message belongs.
        /// - `messaging.kafka.offset` (recommended): Position of a Kafka record in its partition.
        /// - `messaging.kafka.message.key` (recommended): Key that determines the partition of a Kafka record.
        /// - `server.address` (recommended): Address or name of the server; behind proxies, that of the original server if it is known.
        /// - `server.port` (recommended): Port of the server.
        /// - `aws.sqs.queue.url` (recommended): URL of the SQS queue.
        /// - `aws.sns.topic.arn` (recommended): ARN of the SNS topic.
        /// - `aws.kinesis.stream_name` (recommended): Name of the Kinesis stream.
        /// - `lamplight.queue.latency_ms` (recommended): Time between the sending of a message and the start of its processing, in milliseconds.
        /// - `lamplight.receive_count` (recommended): Number of times the message has been received, including this one.
        /// - `messaging.message.body.size` (opt-in): Size of the message's body, in bytes.
        pub mod consumer {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "messaging.process.consumer";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "messaging.system",
                "messaging.operation.name",
                "messaging.operation.type",
                "messaging.destination.name",
                "messaging.destination.partition.id",
                "server.address",
                "server.port",
                "faas.trigger",
            ];

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(
                messaging_system: super::super::super::super::messaging::MessagingSystem,
                messaging_operation_name: impl Into<StringValue>,
                faas_trigger: super::super::super::super::faas::FaasTrigger,
            ) -> [KeyValue; 3] {
                let messaging_system =
                    super::super::super::super::messaging::system(messaging_system);
                let messaging_operation_name =
                    super::super::super::super::messaging::operation::name(
                        messaging_operation_name,
                    );
                let faas_trigger = super::super::super::super::faas::trigger(faas_trigger);
                [messaging_system, messaging_operation_name, faas_trigger]
            }
        }
    }
}
