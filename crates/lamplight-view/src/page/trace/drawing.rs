//! The common input of everything drawn on a page.

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

/// A journey being drawn.
pub(super) struct Drawing<'a> {
    pub(super) journey: &'a Journey,
    pub(super) options: &'a TraceOptions,
    pub(super) survey: Survey<'a>,
    /// The axes, each with the class of the elements drawn on it: a file has both scales.
    pub(super) axes: Vec<(Axis, &'static str)>,
    /// The remaining size for details in a file, in bytes.
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

    /// Returns whether there is a choice of two scales.
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

    /// Returns the start of the initialization of a node's environment, unless a wait covers it.
    pub(super) fn init(&self, facts: &Facts<'_>, node: &Node) -> Option<u64> {
        let is_told = node
            .waits
            .iter()
            .any(|wait| wait.place == names::COLD_START);
        init_start(facts, node.start).filter(|_| !is_told)
    }

    /// Returns the name of a span, if it is known here.
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
