//! The role of a span, as an icon and as a word.

use maud::{Markup, html};

use crate::facts::Role;

/// Returns the word for a role, for screen readers.
pub(super) const fn word(role: Role) -> &'static str {
    match role {
        Role::Invocation => "invocation",
        Role::Record => "record",
        Role::Batch => "batch",
        Role::Send => "send",
        Role::Database => "database call",
        Role::AwsCall => "AWS call",
        Role::Client => "call",
        Role::Server => "request",
        Role::Hop => "managed service",
        Role::Internal => "step",
    }
}

/// Returns a 16 by 16 icon in the color of the function.
pub(super) fn icon(role: Role, color: usize) -> Markup {
    drawn(path(role), word(role), color)
}

/// Returns the icon of a parent that did not arrive.
pub(super) fn missing() -> Markup {
    html! {
        svg.t-i viewBox="0 0 16 16" role="img" aria-label="missing parent" {
            path d="M3 8a5 5 0 1 0 10 0a5 5 0 1 0-10 0" stroke-dasharray="2.2 2" {}
        }
    }
}

fn drawn(path: &str, label: &str, color: usize) -> Markup {
    html! {
        svg class={ "t-i t-f" (color) } viewBox="0 0 16 16" role="img" aria-label=(label) { path d=(path) {} }
    }
}

const fn path(role: Role) -> &'static str {
    match role {
        // A lambda.
        Role::Invocation => "M4 2.5h2.2L12 13.5M7.6 6.2 3.8 13.5",
        // A letter; a stack of letters.
        Role::Record => "M2 4h12v8H2zl6 5 6-5",
        Role::Batch => "M2 6.5h12V13H2zM3.5 4h9M5 1.5h6",
        // An arrow out of a box.
        Role::Send => "M9.5 3H13v10H9.5M2 8h7.5M6.5 5l3 3-3 3",
        // A drum.
        Role::Database => {
            "M3 4c0-1.1 2.2-2 5-2s5 .9 5 2-2.2 2-5 2-5-.9-5-2zv8c0 1.1 2.2 2 5 2s5-.9 5-2V4"
        }
        // A cloud.
        Role::AwsCall => {
            "M4.6 12.5h6.9a2.6 2.6 0 0 0 .4-5.2 4 4 0 0 0-7.6-.3 2.8 2.8 0 0 0 .3 5.5z"
        }
        // An arrow to the right; an arrow to the left.
        Role::Client => "M2.5 8h11M9.5 4l4 4-4 4",
        Role::Server => "M2 8h11M6 4 2 8l4 4",
        // An hourglass.
        Role::Hop => "M4 2h8M4 14h8M5 2c0 4.5 6 7.5 6 12M11 2c0 4.5-6 7.5-6 12",
        Role::Internal => "M6 8a2 2 0 1 0 4 0a2 2 0 1 0-4 0",
    }
}
