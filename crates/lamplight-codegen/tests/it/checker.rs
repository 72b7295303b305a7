//! The checker's findings on spans that follow their conventions, and on those that do not.

use lamplight_codegen::{Checker, CheckingExporter, FindingKind, Level, Registry, Report};
use opentelemetry::{
    Array, KeyValue, Value,
    trace::{Span as _, SpanKind, Tracer, TracerProvider as _},
};
use opentelemetry_sdk::{
    Resource,
    trace::{InMemorySpanExporter, SdkTracerProvider, SpanData},
};

use crate::common;

const REGISTRY: &str = r#"
attributes:
  - {key: shop.order.id, type: string, stability: stable, brief: Order.}
  - {key: shop.order.items, type: int, stability: stable, brief: Things in it.}
  - {key: shop.order.weights, type: 'double[]', stability: stable, brief: Their weights.}
  - {key: shop.label, type: 'template[string]', stability: stable, brief: Labels.}
  - {key: shop.note, type: any, stability: stable, brief: Anything.}
  - key: shop.order_id
    type: string
    stability: stable
    brief: Former name.
    deprecated: {reason: renamed, renamed_to: shop.order.id}
  - key: shop.legacy
    type: string
    stability: stable
    brief: Former name that a span still needs.
    deprecated: {reason: obsoleted, note: Gone.}
  - key: shop.way
    stability: stable
    brief: How it is sold.
    type:
      members:
        - {id: web, value: web, stability: stable}
        - {id: till, value: till, stability: stable}
        - {id: phone, value: phone, stability: stable, deprecated: {reason: obsoleted, note: Nobody calls.}}
  - key: shop.size
    stability: stable
    brief: Closed.
    type: {members: [{id: small, value: S, stability: stable}]}
    annotations: {code_generation: {closed: true}}
spans:
  - type: shop.sell
    kind: server
    name: {note: "{shop.way} {shop.order.id}"}
    brief: A sale.
    stability: stable
    annotations:
      conformance: {match: {shop.way: "*"}}
    attributes:
      - {ref: shop.order.id, requirement_level: required}
      - {ref: shop.order.items, requirement_level: {conditionally_required: If known.}}
      - {ref: shop.way, sampling_relevant: true}
      - {ref: shop.label, sampling_relevant: true}
      - ref: shop.legacy
span_refinements:
  - id: shop.sell.web
    ref: shop.sell
    annotations:
      conformance: {match: {shop.way: web}, kinds: [server, internal]}
    attributes:
      - {ref: shop.label, requirement_level: required}
events:
  - name: shop.sold
    brief: Sold.
    stability: stable
    attributes:
      - {ref: shop.order.items, requirement_level: required}
"#;

fn checker() -> Checker {
    Checker::new(common::v2(REGISTRY).unwrap())
}

/// Spans of a real tracer, as an exporter gets them.
fn recorded(record: impl FnOnce(&opentelemetry_sdk::trace::SdkTracer)) -> Vec<SpanData> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    record(&provider.tracer("shop"));
    exporter.get_finished_spans().unwrap()
}

fn span(name: &'static str, kind: SpanKind, attributes: &[KeyValue]) -> Vec<SpanData> {
    recorded(|tracer| {
        let builder = tracer.span_builder(name).with_kind(kind);
        drop(builder.with_attributes(attributes.to_vec()).start(tracer));
    })
}

fn violations(report: &Report) -> Vec<String> {
    report.violations().map(ToString::to_string).collect()
}

fn one(name: &'static str, attributes: &[KeyValue]) -> Vec<String> {
    violations(&checker().check(&span(name, SpanKind::Server, attributes)))
}

fn sale() -> Vec<KeyValue> {
    vec![
        KeyValue::new("shop.order.id", "7"),
        KeyValue::new("shop.order.items", 3),
        KeyValue::new("shop.way", "till"),
    ]
}

fn with(attribute: KeyValue) -> Vec<KeyValue> {
    let mut attributes = sale();
    attributes.push(attribute);
    attributes
}

