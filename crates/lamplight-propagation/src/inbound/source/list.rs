//! The list of sources. A new source needs one line here.

use std::fmt;

use lamplight_semconv::faas::FaasTrigger;

/// Calls a macro with the list of sources, in the order in which they are tried. Each line has the name, the
/// value of `faas.trigger`, and the type that recognizes and reads the source's events:
///
/// | | |
/// |---|---|
/// | `event(..)` | an [`EventSource`](super::EventSource): one event, or a batch in an object of its own |
/// | `records(..)` | a [`RecordSource`](super::RecordSource): elements of `Records`, or of a bare array |
/// | `both(..)` | both: an event source mapping delivers the first form, a pipe the second |
/// | `members` | a row in `rare.rs`, for events that are only recognized |
/// | `nothing` | no type: used when no other source matches |
macro_rules! sources {
    ($then:ident) => {
        $then! {
            /// An SQS queue.
            Sqs = "sqs", Pubsub, records(sqs::Sqs);
            /// An SNS topic.
            Sns = "sns", Pubsub, records(sns::Sns);
            /// A Kinesis stream.
            Kinesis = "kinesis", Pubsub, records(kinesis::Kinesis);
            /// A DynamoDB stream.
            DynamoDb = "dynamodb", Datasource, records(dynamodb::DynamoDb);
            /// Notifications of S3.
            S3 = "s3", Datasource, records(s3::S3);
            /// An AppSync resolver (of one field or of a batch) or authorizer.
            AppSync = "appsync", Other, both(appsync::AppSync);
            /// A Lambda authorizer of API Gateway.
            ApiGatewayAuthorizer = "api_gateway_authorizer", Http, event(authorizer::Authorizer);
            /// A destination of another function's asynchronous invocation.
            LambdaDestination = "lambda_destination", Other, event(lambda_destination::LambdaDestination);
            /// An Application Load Balancer.
            Alb = "alb", Http, event(alb::Alb);
            /// A WebSocket API of API Gateway.
            WebSocket = "websocket", Other, event(websocket::WebSocket);
            /// A target group of VPC Lattice, event structure version 1 or 2.
            VpcLattice = "vpc_lattice", Http, event(vpc_lattice::VpcLattice);
            /// A Lambda function URL.
            FunctionUrl = "function_url", Http, event(function_url::FunctionUrl);
            /// API Gateway HTTP APIs with payload format 2.0.
            ApiGatewayV2 = "api_gateway_v2", Http, event(api_gateway_v2::ApiGatewayV2);
            /// API Gateway REST APIs, and HTTP APIs with payload format 1.0.
            ApiGatewayV1 = "api_gateway_v1", Http, event(api_gateway_v1::ApiGatewayV1);
            /// Scheduled events of EventBridge rules and of EventBridge Scheduler.
            Scheduled = "scheduled", Timer, event(scheduled::Scheduled);
            /// EventBridge, delivered directly. If an event is wrapped in SQS or SNS, the source is the
            /// wrapper.
            EventBridge = "eventbridge", Pubsub, event(eventbridge::EventBridge);
            /// Kafka, on MSK or self-managed.
            Kafka = "kafka", Pubsub, both(kafka::Kafka);
            /// An ActiveMQ event source mapping.
            ActiveMq = "active_mq", Pubsub, both(active_mq::ActiveMq);
            /// A RabbitMQ event source mapping.
            RabbitMq = "rabbit_mq", Pubsub, both(rabbit_mq::RabbitMq);
            /// A change stream of DocumentDB.
            DocumentDb = "documentdb", Datasource, event(documentdb::DocumentDb);
            /// A run of a durable function: the first one or a replay.
            DurableFunction = "durable_function", Other, event(durable::DurableFunction);
            /// A task of Step Functions whose input holds the context object.
            StepFunctions = "step_functions", Other, event(step_functions::StepFunctions);
            /// An S3 Object Lambda access point.
            S3ObjectLambda = "s3_object_lambda", Other, event(s3_object_lambda::S3ObjectLambda);
            /// CloudFront, for Lambda@Edge.
            CloudFront = "cloudfront", Http, records(cloudfront::CloudFront);
            /// A receipt rule of SES.
            Ses = "ses", Other, records(plain::Ses);
            /// A CodeCommit trigger.
            CodeCommit = "codecommit", Other, records(plain::CodeCommit);
            /// An action group of a Bedrock agent.
            BedrockAgent = "bedrock_agent", Other, members;
            /// A connection handler of Client VPN.
            ClientVpn = "client_vpn", Other, members;
            /// CloudFormation custom resources.
            CloudFormation = "cloudformation", Other, members;
            /// An alarm action of CloudWatch.
            CloudWatchAlarm = "cloudwatch_alarm", Other, members;
            /// A subscription filter of CloudWatch Logs.
            CloudWatchLogs = "cloudwatch_logs", Other, members;
            /// An action of CodePipeline.
            CodePipeline = "codepipeline", Other, members;
            /// Cognito user pool triggers and identity pool sync.
            Cognito = "cognito", Other, members;
            /// A rule of AWS Config.
            Config = "config", Other, members;
            /// A contact flow of Amazon Connect.
            Connect = "connect", Other, members;
            /// A transformation of Data Firehose.
            Firehose = "firehose", Other, members;
            /// A custom authorizer of AWS IoT.
            Iot = "iot", Other, members;
            /// An AWS IoT button or 1-Click device.
            IotButton = "iot_button", Other, members;
            /// A Lex bot, version 1 or 2.
            Lex = "lex", Other, members;
            /// A job of S3 Batch Operations.
            S3Batch = "s3_batch", Other, members;
            /// A rotation by Secrets Manager.
            SecretsManager = "secrets_manager", Other, members;
            /// An Invoke call with context in its payload or its client context.
            Invoke = "invoke", Other, nothing;
            /// Anything else.
            Unknown = "unknown", Other, nothing;
        }
    };
}

pub(in crate::inbound) use sources;

macro_rules! define {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $trigger:ident, $kind:ident $(($by:ty))?;)+) => {
        /// The service that an event comes from, and the form of the event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Source {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Source {
            /// All sources, in the order in which they are tried.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the name in snake case.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Returns the value of `faas.trigger` for this source.
            ///
            /// A trigger requires attributes (faas-spans.md): `http` those of a request, `pubsub` those of
            /// messages, `datasource` the operation and the data. Sources whose events lack these data are
            /// `other`. So is a token authorizer, which has no request; that is known only from the event,
            /// see [`Incoming::trigger`](crate::inbound::Incoming::trigger).
            pub const fn trigger(self) -> FaasTrigger {
                match self {
                    $(Self::$variant => FaasTrigger::$trigger,)+
                }
            }
        }
    };
}

sources!(define);

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
