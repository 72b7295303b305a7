//! The messages about failed exports: the call, the reason and the advice.

use std::{
    io::{Read, Write},
    net::TcpListener,
    time::Duration,
};

use aws_sdk_kinesis::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use lamplight_kinesis::KinesisExporter;
use opentelemetry_sdk::trace::SpanExporter;

use crate::common::{
    config, spans,
    stub::{Answer, Stub},
};

/// The error of an export to the stream `telemetry` by `config`.
async fn error(config: SdkConfig) -> String {
    error_within(Duration::from_secs(20), config).await
}

async fn error_within(timeout: Duration, config: SdkConfig) -> String {
    let exporter = KinesisExporter::builder("telemetry")
        .with_sdk_config(&config)
        .with_timeout(timeout)
        .with_max_attempts(2)
        .build();
    let spans = spans(["work"]);
    exporter.export(spans).await.unwrap_err().to_string()
}

fn assert_says(error: &str, words: &[&str]) {
    assert!(!error.contains("hunter2"), "a secret: {error}");
    assert!(!error.contains('\n'), "one line: {error}");
    for word in words {
        assert!(error.contains(word), "no {word:?} in: {error}");
    }
}

/// Returns an address without a listener.
fn unused() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[tokio::test]
async fn a_refused_connection() {
    let address = unused();
    let error = error(config(&format!("http://user:hunter2@{address}"))).await;
    let says = [
        "telemetry in eu-west-1",
        &address,
        "connection refused",
        "AWS_ENDPOINT_URL",
        "network",
    ];
    assert_says(&error, &says);
}

#[tokio::test]
async fn a_name_that_is_not_known() {
    let error = error(config("http://user:hunter2@nowhere.invalid:4566")).await;
    let says = ["nowhere.invalid:4566", "name is not known", "AWS_REGION"];
    assert_says(&error, &says);
}

/// A server without TLS responds in plain text, or closes the connection.
#[tokio::test]
async fn no_tls() {
    for answer in ["HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", ""] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for mut connection in listener.incoming().flatten() {
                let _ = connection.read(&mut [0; 8 << 10]);
                let _ = connection.write_all(answer.as_bytes());
            }
        });
        let error = error(config(&format!("https://user:hunter2@{address}"))).await;
        assert_says(
            &error,
            &["no TLS connection", "AWS_ENDPOINT_URL", "http://"],
        );
    }
}

#[tokio::test]
async fn no_answer() {
    let stub = Stub::start(|_, _| Answer::never());
    let error = error_within(Duration::from_millis(200), config(&stub.url)).await;
    let host = stub.url.replace("http://", "");
    let says = [
        "telemetry in eu-west-1",
        &host,
        "timeout",
        "LAMPLIGHT_KINESIS_TIMEOUT",
    ];
    assert_says(&error, &says);
}

#[tokio::test]
async fn something_else_answers() {
    for (says, status, body) in [
        ("200", "200 OK", "<html>welcome</html>"),
        ("407", "407 Proxy Authentication Required", "who are you?"),
    ] {
        let stub = Stub::start(move |_, _| Answer::new(status, body));
        let error = error(config(&stub.url)).await;
        assert_says(&error, &[says, "AWS_ENDPOINT_URL"]);
    }
}

#[tokio::test]
async fn errors_of_the_service() {
    for (code, says) in [
        ("ResourceNotFoundException", "LAMPLIGHT_KINESIS_STREAM"),
        ("AccessDeniedException", "kinesis:PutRecords"),
        ("ExpiredTokenException", "AWS_SESSION_TOKEN"),
        ("ValidationException", "LAMPLIGHT_KINESIS_STREAM"),
        ("ProvisionedThroughputExceededException", "shards"),
        ("KMSAccessDeniedException", "KMS key"),
    ] {
        let stub = Stub::start(move |_, _| Answer::error(code));
        let error = error(config(&stub.url)).await;
        assert_says(&error, &["telemetry in eu-west-1", code, says]);
    }
}

/// A service quotes the text to be signed, and a proxy returns a whole page.
#[tokio::test]
async fn what_is_said_has_no_token_and_an_end() {
    let signature = r"It should have been\n'POST\nx-amz-security-token:hunter2\n'";
    let header = "Authorization=AWS4-HMAC-SHA256 Credential=hunter2";
    let long = format!("no\u{fc}{}", "\u{fc}".repeat(100_000));
    for (code, message) in [
        ("InvalidSignatureException", signature),
        ("IncompleteSignature", header),
        ("NewException", r"no\nhunter2"),
        ("NewException", &long),
    ] {
        let body = format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
        let stub = Stub::start(move |_, _| Answer::new("403 Forbidden", &body));
        let error = error(config(&stub.url)).await;
        assert_says(&error, &["telemetry in eu-west-1", code]);
        assert!(error.len() < 1_000, "{} bytes", error.len());
    }
    let record = format!(r#"{{"ErrorCode":"{}"}}"#, "x".repeat(100_000));
    let body = format!(r#"{{"FailedRecordCount":1,"Records":[{record}]}}"#);
    let stub = Stub::start(move |_, _| Answer::new("200 OK", &body));
    let error = error(config(&stub.url)).await;
    assert_says(&error, &["telemetry in eu-west-1", "refused a record"]);
    assert!(error.len() < 1_000, "{} bytes", error.len());
}

#[tokio::test]
async fn no_credentials_and_no_region() {
    let nothing = || {
        let config = lamplight_aws_config::sdk_config();
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .sleep_impl(config.sleep_impl().unwrap())
            .http_client(config.http_client().unwrap())
    };
    let says = ["AWS_ACCESS_KEY_ID", "AWS_REGION"];
    let credentials = Credentials::new("test", "test", None, None, "test");
    let credentials = SharedCredentialsProvider::new(credentials);
    let no_region = nothing().credentials_provider(credentials);
    assert_says(&error(no_region.build()).await, &says);
    let no_credentials = nothing()
        .region(Region::new("eu-west-1"))
        .endpoint_url("http://127.0.0.1:1");
    assert_says(&error(no_credentials.build()).await, &says);
}

/// The SDK quotes what it cannot read, with everything in it.
#[tokio::test]
async fn an_endpoint_that_is_no_url_keeps_its_password() {
    for url in [
        "http://user:hunter2@no where",
        "http://user:hunter2@[::1",
        "http://user:hunter2@",
        "user:hunter2@localhost:4566",
        "://user:hunter2@localhost",
        "http//user:hunter2@localhost",
        "ftp://user:hunter2@localhost",
        "http://user:hun%ter2@localhost:1/hunter2",
        "http://user:%68unter2\"\u{7}@localhost:1",
        "http:user:hunter2",
        "hunter2",
    ] {
        assert_says(
            &error(config(url)).await,
            &["telemetry", "AWS_ENDPOINT_URL"],
        );
    }
}

#[test]
fn nothing_shows_the_password_of_an_endpoint() {
    let config = config("http://user:hunter2@127.0.0.1:1");
    let builder = KinesisExporter::builder("telemetry").with_sdk_config(&config);
    assert_says(&format!("{builder:?}"), &["telemetry"]);
    assert_says(&format!("{:?}", builder.build()), &["telemetry"]);
}
