use std::collections::HashMap;

use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables: HashMap<String, String> = variables
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Environment(Arc::new(move |name| variables.get(name).cloned()))
}

fn endpoint_of(config: &SdkConfig, service: &str) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env(ENDPOINT_URL)
        .profile("endpoint_url")
        .build()
        .unwrap();
    config.service_config().unwrap().load_config(key)
}

#[test]
fn region_is_lambdas_and_falls_back_to_the_default_region() {
    let region = |variables: &[(&str, &str)]| {
        from_environment(environment(variables))
            .region()
            .map(|region| region.to_string())
    };
    let default = ("AWS_DEFAULT_REGION", "us-east-1");
    assert_eq!(
        region(&[("AWS_REGION", "eu-west-1"), default]).as_deref(),
        Some("eu-west-1")
    );
    assert_eq!(region(&[default]).as_deref(), Some("us-east-1"));
    assert_eq!(
        region(&[("AWS_REGION", ""), default]).as_deref(),
        Some("us-east-1")
    );
    assert_eq!(region(&[]), None);
}

#[test]
fn an_empty_session_token_is_no_token() {
    let keys = [
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    let with = |token| {
        EnvironmentCredentials(environment(&[
            keys[0],
            keys[1],
            ("AWS_SESSION_TOKEN", token),
        ]))
        .credentials()
        .unwrap()
    };
    assert_eq!(with("").session_token(), None);
    assert_eq!(with("token").session_token(), Some("token"));
    assert_eq!(with("token").access_key_id(), "id");
    assert_eq!(with("token").secret_access_key(), "secret");
}

#[test]
fn missing_credentials_are_named() {
    let only_id = EnvironmentCredentials(environment(&[("AWS_ACCESS_KEY_ID", "id")]));
    let error = only_id.credentials().unwrap_err();
    let text = format!(
        "{}",
        aws_smithy_types::error::display::DisplayErrorContext(error)
    );
    assert!(text.contains("AWS_SECRET_ACCESS_KEY"), "{text}");
}

#[test]
fn a_services_own_endpoint_wins() {
    let config = from_environment(environment(&[
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1"),
    ]));
    assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:4566"));
    assert_eq!(
        endpoint_of(&config, "Secrets Manager").as_deref(),
        Some("http://127.0.0.1:1")
    );
    assert_eq!(endpoint_of(&config, "SQS"), None);
}

#[test]
fn settings_that_do_not_parse_are_left_to_their_defaults() {
    let config = from_environment(environment(&[
        ("AWS_USE_FIPS_ENDPOINT", "perhaps"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "TRUE"),
        ("AWS_MAX_ATTEMPTS", "0"),
    ]));
    assert_eq!(config.use_fips(), None);
    assert_eq!(config.use_dual_stack(), Some(true));
    assert_eq!(config.retry_config().unwrap().max_attempts(), 3);
    let config = from_environment(environment(&[("AWS_MAX_ATTEMPTS", "7")]));
    assert_eq!(config.retry_config().unwrap().max_attempts(), 7);
}

/// A local emulator answers over plain HTTP, and the request is signed with Lambda's credentials.
#[cfg(feature = "eventbridge")]
#[tokio::test]
async fn a_call_over_plain_http() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            stream.read_buf(&mut request).await.unwrap();
        }
        let body = r#"{"FailedEntryCount":0,"Entries":[]}"#;
        let reply = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(reply.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap()
    };
    let config = from_environment(environment(&[
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
        ("AWS_ENDPOINT_URL", &url),
    ]));
    let client = aws_sdk_eventbridge::Client::new(&config);
    let (request, result) = tokio::join!(server, client.put_events().send());
    result.unwrap();
    assert!(request.contains("Credential=AKID/"), "{request}");
    assert!(request.contains("x-amz-security-token: token"), "{request}");
}

/// What is missing is the call's error, and it says what.
#[cfg(feature = "eventbridge")]
#[tokio::test]
async fn a_call_without_anything_in_the_environment() {
    use aws_smithy_types::error::display::DisplayErrorContext;

    let call = async |variables: &[(&str, &str)]| {
        let config = from_environment(environment(variables));
        let client = aws_sdk_eventbridge::Client::new(&config);
        let error = client.put_events().send().await.unwrap_err();
        format!("{}", DisplayErrorContext(error))
    };
    let text = call(&[]).await;
    assert!(text.contains("Missing Region"), "{text}");
    let text = call(&[("AWS_REGION", "eu-west-1")]).await;
    assert!(text.contains("AWS_ACCESS_KEY_ID is not set"), "{text}");
}
