//! Settlement of records.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Returns an issuer of tickets, and the receiver of settled records.
pub fn tickets() -> (Tickets, Settlements) {
    let (send, receive) = unbounded_channel();
    (Tickets(send), Settlements(receive))
}

/// An issuer of [`Ticket`]s.
#[derive(Debug, Clone)]
pub struct Tickets(UnboundedSender<u64>);

impl Tickets {
    /// Returns a ticket for the records with these numbers. Clone it for each critical sink.
    pub fn issue(&self, records: impl Into<Box<[u64]>>) -> Ticket {
        Ticket(Some(Arc::new(Share {
            records: records.into(),
            is_lost: AtomicBool::new(false),
            settled: self.0.clone(),
        })))
    }
}

/// A share in the settlement of records: once a ticket and all its clones [are
/// settled](Self::settle), [`Settlements`] receives the numbers of the records. If one of them is
/// dropped without that, the records are never settled.
#[derive(Debug, Clone)]
pub struct Ticket(Option<Arc<Share>>);

#[derive(Debug)]
struct Share {
    records: Box<[u64]>,
    is_lost: AtomicBool,
    settled: UnboundedSender<u64>,
}

impl Ticket {
    /// Declares the work of this ticket done.
    pub fn settle(mut self) {
        self.0 = None;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(share) = &self.0 {
            share.is_lost.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.is_lost.load(Ordering::Relaxed) {
            return;
        }
        for record in &self.records {
            // The receiver may be gone.
            let _ = self.settled.send(*record);
        }
    }
}

/// The receiver of settled records.
#[derive(Debug)]
pub struct Settlements(UnboundedReceiver<u64>);

impl Settlements {
    /// Returns the number of a settled record, or `None` if there is none at the moment.
    pub fn try_next(&mut self) -> Option<u64> {
        self.0.try_recv().ok()
    }

    /// Waits for the number of a settled record; returns `None` if no ticket or issuer remains.
    /// Cancellation safe.
    pub async fn next(&mut self) -> Option<u64> {
        self.0.recv().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(settlements: &mut Settlements) -> Vec<u64> {
        std::iter::from_fn(|| settlements.try_next()).collect()
    }

    #[test]
    fn records_are_settled_when_every_clone_is() {
        let (tickets, mut settlements) = tickets();
        let ticket = tickets.issue([1, 2]);
        let other = ticket.clone();
        ticket.settle();
        assert!(told(&mut settlements).is_empty());
        other.settle();
        assert_eq!(told(&mut settlements), [1, 2]);
    }

    #[test]
    fn a_ticket_that_is_dropped_settles_nothing() {
        let (tickets, mut settlements) = tickets();
        for dropped_first in [true, false] {
            let (one, other) = (tickets.issue([7]), tickets.issue([8]));
            let clone = one.clone();
            if dropped_first {
                drop(one);
                clone.settle();
            } else {
                one.settle();
                drop(clone);
            }
            assert!(told(&mut settlements).is_empty());
            other.settle();
            assert_eq!(told(&mut settlements), [8], "others are not concerned");
        }
    }
}
