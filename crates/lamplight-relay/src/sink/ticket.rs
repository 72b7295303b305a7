//! Which records are done.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Returns what makes tickets, and what tells which records are settled.
pub fn tickets() -> (Tickets, Settlements) {
    let (send, receive) = unbounded_channel();
    (Tickets(send), Settlements(receive))
}

/// What makes [`Ticket`]s.
#[derive(Debug, Clone)]
pub struct Tickets(UnboundedSender<u64>);

impl Tickets {
    /// Returns a ticket for records with these numbers. Clone it for each critical sink.
    pub fn issue(&self, records: impl Into<Box<[u64]>>) -> Ticket {
        Ticket(Some(Arc::new(Share {
            records: records.into(),
            is_lost: AtomicBool::new(false),
            settled: self.0.clone(),
        })))
    }
}

/// What settles records: once it and every clone of it [are settled](Self::settle), their numbers are told
/// to [`Settlements`]. Where one is dropped without that, they never are.
#[derive(Debug, Clone)]
pub struct Ticket(Option<Arc<Share>>);

#[derive(Debug)]
struct Share {
    records: Box<[u64]>,
    is_lost: AtomicBool,
    settled: UnboundedSender<u64>,
}

impl Ticket {
    /// Says that what it was for is done.
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
            // Nobody has to want to know.
            let _ = self.settled.send(*record);
        }
    }
}

/// What tells which records are settled.
#[derive(Debug)]
pub struct Settlements(UnboundedReceiver<u64>);

impl Settlements {
    /// Returns the number of a record that is settled; `None` for now.
    pub fn try_next(&mut self) -> Option<u64> {
        self.0.try_recv().ok()
    }

    /// Waits for the number of a record that is settled; `None` where there is nobody left to settle one.
    /// Nothing is lost where it is dropped.
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
