//! Personal data, secrets and values are not recorded, even if they are in messages of a service, an endpoint
//! or a state machine.

use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, OrchestratorError};
use aws_smithy_types::{body::SdkBody, error::ErrorMetadata};
use lamplight_aws_sdk::LamplightInterceptor;
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;

use crate::{common::*, sns::refused};

const ENDPOINT: &str = "arn:aws:sns:eu-west-1:123456789012:endpoint/GCM/app/device-uuid";
const SECRET: &str = "jane.doe@example.com";

/// The error type of a span that has no word of the service.
fn wordless(span: &SpanData) -> String {
    assert_eq!(span.status, Status::error(""));
    assert!(!format!("{span:?}").contains(SECRET), "{span:?}");
    attributes(span)["error.type"].clone()
}

/// The span of a call that a service there is no feature for refuses.
async fn refused_by(service: &'static str, code: &'static str, lamplight: LamplightInterceptor) {
    let operation = Operation::builder()
        .service_name(service)
        .operation_name("DoIt")
        .http_client(replay([reply(400, "")]))
        .endpoint_url("https://service.eu-west-1.amazonaws.com")
        .no_auth()
        .no_retry()
        .interceptor(lamplight)
        .serializer(|(): ()| Ok(HttpRequest::new(SdkBody::from("{}"))))
        .deserializer::<(), ErrorMetadata>(move |_| {
            let words = format!("Value '{SECRET}' is not one");
            let error = ErrorMetadata::builder().code(code).message(words);
            Err(OrchestratorError::operation(error.build()))
        })
        .build();
    operation.invoke(()).await.unwrap_err();
}

#[tokio::test]
async fn services_about_persons_are_not_quoted() {
    for service in [
        "SES",
        "SESv2",
        "Cognito Identity Provider",
        "Pinpoint",
        "Pinpoint SMS Voice V2",
        "Connect",
        "RDS Data",
    ] {
        let spans = Spans::new();
        refused_by(service, "MessageRejected", spans.lamplight()).await;
        wordless(&spans.one());
    }
    // Everybody else is.
    let spans = Spans::new();
    refused_by("Ground Station", "MessageRejected", spans.lamplight()).await;
    let span = spans.one();
    assert!(description(&span).contains(SECRET), "{span:?}");
}

