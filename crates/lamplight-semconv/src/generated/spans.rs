// Generated from a registry of semantic conventions: change that, not this.

//! The spans of the registry.

/// `aws.*`
pub mod aws {
    /// One call through an AWS SDK, with all its attempts.
    ///
    /// Sends into which context was put are of kind producer.
    ///
    /// Kind: client. Name: {rpc.service}.{rpc.method}
    ///
    /// Stability: development.
    ///
    /// - `rpc.system` (required): Former name of the system's name, which AWS conventions still ask for.
    /// - `rpc.system.name` (required): System that carries the remote procedure call.
    /// - `rpc.service` (required): Service that is called, which AWS conventions still ask for.
    /// - `rpc.method` (required): Method that is called.
    /// - `server.port` (conditionally required): Port of the server.
    /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
    /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
    /// - `lamplight.aws.expected_error` (conditionally required): Error code of an answer that counts as expected, so that the call has not failed.
    /// - `lamplight.aws.attempts` (conditionally required): Attempts the SDK made for one call, the first included.
    /// - `lamplight.aws.failed_entries` (conditionally required): Entries of a batch call the service refused although the call succeeded.
    /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
    /// - `cloud.region` (recommended): Region the resource lives in.
    /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
    /// - `aws.request_id` (recommended): Request id the service returned.
    /// - `http.response.status_code` (recommended): Status code of the response.
    pub mod client {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Type of the span.
        pub const TYPE: &str = "aws.client";

        /// Keys of the attributes a span is to be started with, for samplers to see.
        pub const SAMPLING_RELEVANT: &[&str] = &[
            "rpc.system",
            "rpc.system.name",
            "rpc.service",
            "rpc.method",
            "cloud.region",
        ];

        /// The attributes that are required, none of which can be left out.
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
        /// Sends into which context was put are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system's name, which AWS conventions still ask for.
        /// - `rpc.system.name` (required): System that carries the remote procedure call.
        /// - `rpc.service` (required): Service that is called, which AWS conventions still ask for.
        /// - `rpc.method` (required): Method that is called.
        /// - `db.system.name` (required): Database as the client knows it.
        /// - `db.operation.name` (required): Operation or command that is carried out.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an answer that counts as expected, so that the call has not failed.
        /// - `lamplight.aws.attempts` (conditionally required): Attempts the SDK made for one call, the first included.
        /// - `lamplight.aws.failed_entries` (conditionally required): Entries of a batch call the service refused although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
        /// - `db.collection.name` (conditionally required): Table the operation works on, if it is a single one.
        /// - `db.response.status_code` (conditionally required): Code the database answered with.
        /// - `cloud.region` (recommended): Region the resource lives in.
        /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        /// - `db.operation.batch.size` (recommended): Operations in a batch, of which there are two or more; absent otherwise.
        /// - `db.query.text` (recommended): Text of the query, if its values are given apart from it.
        /// - `aws.dynamodb.table_names` (recommended): Tables the request works on.
        pub mod dynamodb {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes a span is to be started with, for samplers to see.
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

