//! Assertions on spans, and what they say where they do not hold.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight_testing::{Invocation, Lambda, Span, Trace, events};
use opentelemetry::{
    KeyValue, global,
    trace::{Link, Span as _, SpanContext, SpanKind, Tracer},
};
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value, json};

use crate::{CALLER, OTHER, message};

async fn invocation() -> Invocation {
    async fn handler(_: LambdaEvent<Value>) -> Result<(), Error> {
        let tracer = global::tracer("shop");
        let linked: Vec<&str> = OTHER.split('-').collect();
        let linked = SpanContext::new(
            opentelemetry::trace::TraceId::from_hex(linked[1]).unwrap(),
            opentelemetry::trace::SpanId::from_hex(linked[2]).unwrap(),
            opentelemetry::trace::TraceFlags::SAMPLED,
            true,
            opentelemetry::trace::TraceState::NONE,
        );
        let builder = tracer
            .span_builder("pay")
            .with_links(vec![Link::with_context(linked)]);
        let mut span = tracer.build(builder);
        span.add_event("declined", vec![KeyValue::new("test.reason", "limit")]);
        span.set_attributes([
            KeyValue::new("test.text", "a"),
            KeyValue::new("test.number", 7_i64),
            KeyValue::new("test.share", 0.5),
            KeyValue::new("error.type", "Declined"),
        ]);
        span.set_status(opentelemetry::trace::Status::error("no money"));
        drop(span);
        drop(tracer.start("twice"));
        drop(tracer.start("twice"));
        Ok(())
    }
    let request = events::alb().get("/pay").with_trace(CALLER);
    Lambda::new(service_fn(handler)).invoke(request).await
}

#[tokio::test]
async fn what_holds_holds() {
    let invocation = invocation().await;
    let trace = invocation.trace();
    let root = trace.root();
    let pay = root
        .has_children(3)
        .has_no_error()
        .has_not("error.type")
        .child("pay")
        .has("test.text", "a")
        .has("test.text", String::from("a"))
        .has("test.number", 7)
        .has("test.number", 7_i64)
        .has("test.number", 7_usize)
        .has("test.share", 0.5)
        .has_attribute(KeyValue::new("test.number", 7_i64))
        .has_key("test.share")
        .has_kind(SpanKind::Internal)
        .has_error("Declined")
        .has_event("declined")
        .has_link_to(OTHER)
        .has_parent(&root.traceparent());
    assert_eq!(pay.parent(), Some(root));
    assert_eq!(pay.error_type().as_deref(), Some("Declined"));
    assert_eq!(pay.attribute("test.nothing"), None);
    assert_eq!(pay.events().count(), 1);
    assert_eq!(pay.data().name, "pay");
    assert_eq!(root.parent_traceparent().as_deref(), Some(CALLER));
    assert_eq!(trace.span("pay"), pay);
    assert_eq!(trace.find("pay"), Some(pay));
    assert_eq!(trace.named("twice").count(), 2);
    assert_eq!(trace.len(), 4);
    assert_eq!(trace.spans().next(), Some(root));
    trace.has_no_span("nothing");
}

#[tokio::test]
async fn what_does_not_hold_is_said_with_the_trace_as_a_tree() {
    let invocation = invocation().await;
    let trace = invocation.trace();
    let pay = trace.span("pay");
    let told = |what: &str, run: &dyn for<'t> Fn(Span<'t>) -> Span<'t>| {
        let message = message(|| run(pay));
        assert!(message.contains(what), "{message}");
        // The tree: a child below its parent, with its attributes, events and links.
        let lines: Vec<&str> = message.lines().skip(1).collect();
        let line = |wanted: &str| lines.iter().position(|it| it.contains(wanted)).unwrap();
        let root = line("function [SERVER]");
        assert!(lines[root].starts_with("  "), "{message}");
        let pay = line("    pay [INTERNAL]");
        assert!(root < pay, "{message}");
        assert!(lines[pay].ends_with("ERROR: no money"), "{message}");
        for detail in [
            "test.number = 7",
            "event declined",
            "test.reason = limit",
            "link to 4bf92f",
        ] {
            assert!(line(detail) > pay, "{message}");
        }
    };
    told("has test.text = ", &|pay| pay.has("test.text", "b"));
    told("has no test.nothing", &|pay| pay.has("test.nothing", true));
    told("has no test.nothing", &|pay| pay.has_key("test.nothing"));
    told("has test.number = ", &|pay| pay.has_not("test.number"));
    told("has test.text = \"a\", and not \"b\"", &|pay| {
        pay.has("test.text", "b")
    });
    // A number is no text.
    told("has test.number = ", &|pay| pay.has("test.number", "7"));
    told("is of kind Internal, and not Client", &|pay| {
        pay.has_kind(SpanKind::Client)
    });
    told("has error.type = ", &|pay| pay.has_error("Other"));
    told("is an error", &|pay| pay.has_no_error());
    told("has no event \"paid\"", &|pay| pay.has_event("paid"));
    told("has no link to", &|pay| pay.has_link_to(CALLER));
    told("has the parent", &|pay| pay.has_parent(CALLER));
    told("has 0 children, and not 1", &|pay| pay.has_children(1));
    told("a child \"more\" of \"pay\" is not there", &|pay| {
        pay.child("more")
    });
    told("is no error", &|pay| pay.parent().unwrap().has_error("x"));
    let told = |what: &str, run: &dyn for<'t> Fn(&'t Trace) -> Span<'t>| {
        let message = message(|| run(trace));
        assert!(message.contains(what), "{message}");
        assert!(message.contains("pay [INTERNAL]"), "{message}");
    };
    told("a span \"twice\" is there 2 times", &|trace| {
        trace.span("twice")
    });
    told(
        "a child \"twice\" of \"function\" is there 2 times",
        &|trace| trace.root().child("twice"),
    );
    told("a span \"nothing\" is not there", &|trace| {
        trace.span("nothing")
    });
    told("there is a span \"pay\"", &|trace| {
        trace.has_no_span("pay").root()
    });
}

#[test]
fn the_line_of_the_test_is_named() {
    let trace = Trace::from(Vec::<SpanData>::new());
    let (sender, hook) = std::sync::mpsc::channel();
    let thread = std::thread::current().id();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() == thread {
            let location = panic.location().map(|it| (it.file().to_owned(), it.line()));
            let _ = sender.send(location);
        } else {
            before(panic);
        }
    }));
    let line = line!() + 1;
    let message = message(|| trace.root());
    assert!(message.contains("is not there\n(no spans)"), "{message}");
    let (file, found) = hook.try_recv().unwrap().unwrap();
    assert!(file.ends_with("trace.rs"), "{file}");
    assert_eq!(found, line);
}

#[tokio::test]
async fn spans_of_no_invocation_have_a_root_too() {
    let invocation = invocation().await;
    let spans = invocation.trace().spans().map(|span| span.data().clone());
    let trace = Trace::from(spans.collect::<Vec<_>>());
    assert_eq!(trace.root(), invocation.trace().root());
    let children = trace.root().children().map(|span| span.data().clone());
    let orphans = Trace::from(children.collect::<Vec<_>>());
    let message = message(|| orphans.root());
    assert!(message.contains("is there 3 times"), "{message}");
    assert_eq!(json!(orphans.len()), 3);
}
