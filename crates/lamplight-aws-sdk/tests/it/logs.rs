//! The log of a user who subscribes to `tracing`: one line if there was no room, and the SDK's own spans only
//! without the filter.

use std::sync::{Arc, Mutex};

use lamplight_aws_sdk::{Carrier, SDK_SPANS_OFF};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    layer::{Context, SubscriberExt as _},
};

use crate::common::*;

/// Keeps the text of events and the names of spans.
#[derive(Clone, Default)]
pub(crate) struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    spans: Arc<Mutex<Vec<String>>>,
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        let name = attributes.metadata().name().to_owned();
        self.spans.lock().unwrap().push(name);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        struct Text(String);
        impl Visit for Text {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{field}={value:?} "));
            }
        }
        let mut text = Text(format!("{} ", event.metadata().level()));
        event.record(&mut text);
        self.lines.lock().unwrap().push(text.0);
    }
}

impl Log {
    /// Subscribes this thread to what the filter lets through, for as long as the guard lives.
    pub(crate) fn subscribe(&self, filter: &str) -> tracing::subscriber::DefaultGuard {
        // Without a subscriber on the threads of the other tests, what they log first would be off
        // here too: whether anybody listens is remembered for each place that logs.
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
        let filter: Targets = filter.parse().unwrap();
        let registry = tracing_subscriber::registry().with(self.clone().with_filter(filter));
        tracing::subscriber::set_default(registry)
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

/// No other test of this program leaves this carrier without room.
#[tokio::test]
async fn a_carrier_without_room_is_told_once() {
    let log = Log::default();
    let _guard = log.subscribe("lamplight=warn");
    let spans = Spans::new();
    let lamplight = spans
        .lamplight()
        .with_carrier(Carrier::StepFunctionsInput)
        .with_size_limit(Carrier::StepFunctionsInput, 60);
    let answers = (0..4).map(|_| reply(200, r#"{"executionArn":"arn:e","startDate":1.0}"#));
    let config = aws_sdk_sfn::config::Builder::from(&config(replay(answers)));
    let client = aws_sdk_sfn::Client::from_conf(config.interceptor(lamplight).build());
    // Neither of the first two could carry context with any amount of room.
    let own = r#"{"traceparent":"00-11111111111111111111111111111111-2222222222222222-01"}"#;
    for (input, told) in [("[1]", 0), (own, 0), ("{}", 1), ("{}", 1)] {
        let start = client.start_execution().state_machine_arn("arn:m");
        start.input(input).send().await.unwrap();
        assert_eq!(log.lines().len(), told, "after {input}");
    }
    let line = log.lines().remove(0);
    assert!(line.starts_with("WARN "), "{line}");
    assert!(line.contains("step-functions"), "{line}");
    assert!(
        line.contains("with_size_limit(Carrier::StepFunctionsInput, bytes)"),
        "{line}"
    );
    assert!(line.contains("262144"), "what AWS takes today: {line}");
}

/// No other test of this program has a message refused for its size.
#[tokio::test]
async fn a_message_with_context_that_is_refused_for_its_size_is_told_once() {
    let log = Log::default();
    let _guard = log.subscribe("lamplight=warn");
    let spans = Spans::new();
    let refusal = |reason: &str| {
        let message = format!("One or more parameters are invalid. Reason: {reason}");
        let error = serde_json::json!({"__type": "InvalidParameterValue", "message": message});
        reply(400, &error.to_string())
    };
    let size = "Message must be shorter than 1024 bytes.";
    let answers = ["Invalid queue.", size, size].map(refusal);
    let config = aws_sdk_sqs::config::Builder::from(&config(replay(answers)));
    let client = aws_sdk_sqs::Client::from_conf(config.interceptor(spans.lamplight()).build());
    for told in [0, 1, 1] {
        let send = client.send_message().queue_url("https://q/1/small");
        send.message_body("x".repeat(1000))
            .send()
            .await
            .unwrap_err();
        assert_eq!(log.lines().len(), told, "{:?}", log.lines());
    }
    let lines = log.lines();
    assert!(
        lines[0].contains("LAMPLIGHT_INJECT_LIMITS=sqs:"),
        "{lines:?}"
    );
}

/// No other test of this program sets this limit.
#[test]
fn a_limit_beyond_what_aws_takes_is_told_once() {
    let log = Log::default();
    let _guard = log.subscribe("lamplight=warn");
    for bytes in [3584, 4000] {
        let _ = Spans::new()
            .lamplight()
            .with_size_limit(Carrier::LambdaClientContext, bytes);
    }
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in ["WARN", "`lambda`", "3584", "3583"] {
        assert!(lines[0].contains(part), "{part} in {lines:?}");
    }
}

/// Spans that the SDK opens on a call of a client with Lamplight.
async fn sdk_spans(filter: &str) -> Vec<String> {
    let log = Log::default();
    let _guard = log.subscribe(filter);
    let spans = Spans::new();
    let config = aws_sdk_ssm::config::Builder::from(&config(replay([reply(200, "{}")])));
    let client = aws_sdk_ssm::Client::from_conf(config.interceptor(spans.lamplight()).build());
    client.get_parameter().name("p").send().await.unwrap();
    assert_eq!(spans.one().name, "SSM.GetParameter");
    log.spans.lock().unwrap().clone()
}

#[tokio::test]
async fn the_filter_keeps_the_sdks_own_spans_out() {
    let without = sdk_spans("debug").await;
    assert!(
        without.contains(&"SSM.GetParameter".to_owned()),
        "{without:?}"
    );
    let with = sdk_spans(&format!("debug,{SDK_SPANS_OFF}")).await;
    assert!(with.is_empty(), "{with:?}");
}
