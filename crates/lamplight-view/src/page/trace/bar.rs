//! Bars: time from left to right, as SVG with positions in percent.

use std::fmt;

use maud::{Markup, Render, html};

use crate::{
    journey::Wait,
    page::time::{Axis, duration},
};

/// Maximum number of waits drawn in one row.
const MAX_WAITS: usize = 8;
/// Maximum number of marks drawn in one row.
pub(super) const MAX_MARKS: usize = 12;
/// Width of a letter of a label, as a share of the axis on a laptop screen.
const LETTER: f64 = 0.0085;

/// Minimum part of a wait that stays visible beside its label.
const BESIDE: f64 = 0.04;

/// The content of a bar.
pub(super) struct Bar<'a> {
    /// The color of its function; `None` for time in a service.
    pub(super) color: Option<usize>,
    pub(super) start: u64,
    pub(super) end: u64,
    /// Start of the initialization before it.
    pub(super) init: Option<u64>,
    /// End of the flush after it.
    pub(super) flush: Option<u64>,
    pub(super) waits: &'a [Wait],
    pub(super) failed: bool,
    pub(super) timed_out: bool,
    /// True if it is on the critical path, and that is shown.
    pub(super) critical: bool,
    pub(super) marks: Vec<Mark>,
}

/// A mark at a point in time.
pub(super) struct Mark {
    pub(super) time: u64,
    /// The tooltip.
    pub(super) title: String,
    pub(super) is_exception: bool,
}

/// A position in SVG.
pub(super) struct Percent(pub(super) f64);

impl Render for Percent {
    fn render_to(&self, buffer: &mut String) {
        use fmt::Write as _;
        let hundredths = (self.0.clamp(0.0, 1.0) * 10_000.0).round() as u32;
        let (whole, fraction) = (hundredths / 100, hundredths % 100);
        // Writing to a string cannot fail.
        let _ = match fraction {
            0 => write!(buffer, "{whole}%"),
            _ if fraction % 10 == 0 => write!(buffer, "{whole}.{}%", fraction / 10),
            _ => write!(buffer, "{whole}.{fraction:02}%"),
        };
    }
}

impl Bar<'_> {
    /// Returns the bar on an axis, with a class to distinguish several axes.
    pub(super) fn on(&self, axis: &Axis, class: &str) -> Markup {
        let (left, right) = (axis.x(self.start), axis.x(self.end));
        let fill = match self.color {
            Some(color) => format!("t-b t-f{color}"),
            None => "t-b t-hop".to_owned(),
        };
        html! {
            svg class={ "t-bar " (class) } aria-hidden="true" {
                @for wait in self.waits.iter().take(MAX_WAITS) {
                    line class={ "t-wait" @if wait.system.is_none() { " t-behind" } } x1=(Percent(axis.x(wait.start))) x2=(Percent(axis.x(wait.end))) y1="50%" y2="50%" {
                        title { (said(wait)) }
                    }
                }
                @if let Some(init) = self.init {
                    line class={ "t-init " (fill) } x1=(Percent(axis.x(init))) x2=(Percent(left)) y1="50%" y2="50%" {}
                }
                @if let Some(flush) = self.flush {
                    line class={ "t-init t-flush " (fill) } x1=(Percent(right)) x2=(Percent(axis.x(flush))) y1="50%" y2="50%" {
                        title { (flushed(flush.saturating_sub(self.end))) }
                    }
                }
                @if self.color.is_some() {
                    rect class={ (fill) @if self.failed { " t-failed" } }
                        x=(Percent(left)) width=(Percent(right - left)) y="26%" height="48%" rx="2" {}
                } @else {
                    line.t-wait x1=(Percent(left)) x2=(Percent(right)) y1="50%" y2="50%" {}
                }
                @if self.timed_out {
                    line.t-end x1=(Percent(right)) x2=(Percent(right)) y1="12%" y2="88%" {}
                }
                @if self.critical {
                    @let from = self.waits.first().map_or(left, |wait| axis.x(wait.start));
                    line.t-cp x1=(Percent(from)) x2=(Percent(right)) y1="90%" y2="90%" {}
                }
                @for mark in self.marks.iter().take(MAX_MARKS) { (mark.on(axis)) }
                (self.labels(axis, left, right))
            }
        }
    }

    /// Returns the labels of waits if there is room: within them, before them, or after the bar.
    /// Shows all of them if they fit, else the longest, else only its duration.
    fn labels(&self, axis: &Axis, left: f64, right: f64) -> Markup {
        let waits = self
            .waits
            .get(..self.waits.len().min(MAX_WAITS))
            .unwrap_or_default();
        let (Some(first), Some(last)) = (waits.first(), waits.last()) else {
            return html! {};
        };
        let Some(longest) = waits.iter().max_by_key(|wait| wait.duration()) else {
            return html! {};
        };
        let (from, to) = (axis.x(first.start), axis.x(last.end));
        let inside = |wait: &Wait| (axis.x(wait.start), axis.x(wait.end));
        let all: Vec<String> = waits.iter().map(said).collect();
        let width = |text: &str| LETTER * (text.chars().count() + 2) as f64;
        let right = self.flush.map_or(right, |flush| axis.x(flush));
        let (before, behind) = (from.min(left), 1.0 - right);
        let texts = [
            (all.join(", "), (from, to)),
            (said(longest), inside(longest)),
            (duration(longest.duration()), inside(longest)),
        ];
        let mut placed = None;
        for (text, (from, to)) in texts {
            let needed = width(&text);
            placed = if to - from >= needed + BESIDE {
                Some((text, (from + to) / 2.0, "middle", 0))
            } else if before >= needed {
                Some((text, before, "end", -6))
            } else if behind >= needed {
                Some((text, right, "start", 6))
            } else {
                continue;
            };
            break;
        }
        html! {
            @if let Some((text, x, anchor, dx)) = placed {
                text.t-label x=(Percent(x)) y="50%" dx=(dx) dy=".32em" text-anchor=(anchor) { (text) }
            }
        }
    }
}

impl Mark {
    fn on(&self, axis: &Axis) -> Markup {
        let x = Percent(axis.x(self.time));
        html! {
            svg x=(x) y="50%" overflow="visible" {
                @if self.is_exception {
                    path.t-x d="M-3.5-3.5 3.5 3.5M-3.5 3.5 3.5-3.5" { title { (self.title) } }
                } @else {
                    path.t-o d="M0-4.5 3 0 0 4.5-3 0z" { title { (self.title) } }
                }
            }
        }
    }
}

/// Returns a wait as text: `3.2 s in SQS orders`.
pub(super) fn said(wait: &Wait) -> String {
    format!("{} {}", duration(wait.duration()), wait.said())
}

/// Returns a flush as text: `flush 8.5 ms, after the response`.
pub(super) fn flushed(flush: u64) -> String {
    format!("flush {}, after the response", duration(flush))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_short_and_within_the_picture() {
        let text = |x| Percent(x).render().into_string();
        let cases = [
            (0.0, "0%"),
            (0.5, "50%"),
            (0.123, "12.3%"),
            (0.10234, "10.23%"),
            (0.9999999, "100%"),
            (-1.0, "0%"),
            (7.0, "100%"),
            (f64::NAN, "0%"),
            (0.0105, "1.05%"),
        ];
        for (x, expected) in cases {
            assert_eq!(text(x), expected);
        }
    }
}
