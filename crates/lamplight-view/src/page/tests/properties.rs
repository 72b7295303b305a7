//! Properties of all pages and addresses.

use std::collections::BTreeSet;

use proptest::{collection::vec, option, prelude::*};

use super::{fake::everywhere, shape::shape, *};
use crate::{
    facts::Outcome,
    page::{Addresses, Scale},
    span::{SpanId, SpanRef, TraceId},
    store::Condition,
};

fn window() -> impl Strategy<Value = Window> {
    (any::<Option<u64>>(), any::<Option<u64>>()).prop_map(|(from, to)| Window { from, to })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~é\u{2028}]{1,12}", "[&?=#+%/;]{1,4}", "\\PC{1,8}"]
}

fn condition() -> impl Strategy<Value = Condition> {
    let number = -1e9..1e9;
    prop_oneof![
        (text(), text()).prop_map(|(key, value)| Condition::Equal(key, value)),
        (text(), number).prop_map(|(key, number)| Condition::Greater(key, number)),
        text().prop_map(Condition::Text),
    ]
}

fn any_query() -> impl Strategy<Value = Query> {
    let outcome = prop_oneof![
        Just(Outcome::Ok),
        Just(Outcome::Error),
        Just(Outcome::Timeout)
    ];
    let texts = (
        option::of(text()),
        option::of(text()),
        vec(condition(), 0..3),
    );
    let durations = any::<(Option<u64>, Option<u64>)>();
    let rest = any::<(Option<bool>, Option<u64>, usize)>();
    (
        window(),
        option::of(outcome),
        texts,
        durations,
        rest,
        0..=1000_usize,
    )
        .prop_map(
            |(window, outcome, (function, trigger, conditions), durations, rest, limit)| Query {
                window,
                function,
                outcome,
                trigger,
                conditions,
                at_least: durations.0,
                at_most: durations.1,
                cold: rest.0,
                before: rest.1,
                skip: rest.2,
                limit,
            },
        )
}

fn span() -> impl Strategy<Value = SpanRef> {
    any::<([u8; 16], [u8; 8])>().prop_map(|(trace, span)| SpanRef {
        trace: TraceId(trace),
        span: SpanId(span),
    })
}

fn view() -> impl Strategy<Value = View> {
    let side = prop_oneof![Just(Side::Failed), Just(Side::Slow)];
    let scale = prop_oneof![Just(Scale::True), Just(Scale::Compressed)];
    prop_oneof![
        window().prop_map(View::Functions),
        window().prop_map(View::Map),
        any_query().prop_map(View::Invocations),
        any_query().prop_map(View::Traces),
        (any_query(), side).prop_map(|(query, side)| View::Differences { query, side }),
        (span(), any::<(bool, bool)>(), scale).prop_map(|(span, (one, critical), scale)| {
            View::Trace {
                id: span.trace,
                span: one.then_some(span.span),
                scale,
                critical,
            }
        }),
        span().prop_map(View::Invocation),
        text().prop_map(View::Message),
    ]
}

proptest! {
    #[test]
    fn a_view_is_read_from_its_address(view in view()) {
        let address = view.address(Addresses::Paths);
        prop_assert!(address.is_ascii());
        let (path, query) = address.split_once('?').unwrap_or((&address, ""));
        prop_assert_eq!(View::parse(path, query), Ok(view));
    }

    #[test]
    fn any_address_is_a_view_or_an_error_with_a_text(path in "/[a-z0-9/]{0,40}", query in "\\PC{0,40}") {
        if let Err(error) = View::parse(&path, &query) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn an_id_in_a_file_needs_no_escape(view in view()) {
        let address = view.address(Addresses::Fragments);
        prop_assert!(address.bytes().skip(1).all(|it| it.is_ascii_alphanumeric() || b"-_.~/:".contains(&it)));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_stands_in_a_field_is_text(text in "[ -~]{0,3}[<>\"'&/=a-c \u{0}é]{0,24}") {
        let all = |text: &str| -> BTreeSet<String> {
            let store = everywhere(text);
            let query = Query {
                function: Some(text.to_owned()),
                trigger: Some(text.to_owned()),
                conditions: vec![Condition::Equal("a".to_owned(), text.to_owned())],
                ..Query::default()
            };
            let views = [
                View::Functions(Window::default()),
                View::Invocations(query.clone()),
                View::Traces(query),
                View::Map(Window::default()),
                differences(Side::Failed),
            ];
            views.iter().flat_map(|view| shape(&page(&store, view).html)).collect()
        };
        // A name with a break has two lines on the map.
        let usual = all("a usual-name-of-some-length");
        let names = all(&text);
        prop_assert!(names.is_subset(&usual), "{:?}", names.difference(&usual).collect::<Vec<_>>());
    }
}
