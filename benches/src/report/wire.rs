//! The size of the demo's traces in Kinesis.

use std::io::Write;

use lamplight_test_rig::spans::{Span, SpanKind, decode};

use crate::{
    bench::Bench,
    error::Result,
    functions::{Event, Function, PATIENCE, SERVING, Sink, Spans, Subject, events},
    section::{Table, least, thousands},
};

/// The unit in which Kinesis bills records, each record rounded up.
const PUT_UNIT: usize = 25 * 1024;

/// The records of a run of the demo, each preceded by its length.
const RECORDS: &str = "benches/data/demo-records.otlp";

/// The number of invocations whose spans each function sends.
const INVOCATIONS: usize = 10;

pub(crate) fn measure(bench: &Bench) -> Result<String> {
    Ok(format!("{}\n{}", of_functions(bench), of_demo(bench)?))
}

/// Compares the data that functions send for the same invocations.
fn of_functions(bench: &Bench) -> String {
    let mut table = Table::new(&[
        "",
        "spans",
        "attributes a span",
        "events a span",
        "bytes of bodies a span",
        "bytes of requests a span",
    ]);
    let mut sizes = Vec::new();
    for subject in SERVING {
        let sends = [Spans::Otlp, Spans::Kinesis].contains(&subject.spans);
        if sends && bench.options.wants_function(subject.name) {
            match sent(bench, subject) {
                Ok((row, size)) => {
                    table.row(&row);
                    sizes.push((subject.name, Some(size)));
                }
                Err(error) => table.row(&[subject.name, &error, "", "", "", ""]),
            }
        }
    }
    format!(
        "### On the wire, one invocation at a time\n\n\
         {INVOCATIONS} invocations with the event of an API Gateway HTTP API, each of which sends \
         its span before the next one: the span, the resource and the scope. Kinesis accepts \
         records as base64 in JSON, with a signature header; the others send OTLP, encoded by the \
         same `opentelemetry-proto` for all of them.\n\n\
         {}\n\
         {}\n",
        table.finish(),
        least("Fewest bytes of requests", sizes.into_iter()).trim_start()
    )
}

/// Returns a row of the table, and its last number.
fn sent(bench: &Bench, subject: &Subject) -> Result<([String; 6], f64), String> {
    let built = subject.build(bench)?;
    let sink = Sink::start();
    let function = Function::start(subject, &built, &sink, &[]);
    for _ in 0..INVOCATIONS {
        let api = &function.api;
        api.idle(PATIENCE);
        let id = api.invoke(Event::new(events::http()));
        api.answer(&id, PATIENCE);
    }
    function.api.idle(PATIENCE);
    let received = sink.received(INVOCATIONS, PATIENCE);
    let spans = received.iter().flat_map(|request| &request.spans);
    let (spans, attributes, events) = spans.fold((0, 0, 0), |(spans, attributes, events), span| {
        let events = events + span.events.len();
        (spans + 1, attributes + span.attributes.len(), events)
    });
    if spans == 0 {
        return Err("no span came".to_owned());
    }
    let a_span = |total: usize| total as f64 / f64::from(spans);
    let bodies = received.iter().map(|request| request.sizes.0).sum();
    let requests = a_span(received.iter().map(|request| request.sizes.1).sum());
    let row = [
        subject.name.to_owned(),
        spans.to_string(),
        thousands(a_span(attributes)),
        thousands(a_span(events)),
        thousands(a_span(bodies)),
        thousands(requests),
    ];
    Ok((row, requests))
}

fn of_demo(bench: &Bench) -> Result<String> {
    let recorded = std::fs::read(bench.root.join(RECORDS))?;
    let records = split(&recorded)?;
    let mut spans = 0;
    let mut invocations = 0;
    for record in &records {
        for span in decode(record)? {
            spans += 1;
            invocations += usize::from(is_invocation(&span));
        }
    }
    let mut table = Table::new(&[
        "",
        "bytes a span",
        "bytes a record",
        "largest record",
        "PUT units a million invocations",
    ]);
    let plain: Vec<usize> = records.iter().map(|record| record.len()).collect();
    let gzip = records
        .iter()
        .map(|record| gzip(record))
        .collect::<Result<Vec<_>>>()?;
    let zstd = records
        .iter()
        .map(|record| Ok(zstd::bulk::compress(record, 1)?.len()))
        .collect::<Result<Vec<_>>>()?;
    for (title, sizes) in [
        ("uncompressed", plain),
        ("gzip, level 1", gzip),
        ("zstd, level 1", zstd),
    ] {
        let total: usize = sizes.iter().sum();
        let units: usize = sizes.iter().map(|size| size.div_ceil(PUT_UNIT)).sum();
        table.row(&[
            title.to_owned(),
            format!("{:.0}", total as f64 / spans as f64),
            format!("{:.0}", total as f64 / records.len() as f64),
            thousands(sizes.iter().copied().max().unwrap_or(0) as f64),
            thousands(units as f64 / invocations as f64 * 1e6),
        ]);
    }
    Ok(format!(
        "### On the wire, a system\n\n\
         The records in the Kinesis stream of `cargo demo`: {spans} spans of {invocations} \
         invocations in {} records, each with the resource and the spans of one trace. Kinesis \
         bills each record in units of 25 KB, rounded up.\n\n\
         {}",
        records.len(),
        table.finish()
    ))
}

/// Splits a file of records, each preceded by its length as a varint.
fn split(mut recorded: &[u8]) -> Result<Vec<&[u8]>> {
    let mut records = Vec::new();
    while !recorded.is_empty() {
        let length = prost::decode_length_delimiter(&mut recorded)?;
        let (record, rest) = recorded
            .split_at_checked(length)
            .ok_or("the file of records ends early")?;
        records.push(record);
        recorded = rest;
    }
    Ok(records)
}

fn is_invocation(span: &Span) -> bool {
    let key = lamplight_semconv::faas::INVOCATION_ID;
    span.kind != SpanKind::Client && span.attributes.contains_key(key)
}

fn gzip(record: &[u8]) -> Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(record)?;
    Ok(encoder.finish()?.len())
}
