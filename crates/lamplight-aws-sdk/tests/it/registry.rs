//! The checker of the registry finds a span that lacks what a convention requires of it: what passes
//! all the other tests here does so because it is there.

use lamplight_codegen::{Checker, RecordedSpan, Registry, SpanKind};
use opentelemetry::trace::FutureExt as _;
use opentelemetry_sdk::trace::SpanData;

use crate::common::*;

fn checker() -> Checker {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../semconv");
    Checker::new(Registry::load(folder).unwrap())
}

/// Returns the checker's findings on this span after a change.
fn said(span: &SpanData, change: impl FnOnce(&mut RecordedSpan)) -> Vec<String> {
    let mut recorded = RecordedSpan::from(span);
    change(&mut recorded);
    let report = checker().check_recorded([&recorded]);
    report.violations().map(ToString::to_string).collect()
}

/// Each of these is missed if it is left out, and none is as it is.
fn misses(span: &SpanData, required: &[&str]) {
    assert_eq!(said(span, |_| {}), [] as [&str; 0], "{}", span.name);
    for key in required {
        let said = said(span, |span| {
            span.attributes.retain(|(other, _)| other != key);
        });
        assert!(
            said.iter().any(|line| line.contains(key)),
            "{key}: {said:?}"
        );
    }
}

/// A name and a kind of another sort are told.
fn refuses(span: &SpanData, other: SpanKind) {
    let renamed = said(span, |span| span.name = "elsewhere".to_owned());
    assert!(!renamed.is_empty(), "{}", span.name);
    let turned = said(span, |span| span.kind = Some(other));
    assert!(!turned.is_empty(), "{} as {other}", span.name);
}

#[tokio::test]
async fn a_call_of_a_database_that_lacks_what_it_must_have_is_found() {
    let spans = Spans::new();
    let config = aws_sdk_dynamodb::config::Builder::from(&config(replay([reply(200, "{}")])));
    let client = aws_sdk_dynamodb::Client::from_conf(config.interceptor(spans.lamplight()).build());
    client.list_tables().send().await.unwrap();
    let required = [
        "rpc.system",
        "rpc.system.name",
        "rpc.service",
        "rpc.method",
        "db.system.name",
        "db.operation.name",
    ];
    misses(&spans.one(), &required);
    refuses(&spans.one(), SpanKind::Producer);
}

#[tokio::test]
async fn a_call_about_messages_that_lacks_what_it_must_have_is_found() {
    let queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders";
    let spans = Spans::new();
    let answers = ["{}", "{}", "{}"].map(|answer| reply(200, answer));
    let config = aws_sdk_sqs::config::Builder::from(&config(replay(answers)));
    let client = aws_sdk_sqs::Client::from_conf(config.interceptor(spans.lamplight()).build());
    let send = client.send_message().queue_url(queue).message_body("b");
    send.send().with_context(caller()).await.unwrap();
    client
        .receive_message()
        .queue_url(queue)
        .send()
        .await
        .unwrap();
    let delete = client.delete_message().queue_url(queue);
    delete.receipt_handle("r").send().await.unwrap();
    for (name, other) in [
        ("SQS.SendMessage", SpanKind::Server),
        ("SQS.ReceiveMessage", SpanKind::Producer),
        ("SQS.DeleteMessage", SpanKind::Producer),
    ] {
        let span = spans.named(name);
        misses(
            &span,
            &["rpc.system", "rpc.system.name", "messaging.operation.name"],
        );
        refuses(&span, other);
    }
    // Without a system it is no message's any more, but for its operation.
    misses(&spans.named("SQS.SendMessage"), &["messaging.system"]);
}
