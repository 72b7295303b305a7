//! Services that carry no context: their attributes, and what must not be among them.

use lamplight_aws_sdk::LamplightExt as _;

use crate::common::*;

#[tokio::test]
async fn a_secret_is_named_and_not_told() {
    let spans = Spans::new();
    let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
    let reply = reply(
        200,
        &format!(r#"{{"ARN":"{arn}","Name":"db","SecretString":"hunter2"}}"#),
    );
    let http = replay([reply]);
    let config = aws_sdk_secretsmanager::config::Builder::from(&config(http.clone()));
    aws_sdk_secretsmanager::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .get_secret_value()
        .secret_id("db")
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(span.name, "Secrets Manager.GetSecretValue");
    assert_eq!(attributes(&span)["aws.secretsmanager.secret.arn"], arn);
    assert!(!format!("{span:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_parameter_is_not_told() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        r#"{"Parameter":{"Name":"p","Value":"hunter2"}}"#,
    )]);
    let config = aws_sdk_ssm::config::Builder::from(&config(http.clone()));
    aws_sdk_ssm::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .get_parameter()
        .name("p")
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(span.name, "SSM.GetParameter");
    assert!(!format!("{span:?}").contains("hunter2"));
}

#[test]
fn every_feature_has_the_method() {
    let config = config(replay([]));
    let _ = aws_sdk_dynamodb::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_eventbridge::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_kinesis::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_lambda::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_s3::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_secretsmanager::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_sfn::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_sns::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_sqs::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_ssm::config::Builder::from(&config).lamplight();
}
