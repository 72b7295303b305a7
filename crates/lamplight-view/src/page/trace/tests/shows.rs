//! Content that a user finds on a page.

use lamplight_semconv::{descriptions, faas, lamplight};
use maud::Markup;

use super::support::{at, flushed, id, journey, long, span, text};
use crate::{
    journey::Journey,
    page::{
        Addresses, Scale,
        trace::{self as pages, TraceOptions},
    },
    span::{SpanId, Value},
};

fn shown(journey: &Journey, selected: Option<SpanId>) -> String {
    let options = TraceOptions {
        selected,
        ..TraceOptions::new(Addresses::Paths)
    };
    pages::trace(journey, &options).into_string()
}

/// Text without tags.
fn words(page: &Markup) -> String {
    let mut text = String::new();
    for part in page.0.split('<').skip(1) {
        text.push(' ');
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn trace_words(options: &TraceOptions) -> String {
    words(&pages::trace(&journey(long()), options))
}

#[test]
fn time_in_a_queue_is_named_and_said_to_be_drawn_shorter() {
    let options = TraceOptions::new(Addresses::Paths);
    let words = trace_words(&options);
    assert!(words.contains("1 h 3 min in SQS orders-queue"), "{words}");
    assert!(words.contains(
        "Compressed: 1 h 4 min in 3 gaps drawn as 36 % of the width ; press s for true scale"
    ));
    let truly = TraceOptions {
        scale: Scale::True,
        ..options
    };
    let words = trace_words(&truly);
    assert!(words.contains("1 h 3 min in SQS orders-queue") && !words.contains("Compressed"));
}

#[test]
fn the_true_scale_and_the_critical_path_are_a_link_away() {
    let page = shown(&journey(long()), Some(id(4)));
    let trace = "/trace/01010101010101010101010101010101";
    assert!(page.contains(&format!(
        "{trace}?scale=true&amp;span=0000000000000004\" data-press=\"s\""
    )));
    assert!(page.contains(&format!(
        "{trace}?critical=true&amp;span=0000000000000004\" data-press=\"c\""
    )));
}

#[test]
fn a_file_has_both_scales_and_the_details_of_every_span_without_scripts() {
    let page = pages::trace(&journey(long()), &TraceOptions::new(Addresses::Fragments));
    for class in ["t-bar t-short", "t-bar t-true", "t-grid t-true"] {
        assert!(page.0.contains(class), "{class}");
    }
    assert_eq!(page.0.matches("class=\"t-panel\"").count(), 11);
    assert!(!page.0.contains("href=\"/"));
}

#[test]
fn details_for_which_a_file_has_no_room_are_said_to_be_left_out() {
    let options = TraceOptions {
        details: 9_000,
        ..TraceOptions::new(Addresses::Fragments)
    };
    let page = pages::trace(&journey(long()), &options).into_string();
    assert_eq!(
        page.matches("<details>").count() - page.matches("t-long").count(),
        11
    );
    assert!(page.contains("The details did not fit into this file"));
    assert!(page.contains("class=\"t-panel\" aria-label=\"Span POST /orders\""));
}

#[test]
fn a_record_leads_to_its_invocation_and_to_the_other_deliveries() {
    let page = shown(&journey(long()), None);
    let batch = format!("/invocation/{}/{}", at(2, 40).trace, at(2, 40).span);
    assert!(page.contains(&format!("href=\"{batch}\"")));
    let words = trace_words(&TraceOptions::new(Addresses::Paths));
    assert!(words.contains("1st of 10 in this invocation"), "{words}");
    assert!(words.contains("attempt 1 of 2") && words.contains("attempt 2 of 2"));
    assert!(words.contains("process orders-dlq refunds moved from orders-queue"));
    assert!(page.contains("href=\"/message?id=m-1\""));
    let once = journey(long().into_iter().filter(|made| made.0.span_id.0[7] < 6));
    let page = pages::trace(&once, &TraceOptions::new(Addresses::Paths));
    assert!(self::words(&page).contains("attempt 1, none after it"));
}

#[test]
fn links_lead_both_ways() {
    let page = shown(&journey(long()), Some(id(4)));
    let there = at(2, 40);
    assert!(page.contains(&format!(
        "<a href=\"/trace/{}?span={}",
        there.trace, there.span
    )));
    let caller = span("a", 1, None, "caller").time(0, 9);
    let other = span("b", 2, None, "follower").time(3, 5).link(at(1, 1));
    let page = shown(&journey([caller, other]), Some(id(1)));
    assert!(
        page.contains(
            "from </span><a href=\"/trace/01010101010101010101010101010101?span=0000000000000002"
        ),
        "{page}"
    );
}

#[test]
fn keys_are_explained_where_the_conventions_have_them() {
    let made = span("f", 1, None, "work").time(0, 5).with(&[
        (faas::TRIGGER, text("http")),
        ("com.acme.basket", Value::Int(3)),
        ("http.request.header.accept", text("*/*")),
        (lamplight::queue::LATENCY_MS, Value::Double(3_200.0)),
    ]);
    let page = shown(&journey([made]), Some(id(1)));
    let brief = descriptions::of(faas::TRIGGER).unwrap();
    assert!(page.contains(&format!("title=\"{brief}\">{}<", faas::TRIGGER)));
    assert!(page.contains("<dt>com.acme.basket</dt>"));
    let header = descriptions::of("http.request.header.accept").unwrap();
    let header = maud::html! { (header) }.into_string();
    assert!(page.contains(&format!("title=\"{header}\">http.request.header.accept<")));
    assert!(page.contains("3200</span> <span class=\"t-dim\">3.2 s</span>"));
}

#[test]
fn a_huge_value_is_cut_and_its_size_said() {
    let huge = "x".repeat(1_000_000);
    let made = span("f", 1, None, "work").time(0, 5).with(&[
        ("a.huge", text(&huge)),
        ("a.list", Value::Array(vec![text(&huge), text(&huge)])),
    ]);
    let page = pages::trace(
        &journey([made]),
        &TraceOptions {
            selected: Some(id(1)),
            ..TraceOptions::new(Addresses::Paths)
        },
    );
    assert!(page.0.len() < 160_000, "{}", page.0.len());
    let words = words(&page);
    assert!(
        words.contains("show all 1,000,000 bytes") && words.contains("65,536 of 1,000,000 bytes")
    );
    assert!(words.contains("65,536 of 2,000,004 bytes"));
}

#[test]
fn an_exception_has_its_stack_trace_as_it_was_written() {
    let page = shown(&journey(long()), Some(id(4)));
    assert!(page.contains(
        "<pre class=\"t-stack-trace\">CardDeclined: The card ending in 4242 was declined: &lt;insufficient funds&gt;\n   at stock::take"
    ));
}

#[test]
fn an_invocation_has_its_calls_with_attempts_and_request_ids() {
    let page = pages::invocation(
        &journey(long()),
        at(1, 1),
        &TraceOptions::new(Addresses::Paths),
    );
    let words = words(&page);
    assert!(
        words.contains("PutItem orders +243 ms 60 ms 1 8ZK2Q7CVB2"),
        "{words}"
    );
    assert!(words.contains("send orders-queue orders-queue +333 ms 240 ms 3 8ZK2Q7CVB2"));
    assert!(!words.contains("payments.example"), "another invocation's");
    assert!(words.contains("Flush before it 8.5 ms"));
}

#[test]
fn a_message_is_told_attempt_by_attempt_until_it_is_moved_or_lost_sight_of() {
    let whole = journey(long());
    let options = TraceOptions::new(Addresses::Paths);
    let told = words(&pages::message("m-1", &whole.attempts, &options));
    for part in [
        "Attempt 1 failed",
        "29.8 s later",
        "Attempt 2 timed out",
        "moved to SQS orders-dlq, 59 s later",
        "Attempt 1 ok",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let open = journey(
        long()
            .into_iter()
            .filter(|made| made.0.span_id != id(8) && made.0.span_id != id(4)),
    );
    let told = words(&pages::message("m-1", &open.attempts, &options));
    assert!(
        told.contains("one earlier attempt was not recorded"),
        "{told}"
    );
    assert!(
        told.contains(
            "No later attempt was recorded: the message was dead-lettered, will be redelivered, or its delivery was not recorded."
        )
    );
    let none = words(&pages::message("gone", &[], &options));
    assert!(none.contains("No delivery of this message was recorded"));
}

#[test]
fn what_is_folded_is_one_link_away() {
    let spans = (1..400).map(|number| {
        let parent = (number > 1).then_some(1);
        span("f", number, parent, &format!("step {number}")).time(number, 500)
    });
    let journey = journey(spans);
    let page = |selected| {
        let options = TraceOptions {
            limit: 40,
            selected,
            ..TraceOptions::new(Addresses::Paths)
        };
        pages::trace(&journey, &options).into_string()
    };
    let first = page(None);
    assert!(first.contains("359 more spans below"));
    let hidden = id(41);
    assert!(!first.contains("step 41<") && first.contains(&format!("?span={hidden}#")));
    let second = page(Some(hidden));
    assert!(second.contains("step 41<") && second.contains("step 45<"));
}

#[test]
fn a_flush_is_drawn_behind_its_invocation_and_lengthens_nothing() {
    let journey = flushed();
    let node = &journey.nodes[0];
    assert_eq!(node.flush, Some(8_500_000));
    assert_eq!(journey.end, node.end);
    let page = pages::trace(&journey, &TraceOptions::new(Addresses::Paths));
    let told = words(&page);
    // 12 ms of initialization and 40 ms of work, on an axis of 60.5 ms.
    assert!(told.contains("Duration 52 ms"), "{told}");
    assert!(told.contains("flush 8.5 ms, after the response"), "{told}");
    assert!(page.0.contains("x1=\"85.95%\" x2=\"100%\""), "{}", page.0);
    let page = pages::invocation(&journey, at(1, 1), &TraceOptions::new(Addresses::Paths));
    assert!(words(&page).contains("Flush after it 8.5 ms"));
    assert!(page.0.contains("x1=\"85.95%\" x2=\"100%\""), "{}", page.0);
}

#[test]
fn spans_that_the_store_left_out_are_counted() {
    let mut journey = journey([span("a", 1, None, "work").time(0, 9)]);
    journey.left_out = 950_000;
    journey.lacks_related = true;
    let told = words(&pages::trace(
        &journey,
        &TraceOptions::new(Addresses::Paths),
    ));
    assert!(told.contains("Spans 1 and 950,000 more in the store"));
    assert!(
        told.contains("950,000 more spans are in the store"),
        "{told}"
    );
    assert!(
        told.contains("more related spans of other traces are in the store"),
        "{told}"
    );
}
