//! Every fault of the configuration or the destination is reported once, in one line, and the function
//! responds as if there were none.

use lamplight_tests::{
    Answer, Behavior, Endpoint, Kinesis, Lambda, LambdaBuilder, Log, events, unused_address,
};
use serde_json::{Value, json};

use crate::lifecycle::function;

/// Returns one event for each kind of response.
fn all_events() -> [Value; 7] {
    [
        events::plain(json!("echo")),
        events::plain(json!({"spans": 2})),
        events::http(
            json!({"answer": {"statusCode": 200, "body": "å"}}),
            json!({}),
        ),
        events::plain(json!({"fail": "out of stock"})),
        events::plain(json!({"panic": "no such shelf"})),
        events::plain(json!("fly")),
        events::sqs(&[("good", None), ("bad", None)]),
    ]
}

/// Returns the responses to all events, byte for byte, and the log after the last flush.
async fn run(function: LambdaBuilder) -> (Vec<(bool, Vec<u8>)>, Log) {
    let mut lambda = function.start().await;
    let mut answers = Vec::new();
    for event in all_events() {
        let Answer { is_error, body, .. } = lambda.invoke(event).await;
        answers.push((is_error, body));
    }
    lambda.idle().await;
    (answers, lambda.end())
}

/// Asserts, with and without a subscriber, that a function with these variables responds like one without
/// telemetry, and logs one more line, which contains all of `says`. If nothing can be delivered, a second
/// line reports that deliveries pause.
async fn assert_says_once(variables: &[(String, String)], says: &[&str]) {
    for subscriber in [false, true] {
        let plain = || match subscriber {
            true => function().with_variable("FUNCTION_SUBSCRIBER", "1"),
            false => function(),
        };
        let (without, with) = tokio::join!(
            run(plain().with_variable("OTEL_SDK_DISABLED", "true")),
            run(plain().with_variables(variables.to_vec())),
        );
        let ((answers, quiet), (same_answers, log)) = (without, with);
        assert_eq!(answers, same_answers, "{variables:?}");
        let is_pause = |line: &&str| line.contains("deliveries pause");
        let pauses = log.lines().filter(is_pause).count();
        assert_eq!(
            log.lines().count() - pauses.min(1),
            quiet.lines().count() + 1,
            "{variables:?}, subscriber {subscriber}: {log:#?}"
        );
        let warnings: Vec<&str> = log
            .lines()
            .filter(|line| line.contains("WARN") && !is_pause(line))
            .collect();
        let [line] = warnings.as_slice() else {
            panic!("{variables:?}, subscriber {subscriber}: {log:#?}");
        };
        for part in says {
            assert!(line.contains(part), "{part:?} is missing in: {line}");
        }
    }
}

fn variables(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
    list.iter().map(owned).collect()
}

#[tokio::test]
async fn a_missing_stream_is_said_once() {
    let kinesis = Kinesis::start().await;
    let mut variables = kinesis.variables();
    variables.push(("LAMPLIGHT_KINESIS_STREAM".into(), "no-such-stream".into()));
    let says = [
        "no-such-stream",
        "ResourceNotFoundException",
        "does not exist",
        "create it",
    ];
    assert_says_once(&variables, &says).await;
}

#[tokio::test]
async fn a_wrong_value_of_kinesis_is_said_once_with_what_is_allowed_and_what_is_used() {
    let kinesis = Kinesis::start().await;
    for (name, value, says) in [
        (
            "LAMPLIGHT_KINESIS_COMPRESSION",
            "brotli",
            ["`none`", "using the default, `none`"],
        ),
        (
            "LAMPLIGHT_KINESIS_FALLBACK",
            "stderr",
            ["`stdout` and `none`", "using the default, `none`"],
        ),
        (
            "LAMPLIGHT_KINESIS_TIMEOUT",
            "0",
            ["milliseconds of at least 1", "using the default, 1000"],
        ),
    ] {
        let mut variables = kinesis.variables();
        variables.retain(|(known, _)| known != name);
        variables.push((name.into(), value.into()));
        assert_says_once(&variables, &[name, says[0], says[1]]).await;
    }
}

#[tokio::test]
async fn an_unreachable_kinesis_is_said_once() {
    let endpoint = format!("http://{}", unused_address());
    let variables = variables(&[
        ("LAMPLIGHT_KINESIS_STREAM", "telemetry"),
        ("AWS_ENDPOINT_URL", &endpoint),
    ]);
    let says = [
        "telemetry",
        "could not be reached",
        "network",
        "AWS_ENDPOINT_URL",
    ];
    assert_says_once(&variables, &says).await;
}

#[tokio::test]
async fn a_kinesis_that_never_answers_is_said_once() {
    let (silent, _permits) = Behavior::held();
    let endpoint = Endpoint::start(silent).await;
    let variables = variables(&[
        ("LAMPLIGHT_KINESIS_STREAM", "telemetry"),
        ("LAMPLIGHT_KINESIS_TIMEOUT", "40"),
        ("AWS_ENDPOINT_URL", &endpoint.url()),
    ]);
    assert_says_once(
        &variables,
        &["telemetry", "could not be reached", "timeout"],
    )
    .await;
}

