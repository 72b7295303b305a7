//! Requests that are too large, as a whole or in part.

use std::collections::BTreeSet;

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message as _;

use super::{rig::too_large, *};

/// open-telemetry/opentelemetry-collector#12219.
#[tokio::test(start_paused = true)]
async fn requests_are_split_by_bytes_between_traces_and_within_them() {
    let settings = SinkSettings {
        max_request_bytes: 1_000,
        ..SinkSettings::default()
    };
    let rig = Rig::with(Scripted::accepting(), settings);
    let names: Vec<_> = (0..100).map(|number| format!("span-{number:04}")).collect();
    let of_all: Vec<_> = names.iter().map(String::as_str).collect();
    // One trace that is larger than a request, between small ones.
    rig.queue.push(rig::parcel(1, &of_all[..2])).await;
    rig.queue.push(rig::parcel(2, &of_all[2..98])).await;
    rig.queue.push(rig::parcel(3, &of_all[98..])).await;
    rig.queue.flush().await;
    let requests = rig.sink.requests();
    assert!(requests.len() > 1 && requests.iter().all(|request| request.len() <= 1_000));
    assert_eq!(rig.sink.spans().concat(), names, "all, in order");
    let items: usize = requests.iter().map(|request| request.items).sum();
    assert_eq!(items, 100);
    assert_eq!(rig.queue.stats().delivered, 100);
    assert_eq!(rig.queue.stats().queued_bytes, 0);
}

