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

/// A service over plain HTTP, as a local emulator is. Tells each connection and each request.
#[cfg(feature = "eventbridge")]
fn service() -> (String, std::sync::mpsc::Receiver<Option<String>>) {
    use std::io::{Read as _, Write as _};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let tell = tell.clone();
            tell.send(None).unwrap();
            std::thread::spawn(move || {
                let (mut request, mut part) = (Vec::new(), [0; 4096]);
                while let Ok(read @ 1..) = stream.read(&mut part) {
                    request.extend_from_slice(&part[..read]);
                    if request.ends_with(b"}") {
                        let request = std::mem::take(&mut request);
                        let _ = tell.send(Some(String::from_utf8(request).unwrap()));
                        let body = r#"{"FailedEntryCount":0,"Entries":[]}"#;
                        let length = body.len();
                        write!(
                            stream,
                            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}"
                        )
                        .unwrap();
                    }
                }
            });
        }
    });
    (url, told)
}

#[cfg(feature = "eventbridge")]
fn lambda(url: &str) -> Environment {
    environment(&[
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
        ("AWS_ENDPOINT_URL", url),
    ])
}

/// A local emulator answers over plain HTTP, and the request is signed with Lambda's credentials.
#[cfg(feature = "eventbridge")]
#[tokio::test]
async fn a_call_over_plain_http() {
    let (url, told) = service();
    let client = aws_sdk_eventbridge::Client::new(&from_environment(lambda(&url)));
    client.put_events().send().await.unwrap();
    let request = told.iter().flatten().next().unwrap();
    assert!(request.contains("Credential=AKID/"), "{request}");
    assert!(request.contains("x-amz-security-token: token"), "{request}");
}

/// No connection is taken over from a runtime that has ended.
#[cfg(feature = "eventbridge")]
#[test]
fn connections_belong_to_their_runtime() {
    let (url, told) = service();
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            for _ in 0..2 {
                let client = aws_sdk_eventbridge::Client::new(&from_environment(lambda(&url)));
                client.put_events().send().await.unwrap();
            }
        });
    }
    let (connections, requests): (Vec<_>, Vec<_>) = told.try_iter().partition(Option::is_none);
    assert!(connections.len() >= 2, "one for each runtime at least");
    assert_eq!(requests.len(), 4);
}

/// What a snapshot breaks is let go of, by clients that are there already.
#[cfg(feature = "eventbridge")]
#[tokio::test]
async fn connections_are_dropped_and_opened_anew() {
    let (url, told) = service();
    let http = Reconnecting::default();
    let config = from_environment(lambda(&url)).into_builder();
    let config = config.http_client(http.clone()).build();
    let client = aws_sdk_eventbridge::Client::new(&config);
    let mut connections = Vec::new();
    for _ in 0..2 {
        for _ in 0..2 {
            client.put_events().send().await.unwrap();
        }
        connections.push(told.try_iter().filter(Option::is_none).count());
        http.reset();
    }
    assert_eq!(connections, [1, 1], "one before, and a new one after");
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
