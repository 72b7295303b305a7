//! Pages about one journey: a trace as a waterfall, an invocation with its records, a message with its
//! deliveries.
//!
//! They work without scripts: rows are links, and in a file they unfold. No style is in an attribute:
//! places on the axis of time are attributes of SVG, in percent.

mod bar;
mod detail;
mod fold;
mod icon;
mod invocation;
mod message;
mod options;
mod row;
mod shares;
mod summary;
mod survey;
mod text;
mod waterfall;

#[cfg(test)]
mod tests;

use std::cell::Cell;

use maud::{Markup, html};

pub use invocation::invocation;
pub use message::message;
pub use options::TraceOptions;

use super::{Scale, time::Axis};
use crate::{
    facts::Facts,
    journey::{Journey, Node, Place, names},
    span::{Span, SpanRef},
};
use survey::{Survey, init_start};

/// Returns the page of a trace: what it is, where its time went, and every span of it as a row, or
/// counted where there are more than [`TraceOptions::limit`].
///
/// Its heading is an `h1`.
#[must_use]
pub fn trace(journey: &Journey, options: &TraceOptions) -> Markup {
    if journey.nodes.is_empty() {
        return html! {
            section.t-page {
                h1 { "Trace" }
                p.t-dim { code { (journey.trace) } }
                p { "No span of it has arrived. It may not have been sampled, its functions may still be running, or its spans were dropped for room." }
            }
        };
    }
    let drawing = Drawing::new(journey, options);
    html! {
        section.t-page.t-trace {
            (summary::header(&drawing))
            (waterfall::tools(&drawing))
            (waterfall::waterfall(&drawing))
        }
    }
}

/// A journey while it is drawn.
struct Drawing<'a> {
    journey: &'a Journey,
    options: &'a TraceOptions,
    survey: Survey<'a>,
    /// Each with the class of what is drawn on it: a file has both scales.
    axes: Vec<(Axis, &'static str)>,
    /// Bytes that a file may still have of details.
    room: Cell<usize>,
}

impl<'a> Drawing<'a> {
    fn new(journey: &'a Journey, options: &'a TraceOptions) -> Self {
        let survey = Survey::of(journey);
        let linear = Axis::linear(survey.begin, survey.end);
        let compressed = Axis::compressed(survey.begin, survey.end, &survey.idle);
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
    fn has_scales(&self) -> bool {
        self.axes.len() > 1 || {
            let Survey {
                begin, end, idle, ..
            } = &self.survey;
            Axis::compressed(*begin, *end, idle)
                .shortened()
                .next()
                .is_some()
        }
    }

    /// Returns when the environment of a node began to initialize, unless a wait says so.
    fn init(&self, facts: &Facts<'_>, node: &Node) -> Option<u64> {
        let is_told = node
            .waits
            .iter()
            .any(|wait| wait.place == names::COLD_START);
        init_start(facts, node.start).filter(|_| !is_told)
    }

    /// Returns the details of a span in a file, while there is room.
    fn details(&self, place: Place, node: &Node, span: &Span, facts: &Facts<'_>) -> Markup {
        if self.room.get() == 0 {
            return detail::without_room();
        }
        let panel = detail::panel(self, place, node, span, facts);
        let length = panel.0.len();
        if length > self.room.get() {
            // Others that are shorter may still fit.
            return detail::without_room();
        }
        self.room.set(self.room.get() - length);
        panel
    }

    /// Returns the name of a span, as far as it is known here.
    fn name_of(&self, id: SpanRef) -> Option<&'a str> {
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
