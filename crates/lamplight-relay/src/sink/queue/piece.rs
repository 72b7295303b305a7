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

/// What is around a chunk in a message, at most: the keys and lengths of a resource and a scope.
const FRAME: usize = 24;

/// A parcel, or a part of one that was split.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) trace_id: [u8; 16],
    pub(super) content: Content,
    pub(super) records: Arc<[RecordId]>,
    pub(super) ticket: Option<Ticket>,
    pub(super) claim: Option<Claim>,
    /// Since when its parcel waits.
    pub(super) since: Instant,
    /// What it was before something was cut off it, for a dead letter.
    whole: Option<Box<Content>>,
}

impl Piece {
    /// Returns a parcel. One for a sink that is not critical settles its records here and now.
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

    /// Returns what is left of it beside `self`, which shares its records and its ticket.
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

    /// Cuts a lone span down to about half of what it is. Returns whether there was something to cut off.
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

    /// Returns whether something was cut off it.
    pub(super) fn is_cut_down(&self) -> bool {
        self.whole.is_some()
    }

    /// Puts back what was cut off.
    pub(super) fn restore(&mut self) {
        if let Some(whole) = self.whole.take() {
            self.content = *whole;
        }
    }

    pub(super) fn bytes(&self) -> usize {
        Self::bytes_of(&self.content)
    }

    /// Returns how many bytes the content takes in a message, at most.
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

    /// Returns its chunks; none for metrics.
    pub(super) fn chunks(&self) -> &[Chunk] {
        match &self.content {
            Content::Traces(chunks) => chunks,
            Content::Metrics(..) => &[],
        }
    }

    /// Returns whether it is another instance's to deliver.
    pub(super) fn is_revoked(&self) -> bool {
        self.claim.as_ref().is_some_and(Claim::is_revoked)
    }

    /// Says that what was in it is done.
    pub(super) fn settle(self) {
        self.ticket.into_iter().for_each(Ticket::settle);
    }
}

/// Returns how many items there are in all.
pub(super) fn items(pieces: &[Piece]) -> usize {
    pieces.iter().map(Piece::items).sum()
}

/// Returns how many bytes they take in a message, at most.
pub(super) fn bytes(pieces: &[Piece]) -> usize {
    pieces.iter().map(Piece::bytes).sum()
}
