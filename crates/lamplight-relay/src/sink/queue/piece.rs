//! A parcel, or a part of one.

use std::sync::Arc;

use tokio::time::Instant;

use crate::{
    clean::Chunk,
    sink::{
        claim::Claim,
        parcel::{Content, Parcel, RecordId},
        request::Signal,
        ticket::Ticket,
    },
};

/// Maximum size of the surroundings of a chunk in a message: the keys and lengths of a resource and
/// a scope.
const FRAME: usize = 24;

/// A parcel, or a part of one that was split.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) trace_id: [u8; 16],
    pub(super) content: Content,
    pub(super) records: Arc<[RecordId]>,
    pub(super) ticket: Option<Ticket>,
    pub(super) claim: Option<Claim>,
    /// The time at which its parcel was queued.
    pub(super) since: Instant,
    /// The original content of a piece that was cut down, for a dead letter.
    whole: Option<Box<Content>>,
}

impl Piece {
    /// Returns a piece with a whole parcel. If the sink is not critical, its records are settled at
    /// once.
    pub(super) fn new(parcel: Parcel, is_critical: bool) -> Self {
        let Parcel {
            trace_id,
            content,
            records,
            ticket,
            claim,
        } = parcel;
        let ticket = match is_critical {
            true => ticket,
            false => {
                ticket.into_iter().for_each(Ticket::settle);
                None
            }
        };
        Self {
            trace_id,
            content,
            records: records.into(),
            ticket,
            claim,
            since: Instant::now(),
            whole: None,
        }
    }

    /// Returns a piece with other content that shares the records and the ticket of `self`.
    pub(super) fn with(&self, content: Content) -> Self {
        Self {
            trace_id: self.trace_id,
            content,
            records: self.records.clone(),
            ticket: self.ticket.clone(),
            claim: self.claim.clone(),
            since: self.since,
            whole: None,
        }
    }

    /// Cuts a single span down to about half its size. Returns whether anything could be cut.
    pub(super) fn cut_down(&mut self) -> bool {
        let half = self.bytes() / 2;
        let Content::Traces(chunks) = &self.content else {
            return false;
        };
        let less = match &**chunks {
            [chunk] => chunk.cut_down(half),
            _ => None,
        };
        let Some(less) = less else {
            return false;
        };
        let before = std::mem::replace(&mut self.content, Content::Traces(vec![less]));
        self.whole.get_or_insert(Box::new(before));
        true
    }

    /// Returns whether the piece was cut down.
    pub(super) fn is_cut_down(&self) -> bool {
        self.whole.is_some()
    }

    /// Restores the original content.
    pub(super) fn restore(&mut self) {
        if let Some(whole) = self.whole.take() {
            self.content = *whole;
        }
    }

    pub(super) fn bytes(&self) -> usize {
        Self::bytes_of(&self.content)
    }

    /// Returns the maximum size of the content in a message, in bytes.
    pub(super) fn bytes_of(content: &Content) -> usize {
        match content {
            Content::Traces(chunks) => chunks.iter().map(|chunk| chunk.len() + FRAME).sum(),
            Content::Metrics(message, _) => message.len(),
        }
    }

    pub(super) fn items(&self) -> usize {
        match &self.content {
            Content::Traces(chunks) => chunks.iter().map(|chunk| chunk.count).sum(),
            Content::Metrics(_, points) => *points,
        }
    }

    pub(super) fn signal(&self) -> Signal {
        match self.content {
            Content::Traces(_) => Signal::Traces,
            Content::Metrics(..) => Signal::Metrics,
        }
    }

    /// Returns its chunks; empty for metrics.
    pub(super) fn chunks(&self) -> &[Chunk] {
        match &self.content {
            Content::Traces(chunks) => chunks,
            Content::Metrics(..) => &[],
        }
    }

    /// Returns whether the right to deliver it was lost to another instance.
    pub(super) fn is_revoked(&self) -> bool {
        self.claim.as_ref().is_some_and(Claim::is_revoked)
    }

    /// Settles the records of the piece.
    pub(super) fn settle(self) {
        self.ticket.into_iter().for_each(Ticket::settle);
    }
}

/// Returns the total number of items.
pub(super) fn items(pieces: &[Piece]) -> usize {
    pieces.iter().map(Piece::items).sum()
}

/// Returns the maximum size of the pieces in a message, in bytes.
pub(super) fn bytes(pieces: &[Piece]) -> usize {
    pieces.iter().map(Piece::bytes).sum()
}
