//! The decoded output equals the model's result for the decoded input.

use lamplight_relay::{
    clean::{
        Chunk, Cleaner, CleanerBuilder, DEFAULT_MAX_REQUEST, EventPolicy, KeyPattern, On,
        Oversized, Stamp, ValueSet, requests,
    },
    sampling::Threshold,
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use proptest::prelude::*;
use prost::Message as _;

use super::{
    corpus::{TRACE, payloads},
    model::{Model, encoded},
};

fn settings(model: &Model) -> CleanerBuilder {
    let mut settings = Cleaner::builder().marks(model.marks.is_some());
    if model.exceptions_only {
        settings = settings.events(EventPolicy::Exceptions);
    }
    if model.keys {
        settings = settings
            .deny(On::ALL, [KeyPattern::prefix("secret.")])
            .mask(On::ALL, [KeyPattern::regex("pass(word|phrase)").unwrap()])
            .rename(On::ALL, "old.name", "new.name")
            .rename(On::ALL, "older.name", "new.name");
    }
    if model.values {
        settings = settings
            .values(ValueSet::Emails)
            .values(ValueSet::CardNumbers);
    }
    if let Some(limit) = model.limit {
        settings = settings.max_value_bytes(limit);
    }
    if model.sample_rate {
        settings = settings.sample_rate("SampleRate");
    }
    settings
}

fn cleaned(model: &Model, payloads: &[ExportTraceServiceRequest]) -> Vec<Chunk> {
    let (probability, incomplete) = model.marks.unwrap_or((1.0, false));
    let threshold = Threshold::from_probability(probability);
    let stamp = Stamp::new(TRACE, Some(threshold))
        .rule("errors")
        .incomplete(incomplete);
    let payloads: Vec<_> = payloads.iter().map(encoded).collect();
    settings(model).build().unwrap().clean(&stamp, &payloads)
}

/// Returns the one request of chunks, decoded.
fn decoded(chunks: &[Chunk]) -> ExportTraceServiceRequest {
    let made = requests(chunks, DEFAULT_MAX_REQUEST, Oversized::Refuse);
    assert!(made.refused.is_empty() && made.requests.len() <= 1);
    let body = made.requests.first().map(|request| request.body.clone());
    ExportTraceServiceRequest::decode(body.unwrap_or_default()).unwrap()
}

fn model() -> impl Strategy<Value = Model> {
    let marks = proptest::option::of((0.001..1.0_f64, any::<bool>()));
    let limit = proptest::option::of(0..30_usize);
    (any::<[bool; 4]>(), limit, marks).prop_map(|(parts, limit, marks)| Model {
        exceptions_only: parts[0],
        keys: parts[1],
        values: parts[2],
        limit,
        marks,
        sample_rate: parts[3],
    })
}

proptest! {
    #[test]
    fn what_goes_out_means_exactly_what_is_to_be_left(payloads in payloads(), model in model()) {
        let chunks = cleaned(&model, &payloads);
        prop_assert_eq!(decoded(&chunks), model.clean(&payloads));
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(payloads in payloads(), mut model in model()) {
        model.marks = None;
        model.sample_rate = false;
        let chunks = cleaned(&model, &payloads);
        let again = settings(&model).build().unwrap().refine(&chunks);
        prop_assert_eq!(decoded(&again), decoded(&chunks));
    }

    /// A sink's own settings apply to spans after the relay's.
    #[test]
    fn a_sink_cleans_after_the_relay(payloads in payloads(), model in model()) {
        let relay = Model { exceptions_only: false, values: false, limit: None, sample_rate: false, ..model };
        let sink = Model { keys: false, marks: None, ..model };
        let chunks = settings(&sink).build().unwrap().refine(&cleaned(&relay, &payloads));
        let out = decoded(&chunks);
        let expected = sink.clean(&[relay.clean(&payloads)]);
        // For a sink, values of the marks are ordinary attributes.
        prop_assert_eq!(out, expected);
    }

    #[test]
    fn a_replay_gives_exact_copies(payloads in payloads(), model in model()) {
        prop_assert_eq!(cleaned(&model, &payloads), cleaned(&model, &payloads));
    }

    #[test]
    fn spans_that_nothing_touches_are_the_bytes_they_came_in(payloads in payloads()) {
        let model = Model {
            exceptions_only: false, keys: false, values: false, limit: None, marks: None, sample_rate: false,
        };
        let payloads: Vec<_> = payloads.iter().map(encoded).collect();
        let mut cleaner = settings(&model).build().unwrap();
        let chunks = cleaner.clean(&Stamp::new(TRACE, None), &payloads);
        let stats = cleaner.take_stats();
        prop_assert_eq!(stats.spans, stats.untouched);
        prop_assert_eq!(stats.spans, chunks.iter().map(|chunk| chunk.count as u64).sum::<u64>());
        for chunk in chunks.iter().filter(|chunk| chunk.count == 1) {
            let spans = chunk.spans.as_ptr_range();
            let shared = payloads.iter().any(|payload| {
                let payload = payload.as_ptr_range();
                payload.start <= spans.start && spans.end <= payload.end
            });
            prop_assert!(shared);
        }
    }
}
