//! The cost that Lamplight adds to a call.

#[path = "../../../shared/sdk_call.rs"]
mod measure;

use lamplight_aws_sdk::LamplightInterceptor;
use measure::{Clients, Subject};

fn main() {
    measure::run(&[Subject {
        name: "lamplight-aws-sdk",
        install: |config| {
            let lamplight = LamplightInterceptor::new().with_tracer_provider(&measure::provider());
            let dynamodb = aws_sdk_dynamodb::config::Builder::from(&config(measure::GET_ITEM));
            let sqs = aws_sdk_sqs::config::Builder::from(&config(measure::SEND_MESSAGE));
            let events = aws_sdk_eventbridge::config::Builder::from(&config(measure::PUT_EVENTS));
            Clients {
                dynamodb: aws_sdk_dynamodb::Client::from_conf(
                    dynamodb.interceptor(lamplight.clone()).build(),
                ),
                sqs: aws_sdk_sqs::Client::from_conf(sqs.interceptor(lamplight.clone()).build()),
                eventbridge: aws_sdk_eventbridge::Client::from_conf(
                    events.interceptor(lamplight).build(),
                ),
            }
        },
    }]);
}