#[tokio::test]
async fn errors_that_quote_values_are_not_quoted() {
    for code in [
        "ValidationException",
        "InvalidParameterValueException",
        "InvalidArgumentException",
        "SerializationException",
        "MalformedQueryString",
        "BadRequestException",
        "IncompleteSignature",
        "SignatureDoesNotMatch",
    ] {
        let spans = Spans::new();
        let words = format!("1 validation error detected: Value '{SECRET}' at 'key' failed");
        let body = format!(r#"{{"__type":"com.amazon.coral#{code}","message":"{words}"}}"#);
        let config = aws_sdk_dynamodb::config::Builder::from(&config(replay([reply(400, &body)])));
        let client =
            aws_sdk_dynamodb::Client::from_conf(config.interceptor(spans.lamplight()).build());
        let get = client.get_item().table_name("orders");
        get.send().await.unwrap_err();
        assert_eq!(wordless(&spans.one()), code);
    }
}

#[tokio::test]
async fn a_user_can_leave_out_all_words_of_others() {
    let words = |lamplight: fn(&Spans) -> LamplightInterceptor| async move {
        let spans = Spans::new();
        let body = r#"{"__type":"Unavailable","message":"not yours"}"#;
        let config = aws_sdk_ssm::config::Builder::from(&config(replay([reply(400, body)])));
        let client = aws_sdk_ssm::Client::from_conf(config.interceptor(lamplight(&spans)).build());
        client.get_parameter().name("p").send().await.unwrap_err();
        let span = spans.one();
        assert_eq!(attributes(&span)["error.type"], "Unavailable");
        description(&span).to_owned()
    };
    assert_eq!(words(Spans::lamplight).await, "not yours");
    let without = |spans: &Spans| spans.lamplight().without_error_messages();
    assert_eq!(words(without).await, "");
}

/// The SDK quotes a value that it refuses.
#[tokio::test]
async fn why_a_request_cannot_be_built_does_not_quote_it() {
    let spans = Spans::new();
    let config = aws_sdk_s3::config::Builder::from(&config(replay([])));
    let client = aws_sdk_s3::Client::from_conf(config.interceptor(spans.lamplight()).build());
    let put = client.put_object().bucket("b").key("k");
    let put = put.metadata("owner", format!("{SECRET}\n"));
    put.send().await.unwrap_err();
    let span = spans.one();
    assert_eq!(attributes(&span)["error.type"], "construction_failure");
    assert!(description(&span).contains("invalid field"), "{span:?}");
    assert!(!format!("{span:?}").contains(SECRET), "{span:?}");
}

fn sns(
    spans: &Spans,
    http: aws_smithy_http_client::test_util::StaticReplayClient,
) -> aws_sdk_sns::Client {
    let config = aws_sdk_sns::config::Builder::from(&config(http));
    aws_sdk_sns::Client::from_conf(config.interceptor(spans.lamplight()).build())
}

#[tokio::test]
async fn a_device_is_not_told() {
    let spans = Spans::new();
    let words = format!("Endpoint {ENDPOINT} already exists with the same Token {SECRET}");
    sns(&spans, refused("AuthorizationError", &words))
        .create_platform_endpoint()
        .platform_application_arn("arn")
        .token(SECRET)
        .send()
        .await
        .unwrap_err();
    assert_eq!(wordless(&spans.one()), "AuthorizationError");

    let published = "<PublishResponse><PublishResult/></PublishResponse>";
    for in_topic in [true, false] {
        let spans = Spans::new();
        let http = replay([reply(200, published)]);
        let publish = sns(&spans, http.clone()).publish().message("m");
        let publish = match in_topic {
            true => publish.topic_arn(ENDPOINT),
            false => publish.target_arn(ENDPOINT),
        };
        publish.send().await.unwrap();
        let span = spans.one();
        assert!(!format!("{span:?}").contains("device-uuid"), "{span:?}");
        assert_eq!(span.span_kind, SpanKind::Client);
        let sent = crate::sns::form(&http);
        assert!(!sent.values().any(|text| text == "traceparent"), "{sent:?}");
    }

    let spans = Spans::new();
    let publish = sns(&spans, refused("EndpointDisabled", SECRET)).publish();
    publish
        .topic_arn(ENDPOINT)
        .message("m")
        .send()
        .await
        .unwrap_err();
    assert_eq!(wordless(&spans.one()), "EndpointDisabled");
}

#[tokio::test]
async fn the_user_and_the_password_of_an_endpoint_are_not_told() {
    for (user, host, port) in [
        ("tok3n@", "127.0.0.1", Some("1")),
        ("user:tok3n@", "127.0.0.1", Some("1")),
        ("user:tok3n@", "localhost", None),
    ] {
        let spans = Spans::new();
        let port_text = port.map(|port| format!(":{port}")).unwrap_or_default();
        let url = format!("http://{user}{host}{port_text}");
        let config = aws_sdk_sqs::config::Builder::from(&config(replay([reply(200, "{}")])));
        let config = config.endpoint_url(&url).interceptor(spans.lamplight());
        let client = aws_sdk_sqs::Client::from_conf(config.build());
        let send = client.send_message().queue_url(format!("{url}/1/orders"));
        send.message_body("x").send().await.unwrap();
        let span = spans.one();
        let attributes = attributes(&span);
        assert_eq!(attributes["server.address"], host);
        assert_eq!(attributes["server.port"], port.unwrap_or("80"));
        assert!(!format!("{span:?}").contains("tok3n"), "{span:?}");
    }
}

#[tokio::test]
async fn an_error_that_a_state_machine_makes_up_is_not_a_class() {
    for (error, status, expected) in [
        ("OrderFailed for customer 7, card 4111", "FAILED", "FAILED"),
        (SECRET, "FAILED", "FAILED"),
        ("", "TIMED_OUT", "TIMED_OUT"),
        (&"x".repeat(129), "ABORTED", "_OTHER"),
        ("States.TaskFailed", "FAILED", "States.TaskFailed"),
        (
            "com.example.Order$Refused",
            "FAILED",
            "com.example.Order$Refused",
        ),
    ] {
        let spans = Spans::new();
        let body = serde_json::json!({"executionArn": "arn:e", "startDate": 1, "stopDate": 2,
            "status": status, "error": error, "cause": "c"});
        let config =
            aws_sdk_sfn::config::Builder::from(&config(replay([reply(200, &body.to_string())])));
        let client = aws_sdk_sfn::Client::from_conf(config.interceptor(spans.lamplight()).build());
        let start = client.start_sync_execution().state_machine_arn("arn:m");
        start.input("{}").send().await.unwrap();
        let span = spans.one();
        assert_eq!(attributes(&span)["error.type"], expected);
        assert_eq!(description(&span), "the execution did not succeed");
    }
}

/// The SDK quotes what cannot be an endpoint, and with it the whole request.
#[tokio::test]
async fn neither_a_wrong_endpoint_nor_what_was_to_be_sent_there_is_told() {
    for url in [
        "http://user:tok3n @h/",
        "http://user:tok3n@",
        "http://user:tok3n@h:port/",
        "user:tok3n@h",
        "tok3n@h",
    ] {
        let spans = Spans::new();
        let config = aws_sdk_sqs::config::Builder::from(&config(replay([reply(200, "{}")])));
        let config = config.endpoint_url(url).interceptor(spans.lamplight());
        let client = aws_sdk_sqs::Client::from_conf(config.build());
        let send = client.send_message().queue_url("https://q/1/orders");
        let sent = send.message_body("hunter2").send().await;
        let span = spans.one();
        let told = format!("{span:?}");
        assert!(
            !told.contains("tok3n") && !told.contains("hunter2"),
            "{told}"
        );
        if sent.is_err() {
            let words = description(&span);
            assert!(words.contains("failed to apply endpoint"), "{words}");
        }
    }
}

#[tokio::test]
async fn the_url_of_a_queue_is_told_without_user_and_query() {
    for host in ["localhost", "localhost/", "localhost/1/orders"] {
        let spans = Spans::new();
        let config = aws_sdk_sqs::config::Builder::from(&config(replay([reply(200, "{}")])));
        let client = aws_sdk_sqs::Client::from_conf(config.interceptor(spans.lamplight()).build());
        let url = format!("http://user:{SECRET}@{host}?token={SECRET}");
        let send = client.send_message().queue_url(url).message_body("x");
        send.send().await.unwrap();
        let span = spans.one();
        assert!(!format!("{span:?}").contains(SECRET), "{span:?}");
        let told = attributes(&span);
        assert_eq!(told["aws.sqs.queue.url"], format!("http://{host}"));
        let name = host.trim_end_matches('/').rsplit('/').next().unwrap();
        assert_eq!(told["messaging.destination.name"], name);
    }
}
