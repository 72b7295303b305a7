//! Services whose events are only recognized, by members that no other service's events have.

use super::Source;

macro_rules! rare {
    ($($source:ident: $($member:ident = $key:literal),+;)+) => {
        /// The members of an event that identify a rare service.
        #[derive(Debug, Default)]
        pub(in crate::inbound) struct RareMembers {
            $($($member: bool,)+)+
        }

        impl RareMembers {
            /// Records the presence of a member.
            #[inline]
            pub(in crate::inbound) fn set(&mut self, name: &[u8]) {
                match name {
                    $($($key => self.$member = true,)+)+
                    _ => {}
                }
            }

            /// Returns the first source all of whose members are present.
            pub(super) fn source(&self) -> Option<Source> {
                $(if true $(&& self.$member)+ {
                    return Some(Source::$source);
                })+
                None
            }
        }
    };
}

// One row per way to recognize a service. No member may occur twice, or in `members.rs`.
rare! {
    Cognito: trigger_source = b"triggerSource", user_pool_id = b"userPoolId";
    Cognito: dataset_records = b"datasetRecords", identity_pool_id = b"identityPoolId";
    Firehose: delivery_stream_arn = b"deliveryStreamArn";
    CloudWatchLogs: awslogs = b"awslogs";
    CloudWatchAlarm: alarm_arn = b"alarmArn", alarm_data = b"alarmData";
    CloudFormation: stack_id = b"StackId", logical_resource_id = b"LogicalResourceId", request_type = b"RequestType";
    CodePipeline: code_pipeline_job = b"CodePipeline.job";
    Config: config_rule_name = b"configRuleName";
    Connect: contact_details = b"Details";
    Lex: bot = b"bot";
    BedrockAgent: agent = b"agent", action_group = b"actionGroup";
    SecretsManager: secret_id = b"SecretId", client_request_token = b"ClientRequestToken";
    IotButton: device_event = b"deviceEvent";
    IotButton: serial_number = b"serialNumber", click_type = b"clickType";
    Iot: protocol_data = b"protocolData";
    ClientVpn: connection_id = b"connection-id", endpoint_id = b"endpoint-id";
    S3Batch: invocation_schema = b"invocationSchemaVersion", tasks = b"tasks";
}