#[test]
fn a_span_that_follows_its_convention_is_clean() {
    let weights = Value::Array(Array::F64(vec![1.5]));
    let cases = [
        KeyValue::new("shop.order.weights", weights),
        KeyValue::new("shop.label.color", "red"),
        KeyValue::new("shop.note", true),
        // The convention of the span still lists it, though it is deprecated.
        KeyValue::new("shop.legacy", "x"),
    ];
    for attribute in cases {
        assert_eq!(
            one("till 7", &with(attribute.clone())),
            [""; 0],
            "{attribute:?}"
        );
    }
    let report = checker().check(&span("till 7", SpanKind::Server, &sale()));
    assert!(report.is_clean());
    assert_eq!(report.spans(), 1);
    assert_eq!(report.types().collect::<Vec<_>>(), [("shop.sell", 1)]);
}

#[test]
fn attributes_have_to_be_declared_current_and_of_their_type() {
    let cases = [
        (
            KeyValue::new("shop.order.idd", "7"),
            "`shop.order.idd` is not declared; did you mean `shop.order.id`?",
        ),
        (
            KeyValue::new("acme.color", "red"),
            "`acme.color` is not declared",
        ),
        // The prefix of a template is no attribute itself.
        (
            KeyValue::new("shop.label", "red"),
            "`shop.label` is not declared; did you mean `shop.label.<key>`?",
        ),
        (
            KeyValue::new("shop.order_id", "7"),
            "`shop.order_id` is deprecated: use `shop.order.id` instead",
        ),
        (
            KeyValue::new("shop.order.weights", Value::Array(Array::I64(vec![1]))),
            "`shop.order.weights` is declared as `double[]`, recorded as `int[]`",
        ),
        (
            KeyValue::new("shop.label.color", 5),
            "`shop.label.color` is declared as `string`, recorded as `int`",
        ),
        (
            KeyValue::new("shop.size", "M"),
            "`shop.size` has the unknown value \"M\"",
        ),
    ];
    for (attribute, expected) in cases {
        let expected = format!("violation: span \"till 7\": {expected}");
        assert_eq!(one("till 7", &with(attribute)), [expected]);
    }
}

#[test]
fn values_of_enums_are_known() {
    let attributes = [
        KeyValue::new("shop.order.id", "7"),
        KeyValue::new("shop.way", "phone"),
    ];
    assert_eq!(
        one("phone 7", &attributes),
        [
            "violation: span \"phone 7\": `shop.way` has the deprecated value \"phone\": Nobody calls."
        ]
    );
    // An open enum may have other values; they are only worth a word.
    let attributes = [
        KeyValue::new("shop.order.id", "7"),
        KeyValue::new("shop.way", "drone"),
    ];
    let report = checker().check(&span("drone 7", SpanKind::Server, &attributes));
    assert!(report.is_clean());
    assert!(report.findings(Level::Information).any(|(finding, _)| {
        finding.kind
            == FindingKind::UnknownValue {
                value: "\"drone\"".into(),
            }
    }));
}

#[test]
fn spans_have_what_their_type_requires() {
    let attributes = [KeyValue::new("shop.way", "till")];
    assert_eq!(
        one("till", &attributes),
        ["violation: span \"till\": `shop.order.id` is missing, `shop.sell` requires it"]
    );
    assert_eq!(
        one("sale", &sale()),
        ["violation: span \"sale\" is to be called \"till 7\" as a `shop.sell`"]
    );
    let report = checker().check(&span("till 7", SpanKind::Client, &sale()));
    assert_eq!(
        violations(&report),
        ["violation: span \"till 7\" is of kind client, `shop.sell` is of kind server"]
    );
}

#[test]
fn a_refinement_takes_the_place_of_what_it_refines() {
    let mut attributes = sale();
    attributes[2] = KeyValue::new("shop.way", "web");
    let report = checker().check(&span("web 7", SpanKind::Internal, &attributes));
    assert_eq!(
        violations(&report),
        ["violation: span \"web 7\": `shop.label` is missing, `shop.sell.web` requires it"]
    );
    attributes.push(KeyValue::new("shop.label.color", "red"));
    let report = checker().check(&span("web 7", SpanKind::Internal, &attributes));
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.types().collect::<Vec<_>>(), [("shop.sell.web", 1)]);
}

