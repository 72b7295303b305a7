//! What extraction makes of one event of every source, and of the shapes that have gone wrong
//! elsewhere: header case, repeated and malformed context, bodies in bodies.
//!
//! Each file in `golden/` holds settings, an event as AWS documents it, and what is expected.
//! `GOLDEN=write cargo test -p lamplight-propagation --test golden` writes down what is; read the
//! difference before committing it.

// Tests fail by panicking.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::{collections::BTreeSet, fs, path::PathBuf};

use lamplight_propagation::{
    Propagators,
    inbound::{EventExtractor, RawInvocation, Source, Trust, XRayPolicy},
    outbound::Fields,
};
use opentelemetry::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    /// What the file is there to prove.
    about: String,
    #[serde(default, skip_serializing_if = "Settings::is_default")]
    settings: Settings,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_context: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    xray: Option<String>,
    event: Box<RawValue>,
    expect: Value,
}

#[derive(Deserialize, Serialize, Default, PartialEq)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    envelopes: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    datadog: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    start_new: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    xray: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_attribute: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    propagators: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    untrusted: Vec<String>,
}

impl Settings {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    fn extractor(&self) -> EventExtractor {
        let mut extractor = EventExtractor::new().with_datadog(self.datadog);
        for envelope in &self.envelopes {
            extractor = extractor.with_envelope(envelope.as_str());
        }
        if let Some(value) = &self.propagators {
            let (propagators, complaint) = Propagators::parse(value);
            assert_eq!(complaint, None);
            extractor = extractor.with_propagators(propagators);
        }
        for name in &self.untrusted {
            let source = Source::ALL.iter().find(|it| it.as_str() == name);
            extractor = extractor.with_source_trust(*source.unwrap(), Trust::StartNew);
        }
        if self.start_new {
            extractor = extractor.with_trust(Trust::StartNew);
        }
        if let Some(name) = &self.item_attribute {
            extractor = extractor.with_item_attribute(name);
        }
        match self.xray.as_deref() {
            Some("ignore") => extractor.with_xray(XRayPolicy::Ignore),
            Some("parent") => extractor.with_xray(XRayPolicy::Parent),
            Some("parent-before-w3c") => extractor.with_xray(XRayPolicy::ParentBeforeW3c),
            Some(other) => panic!("unknown policy {other}"),
            None => extractor,
        }
    }
}

fn files() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[test]
fn every_event_is_understood() {
    let write = std::env::var("GOLDEN").is_ok_and(|value| value == "write");
    let mut wrong = Vec::new();
    for path in files() {
        let text = fs::read_to_string(&path).unwrap();
        let mut golden: Golden = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let body = golden.event.get().as_bytes().to_vec();
        let invocation = RawInvocation::new(&body, "function")
            .with_client_context(golden.client_context.as_deref())
            .with_xray_trace_id(golden.xray.as_deref());
        let extractor = golden.settings.extractor();
        let found: Value = serde_json::from_str(&extractor.explain(&invocation).to_json()).unwrap();

        // Services write without white space, people who try things out with it.
        let compact = compact(golden.event.get());
        let invocation_compact = RawInvocation::new(compact.as_bytes(), "function")
            .with_client_context(golden.client_context.as_deref())
            .with_xray_trace_id(golden.xray.as_deref());
        let explanation = extractor.explain(&invocation_compact).to_json();
        assert_eq!(
            serde_json::from_str::<Value>(&explanation).unwrap(),
            found,
            "{} without white space",
            path.display()
        );

        // What is decided must not depend on somebody reading along.
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
            golden.expect = found;
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

/// Whoever records nothing passes the same on, whatever formats are read.
#[test]
fn what_is_passed_on_does_not_depend_on_recording() {
    for path in files() {
        let text = fs::read_to_string(&path).unwrap();
        let golden: Golden = serde_json::from_str(&text).unwrap();
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
        let golden: Golden = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
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
