//! The result of extraction for one event of every source, and for forms that have failed in other
//! implementations: header case, repeated and malformed context, bodies in bodies.
//!
//! Each file in `golden/` holds settings, an event as documented by AWS, and the expected result.
//! `GOLDEN=write cargo test -p lamplight-propagation --test golden` writes the actual results; review the
//! difference before committing it.

// Tests fail by panicking.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod goldens;

use std::{collections::BTreeSet, fs};

use goldens::{Golden, files};
use lamplight_propagation::{
    Propagators,
    inbound::{RawInvocation, Source},
    outbound::Fields,
};
use opentelemetry::Context;
use serde_json::Value;

#[test]
fn every_event_is_understood() {
    let write = std::env::var("GOLDEN").is_ok_and(|value| value == "write");
    let mut wrong = Vec::new();
    for path in files() {
        let golden = Golden::read(&path);
        let invocation = golden.invocation(golden.event.get());
        let extractor = golden.settings.extractor();
        let found: Value = serde_json::from_str(&extractor.explain(&invocation).to_json()).unwrap();

        // Services write without white space, people who try things out with it.
        let compact = compact(golden.event.get());
        let explanation = extractor.explain(&golden.invocation(&compact)).to_json();
        assert_eq!(
            serde_json::from_str::<Value>(&explanation).unwrap(),
            found,
            "{} without white space",
            path.display()
        );

        // The result must not depend on logging.
        let incoming = extractor.extract(&invocation);
        assert_eq!(
            incoming.source.as_str(),
            found["source"],
            "{}",
            path.display()
        );
        assert_eq!(
            incoming.links.len(),
            found["links"].as_array().unwrap().len()
        );
        assert_eq!(
            incoming.attributes.len(),
            found["span"]["attributes"].as_object().unwrap().len(),
            "an attribute occurs twice in {}",
            path.display(),
        );

        // Nor on anybody recording what is passed on.
        let fields = |cx: &Context| format!("{:?}", Fields::from_context(cx));
        let passed_on = extractor.context(&invocation);
        assert_eq!(
            fields(&passed_on),
            fields(&incoming.parent),
            "{}",
            path.display()
        );

        if write {
            let golden = Golden {
                expect: found,
                ..golden
            };
            let text = serde_json::to_string_pretty(&golden).unwrap();
            fs::write(&path, text + "\n").unwrap();
        } else if found != golden.expect {
            wrong.push(format!(
                "{}\n found    {found}\n expected {}",
                path.display(),
                golden.expect
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A function without recording passes on the same context, in all formats.
#[test]
fn what_is_passed_on_does_not_depend_on_recording() {
    for path in files() {
        let golden = Golden::read(&path);
        let invocation = RawInvocation::new(golden.event.get().as_bytes(), "function")
            .with_client_context(golden.client_context.as_deref())
            .with_xray_trace_id(Some(
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            ));
        for formats in [
            "baggage",
            "tracecontext",
            "tracecontext,xray",
            "xray,tracecontext",
            "tracecontext,xray-lambda",
            "xray-lambda,tracecontext,baggage",
            "xray-lambda",
        ] {
            let (propagators, _) = Propagators::parse(formats);
            let extractor = golden.settings.extractor().with_propagators(propagators);
            let fields = |cx: &Context| format!("{:?}", Fields::from_context(cx));
            assert_eq!(
                fields(&extractor.context(&invocation)),
                fields(&extractor.extract(&invocation).parent),
                "{}: {formats}",
                path.display()
            );
        }
    }
}

/// The text without white space, its members in the same order.
fn compact(json: &str) -> String {
    let mut bare = String::new();
    let (mut in_string, mut escaped) = (false, false);
    for char in json.chars() {
        match char {
            '"' if !escaped => in_string = !in_string,
            ' ' | '\n' if !in_string => continue,
            _ => {}
        }
        escaped = char == '\\' && !escaped;
        bare.push(char);
    }
    bare
}

#[test]
fn every_source_has_an_event() {
    let mut covered = BTreeSet::new();
    let mut with_context = BTreeSet::new();
    for path in files() {
        let golden = Golden::read(&path);
        let source = golden.expect["source"].as_str().unwrap().to_owned();
        if !golden.expect["parent"].is_null() || golden.expect["links"][0].is_object() {
            with_context.insert(source.clone());
        }
        covered.insert(source);
    }
    let missing: Vec<_> = Source::ALL
        .iter()
        .filter(|it| !covered.contains(it.as_str()))
        .collect();
    assert!(missing.is_empty(), "no golden event for {missing:?}");

    // The sources that have nowhere to put context, or whose payload belongs to a service.
    let without = [
        Source::BedrockAgent,
        Source::ClientVpn,
        Source::CloudFormation,
        Source::CloudWatchAlarm,
        Source::CloudWatchLogs,
        Source::CodeCommit,
        Source::CodePipeline,
        Source::Cognito,
        Source::Config,
        Source::Connect,
        Source::DocumentDb,
        Source::Firehose,
        Source::Iot,
        Source::IotButton,
        Source::Lex,
        Source::S3,
        Source::S3Batch,
        Source::Scheduled,
        Source::SecretsManager,
        Source::Ses,
        Source::Unknown,
    ];
    let missing: Vec<_> = Source::ALL
        .iter()
        .filter(|it| !without.contains(it) && !with_context.contains(it.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "no golden event with context for {missing:?}"
    );
}