#[test]
fn what_is_not_required_is_only_worth_a_word() {
    let attributes = [
        KeyValue::new("shop.order.id", "7"),
        KeyValue::new("shop.way", "till"),
    ];
    let report = checker().check(&span("till 7", SpanKind::Server, &attributes));
    assert!(report.is_clean());
    let said: Vec<String> = report
        .findings(Level::Information)
        .map(|(finding, _)| finding.to_string())
        .collect();
    assert_eq!(
        said,
        [
            "information: span \"till 7\": `shop.label` is missing, `shop.sell` recommends it",
            "information: span \"till 7\": `shop.legacy` is missing, `shop.sell` recommends it",
            "information: span \"till 7\": `shop.order.items` is missing, `shop.sell` requires it: \
             If known.",
        ]
    );
    // A span of unknown type is not checked against any.
    let report = checker().check(&span("other", SpanKind::Internal, &[]));
    assert!(report.is_clean());
    assert_eq!(report.findings(Level::Information).count(), 1);
}

#[test]
fn deprecated_definitions_are_told() {
    let registry = common::v2(
        "
attributes:
  - {key: shop.old, type: int, stability: stable, brief: Old.}
spans:
  - type: shop.old.sell
    kind: internal
    name: {note: sell}
    brief: A sale.
    stability: stable
    deprecated: {reason: obsoleted, note: Sales are events.}
    annotations: {conformance: {match: {shop.old: '*'}}}
    attributes: [{ref: shop.old}]
events:
  - name: shop.old.sold
    brief: Sold.
    stability: stable
    deprecated: {reason: renamed, renamed_to: shop.sold, note: Shorter.}
  - {name: shop.sold, brief: Sold., stability: stable}
",
    );
    let spans = recorded(|tracer| {
        let builder = tracer.span_builder("sell");
        let mut span = builder
            .with_attributes([KeyValue::new("shop.old", 1)])
            .start(tracer);
        span.add_event("shop.old.sold", vec![]);
    });
    assert_eq!(
        violations(&Checker::new(registry.unwrap()).check(&spans)),
        [
            "violation: span \"sell\" is a `shop.old.sell`, which is deprecated: Sales are events.",
            "violation: span \"sell\": `shop.old.sold` is a `shop.old.sold`, which is deprecated: use \
             `shop.sold` instead",
        ]
    );
}

#[test]
fn events_and_links_are_looked_at_too() {
    let spans = recorded(|tracer| {
        let other = tracer.start("other");
        let mut span = tracer.span_builder("work").start(tracer);
        span.add_event("shop.sold", vec![KeyValue::new("shop.order.items", 1)]);
        span.add_event("shop.sold", vec![]);
        span.add_event("shop.slod", vec![KeyValue::new("shop.order.items", "one")]);
        span.add_link(
            other.span_context().clone(),
            vec![KeyValue::new("link.key", 1)],
        );
    });
    let report = checker().check(&spans);
    assert_eq!(
        violations(&report),
        [
            "violation: span \"work\": `link.key` is not declared",
            "violation: span \"work\": `shop.order.items` is declared as `int`, recorded as `string`",
            "violation: span \"work\": `shop.order.items` is missing, `shop.sold` requires it",
        ]
    );
    assert!(
        report
            .to_string()
            .contains("`shop.slod` is not a declared event")
    );
}

#[test]
fn what_others_record_can_be_left_alone() {
    let keys = ["theirs", "theirs.key", "theirs_too.key"];
    let attributes: Vec<KeyValue> = keys.iter().map(|key| KeyValue::new(*key, 1)).collect();
    let span = span("x", SpanKind::Server, &attributes);
    let checker = checker().with_ignored("theirs");
    assert_eq!(
        violations(&checker.check(&span)),
        ["violation: span \"x\": `theirs_too.key` is not declared"]
    );
}

