//! Errors that are logged, as exceptions.

use std::io;

use lamplight_lambda::Invocation;
use lamplight_semconv as semconv;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;

use crate::{NotSaved, traced};

/// The attributes of a span's only event, by key.
fn only_event(span: &SpanData) -> (String, std::collections::HashMap<String, String>) {
    let [event] = span.events.events.as_slice() else {
        panic!("{:?}", span.events)
    };
    let attributes = event.attributes.iter();
    let attributes = attributes.map(|kv| (kv.key.to_string(), kv.value.to_string()));
    (event.name.to_string(), attributes.collect())
}

#[tracing::instrument(err)]
fn fails() -> Result<(), io::Error> {
    Err(io::Error::other("too many"))
}

#[tracing::instrument(err(Debug))]
fn fails_by_debug() -> Result<(), NotSaved> {
    Err(NotSaved(io::Error::other("connection refused")))
}

#[tokio::test]
async fn a_function_that_is_instrumented_with_its_errors_has_proper_exceptions() {
    let (spans, _) = traced(|| async {
        fails().unwrap_err();
        fails_by_debug().unwrap_err();
    })
    .await;
    let [plain, debug, _] = spans.try_into().unwrap();
    assert_eq!(plain.status, Status::error("too many"));
    let (name, attributes) = only_event(&plain);
    assert_eq!(name, "exception");
    let message = (
        semconv::exception::MESSAGE.to_owned(),
        "too many".to_owned(),
    );
    assert_eq!(attributes, [message].into());
    let (_, attributes) = only_event(&debug);
    assert!(attributes[semconv::exception::MESSAGE].starts_with("NotSaved("));
    assert!(matches!(debug.status, Status::Error { description } if !description.is_empty()));
}

#[tokio::test]
async fn an_error_beside_a_message_is_its_cause_and_never_an_attribute_of_its_own() {
    let error = || NotSaved(io::Error::other("connection refused"));
    for (field, cause, has_type) in [
        ("error", "not saved", false),
        ("err", "not saved", false),
        ("typed", "not saved\ncaused by: connection refused", true),
    ] {
        let (spans, _) = traced(move || async move {
            let span = tracing::info_span!("query");
            let _entered = span.entered();
            match field {
                "error" => tracing::error!(error = %error(), "could not store"),
                "err" => tracing::error!(err = %error(), "could not store"),
                _ => {
                    let error = error();
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "could not store");
                }
            }
        })
        .await;
        let [query, _] = spans.try_into().unwrap();
        assert_eq!(query.status, Status::error("could not store"));
        let (name, attributes) = only_event(&query);
        assert_eq!(name, "exception");
        let get = |key: &str| attributes.get(key).map(String::as_str);
        assert_eq!(get(semconv::exception::MESSAGE), Some("could not store"));
        let stack = format!("could not store\ncaused by: {cause}");
        assert_eq!(get(semconv::exception::STACKTRACE), Some(&*stack));
        assert_eq!(
            get(semconv::exception::TYPE),
            has_type.then_some("NotSaved")
        );
        assert_eq!(
            attributes.len(),
            2 + usize::from(has_type),
            "{attributes:?}"
        );
    }
}

#[tokio::test]
async fn an_error_in_a_warning_is_described_and_fails_nothing() {
    let (spans, _) = traced(|| async {
        let span = tracing::info_span!("query");
        let _entered = span.entered();
        tracing::warn!(error = "timed out", test.attempt = 2, "trying again");
    })
    .await;
    let [query, _] = spans.try_into().unwrap();
    assert_eq!(query.status, Status::Unset);
    let (name, attributes) = only_event(&query);
    assert_eq!(name, "trying again");
    assert_eq!(attributes[semconv::exception::MESSAGE], "timed out");
    assert_eq!(attributes["test.attempt"], "2");
}

#[tokio::test]
async fn an_error_that_was_handled_has_its_type() {
    let (spans, _) = traced(|| async {
        let error = NotSaved(io::Error::other("connection refused"));
        Invocation::current().record_error(&error);
        let error: lambda_runtime::Error = Box::new(error);
        Invocation::current().record_error(&*error);
    })
    .await;
    let [root] = spans.try_into().unwrap();
    let types = root.events.iter().map(|event| {
        let mut attributes = event.attributes.iter();
        let found = attributes.find(|kv| kv.key.as_str() == semconv::exception::TYPE);
        found.map(|kv| kv.value.to_string())
    });
    let types: Vec<_> = types.collect();
    assert_eq!(
        types,
        [Some("tracing::NotSaved".into()), Some("NotSaved".into())]
    );
}
