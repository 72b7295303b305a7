//! The behavior of every store: its results equal those of a model that scans all spans.

use std::collections::{BTreeMap, BTreeSet};

use lamplight_view::{
    facts::Outcome,
    span::{Span, SpanId, SpanRef, TraceId},
    store::{Condition, Query, Side, Store, Window},
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, TestCaseError, TestRunner},
};
use prost::Message;

use super::{
    build::requests,
    map::the_map_is_drawn,
    model::{Keeps, Model},
};

pub(super) type Tested = Result<(), TestCaseError>;

/// A comparison of a store and a model with the same spans, by the same queries.
type Test = dyn Fn(&dyn Store, &Model, &[Query]) -> Tested;

/// Tests the common behavior of stores, with a number of cases for each query. `store` creates an
/// empty one.
pub(super) fn suite(keeps: Keeps, cases: u32, store: impl Fn() -> Box<dyn Store>) {
    let run = |test: &Test, distinct: bool| {
        let mut runner = TestRunner::new(Config {
            failure_persistence: None,
            // A smaller case is not worth as many tables as it takes to find it.
            max_shrink_iters: if keeps == Keeps::All { u32::MAX } else { 32 },
            ..Config::with_cases(cases)
        });
        let cases = (requests(), vec(query(), 6), vec(any::<Index>(), 99));
        let outcome = runner.run(&cases, |(mut requests, mut queries, places)| {
            if distinct {
                make_distinct(&mut requests, &places);
            }
            if keeps == Keeps::Tables {
                make_storable(&mut requests);
                // A server takes long for small pages: it gets fewer and larger ones.
                queries.truncate(3);
                for query in &mut queries {
                    query.limit *= 4;
                }
            }
            let store = store();
            let model = fill(&*store, keeps, &requests)?;
            test(&*store, &model, &queries)
        });
        outcome.unwrap();
    };
    run(&spans_are_found, false);
    run(&functions_are_counted, false);
    run(&invocations_are_found, false);
    run(&traces_are_found, false);
    run(&differences_are_told, false);
    run(&the_map_is_drawn, true);
}

/// Adds requests to a store and a model, and compares the results.
fn fill(
    store: &dyn Store,
    keeps: Keeps,
    requests: &[ExportTraceServiceRequest],
) -> Result<Model, TestCaseError> {
    let mut model = Model::new(keeps);
    for request in requests {
        let before = (model.spans.len() as u64, model.again);
        let revision = store.state().unwrap().revision;
        model.add(request);
        let added = store.add(&request.encode_to_vec()).unwrap();
        let after = (model.spans.len() as u64, model.again);
        // The server does not report that it has a block already.
        if keeps == Keeps::All || after != before {
            prop_assert_eq!(
                (added.new, added.again),
                (after.0 - before.0, after.1 - before.1)
            );
        }
        prop_assert_eq!(added.refused, 0);
        let is_changed = store.state().unwrap().revision != revision;
        prop_assert_eq!(is_changed, before != after);
    }
    let state = store.state().unwrap();
    let starts = || model.spans.iter().map(|span| span.start);
    prop_assert_eq!(state.spans, model.spans.len() as u64);
    prop_assert_eq!(state.traces, model.trace_ids().len() as u64);
    // Zero for tables, and in the model too.
    prop_assert_eq!(state.bytes, model.bytes as u64);
    prop_assert_eq!(state.again, model.again);
    prop_assert_eq!(
        (state.oldest, state.newest),
        (starts().min(), starts().max())
    );
    Ok(model)
}

/// Replaces times that the tables cannot hold.
fn make_storable(requests: &mut [ExportTraceServiceRequest]) {
    let spans = (requests.iter_mut())
        .flat_map(|it| &mut it.resource_spans)
        .flat_map(|it| &mut it.scope_spans)
        .flat_map(|it| &mut it.spans);
    for span in spans {
        // Seconds have 32 bits there.
        if span.start_time_unix_nano >= 1 << 62 {
            let length = (span.end_time_unix_nano).wrapping_sub(span.start_time_unix_nano);
            span.start_time_unix_nano %= 1 << 20;
            span.end_time_unix_nano = span.start_time_unix_nano.wrapping_add(length);
        }
    }
}

/// Gives every span a unique id, and as its parent any other one or none.
fn make_distinct(requests: &mut [ExportTraceServiceRequest], places: &[Index]) {
    let spans = (requests.iter_mut())
        .flat_map(|it| &mut it.resource_spans)
        .flat_map(|it| &mut it.scope_spans)
        .flat_map(|it| &mut it.spans);
    for (place, span) in spans.enumerate() {
        let parent = places[place % places.len()].index(place + 2) as u64;
        let is_root = parent > place as u64;
        span.trace_id = vec![1; 16];
        span.span_id = (place as u64 + 1).to_be_bytes().to_vec();
        span.parent_span_id = if is_root {
            Vec::new()
        } else {
            parent.to_be_bytes().to_vec()
        };
    }
}

