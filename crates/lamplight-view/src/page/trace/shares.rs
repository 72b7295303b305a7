//! The distribution of a journey's time: each moment belongs to one span or wait.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use super::survey::Survey;
use crate::{facts::Role, journey::Journey};

/// The time of one function or in one place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Share<'a> {
    pub(super) what: What<'a>,
    /// In nanoseconds.
    pub(super) time: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum What<'a> {
    /// A function computed, or waited for the response to a call.
    Function(usize),
    /// A wait in this place.
    Wait(&'a str),
    /// Nothing on the critical path covers it.
    Unknown,
}

/// Returns the shares of all time from the start to the end of a journey, the largest first.
///
/// Each moment belongs to the deepest item on the critical path. The shares add up to the whole.
pub(super) fn shares<'a>(journey: &'a Journey, survey: &Survey<'_>) -> Vec<Share<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    for (node, brief) in journey.nodes.iter().zip(&survey.briefs) {
        let (true, Some(span)) = (node.critical, node.span()) else {
            continue;
        };
        let waits = node
            .waits
            .iter()
            .map(|wait| (wait.start, wait.end, What::Wait(&wait.place)));
        let own = match (brief.role, brief.function) {
            (Role::Hop, _) => What::Wait(&span.name),
            (_, Some(function)) => What::Function(function as usize),
            (_, None) => What::Unknown,
        };
        for (from, to, what) in waits.chain([(node.start, node.end, own)]) {
            if from < to {
                pieces.push(Piece {
                    from,
                    to,
                    depth: node.depth,
                    what,
                });
            }
        }
    }
    pieces.sort_unstable_by_key(|piece| piece.from);
    let mut shares: Vec<Share<'a>> = sum(&pieces, survey.begin, survey.end)
        .into_iter()
        .map(|(what, time)| Share { what, time })
        .collect();
    shares.sort_unstable_by_key(|share| (Reverse(share.time), share.what));
    shares
}

struct Piece<'a> {
    from: u64,
    to: u64,
    depth: usize,
    what: What<'a>,
}

/// Pieces must be sorted by their starts.
fn sum<'a>(pieces: &[Piece<'a>], begin: u64, end: u64) -> HashMap<What<'a>, u64> {
    let mut sums: HashMap<What<'a>, u64> = HashMap::new();
    // The deepest first; of equal ones, the one that began last.
    let mut open: BinaryHeap<(usize, usize)> = BinaryHeap::new();
    let mut next = pieces.iter().enumerate().peekable();
    let mut at = begin;
    while at < end {
        while let Some((index, piece)) = next.next_if(|(_, piece)| piece.from <= at) {
            open.push((piece.depth, index));
        }
        let top = loop {
            let top = open.peek().and_then(|(_, index)| pieces.get(*index));
            match top {
                Some(piece) if piece.to <= at => open.pop(),
                top => break top,
            };
        };
        let starts = next.peek().map_or(end, |(_, piece)| piece.from);
        let until = top.map_or(starts, |piece| piece.to.min(starts)).min(end);
        let what = top.map_or(What::Unknown, |piece| piece.what);
        *sums.entry(what).or_default() += until - at;
        at = until;
    }
    sums
}