            /// The attributes that are required, none of which can be left out.
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
        /// Sends into which context was put are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system's name, which AWS conventions still ask for.
        /// - `rpc.system.name` (required): System that carries the remote procedure call.
        /// - `rpc.service` (required): Service that is called, which AWS conventions still ask for.
        /// - `rpc.method` (required): Method that is called.
        /// - `faas.invoked_name` (required): Name of the function that is called.
        /// - `faas.invoked_provider` (required): Cloud in which the called function runs.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an answer that counts as expected, so that the call has not failed.
        /// - `lamplight.aws.attempts` (conditionally required): Attempts the SDK made for one call, the first included.
        /// - `lamplight.aws.failed_entries` (conditionally required): Entries of a batch call the service refused although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
        /// - `faas.invoked_region` (conditionally required): Region in which the called function runs.
        /// - `aws.lambda.invoked_arn` (conditionally required): ARN the function was called by, alias or version included.
        /// - `cloud.region` (recommended): Region the resource lives in.
        /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        pub mod invoke {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes a span is to be started with, for samplers to see.
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

            /// The attributes that are required, none of which can be left out.
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
        /// Sends into which context was put are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system's name, which AWS conventions still ask for.
        /// - `rpc.system.name` (required): System that carries the remote procedure call.
        /// - `rpc.service` (required): Service that is called, which AWS conventions still ask for.
        /// - `rpc.method` (required): Method that is called.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an answer that counts as expected, so that the call has not failed.
        /// - `lamplight.aws.attempts` (conditionally required): Attempts the SDK made for one call, the first included.
        /// - `lamplight.aws.failed_entries` (conditionally required): Entries of a batch call the service refused although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
        /// - `cloud.region` (recommended): Region the resource lives in.
        /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
        pub mod mapping {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes a span is to be started with, for samplers to see.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "rpc.system",
                "rpc.system.name",
                "rpc.service",
                "rpc.method",
                "cloud.region",
            ];

            /// The attributes that are required, none of which can be left out.
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
        /// Sends into which context was put are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system's name, which AWS conventions still ask for.
        /// - `rpc.system.name` (required): System that carries the remote procedure call.
        /// - `rpc.service` (required): Service that is called, which AWS conventions still ask for.
        /// - `rpc.method` (required): Method that is called.
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Operation under the name the messaging system itself gives it.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an answer that counts as expected, so that the call has not failed.
        /// - `lamplight.aws.attempts` (conditionally required): Attempts the SDK made for one call, the first included.
        /// - `lamplight.aws.failed_entries` (conditionally required): Entries of a batch call the service refused although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Messages in the batch.
        /// - `messaging.operation.type` (conditionally required): Operation under the name all messaging systems share.
        /// - `cloud.region` (recommended): Region the resource lives in.
        /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        pub mod messaging {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes a span is to be started with, for samplers to see.
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

            /// The attributes that are required, none of which can be left out.
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
            /// Sends into which context was put are of kind producer.
            ///
            /// Kind: client. Name: {rpc.service}.{rpc.method}
            ///
            /// Stability: development.
            ///
            /// - `rpc.system` (required): Former name of the system's name, which AWS conventions still ask for.
            /// - `rpc.system.name` (required): System that carries the remote procedure call.
            /// - `rpc.service` (required): Service that is called, which AWS conventions still ask for.
            /// - `rpc.method` (required): Method that is called.
            /// - `messaging.system` (required): Messaging system the message travels through.
            /// - `messaging.operation.name` (required): Operation under the name the messaging system itself gives it.
            /// - `messaging.operation.type` (required): Operation under the name all messaging systems share.
            /// - `server.port` (conditionally required): Port of the server.
            /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
            /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
            /// - `lamplight.aws.expected_error` (conditionally required): Error code of an answer that counts as expected, so that the call has not failed.
            /// - `lamplight.aws.attempts` (conditionally required): Attempts the SDK made for one call, the first included.
            /// - `lamplight.aws.failed_entries` (conditionally required): Entries of a batch call the service refused although the call succeeded.
            /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
            /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
            /// - `messaging.batch.message_count` (conditionally required): Messages in the batch.
            /// - `cloud.region` (recommended): Region the resource lives in.
            /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
            /// - `aws.request_id` (recommended): Request id the service returned.
            /// - `http.response.status_code` (recommended): Status code of the response.
            /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
            /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
            pub mod receive {
                use ::opentelemetry::{KeyValue, StringValue};

                /// Type of the span.
                pub const TYPE: &str = "aws.client";

                /// Keys of the attributes a span is to be started with, for samplers to see.
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

                /// The attributes that are required, none of which can be left out.
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
                /// Sends into which context was put are of kind producer.
                ///
                /// Kind: client. Name: {rpc.service}.{rpc.method}
                ///
                /// Stability: development.
                ///
                /// - `rpc.system` (required): Former name of the system's name, which AWS conventions still ask for.
                /// - `rpc.system.name` (required): System that carries the remote procedure call.
                /// - `rpc.service` (required): Service that is called, which AWS conventions still ask for.
                /// - `rpc.method` (required): Method that is called.
                /// - `messaging.system` (required): Messaging system the message travels through.
                /// - `messaging.operation.name` (required): Operation under the name the messaging system itself gives it.
                /// - `messaging.operation.type` (required): Operation under the name all messaging systems share.
                /// - `server.port` (conditionally required): Port of the server.
                /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
                /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
                /// - `lamplight.aws.expected_error` (conditionally required): Error code of an answer that counts as expected, so that the call has not failed.
                /// - `lamplight.aws.attempts` (conditionally required): Attempts the SDK made for one call, the first included.
                /// - `lamplight.aws.failed_entries` (conditionally required): Entries of a batch call the service refused although the call succeeded.
                /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
                /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
                /// - `messaging.batch.message_count` (conditionally required): Messages in the batch.
                /// - `cloud.region` (recommended): Region the resource lives in.
                /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
                /// - `aws.request_id` (recommended): Request id the service returned.
                /// - `http.response.status_code` (recommended): Status code of the response.
                /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
                /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
                pub mod client {
                    use ::opentelemetry::{KeyValue, StringValue};

                    /// Type of the span.
                    pub const TYPE: &str = "aws.client";

                    /// Keys of the attributes a span is to be started with, for samplers to see.
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

                    /// The attributes that are required, none of which can be left out.
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
                /// Sends into which context was put are of kind producer.
                ///
                /// Kind: client. Name: {rpc.service}.{rpc.method}
                ///
                /// Stability: development.
                ///
                /// - `rpc.system` (required): Former name of the system's name, which AWS conventions still ask for.
                /// - `rpc.system.name` (required): System that carries the remote procedure call.
                /// - `rpc.service` (required): Service that is called, which AWS conventions still ask for.
                /// - `rpc.method` (required): Method that is called.
                /// - `messaging.system` (required): Messaging system the message travels through.
                /// - `messaging.operation.name` (required): Operation under the name the messaging system itself gives it.
                /// - `messaging.operation.type` (required): Operation under the name all messaging systems share.
                /// - `server.port` (conditionally required): Port of the server.
                /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
                /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
                /// - `lamplight.aws.expected_error` (conditionally required): Error code of an answer that counts as expected, so that the call has not failed.
                /// - `lamplight.aws.attempts` (conditionally required): Attempts the SDK made for one call, the first included.
                /// - `lamplight.aws.failed_entries` (conditionally required): Entries of a batch call the service refused although the call succeeded.
                /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
                /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
                /// - `messaging.batch.message_count` (conditionally required): Messages in the batch.
                /// - `cloud.region` (recommended): Region the resource lives in.
                /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
                /// - `aws.request_id` (recommended): Request id the service returned.
                /// - `http.response.status_code` (recommended): Status code of the response.
                /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
                /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
                pub mod producer {
                    use ::opentelemetry::{KeyValue, StringValue};

                    /// Type of the span.
                    pub const TYPE: &str = "aws.client";

                    /// Keys of the attributes a span is to be started with, for samplers to see.
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

                    /// The attributes that are required, none of which can be left out.
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
            /// Sends into which context was put are of kind producer.
            ///
            /// Kind: client. Name: {rpc.service}.{rpc.method}
            ///
            /// Stability: development.
            ///
            /// - `rpc.system` (required): Former name of the system's name, which AWS conventions still ask for.
            /// - `rpc.system.name` (required): System that carries the remote procedure call.
            /// - `rpc.service` (required): Service that is called, which AWS conventions still ask for.
            /// - `rpc.method` (required): Method that is called.
            /// - `messaging.system` (required): Messaging system the message travels through.
            /// - `messaging.operation.name` (required): Operation under the name the messaging system itself gives it.
            /// - `messaging.operation.type` (required): Operation under the name all messaging systems share.
            /// - `server.port` (conditionally required): Port of the server.
            /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
            /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
            /// - `lamplight.aws.expected_error` (conditionally required): Error code of an answer that counts as expected, so that the call has not failed.
            /// - `lamplight.aws.attempts` (conditionally required): Attempts the SDK made for one call, the first included.
            /// - `lamplight.aws.failed_entries` (conditionally required): Entries of a batch call the service refused although the call succeeded.
            /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
            /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
            /// - `messaging.batch.message_count` (conditionally required): Messages in the batch.
            /// - `cloud.region` (recommended): Region the resource lives in.
            /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
            /// - `aws.request_id` (recommended): Request id the service returned.
            /// - `http.response.status_code` (recommended): Status code of the response.
            /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
            /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
            pub mod settle {
                use ::opentelemetry::{KeyValue, StringValue};

                /// Type of the span.
                pub const TYPE: &str = "aws.client";

                /// Keys of the attributes a span is to be started with, for samplers to see.
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

                /// The attributes that are required, none of which can be left out.
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
        /// Sends into which context was put are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system's name, which AWS conventions still ask for.
        /// - `rpc.system.name` (required): System that carries the remote procedure call.
        /// - `rpc.service` (required): Service that is called, which AWS conventions still ask for.
        /// - `rpc.method` (required): Method that is called.
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Operation under the name the messaging system itself gives it.
        /// - `messaging.operation.type` (required): Operation under the name all messaging systems share.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an answer that counts as expected, so that the call has not failed.
        /// - `lamplight.aws.attempts` (conditionally required): Attempts the SDK made for one call, the first included.
        /// - `lamplight.aws.failed_entries` (conditionally required): Entries of a batch call the service refused although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Messages in the batch.
        /// - `aws.sns.topic.arn` (conditionally required): ARN of the SNS topic.
        /// - `cloud.region` (recommended): Region the resource lives in.
        /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        pub mod sns {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes a span is to be started with, for samplers to see.
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

            /// The attributes that are required, none of which can be left out.
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
        /// Sends into which context was put are of kind producer.
        ///
        /// Kind: client. Name: {rpc.service}.{rpc.method}
        ///
        /// Stability: development.
        ///
        /// - `rpc.system` (required): Former name of the system's name, which AWS conventions still ask for.
        /// - `rpc.system.name` (required): System that carries the remote procedure call.
        /// - `rpc.service` (required): Service that is called, which AWS conventions still ask for.
        /// - `rpc.method` (required): Method that is called.
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Operation under the name the messaging system itself gives it.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `aws.extended_request_id` (conditionally required): Second request id Amazon S3 returns.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.aws.expected_error` (conditionally required): Error code of an answer that counts as expected, so that the call has not failed.
        /// - `lamplight.aws.attempts` (conditionally required): Attempts the SDK made for one call, the first included.
        /// - `lamplight.aws.failed_entries` (conditionally required): Entries of a batch call the service refused although the call succeeded.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Messages in the batch.
        /// - `messaging.operation.type` (conditionally required): Operation under the name all messaging systems share.
        /// - `cloud.region` (recommended): Region the resource lives in.
        /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
        /// - `aws.request_id` (recommended): Request id the service returned.
        /// - `http.response.status_code` (recommended): Status code of the response.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        /// - `aws.sqs.queue.url` (recommended): URL of the SQS queue.
        pub mod sqs {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "aws.client";

            /// Keys of the attributes a span is to be started with, for samplers to see.
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

            /// The attributes that are required, none of which can be left out.
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
    /// Kind: server. Name: Name of the function, or what the event says about its own kind.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (required): Kind of event that made the function run.
    /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
    /// - `lamplight.init.duration_ms` (conditionally required): Time from the set-up of telemetry to the invocation that started the environment, in milliseconds.
    /// - `lamplight.previous_flush.duration_ms` (conditionally required): Time that the delivery of spans held the environment behind the response before this one, in milliseconds.
    /// - `lamplight.tenant.id` (conditionally required): Tenant the function was invoked for, of a function with tenant isolation.
    /// - `lamplight.links.dropped` (conditionally required): Links left out of a span because a batch had more records than a span may link to.
    /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
    /// - `faas.invocation_id` (recommended): Identifier of the invocation, on Lambda the request id of its context.
    /// - `faas.coldstart` (recommended): Whether this invocation is the first of its execution environment.
    /// - `cloud.resource_id` (recommended): Identifier of the resource that is unique in its cloud, on AWS its ARN.
    /// - `cloud.account.id` (recommended): Account that owns the resource.
    /// - `aws.lambda.invoked_arn` (recommended): ARN the function was called by, alias or version included.
    /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
    /// - `faas.execution` (opt-in): Former name of the invocation identifier.
    pub mod server {
        use ::opentelemetry::KeyValue;

        /// Type of the span.
        pub const TYPE: &str = "faas.server";

        /// Keys of the attributes a span is to be started with, for samplers to see.
        pub const SAMPLING_RELEVANT: &[&str] =
            &["faas.trigger", "faas.invocation_id", "faas.coldstart"];

        /// The attributes that are required, none of which can be left out.
        pub fn required(faas_trigger: super::super::super::faas::FaasTrigger) -> [KeyValue; 1] {
            let faas_trigger = super::super::super::faas::trigger(faas_trigger);
            [faas_trigger]
        }

        /// An invocation about a change of data.
        ///
        /// Kind: server. Name: Name of the function, or what the event says about its own kind.
        ///
        /// Stability: development.
        ///
        /// - `faas.trigger` (required): Kind of event that made the function run.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.init.duration_ms` (conditionally required): Time from the set-up of telemetry to the invocation that started the environment, in milliseconds.
        /// - `lamplight.previous_flush.duration_ms` (conditionally required): Time that the delivery of spans held the environment behind the response before this one, in milliseconds.
        /// - `lamplight.tenant.id` (conditionally required): Tenant the function was invoked for, of a function with tenant isolation.
        /// - `lamplight.links.dropped` (conditionally required): Links left out of a span because a batch had more records than a span may link to.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
        /// - `faas.document.collection` (conditionally required): Bucket, table or database in which the change happened.
        /// - `faas.document.operation` (conditionally required): What was done to the data.
        /// - `lamplight.batch.failed_count` (conditionally required): Records of the batch that are delivered again, by what the function answered.
        /// - `faas.invocation_id` (recommended): Identifier of the invocation, on Lambda the request id of its context.
        /// - `faas.coldstart` (recommended): Whether this invocation is the first of its execution environment.
        /// - `cloud.resource_id` (recommended): Identifier of the resource that is unique in its cloud, on AWS its ARN.
        /// - `cloud.account.id` (recommended): Account that owns the resource.
        /// - `aws.lambda.invoked_arn` (recommended): ARN the function was called by, alias or version included.
        /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
        /// - `faas.document.time` (recommended): Time of the change, ISO 8601 in UTC.
        /// - `faas.document.name` (recommended): Object or record that changed.
        /// - `lamplight.aws.s3.request_id` (recommended): Id of the request to S3 that an event tells of.
        /// - `lamplight.aws.s3.extended_request_id` (recommended): Second id of the request to S3 that an event tells of.
        /// - `faas.execution` (opt-in): Former name of the invocation identifier.
        pub mod datasource {
            use ::opentelemetry::KeyValue;

            /// Type of the span.
            pub const TYPE: &str = "faas.server";

            /// Keys of the attributes a span is to be started with, for samplers to see.
            pub const SAMPLING_RELEVANT: &[&str] =
                &["faas.trigger", "faas.invocation_id", "faas.coldstart"];

            /// The attributes that are required, none of which can be left out.
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
        /// - `faas.trigger` (required): Kind of event that made the function run.
        /// - `http.request.method` (required): Method of the request.
        /// - `url.path` (required): Path of the URL.
        /// - `url.scheme` (required): Scheme of the URL.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.init.duration_ms` (conditionally required): Time from the set-up of telemetry to the invocation that started the environment, in milliseconds.
        /// - `lamplight.previous_flush.duration_ms` (conditionally required): Time that the delivery of spans held the environment behind the response before this one, in milliseconds.
        /// - `lamplight.tenant.id` (conditionally required): Tenant the function was invoked for, of a function with tenant isolation.
        /// - `lamplight.links.dropped` (conditionally required): Links left out of a span because a batch had more records than a span may link to.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
        /// - `url.query` (conditionally required): Query of the URL without its question mark, values of secrets redacted.
        /// - `http.route` (conditionally required): Route that matched, with placeholders for its variable parts.
        /// - `http.request.method_original` (conditionally required): Method as the client spelt it, when that differs from the recorded method.
        /// - `http.response.status_code` (conditionally required): Status code of the response.
        /// - `server.port` (conditionally required): Port of the server.
        /// - `client.port` (conditionally required): Port of the client.
        /// - `network.peer.address` (conditionally required): Address of the other end of the connection.
        /// - `network.peer.port` (conditionally required): Port of the other end of the connection.
        /// - `faas.invocation_id` (recommended): Identifier of the invocation, on Lambda the request id of its context.
        /// - `faas.coldstart` (recommended): Whether this invocation is the first of its execution environment.
        /// - `cloud.resource_id` (recommended): Identifier of the resource that is unique in its cloud, on AWS its ARN.
        /// - `cloud.account.id` (recommended): Account that owns the resource.
        /// - `aws.lambda.invoked_arn` (recommended): ARN the function was called by, alias or version included.
        /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
        /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
        /// - `client.address` (recommended): Address or name of the client, seen through proxies where that is possible.
        /// - `user_agent.original` (recommended): User-Agent header of the client.
        /// - `network.protocol.version` (recommended): Version of the application protocol.
        /// - `faas.execution` (opt-in): Former name of the invocation identifier.
        pub mod http {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "faas.server";

            /// Keys of the attributes a span is to be started with, for samplers to see.
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

            /// The attributes that are required, none of which can be left out.
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

        /// An invocation with messages, where these have no span of their own.
        ///
        /// Kind: server. Name: Name of the function, or what the event says about its own kind.
        ///
        /// Stability: development.
        ///
        /// - `faas.trigger` (required): Kind of event that made the function run.
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Operation under the name the messaging system itself gives it.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.init.duration_ms` (conditionally required): Time from the set-up of telemetry to the invocation that started the environment, in milliseconds.
        /// - `lamplight.previous_flush.duration_ms` (conditionally required): Time that the delivery of spans held the environment behind the response before this one, in milliseconds.
        /// - `lamplight.tenant.id` (conditionally required): Tenant the function was invoked for, of a function with tenant isolation.
        /// - `lamplight.links.dropped` (conditionally required): Links left out of a span because a batch had more records than a span may link to.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
        /// - `messaging.operation.type` (conditionally required): Operation under the name all messaging systems share.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Messages in the batch.
        /// - `messaging.kafka.message.tombstone` (conditionally required): Whether a Kafka record has a key but no value, and so deletes what was there.
        /// - `lamplight.batch.failed_count` (conditionally required): Records of the batch that are delivered again, by what the function answered.
        /// - `faas.invocation_id` (recommended): Identifier of the invocation, on Lambda the request id of its context.
        /// - `faas.coldstart` (recommended): Whether this invocation is the first of its execution environment.
        /// - `cloud.resource_id` (recommended): Identifier of the resource that is unique in its cloud, on AWS its ARN.
        /// - `cloud.account.id` (recommended): Account that owns the resource.
        /// - `aws.lambda.invoked_arn` (recommended): ARN the function was called by, alias or version included.
        /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        /// - `messaging.message.conversation_id` (recommended): Identifier that joins messages into one conversation.
        /// - `messaging.kafka.offset` (recommended): Position of a Kafka record in its partition.
        /// - `messaging.kafka.message.key` (recommended): Key that decides the partition of a Kafka record.
        /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
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

            /// Keys of the attributes a span is to be started with, for samplers to see.
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

            /// The attributes that are required, none of which can be left out.
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
        /// Kind: server. Name: Name of the function, or what the event says about its own kind.
        ///
        /// Stability: development.
        ///
        /// - `faas.trigger` (required): Kind of event that made the function run.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.init.duration_ms` (conditionally required): Time from the set-up of telemetry to the invocation that started the environment, in milliseconds.
        /// - `lamplight.previous_flush.duration_ms` (conditionally required): Time that the delivery of spans held the environment behind the response before this one, in milliseconds.
        /// - `lamplight.tenant.id` (conditionally required): Tenant the function was invoked for, of a function with tenant isolation.
        /// - `lamplight.links.dropped` (conditionally required): Links left out of a span because a batch had more records than a span may link to.
        /// - `lamplight.aws.step_functions.execution.arn` (conditionally required): ARN of the Step Functions execution; the caller that started it and its tasks know it.
        /// - `faas.invocation_id` (recommended): Identifier of the invocation, on Lambda the request id of its context.
        /// - `faas.coldstart` (recommended): Whether this invocation is the first of its execution environment.
        /// - `cloud.resource_id` (recommended): Identifier of the resource that is unique in its cloud, on AWS its ARN.
        /// - `cloud.account.id` (recommended): Account that owns the resource.
        /// - `aws.lambda.invoked_arn` (recommended): ARN the function was called by, alias or version included.
        /// - `aws.lambda.resource_mapping.id` (recommended): Event source mapping that delivered the records.
        /// - `faas.time` (recommended): Time a scheduled invocation was meant for, ISO 8601 in UTC.
        /// - `faas.cron` (recommended): Schedule that fired, as a cron expression.
        /// - `faas.execution` (opt-in): Former name of the invocation identifier.
        pub mod timer {
            use ::opentelemetry::KeyValue;

            /// Type of the span.
            pub const TYPE: &str = "faas.server";

            /// Keys of the attributes a span is to be started with, for samplers to see.
            pub const SAMPLING_RELEVANT: &[&str] =
                &["faas.trigger", "faas.invocation_id", "faas.coldstart"];

            /// The attributes that are required, none of which can be left out.
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
    /// - `server.address` (required): Address or name of the server, seen through proxies where that is possible.
    /// - `server.port` (required): Port of the server.
    /// - `url.template` (conditionally required): Path of the URL with placeholders for what varies.
    /// - `http.request.method_original` (conditionally required): Method as the client spelt it, when that differs from the recorded method.
    /// - `http.request.resend_count` (conditionally required): Number of this attempt among the times the request was sent again.
    /// - `http.response.status_code` (conditionally required): Status code of the response.
    /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
    /// - `network.protocol.version` (recommended): Version of the application protocol.
    /// - `http.request.header` (opt-in): Values of the request header `<key>`, its name in lower case.
    /// - `http.response.header` (opt-in): Values of the response header `<key>`, its name in lower case.
    pub mod client {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Type of the span.
        pub const TYPE: &str = "http.client";

        /// Keys of the attributes a span is to be started with, for samplers to see.
        pub const SAMPLING_RELEVANT: &[&str] = &[
            "http.request.method",
            "url.full",
            "server.address",
            "server.port",
            "url.template",
        ];

        /// The attributes that are required, none of which can be left out.
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
    /// Work on one change of a stream of DynamoDB, which is no message.
    ///
    /// Kind: consumer. Name: process {faas.document.collection}
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (required): Kind of event that made the function run.
    /// - `faas.document.collection` (required): Bucket, table or database in which the change happened.
    /// - `faas.document.operation` (required): What was done to the data.
    /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
    /// - `lamplight.aws.dynamodb.event.id` (recommended): Id of a change in a stream of DynamoDB.
    /// - `lamplight.queue.latency_ms` (recommended): Time a message waited between being sent and being taken up, in milliseconds.
    pub mod change {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Type of the span.
        pub const TYPE: &str = "lamplight.change";

        /// Keys of the attributes a span is to be started with, for samplers to see.
        pub const SAMPLING_RELEVANT: &[&str] = &[
            "faas.trigger",
            "faas.document.collection",
            "faas.document.operation",
        ];

        /// The attributes that are required, none of which can be left out.
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
    /// - `lamplight.inferred.service` (required): Managed service that a span was inferred for, from the timestamp it left in the event.
    /// - `http.request.method` (recommended): Method of the request.
    /// - `http.route` (recommended): Route that matched, with placeholders for its variable parts.
    /// - `url.path` (recommended): Path of the URL.
    /// - `url.scheme` (recommended): Scheme of the URL.
    /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
    pub mod inferred {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Type of the span.
        pub const TYPE: &str = "lamplight.inferred";

        /// The attributes that are required, none of which can be left out.
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
        /// - `lamplight.inferred.service` (required): Managed service that a span was inferred for, from the timestamp it left in the event.
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Operation under the name the messaging system itself gives it.
        /// - `messaging.operation.type` (conditionally required): Operation under the name all messaging systems share.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Messages in the batch.
        /// - `messaging.kafka.message.tombstone` (conditionally required): Whether a Kafka record has a key but no value, and so deletes what was there.
        /// - `http.request.method` (recommended): Method of the request.
        /// - `http.route` (recommended): Route that matched, with placeholders for its variable parts.
        /// - `url.path` (recommended): Path of the URL.
        /// - `url.scheme` (recommended): Scheme of the URL.
        /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        /// - `messaging.message.conversation_id` (recommended): Identifier that joins messages into one conversation.
        /// - `messaging.kafka.offset` (recommended): Position of a Kafka record in its partition.
        /// - `messaging.kafka.message.key` (recommended): Key that decides the partition of a Kafka record.
        /// - `server.port` (recommended): Port of the server.
        /// - `aws.sqs.queue.url` (recommended): URL of the SQS queue.
        /// - `aws.sns.topic.arn` (recommended): ARN of the SNS topic.
        /// - `aws.kinesis.stream_name` (recommended): Name of the Kinesis stream.
        /// - `messaging.message.body.size` (opt-in): Size of the message's body, in bytes.
        pub mod message {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "lamplight.inferred";

            /// Keys of the attributes a span is to be started with, for samplers to see.
            pub const SAMPLING_RELEVANT: &[&str] = &[
                "server.address",
                "messaging.system",
                "messaging.operation.name",
                "messaging.operation.type",
                "messaging.destination.name",
                "messaging.destination.partition.id",
                "server.port",
            ];

            /// The attributes that are required, none of which can be left out.
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
        /// Work on one record of a batch, or on all of them.
        ///
        /// The span for all of them is off by default; the invocation's has its attributes then.
        ///
        /// Kind: consumer. Name: {messaging.operation.name} {messaging.destination.name}
        ///
        /// Stability: development.
        ///
        /// - `messaging.system` (required): Messaging system the message travels through.
        /// - `messaging.operation.name` (required): Operation under the name the messaging system itself gives it.
        /// - `faas.trigger` (required): Kind of event that made the function run.
        /// - `messaging.operation.type` (conditionally required): Operation under the name all messaging systems share.
        /// - `messaging.destination.name` (conditionally required): Queue, topic, stream or bus the message is sent to or taken from.
        /// - `messaging.batch.message_count` (conditionally required): Messages in the batch.
        /// - `messaging.kafka.message.tombstone` (conditionally required): Whether a Kafka record has a key but no value, and so deletes what was there.
        /// - `error.type` (conditionally required): Class of the error that ended the operation; absent on success.
        /// - `lamplight.batch.failed_count` (conditionally required): Records of the batch that are delivered again, by what the function answered.
        /// - `lamplight.links.dropped` (conditionally required): Links left out of a span because a batch had more records than a span may link to.
        /// - `messaging.destination.partition.id` (recommended): Partition or shard of the destination.
        /// - `messaging.message.id` (recommended): Identifier the messaging system gave the message.
        /// - `messaging.message.conversation_id` (recommended): Identifier that joins messages into one conversation.
        /// - `messaging.kafka.offset` (recommended): Position of a Kafka record in its partition.
        /// - `messaging.kafka.message.key` (recommended): Key that decides the partition of a Kafka record.
        /// - `server.address` (recommended): Address or name of the server, seen through proxies where that is possible.
        /// - `server.port` (recommended): Port of the server.
        /// - `aws.sqs.queue.url` (recommended): URL of the SQS queue.
        /// - `aws.sns.topic.arn` (recommended): ARN of the SNS topic.
        /// - `aws.kinesis.stream_name` (recommended): Name of the Kinesis stream.
        /// - `lamplight.queue.latency_ms` (recommended): Time a message waited between being sent and being taken up, in milliseconds.
        /// - `lamplight.receive_count` (recommended): Times the message has been received, this time included.
        /// - `messaging.message.body.size` (opt-in): Size of the message's body, in bytes.
        pub mod consumer {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "messaging.process.consumer";

            /// Keys of the attributes a span is to be started with, for samplers to see.
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

            /// The attributes that are required, none of which can be left out.
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