/// Returns spans in a canonical order, for comparison.
fn sorted<'a>(spans: impl IntoIterator<Item = &'a Span>) -> Vec<String> {
    let mut spans: Vec<_> = spans.into_iter().map(|span| format!("{span:?}")).collect();
    spans.sort_unstable();
    spans
}

/// Returns spans in a canonical order, without copies, which are counted.
fn distinct<'a>(spans: impl IntoIterator<Item = &'a Span>) -> Vec<String> {
    let mut distinct = Vec::<Span>::new();
    for span in spans {
        let is_same = |it: &&mut Span| {
            let mut one = (**it).clone();
            one.times = span.times;
            one == *span
        };
        match distinct.iter_mut().find(is_same) {
            Some(there) => there.times += span.times,
            None => distinct.push(span.clone()),
        }
    }
    sorted(&distinct)
}

fn spans_are_found(store: &dyn Store, model: &Model, _: &[Query]) -> Tested {
    for id in (0..6).map(|number| TraceId([number; 16])) {
        let around = store.around(id).unwrap();
        let own = || model.spans.iter().filter(|span| span.trace_id == id);
        prop_assert_eq!(sorted(&around.spans), distinct(own()));
        prop_assert_eq!(sorted(&around.related), distinct(model.related(id)));
        prop_assert_eq!((around.left_out, around.lacks_related), (0, false));
        let meant = model.flushes(id);
        for (span, flush) in &around.flushes {
            let is_meant = |(id, all): &&(_, Vec<_>)| id == span && all.contains(&Some(*flush));
            prop_assert!(meant.iter().any(|it| is_meant(&it)));
        }
        let flushes: BTreeSet<_> = around.flushes.iter().map(|(id, _)| *id).collect();
        for (id, all) in meant {
            prop_assert!(all.contains(&None) || flushes.contains(&id));
        }
        for span in (0..6).map(|number| SpanId([number; 8])) {
            let id = SpanRef { trace: id, span };
            let found = store.span(id).unwrap();
            prop_assert_eq!(sorted(&found), distinct(own().filter(|it| it.id() == id)));
        }
    }
    for id in ["m1", "m2", "m3"] {
        let of_message =
            |span: &&Span| lamplight_view::facts::Facts::of(span).message_id == Some(id);
        let found = store.message(id).unwrap();
        prop_assert_eq!(
            sorted(&found),
            distinct(model.spans.iter().filter(of_message))
        );
    }
    Ok(())
}

fn functions_are_counted(store: &dyn Store, model: &Model, queries: &[Query]) -> Tested {
    for window in queries.iter().map(|query| query.window) {
        let found = store.functions(window).unwrap();
        prop_assert!(found.iter().map(|it| it.last).rev().is_sorted());
        let mut rows = Vec::new();
        for it in &found {
            let series = it.series.iter();
            let sums = series.fold((0, 0), |sums, it| {
                (sums.0 + it.invocations, sums.1 + it.errors)
            });
            prop_assert_eq!(sums, (it.invocations, it.errors));
            prop_assert_eq!(it.series.len(), found[0].series.len());
            rows.push((
                it.name.clone(),
                [
                    it.invocations,
                    it.errors,
                    it.timeouts,
                    it.cold_starts,
                    it.p50,
                    it.p95,
                    it.p99,
                ],
                [it.init_ms, it.flush_ms],
                it.memory,
                it.versions.iter().cloned().collect::<BTreeSet<_>>(),
                it.last,
            ));
        }
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        prop_assert_eq!(rows, model.functions(window));
    }
    Ok(())
}

fn invocations_are_found(store: &dyn Store, model: &Model, queries: &[Query]) -> Tested {
    for query in queries {
        let mut all = query.clone();
        all.limit = 1000;
        let page = store.invocations(&all).unwrap();
        prop_assert!(!page.more);
        prop_assert!(page.rows.iter().map(|row| row.start).rev().is_sorted());
        let mut rows: Vec<_> = page.rows.iter().collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.start), row.id));
        let found: Vec<_> = rows.iter().map(|row| (row.id, row.start)).collect();
        let meant = model.invocations(query);
        let meant_ids: Vec<_> = meant.iter().map(|span| (span.id(), span.start)).collect();
        prop_assert_eq!(found, meant_ids);
        for row in &page.rows {
            let facts = |span: &&&Span| {
                let facts = lamplight_view::facts::Facts::of(span);
                span.id() == row.id
                    && (facts.function, facts.version) == (&row.function, row.version.as_deref())
                    && (facts.outcome, facts.cold) == (row.outcome, row.cold)
                    && (facts.trigger, facts.error_type)
                        == (row.trigger.as_deref(), row.error_type.as_deref())
                    && (facts.message_count, facts.failed_count) == (row.records, row.failed)
                    && (span.duration(), &span.name) == (row.duration, &row.name)
            };
            prop_assert!(meant.iter().any(|span| facts(&span)), "{:?}", row);
        }
        // Over all pages each of them occurs once, in the same order.
        let (mut paged, mut query) = (Vec::new(), query.clone());
        loop {
            let page = store.invocations(&query).unwrap();
            prop_assert!(page.rows.len() <= query.limit);
            query = query.next_page(&page);
            let more = page.more;
            paged.extend(page.rows);
            if !more {
                break;
            }
        }
        prop_assert_eq!(paged, page.rows);
    }
    Ok(())
}