#[test]
fn the_exporter_checks_and_hands_on() {
    let inner = InMemorySpanExporter::default();
    let exporter = CheckingExporter::new(checker(), inner.clone());
    let resource = Resource::builder_empty()
        .with_attribute(KeyValue::new("shop.branch", "1"))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_resource(resource)
        .with_simple_exporter(exporter.clone())
        .build();
    let tracer = provider.tracer("shop");
    for _ in 0..3 {
        drop(
            tracer
                .span_builder("x")
                .with_attributes([KeyValue::new("x.y", 1)])
                .start(&tracer),
        );
    }
    provider.force_flush().unwrap();
    assert_eq!(inner.get_finished_spans().unwrap().len(), 3);
    let report = exporter.report();
    assert!(!report.is_clean());
    assert_eq!(report.spans(), 3);
    assert_eq!(
        report.to_string(),
        "3 spans checked\n\
         violation: span \"resource\": `shop.branch` is not declared\n\
         violation: span \"x\": `x.y` is not declared (3 times)"
    );
}

/// The spans of a provider that notes what they start with.
fn noted(record: impl FnOnce(&opentelemetry_sdk::trace::SdkTracer)) -> Vec<String> {
    let exporter = CheckingExporter::new(checker(), InMemorySpanExporter::default());
    let provider = SdkTracerProvider::builder()
        .with_resource(Resource::builder_empty().build())
        .with_span_processor(exporter.at_start())
        .with_simple_exporter(exporter.clone())
        .build();
    record(&provider.tracer("shop"));
    violations(&exporter.report())
}

#[test]
fn what_samplers_need_is_there_at_the_start() {
    let started = |tracer: &opentelemetry_sdk::trace::SdkTracer, attributes: &[KeyValue]| {
        let builder = tracer.span_builder("till 7").with_kind(SpanKind::Server);
        builder.with_attributes(attributes.to_vec()).start(tracer)
    };
    let good = noted(|tracer| {
        // Another span is open meanwhile, and what is not for samplers may come later.
        let mut first = started(tracer, &[KeyValue::new("shop.way", "till")]);
        drop(started(tracer, &sale()));
        first.set_attribute(KeyValue::new("shop.order.id", "7"));
    });
    assert_eq!(good, [""; 0]);

    let late = noted(|tracer| {
        let mut span = started(tracer, &[KeyValue::new("shop.order.id", "7")]);
        span.set_attribute(KeyValue::new("shop.way", "till"));
        span.set_attribute(KeyValue::new("shop.label.color", "red"));
    });
    let expected = ["shop.label.color", "shop.way"].map(|key| {
        format!(
            "violation: span \"till 7\": `{key}` is set after the start, `shop.sell` needs it there \
             for samplers"
        )
    });
    assert_eq!(late, expected);
}

#[test]
fn libraries_may_have_registries_of_their_own() {
    let one = |key: &str| {
        format!(
            "file_format: definition/2\nattributes: [{{key: {key}, type: int, stability: stable, \
             brief: One.}}]"
        )
    };
    let on = |other: &str| {
        format!("schema_url: https://a.example/1\ndependencies: [{{registry_path: ../{other}}}]")
    };
    let folder = common::folder(&[
        (
            "shop/registry.yaml",
            &format!("file_format: definition/2{REGISTRY}"),
        ),
        ("branch/manifest.yaml", &on("shop")),
        ("branch/registry.yaml", &one("branch.id")),
        ("till/manifest.yaml", &on("branch")),
        ("till/registry.yaml", &one("till.id")),
    ]);
    let mut attributes = sale();
    attributes.remove(0);
    attributes.extend(["branch.id", "till.id"].map(|key| KeyValue::new(key, 1)));
    let spans = span("till 7", SpanKind::Server, &attributes);

    let own = Checker::new(Registry::load(folder.join("till")).unwrap());
    let keys = ["branch.id", "shop.order.items", "shop.way"];
    let undeclared = keys.map(|key| format!("violation: span \"till 7\": `{key}` is not declared"));
    assert_eq!(violations(&own.check(&spans)), undeclared);

    let all = own.with_dependencies();
    assert_eq!(
        violations(&all.check(&spans)),
        ["violation: span \"till 7\": `shop.order.id` is missing, `shop.sell` requires it"]
    );
}

#[test]
fn reports_stay_small_whatever_is_recorded() {
    let mut report = Report::default();
    let checker = checker();
    for number in 0..10_050 {
        let key = format!("acme.k{number}");
        report.merge(
            checker.check_attributes("x", &[(key, lamplight_codegen::Literal::Boolean(true))]),
        );
    }
    assert_eq!(report.violations().count(), 10_000);
    assert!(report.to_string().ends_with("and 50 more findings"));
}

