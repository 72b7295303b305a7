//! The task of a queue.

use std::{sync::Arc, time::Duration};

use lamplight_internal::{
    circuit_breaker::Transition,
    diagnostics::{notice, warn, warn_once_of},
};
use tokio::time::{sleep, sleep_until, timeout};

use super::{
    encode,
    guard::guarded,
    limit::Limit,
    piece::{Piece, bytes, items},
    shared::Shared,
    split::halves,
    wait::Waits,
};
use crate::sink::{
    dead_letters::{DeadLetter, DeadLetters},
    destination::Sink,
    outcome::Outcome,
    request::Layout,
};

/// Number of attempts to write a dead letter of a best-effort sink.
const LETTER_ATTEMPTS: u32 = 3;

/// Additional wait of a queue beyond the sink's own timeout, so that the sink times out first and
/// reports the reason.
const GRACE: Duration = Duration::from_secs(5);

pub(super) struct Worker {
    shared: Arc<Shared>,
    sink: Arc<dyn Sink>,
    dead_letters: Arc<dyn DeadLetters>,
    layout: Layout,
    waits: Waits,
    limit: Limit,
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        sink: Arc<dyn Sink>,
        dead_letters: Arc<dyn DeadLetters>,
    ) -> Self {
        Self {
            layout: sink.layout(),
            waits: Waits::new(&shared.settings),
            limit: Limit::new(shared.settings.max_request_bytes),
            shared,
            sink,
            dead_letters,
        }
    }

    /// Delivers until the queue is closed and empty.
    pub(super) async fn run(mut self) {
        while let Some(pieces) = self.shared.next().await {
            self.deliver(pieces).await;
        }
    }

    /// Delivers pieces in order, until each is delivered, has become a dead letter, or is dropped.
    async fn deliver(&mut self, pieces: Vec<Piece>) {
        let mut left = vec![pieces];
        while let Some(mut pieces) = left.pop() {
            if bytes(&pieces) > self.limit.get()
                || items(&pieces) > self.shared.settings.max_request_items
            {
                match halves(pieces) {
                    Ok((front, back)) => {
                        left.extend([back, front]);
                        continue;
                    }
                    Err(one) => pieces = one,
                }
            }
            self.wait().await;
            let Some(mut pieces) = self.claimed(pieces) else {
                continue;
            };
            if self.waits.is_probing() && pieces.len() > 1 {
                left.push(pieces.split_off(1));
            }
            match self.send(&pieces).await {
                Outcome::Accepted { rejected, message } => {
                    self.answered();
                    self.limit.accepted(bytes(&pieces));
                    self.accepted(pieces, rejected, &message);
                }
                Outcome::Incomplete { left: places, why } => {
                    let (again, taken) = apart(pieces, &places);
                    if !taken.is_empty() {
                        self.answered();
                    }
                    self.accepted(taken, 0, "");
                    left.extend(self.failed(again, None, &why));
                }
                Outcome::Retryable { after, why } => left.extend(self.failed(pieces, after, &why)),
                Outcome::TooLarge { why } => {
                    self.answered();
                    self.limit.refused(bytes(&pieces));
                    match halves(pieces) {
                        Ok((front, back)) => {
                            self.shared.record(|stats| stats.split += 1);
                            left.extend([back, front]);
                        }
                        Err(mut pieces) => match pieces.iter_mut().all(Piece::cut_down) {
                            true => left.push(pieces),
                            false => self.refuse(pieces, &why).await,
                        },
                    }
                }
                Outcome::Rejected { why } => {
                    self.answered();
                    self.refuse(pieces, &why).await;
                }
            }
        }
    }

    /// Returns the pieces that may still be sent, if any, and counts the others as abandoned.
    fn claimed(&self, pieces: Vec<Piece>) -> Option<Vec<Piece>> {
        let (revoked, pieces): (Vec<_>, Vec<_>) = pieces.into_iter().partition(Piece::is_revoked);
        if !revoked.is_empty() {
            self.shared
                .finish(&revoked, |stats, items| stats.abandoned += items);
        }
        (!pieces.is_empty()).then_some(pieces)
    }

    /// Waits until an attempt may be made.
    async fn wait(&mut self) {
        while let Some(until) = self.waits.until() {
            self.shared.set_breaker(self.waits.state());
            sleep_until(until).await;
        }
        self.shared.set_breaker(self.waits.state());
    }

    async fn send(&self, pieces: &[Piece]) -> Outcome {
        let request = encode::request(pieces, self.layout);
        let limit = match self.sink.timeout() {
            Some(own) => own.saturating_add(GRACE),
            None => self.shared.settings.timeout,
        };
        // A user's sink may block, panic, or never respond.
        let sending = guarded(async { self.sink.send(request).await });
        match timeout(limit, sending).await {
            Ok(Some(outcome)) => outcome,
            Ok(None) => Outcome::Rejected {
                why: "the sink panicked".to_owned(),
            },
            Err(_) => Outcome::Retryable {
                after: None,
                why: format!("no response within {limit:?}"),
            },
        }
    }

    fn answered(&mut self) {
        if self.waits.record_answer() == Transition::Closed {
            let name = &self.shared.name;
            notice("relay-sink-back", || {
                format!("the sink {name} is available again")
            });
        }
        self.shared.set_breaker(self.waits.state());
    }

    fn accepted(&self, pieces: Vec<Piece>, rejected: usize, message: &str) {
        let name = &self.shared.name;
        if rejected > 0 {
            warn_once_of("relay-sink-rejected", name, || {
                format!(
                    "the sink {name} accepted a request except for {rejected} items, which are \
                    counted and not sent again: {message:?}"
                )
            });
        } else if !message.is_empty() {
            warn_once_of("relay-sink-warning", name, || {
                format!("the sink {name} accepted a request with a message: {message:?}")
            });
        }
        let cut_down = pieces.iter().filter(|piece| piece.is_cut_down()).count();
        if cut_down > 0 {
            warn_once_of("relay-sink-cut-down", name, || {
                format!(
                    "the sink {name} refused a span as too large, and accepted it after its \
                    longest values, or events and links, were cut; `max_value` of `[clean]` \
                    limits all values"
                )
            });
        }
        self.shared.finish(&pieces, |stats, items| {
            stats.cut_down += u64::try_from(cut_down).unwrap_or(u64::MAX);
            let rejected = u64::try_from(rejected).unwrap_or(u64::MAX).min(items);
            stats.delivered += items - rejected;
            stats.rejected += rejected;
        });
        pieces.into_iter().for_each(Piece::settle);
    }

    /// Records a failure, and returns the pieces to retry.
    fn failed(
        &mut self,
        pieces: Vec<Piece>,
        after: Option<Duration>,
        why: &str,
    ) -> Option<Vec<Piece>> {
        if let Transition::Opened(pause) = self.waits.record_failure(after) {
            let name = &self.shared.name;
            warn("relay-sink-away", || {
                format!(
                    "the sink {name} failed several times in a row and is paused for at least \
                    {pause:?}: {why}"
                )
            });
        }
        self.shared.set_breaker(self.waits.state());
        let (again, old) = match self.shared.settings.is_critical() {
            true => (pieces, Vec::new()),
            false => {
                let limit = self.shared.settings.give_up_after;
                pieces
                    .into_iter()
                    .partition(|piece| piece.since.elapsed() < limit)
            }
        };
        if !old.is_empty() {
            self.shared
                .finish(&old, |stats, items| stats.dropped += items);
        }
        if again.is_empty() {
            return None;
        }
        self.shared.record(|stats| stats.retried += 1);
        Some(again)
    }

    /// Makes dead letters of pieces that will never be accepted, one per trace.
    async fn refuse(&self, pieces: Vec<Piece>, why: &str) {
        let name = &self.shared.name;
        warn_once_of("relay-sink-refused", name, || {
            format!("the sink {name} rejected a request, which becomes a dead letter: {why}")
        });
        for mut piece in pieces {
            piece.restore();
            let letter = DeadLetter {
                sink: Some(name.clone()),
                why: why.to_owned(),
                records: piece.records.to_vec(),
                signal: Some(piece.signal()),
                items: piece.items(),
                data: encode::message(std::slice::from_ref(&piece)),
            };
            let is_kept = self.keep(&letter).await;
            self.shared
                .finish(std::slice::from_ref(&piece), |stats, items| match is_kept {
                    true => stats.dead_lettered += items,
                    false => stats.dropped += items,
                });
            piece.settle();
        }
    }

    /// Writes the letter and returns whether it was kept. A letter of a critical sink is retried
    /// until it is.
    async fn keep(&self, letter: &DeadLetter) -> bool {
        let mut wait = self.shared.settings.first_wait;
        for attempt in 1.. {
            let limit = self.shared.settings.timeout;
            let keeping = guarded(async { self.dead_letters.put(letter).await });
            let why = match timeout(limit, keeping).await {
                Ok(Some(Ok(()))) => return true,
                Ok(Some(Err(why))) => why,
                Ok(None) => "they panicked".to_owned(),
                Err(_) => format!("no response within {limit:?}"),
            };
            self.shared.record(|stats| stats.dead_letter_failures += 1);
            let name = &self.shared.name;
            warn_once_of("relay-dead-letters", name, || {
                format!("dead letters of the sink {name} cannot be written: {why}")
            });
            if attempt >= LETTER_ATTEMPTS && !self.shared.settings.is_critical() {
                break;
            }
            sleep(wait).await;
            wait = wait
                .saturating_mul(2)
                .min(self.shared.settings.longest_wait);
        }
        false
    }
}

/// Returns the pieces at these indices, and the others.
fn apart(pieces: Vec<Piece>, places: &[usize]) -> (Vec<Piece>, Vec<Piece>) {
    let (mut those, mut others) = (Vec::new(), Vec::new());
    for (place, piece) in pieces.into_iter().enumerate() {
        match places.contains(&place) {
            true => those.push(piece),
            false => others.push(piece),
        }
    }
    (those, others)
}