fn traces_are_found(store: &dyn Store, model: &Model, queries: &[Query]) -> Tested {
    for query in queries {
        let mut all = query.clone();
        all.limit = 1000;
        let rows = store.traces(&all).unwrap();
        prop_assert!(rows.iter().map(|row| row.start).rev().is_sorted());
        let mut found = BTreeMap::new();
        for row in &rows {
            prop_assert_eq!(row.functions.first(), Some(&row.function));
            let of_trace = || model.spans.iter().filter(|span| span.trace_id == row.id);
            let is_first = |span: &Span| span.start == row.start && span.name == row.name;
            prop_assert!(of_trace().any(is_first));
            let functions: BTreeSet<_> = row.functions.iter().cloned().collect();
            prop_assert_eq!(functions.len(), row.functions.len());
            let words = (row.id, row.start, row.end, row.spans, row.errors, functions);
            found.insert(row.id, words);
        }
        prop_assert_eq!(found.len(), rows.len());
        prop_assert_eq!(found, model.traces(query));
        let (mut paged, mut query) = (Vec::new(), query.clone());
        loop {
            let page = store.traces(&query).unwrap();
            prop_assert!(page.len() <= query.limit);
            if page.is_empty() {
                break;
            }
            query = query.next_page_of_traces(&page);
            paged.extend(page);
        }
        prop_assert_eq!(paged, rows);
    }
    Ok(())
}

fn differences_are_told(store: &dyn Store, model: &Model, queries: &[Query]) -> Tested {
    for query in queries {
        for side in [Side::Failed, Side::Slow] {
            let told = store.differences(query, side).unwrap();
            let shares = told.iter().map(|it| {
                let share = |part: u64, of: u64| part as f64 / of as f64;
                share(it.inside, it.inside_of) - share(it.outside, it.outside_of)
            });
            prop_assert!(shares.rev().is_sorted_by(|a, b| a <= b));
            let told = told.into_iter();
            let told = told.map(|it| ((it.key, it.value), (it.inside, it.outside)));
            prop_assert_eq!(
                told.collect::<BTreeMap<_, _>>(),
                model.differences(query, side)
            );
        }
    }
    Ok(())
}

/// Any query: each filter is optional.
fn query() -> impl Strategy<Value = Query> {
    let maybe = |likely: bool| if likely { 0.3 } else { 0.1 };
    let which = (
        proptest::option::weighted(maybe(true), select(vec!["a", "bb", "ccc", "none"])),
        proptest::option::weighted(
            maybe(true),
            select(vec![Outcome::Ok, Outcome::Error, Outcome::Timeout]),
        ),
        proptest::option::weighted(maybe(true), select(vec!["http", "pubsub"])),
        proptest::option::weighted(maybe(false), any::<bool>()),
    );
    let length = (
        proptest::option::weighted(maybe(false), 0..9_u64),
        proptest::option::weighted(maybe(false), 0..9_u64),
    );
    let before = proptest::option::weighted(maybe(false), 1_000_000..1_000_012_u64);
    let conditions = vec(condition(), 0..3);
    (window(), which, length, before, conditions, 1..4_usize).prop_map(
        |(window, which, length, before, conditions, limit)| {
            let mut query = Query::default();
            query.window = window;
            query.function = which.0.map(str::to_owned);
            query.outcome = which.1;
            query.trigger = which.2.map(str::to_owned);
            query.cold = which.3;
            query.at_least = length.0;
            query.at_most = length.1;
            query.before = before;
            query.conditions = conditions;
            query.limit = limit;
            query
        },
    )
}

fn window() -> impl Strategy<Value = Window> {
    let time = || proptest::option::of(999_999..1_000_014_u64);
    (time(), time()).prop_map(|(from, to)| Window { from, to })
}

fn condition() -> impl Strategy<Value = Condition> {
    let texts = [
        "faas.trigger=http",
        "faas.trigger!=http",
        "faas.name!=bb",
        "faas.coldstart!=true",
        "app.number!=5",
        "app.text!=5",
        "app.text=5",
        "app.number=5",
        "app.number=2.5",
        "app.number>5",
        "app.number<0",
        "messaging.batch.message_count>20",
        "faas.name=bb",
        "faas.coldstart=true",
        "exception.message=\"Lamps only\"",
        "\"no light\"",
        "ORDERS",
        "\"out é\"",
        "\"out É\"",
        "é",
        "2.5",
        "nowhere",
        "app.none=1",
        "app.none!=1",
        "app.none>1",
        "\"\"",
    ];
    let all: Vec<_> = (texts.iter())
        .flat_map(|text| Condition::parse_all(text).unwrap())
        .collect();
    select(all)
}