mod otlp {
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
    use opentelemetry_proto::tonic::trace::v1::{
        ResourceSpans, ScopeSpans, Span, TracesData, span,
    };
    use prost::Message as _;

    use super::*;

    fn traces(name: &str, key: &str) -> TracesData {
        let value = AnyValue {
            value: Some(any_value::Value::StringValue("till".into())),
        };
        let attribute = |key: &str| KeyValue {
            key: key.into(),
            value: Some(value.clone()),
            ..KeyValue::default()
        };
        let span = Span {
            name: name.into(),
            kind: span::SpanKind::Server.into(),
            attributes: vec![attribute("shop.way"), attribute(key)],
            ..Span::default()
        };
        let scope_spans = ScopeSpans {
            spans: vec![span],
            ..ScopeSpans::default()
        };
        TracesData {
            resource_spans: vec![ResourceSpans {
                scope_spans: vec![scope_spans],
                ..ResourceSpans::default()
            }],
        }
    }

    #[test]
    fn recorded_protobuf_and_json_say_the_same() {
        let good = traces("till till", "shop.order.id");
        let bad = traces("till", "shop.oder.id");
        let expected = [
            "violation: span \"till\": `shop.oder.id` is not declared; did you mean \
             `shop.order.id`?",
            "violation: span \"till\": `shop.order.id` is missing, `shop.sell` requires it",
        ];
        assert!(
            checker()
                .check_otlp(&good.encode_to_vec())
                .unwrap()
                .is_clean()
        );
        let protobuf = checker().check_otlp(&bad.encode_to_vec()).unwrap();
        assert_eq!(violations(&protobuf), expected);
        let lines = format!(
            "{}\n{}\n",
            serde_json::to_string(&good).unwrap(),
            serde_json::to_string(&bad).unwrap()
        );
        let json = checker().check_otlp(lines.as_bytes()).unwrap();
        assert_eq!(violations(&json), expected);
        assert_eq!(json.spans(), 2);
    }

    #[test]
    fn what_is_not_otlp_is_told() {
        let folder = common::scratch("otlp");
        let file = folder.join("traces.json");
        let line = serde_json::to_string(&traces("a", "b.c")).unwrap();
        std::fs::write(&file, format!("{line}\n{{\"resourceSpans\": 5}}\n")).unwrap();
        let error = checker().check_otlp_file(&file).unwrap_err();
        assert_eq!(error.to_string(), "line 2 is not OTLP traces in JSON");
        let error = checker().check_otlp(b"\xff\xff\xff").unwrap_err();
        assert_eq!(error.to_string(), "the file is not OTLP traces in protobuf");
        let error = checker().check_otlp_file(folder.join("none")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read the file");
        assert!(checker().check_otlp(b"").unwrap().is_clean());
    }
}

#[test]
fn the_projects_own_registry_knows_its_spans() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../semconv");
    let checker = Checker::new(Registry::load(root).unwrap());
    let attributes = [
        KeyValue::new("faas.invocation_id", "af9d5aa4"),
        KeyValue::new("faas.trigger", "http"),
        KeyValue::new("http.request.method", "GET"),
        KeyValue::new("http.route", "/orders/{id}"),
        KeyValue::new("url.path", "/orders/1"),
        KeyValue::new("url.scheme", "https"),
    ];
    let report = checker.check(&span("GET /orders/{id}", SpanKind::Server, &attributes));
    assert!(report.is_clean(), "{report}");
    assert_eq!(
        report.types().collect::<Vec<_>>(),
        [("faas.server.http", 1)]
    );

    let attributes = [
        KeyValue::new("rpc.system", "aws-api"),
        KeyValue::new("rpc.system.name", "aws-api"),
        KeyValue::new("rpc.service", "SQS"),
        KeyValue::new("rpc.method", "SendMessage"),
    ];
    for kind in [SpanKind::Client, SpanKind::Producer] {
        let report = checker.check(&span("SQS.SendMessage", kind, &attributes));
        assert!(report.is_clean(), "{report}");
        assert_eq!(report.types().collect::<Vec<_>>(), [("aws.client", 1)]);
    }
}
