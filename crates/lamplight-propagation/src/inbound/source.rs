//! Where an invocation comes from.

use std::fmt;

use lamplight_semconv::faas::FaasTrigger;

macro_rules! sources {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $trigger:ident;)+) => {
        /// The service and shape an event comes from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Source {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Source {
            /// Every source there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name in snake case.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The value of `faas.trigger` for this source.
            ///
            /// A trigger asks for attributes (faas-spans.md): `http` for those of a request, `pubsub` for those
            /// of messages, `datasource` for what was done to which data. A source whose events do not tell
            /// them is `other`. So is the authorizer of a token, which alone knows of no request; that is
            /// seen in [`Incoming::trigger`](super::Incoming::trigger).
            pub const fn trigger(self) -> FaasTrigger {
                match self {
                    $(Self::$variant => FaasTrigger::$trigger,)+
                }
            }
        }
    };
}

sources! {
    /// An ActiveMQ event source mapping.
    ActiveMq = "active_mq", Pubsub;
    /// An Application Load Balancer.
    Alb = "alb", Http;
    /// API Gateway REST APIs, and HTTP APIs with payload format 1.0.
    ApiGatewayV1 = "api_gateway_v1", Http;
    /// API Gateway HTTP APIs with payload format 2.0.
    ApiGatewayV2 = "api_gateway_v2", Http;
    /// A Lambda authorizer of API Gateway.
    ApiGatewayAuthorizer = "api_gateway_authorizer", Http;
    /// An AppSync resolver.
    AppSync = "appsync", Other;
    /// An action group of a Bedrock agent.
    BedrockAgent = "bedrock_agent", Other;
    /// A connection handler of Client VPN.
    ClientVpn = "client_vpn", Other;
    /// CloudFormation custom resources.
    CloudFormation = "cloudformation", Other;
    /// CloudFront: Lambda@Edge.
    CloudFront = "cloudfront", Http;
    /// An alarm action of CloudWatch.
    CloudWatchAlarm = "cloudwatch_alarm", Other;
    /// A subscription filter of CloudWatch Logs.
    CloudWatchLogs = "cloudwatch_logs", Other;
    /// A CodeCommit trigger.
    CodeCommit = "codecommit", Other;
    /// An action of CodePipeline.
    CodePipeline = "codepipeline", Other;
    /// Cognito user pool triggers and identity pool sync.
    Cognito = "cognito", Other;
    /// A rule of AWS Config.
    Config = "config", Other;
    /// A contact flow of Amazon Connect.
    Connect = "connect", Other;
    /// A change stream of DocumentDB.
    DocumentDb = "documentdb", Datasource;
    /// A DynamoDB stream.
    DynamoDb = "dynamodb", Datasource;
    /// EventBridge, directly; wrapped in SQS or SNS the source is the wrapper.
    EventBridge = "eventbridge", Pubsub;
    /// A transformation of Data Firehose.
    Firehose = "firehose", Other;
    /// A Lambda function URL.
    FunctionUrl = "function_url", Http;
    /// An Invoke call with context in its payload or its client context.
    Invoke = "invoke", Other;
    /// A custom authorizer of AWS IoT.
    Iot = "iot", Other;
    /// An AWS IoT button or 1-Click device.
    IotButton = "iot_button", Other;
    /// Kafka, managed by MSK or by yourself.
    Kafka = "kafka", Pubsub;
    /// A Kinesis stream.
    Kinesis = "kinesis", Pubsub;
    /// A destination of another function's asynchronous invocation.
    LambdaDestination = "lambda_destination", Other;
    /// A Lex bot, version 1 or 2.
    Lex = "lex", Other;
    /// A RabbitMQ event source mapping.
    RabbitMq = "rabbit_mq", Pubsub;
    /// Notifications of S3.
    S3 = "s3", Datasource;
    /// A job of S3 Batch Operations.
    S3Batch = "s3_batch", Other;
    /// An S3 Object Lambda access point.
    S3ObjectLambda = "s3_object_lambda", Other;
    /// Scheduled events of EventBridge rules and of EventBridge Scheduler.
    Scheduled = "scheduled", Timer;
    /// A rotation by Secrets Manager.
    SecretsManager = "secrets_manager", Other;
    /// A receipt rule of SES.
    Ses = "ses", Other;
    /// An SNS topic.
    Sns = "sns", Pubsub;
    /// An SQS queue.
    Sqs = "sqs", Pubsub;
    /// A task of Step Functions whose input holds the context object.
    StepFunctions = "step_functions", Other;
    /// Anything else.
    Unknown = "unknown", Other;
    /// A target group of VPC Lattice, event structure version 1 or 2.
    VpcLattice = "vpc_lattice", Http;
    /// A WebSocket API of API Gateway.
    WebSocket = "websocket", Other;
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
