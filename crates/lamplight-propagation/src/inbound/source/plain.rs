//! Services whose records are only recognized, by their name.

use super::{Source, message::Message, records::RecordSource};
use crate::inbound::members::RecordMembers;

/// A record of which nothing else is read.
pub(super) struct Plain;

impl Message for Plain {
    const SOURCE: Source = Source::Unknown;
}

macro_rules! plain {
    ($($source:ident = $name:literal;)+) => {
        $(pub(super) struct $source;

        impl RecordSource for $source {
            const NAMES: &'static [&'static str] = &[$name];

            type Record<'r> = Plain;

            fn record<'r>(_members: &'r RecordMembers<'r>) -> Plain {
                Plain
            }
        })+
    };
}

plain! {
    Ses = "aws:ses";
    CodeCommit = "aws:codecommit";
}