#[tokio::test(start_paused = true)]
async fn no_request_has_more_items_than_the_settings_allow() {
    let settings = SinkSettings {
        max_request_items: 10,
        linger: Duration::from_secs(3600),
        ..SinkSettings::default()
    };
    let rig = Rig::with(Scripted::accepting(), settings);
    let names: Vec<_> = (0..64).map(|number| format!("{number:02}")).collect();
    let of_all: Vec<_> = names.iter().map(String::as_str).collect();
    // Small traces, one that is larger than a request, and small ones again: enough not to linger.
    for trace in of_all[..12].chunks(3) {
        rig.queue.push(rig::parcel(1, trace)).await;
    }
    rig.queue.push(rig::parcel(2, &of_all[12..49])).await;
    for trace in of_all[49..].chunks(5) {
        rig.queue.push(rig::parcel(3, trace)).await;
    }
    while rig.queue.stats().delivered < 59 {
        rig.queue.room().await;
    }
    let sizes: Vec<_> = rig.sink.requests().iter().map(|it| it.items).collect();
    assert!(sizes.iter().all(|size| *size <= 10), "{sizes:?}");
    assert_eq!(sizes[0], 9, "traces stay together where they fit");
    assert!(rig.sink.requests().len() < 20, "{sizes:?}");
    rig.queue.flush().await;
    assert_eq!(rig.sink.spans().concat(), names, "all, in order");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_too_large_is_sent_in_halves() {
    let rig = Rig::critical(Scripted::judging(|request| match request.items {
        0..=3 => rig::accepted(),
        _ => too_large(),
    }));
    let (tickets, mut settlements) = tickets();
    let ticket = tickets.issue([1]);
    let parcel = rig::parcel(1, &["0", "1", "2", "3", "4", "5", "6"]);
    rig.queue.push(parcel.with_ticket(ticket)).await;
    for number in ["7", "8", "9"] {
        rig.queue.push(rig::parcel(2, &[number])).await;
    }
    rig.queue.flush().await;
    let taken: Vec<_> = rig
        .sink
        .spans()
        .into_iter()
        .filter(|spans| spans.len() <= 3)
        .collect();
    assert_eq!(taken.concat().join(""), "0123456789");
    assert_eq!(settlements.try_next(), Some(1), "once all of its parts are");
    assert_eq!(settlements.try_next(), None);
    let stats = rig.queue.stats();
    assert_eq!((stats.delivered, stats.dead_lettered), (10, 0));
    assert!(stats.split > 0 && stats.retried == 0);
}

/// open-telemetry/opentelemetry-collector#14264: one span among 4553.
#[tokio::test(start_paused = true)]
async fn one_span_that_is_too_large_takes_no_neighbour_down() {
    let rig = Rig::critical(Scripted::judging(|request| {
        match rig::names(&request.message())
            .iter()
            .any(|name| name == "big")
        {
            true => too_large(),
            false => rig::accepted(),
        }
    }));
    let mut names = vec!["small"; 4_553];
    names[1_234] = "big";
    let (tickets, mut settlements) = tickets();
    rig.queue
        .push(rig::parcel(1, &names).with_ticket(tickets.issue([1])))
        .await;
    rig.queue.flush().await;
    let stats = rig.queue.stats();
    assert_eq!((stats.delivered, stats.dead_lettered), (4_552, 1));
    assert_eq!(rig::names(&rig.letters.all()[0].data), ["big"]);
    assert_eq!(settlements.try_next(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn of_a_request_by_trace_only_those_that_were_left_are_sent_again() {
    let left = Outcome::Incomplete {
        left: vec![1],
        why: "throughput".to_owned(),
    };
    let rig = Rig::critical(Scripted::new([rig::Answer::Now(left)]).by_trace());
    let (tickets, mut settlements) = tickets();
    for number in 0..3 {
        let parcel = rig::parcel(number, &[&*format!("s{number}")]);
        rig.queue
            .push(parcel.with_ticket(tickets.issue([number])))
            .await;
    }
    rig.queue.flush().await;
    assert_eq!(rig.sink.spans(), [vec!["s0", "s1", "s2"], vec!["s1"]]);
    let settled: BTreeSet<_> = std::iter::from_fn(|| settlements.try_next()).collect();
    assert_eq!(settled, BTreeSet::from([0, 1, 2]));
    assert_eq!(rig.queue.stats().delivered, 3);
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_was_met_is_remembered_and_now_and_then_tried_again() {
    const LIMIT: usize = 600 << 10;
    let rig = Rig::critical(Scripted::judging(|request| match request.len() {
        0..LIMIT => rig::accepted(),
        _ => too_large(),
    }));
    let name = "x".repeat(50 << 10);
    let most = 60;
    for _ in 0..4 {
        for number in 0..most {
            rig.queue.push(rig::parcel(number, &[&name])).await;
        }
        rig.queue.flush().await;
    }
    let stats = rig.queue.stats();
    assert_eq!((stats.delivered, stats.dead_lettered), (4 * most, 0));
    let too_large = rig
        .sink
        .requests()
        .iter()
        .filter(|request| request.len() >= LIMIT)
        .count();
    assert!((3..=6).contains(&too_large), "{too_large}");
}

/// A parcel of one span with a long attribute and a short one.
fn long(length: usize) -> Parcel {
    let attribute = |key: &str, text: String| KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(Value::StringValue(text)),
        }),
        ..KeyValue::default()
    };
    let span = Span {
        attributes: vec![
            attribute("long", "x".repeat(length)),
            attribute("short", "y".to_owned()),
        ],
        ..Span::default()
    };
    let mut chunk = rig::chunk("shop", &[""]);
    let mut spans = vec![0x12];
    span.encode_length_delimited(&mut spans).unwrap();
    chunk.spans = spans.into();
    Parcel::new(rig::trace_id(1), Content::Traces(vec![chunk]))
}

/// The texts of the attributes of a message.
fn texts(message: &[u8]) -> Vec<String> {
    let request = ExportTraceServiceRequest::decode(message).unwrap();
    let span = &request.resource_spans[0].scope_spans[0].spans[0];
    let texts = span.attributes.iter().map(|pair| match &pair.value {
        Some(AnyValue {
            value: Some(Value::StringValue(text)),
        }) => text.clone(),
        other => panic!("{other:?}"),
    });
    texts.collect()
}

#[tokio::test(start_paused = true)]
async fn a_lone_span_that_is_too_large_is_cut_down_until_it_is_taken() {
    let rig = Rig::critical(Scripted::judging(|request| match request.len() {
        0..20_000 => rig::accepted(),
        _ => too_large(),
    }));
    let (tickets, mut settlements) = tickets();
    rig.queue
        .push(long(300_000).with_ticket(tickets.issue([1])))
        .await;
    rig.queue.flush().await;
    let stats = rig.queue.stats();
    assert_eq!((stats.delivered, stats.dead_lettered), (1, 0));
    assert_eq!((stats.cut_down, stats.queued_bytes), (1, 0));
    assert_eq!(settlements.try_next(), Some(1));
    let texts = texts(&rig.sink.requests().last().unwrap().message());
    assert!(texts[0].len() > 10_000 && texts[0].bytes().all(|byte| byte == b'x'));
    assert_eq!(texts[1], "y");
}

#[tokio::test(start_paused = true)]
async fn a_span_that_is_too_large_for_ever_is_a_dead_letter_as_it_was() {
    let rig = Rig::critical(Scripted::judging(|_| too_large()));
    rig.queue.push(long(300_000)).await;
    rig.queue.flush().await;
    let stats = rig.queue.stats();
    assert_eq!((stats.dead_lettered, stats.cut_down), (1, 0));
    assert!(rig.sink.requests().len() < 10);
    let letters = rig.letters.all();
    assert_eq!(texts(&letters[0].data)[0].len(), 300_000);
}
