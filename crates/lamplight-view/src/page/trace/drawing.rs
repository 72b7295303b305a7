//! What everything on a page is drawn from.

use std::cell::Cell;

use super::{
    options::TraceOptions,
    survey::{Survey, init_start},
};
use crate::{
    facts::Facts,
    journey::{Journey, Node, names},
    page::{Scale, time::Axis},
    span::SpanRef,
};

/// A journey while it is drawn.
pub(super) struct Drawing<'a> {
    pub(super) journey: &'a Journey,
    pub(super) options: &'a TraceOptions,
    pub(super) survey: Survey<'a>,
    /// Each with the class of what is drawn on it: a file has both scales.
    pub(super) axes: Vec<(Axis, &'static str)>,
    /// Bytes that a file may still have of details.
    pub(super) room: Cell<usize>,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(journey: &'a Journey, options: &'a TraceOptions) -> Self {
        let survey = Survey::of(journey);
        let linear = Axis::linear(survey.begin, survey.reach);
        let compressed = Axis::compressed(survey.begin, survey.reach, &survey.idle);
        let axes = if compressed == linear {
            vec![(linear, "")]
        } else if options.is_file() {
            vec![(compressed, "t-short"), (linear, "t-true")]
        } else if options.scale == Scale::True {
            vec![(linear, "")]
        } else {
            vec![(compressed, "")]
        };
        Self {
            journey,
            options,
            survey,
            axes,
            room: Cell::new(options.details),
        }
    }

    /// Returns whether there are two scales to choose from.
    pub(super) fn has_scales(&self) -> bool {
        self.axes.len() > 1 || {
            let Survey {
                begin, reach, idle, ..
            } = &self.survey;
            Axis::compressed(*begin, *reach, idle)
                .shortened()
                .next()
                .is_some()
        }
    }

    /// Returns when the environment of a node began to initialize, unless a wait says so.
    pub(super) fn init(&self, facts: &Facts<'_>, node: &Node) -> Option<u64> {
        let is_told = node
            .waits
            .iter()
            .any(|wait| wait.place == names::COLD_START);
        init_start(facts, node.start).filter(|_| !is_told)
    }

    /// Returns the name of a span, as far as it is known here.
    pub(super) fn name_of(&self, id: SpanRef) -> Option<&'a str> {
        if id.trace == self.journey.trace
            && let Some(place) = self.survey.places.get(&id.span)
        {
            let node = self.journey.nodes.get(*place)?;
            return node.span().map(|span| span.name.as_str());
        }
        let batches = self.journey.batches.iter();
        let mut known = batches.flat_map(|batch| batch.invocation.iter().chain(&batch.records));
        let found = known.by_ref().take(2_000).find(|span| span.id() == id);
        found.map(|span| span.name.as_str())
    }
}
