//! Pages about one journey: a trace as a waterfall, an invocation with its records, a message with
//! its deliveries.
//!
//! They work without scripts: rows are links, and in a file they unfold. There are no style
//! attributes: positions on the time axis are SVG attributes in percent.

mod bar;
mod calls;
mod chips;
mod detail;
mod drawing;
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

use maud::{Markup, html};

pub use invocation::invocation;
pub use message::message;
pub use options::TraceOptions;

use crate::journey::Journey;
use drawing::Drawing;

/// Returns the page of a trace: its summary, the distribution of its time, and every span as a row;
/// spans beyond [`TraceOptions::limit`] are counted.
///
/// Its heading is an `h1`.
#[must_use]
pub fn trace(journey: &Journey, options: &TraceOptions) -> Markup {
    if journey.nodes.is_empty() {
        return html! {
            section.t-page {
                h1 { "Trace" }
                p.t-dim { code { (journey.trace) } }
                p { "None of its spans have been received. It may not have been sampled, its functions may still be running, or its spans were dropped because of limits." }
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