#[tokio::test]
async fn wrong_credentials_are_said_once() {
    let refusal = r#"{"__type": "UnrecognizedClientException",
        "message": "The security token included in the request is invalid."}"#;
    let endpoint = Endpoint::start(Behavior::Refusing(400, refusal)).await;
    let variables = variables(&[
        ("LAMPLIGHT_KINESIS_STREAM", "telemetry"),
        ("AWS_ENDPOINT_URL", &endpoint.url()),
    ]);
    let says = [
        "telemetry",
        "UnrecognizedClientException",
        "credentials are wrong",
    ];
    assert_says_once(&variables, &says).await;
}

#[tokio::test]
async fn missing_credentials_are_said_once() {
    let kinesis = Kinesis::start().await;
    let mut variables = kinesis.variables();
    variables.push(("AWS_ACCESS_KEY_ID".into(), String::new()));
    assert_says_once(&variables, &["AWS_ACCESS_KEY_ID", "needs credentials"]).await;
}

#[tokio::test]
async fn a_missing_region_is_said_once() {
    let kinesis = Kinesis::start().await;
    let mut variables = kinesis.variables();
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        variables.push((name.into(), String::new()));
    }
    assert_says_once(&variables, &["AWS_REGION"]).await;
}

#[tokio::test]
async fn an_unreachable_otlp_endpoint_is_said_once() {
    let endpoint = format!("http://{}", unused_address());
    let variables = variables(&[
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
    ]);
    assert_says_once(
        &variables,
        &[
            "could not be exported",
            &endpoint,
            "refused",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
        ],
    )
    .await;
}

#[tokio::test]
async fn an_otlp_endpoint_that_refuses_is_said_once() {
    let endpoint = Endpoint::start(Behavior::Refusing(401, "who are you?")).await;
    let says = ["could not be exported", "401", "OTEL_EXPORTER_OTLP_HEADERS"];
    assert_says_once(&endpoint.variables(), &says).await;
}

#[tokio::test]
async fn an_otlp_endpoint_that_is_no_url_is_said_once() {
    let variables = variables(&[
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318:"),
    ]);
    assert_says_once(&variables, &["not exported", "OTEL_EXPORTER_OTLP_"]).await;
}

#[tokio::test]
async fn an_exporter_without_its_stream_is_said_once() {
    let variables = variables(&[("OTEL_TRACES_EXPORTER", "kinesis")]);
    assert_says_once(
        &variables,
        &["not exported", "set LAMPLIGHT_KINESIS_STREAM"],
    )
    .await;
}

#[tokio::test]
async fn an_unknown_exporter_is_said_once_with_the_allowed_ones() {
    // The default is used, here `otlp`, for which there is no listener.
    let variables = variables(&[
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
    ]);
    let says = [
        "OTEL_TRACES_EXPORTER",
        "zipkin",
        "kinesis",
        "otlp",
        "console",
        "none",
    ];
    assert_says_once(&variables, &says).await;
}

/// The other variables have valid defaults, so spans are still exported.
#[tokio::test]
async fn an_unknown_value_is_said_once_and_the_default_is_used() {
    let cases: [(&str, &str, &[&str]); 7] = [
        (
            "OTEL_TRACES_SAMPLER",
            "sometimes",
            &["sometimes", "always_on", "traceidratio"],
        ),
        (
            "OTEL_PROPAGATORS",
            "pigeon",
            &["pigeon", "tracecontext", "baggage"],
        ),
        ("OTEL_SDK_DISABLED", "maybe", &["maybe", "true", "false"]),
        ("LAMPLIGHT_FLUSH_BUDGET", "soon", &["soon", "milliseconds"]),
        (
            "LAMPLIGHT_KINESIS_TIMEOUT",
            "soon",
            &["soon", "milliseconds"],
        ),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "many", &["many", "at least 1"]),
        (
            "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            "short",
            &["short", "at least 0"],
        ),
    ];
    for (name, value, says) in cases {
        let kinesis = Kinesis::start().await;
        let mut variables = kinesis.variables();
        variables.push((name.to_owned(), value.to_owned()));
        assert_says_once(&variables, says).await;
        assert!(!kinesis.spans(1).await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn an_otlp_protocol_that_there_is_not_is_said_once() {
    let endpoint = Endpoint::start(Behavior::Good).await;
    let mut variables = endpoint.variables();
    variables.push(("OTEL_EXPORTER_OTLP_PROTOCOL".into(), "http/json".into()));
    assert_says_once(&variables, &["http/json", "`http/protobuf` and `grpc`"]).await;
    assert!(!endpoint.spans(1).await.is_empty());
}

/// The log must contain a fault exactly once, however long the fault lasts.
#[tokio::test]
async fn a_lasting_trouble_does_not_fill_the_log() {
    let endpoint = format!("http://{}", unused_address());
    let mut lambda: Lambda = function()
        .with_variable("OTEL_TRACES_EXPORTER", "otlp")
        .with_variable("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .start()
        .await;
    for _ in 0..20 {
        lambda.invoke(events::plain(json!("echo"))).await;
    }
    lambda.idle().await;
    let log = lambda.end();
    let lines: Vec<&str> = log.lines().collect();
    let [cause, pause] = lines.as_slice() else {
        panic!("{log:#?}");
    };
    assert!(cause.contains("could not be exported"), "{cause}");
    assert!(pause.contains("deliveries pause"), "{pause}");
}
