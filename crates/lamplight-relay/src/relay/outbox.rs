//! Data on its way to the sinks, and the records it settles.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    builder::Plan,
    core::{Core, Delivery, TraceDelivery},
};
use crate::{
    engine::RecordNumber,
    metrics::MetricsWindow,
    record::{ShardId, StreamTime},
    sink::{
        Claim, Content, DeadLetter, DeadLetters, Parcel, Settlements, SinkQueue, SinkStats, Ticket,
        Tickets, tickets,
    },
};

/// The first number of metrics windows; lower numbers are those of records.
const FIRST_WINDOW: u64 = 1 << 63;

/// The first number of dead letters that are unknown to the core; they end where those of windows
/// begin.
const FIRST_LETTER: u64 = 1 << 62;

/// Maximum number of dead letters written concurrently.
const MOST_LETTERS: usize = 64;

/// The queues of all sinks, and the data that waits for room in them.
pub(super) struct Outbox {
    queues: Vec<SinkQueue>,
    lanes: Vec<(bool, bool)>,
    tickets: Tickets,
    settlements: Settlements,
    waiting: VecDeque<Waiting>,
    /// True if data waits for room.
    is_full: bool,
    letters: JoinSet<()>,
    dead_letters: Arc<dyn DeadLetters>,
    /// Windows of each shard, by their numbers, that have not been delivered, or not in order.
    windows: BTreeMap<ShardId, VecDeque<(u64, StreamTime, bool)>>,
    next_window: u64,
    next_letter: u64,
    /// Revoked when a shard is lost, for its data in the queues at that time.
    claims: BTreeMap<ShardId, Claim>,
}

struct Waiting {
    queue: usize,
    /// Its shard; `None` for the relay's own telemetry.
    shard: Option<ShardId>,
    parcel: Parcel,
}

impl Outbox {
    /// Starts the queues.
    pub(super) fn new(plan: &Plan) -> Self {
        let (tickets, settlements) = tickets();
        let queue = |sink: &super::builder::Destination| {
            let letters = plan.dead_letters.clone();
            SinkQueue::start(sink.sink.clone(), sink.settings.clone(), letters)
        };
        Self {
            queues: plan.sinks.iter().map(queue).collect(),
            lanes: plan
                .sinks
                .iter()
                .map(|sink| (sink.settings.is_critical(), sink.lane.metrics))
                .collect(),
            tickets,
            settlements,
            waiting: VecDeque::new(),
            is_full: false,
            letters: JoinSet::new(),
            dead_letters: plan.dead_letters.clone(),
            windows: BTreeMap::new(),
            next_window: FIRST_WINDOW,
            next_letter: FIRST_LETTER,
            claims: BTreeMap::new(),
        }
    }

    /// Accepts data to deliver.
    pub(super) fn deliver(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Trace(trace) => self.trace(trace),
            Delivery::Metrics(window) => {
                self.window(window);
            }
            Delivery::Refused(number, letter) => self.refused(number, letter),
        }
    }

    fn trace(&mut self, trace: TraceDelivery) {
        let numbers: Vec<u64> = trace.numbers.iter().map(|it| it.as_u64()).collect();
        let ticket = self.tickets.issue(numbers);
        for (queue, chunks) in trace.parts {
            let parcel = Parcel::new(trace.trace_id, Content::Traces(chunks))
                .with_records(trace.records.clone());
            self.wait(queue, Some(trace.shard.clone()), parcel, Some(&ticket));
        }
        // Data that no sink receives is done.
        ticket.settle();
    }

    /// Accepts a window of metrics, and returns its number.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "data that was taken is delivered once"
    )]
    pub(super) fn window(&mut self, window: MetricsWindow) -> u64 {
        let number = self.next_window;
        self.next_window += 1;
        let of_shard = self.windows.entry(window.shard.clone()).or_default();
        of_shard.push_back((number, window.end, false));
        let ticket = self.tickets.issue([number]);
        for request in &window.requests {
            self.metrics(request, Some(&window.shard), Some(&ticket), window.spans);
        }
        ticket.settle();
        number
    }

    /// Accepts metrics for all sinks that receive metrics.
    pub(super) fn metrics(
        &mut self,
        request: &Bytes,
        shard: Option<&ShardId>,
        ticket: Option<&Ticket>,
        items: u64,
    ) {
        let items = usize::try_from(items).unwrap_or(usize::MAX);
        for queue in 0..self.queues.len() {
            if self.lanes.get(queue).is_some_and(|(_, metrics)| *metrics) {
                let parcel = Parcel::new([0; 16], Content::Metrics(request.clone(), items));
                self.wait(queue, shard.cloned(), parcel, ticket);
            }
        }
    }

    fn wait(
        &mut self,
        queue: usize,
        shard: Option<ShardId>,
        parcel: Parcel,
        ticket: Option<&Ticket>,
    ) {
        let is_critical = self.lanes.get(queue).is_some_and(|(critical, _)| *critical);
        let parcel = match ticket.filter(|_| is_critical) {
            Some(ticket) => parcel.with_ticket(ticket.clone()),
            None => parcel,
        };
        let parcel = match &shard {
            Some(shard) => parcel.with_claim(self.claim(shard)),
            None => parcel,
        };
        self.waiting.push_back(Waiting {
            queue,
            shard,
            parcel,
        });
    }

    fn claim(&mut self, shard: &ShardId) -> Claim {
        match self.claims.get(shard) {
            Some(claim) => claim.clone(),
            None => self.claims.entry(shard.clone()).or_default().clone(),
        }
    }

    /// Accepts a dead letter that is unknown to the core, and returns its number.
    pub(super) fn letter(&mut self, letter: DeadLetter) -> u64 {
        let number = self.next_letter;
        self.next_letter += 1;
        self.write(number, letter);
        number
    }

    fn refused(&mut self, number: RecordNumber, letter: DeadLetter) {
        self.write(number.as_u64(), letter);
    }

    fn write(&mut self, number: u64, letter: DeadLetter) {
        let ticket = self.tickets.issue([number]);
        let dead_letters = self.dead_letters.clone();
        self.letters.spawn(async move {
            let mut wait = Duration::from_millis(100);
            while let Err(why) = dead_letters.put(&letter).await {
                tracing::warn!(target: "lamplight", "a dead letter cannot be written: {why}");
                sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(30));
            }
            ticket.settle();
        });
    }

    /// Moves data into the queues as far as they have room, for shards that may be delivered.
    pub(super) fn pump(&mut self, may: &(dyn Fn(&ShardId) -> bool + Sync)) {
        while self.letters.try_join_next().is_some() {}
        let mut full = vec![false; self.queues.len()];
        for _ in 0..self.waiting.len() {
            let Some(mut waiting) = self.waiting.pop_front() else {
                break;
            };
            let is_free = full.get(waiting.queue).is_some_and(|full| !full);
            let may = waiting.shard.as_ref().is_none_or(may);
            if is_free
                && may
                && let Some(queue) = self.queues.get(waiting.queue)
            {
                match queue.try_push(waiting.parcel) {
                    Ok(()) => continue,
                    Err(back) => {
                        waiting.parcel = back;
                        if let Some(full) = full.get_mut(waiting.queue) {
                            *full = true;
                        }
                    }
                }
            }
            self.waiting.push_back(waiting);
        }
        self.is_full = full.contains(&true);
    }

    /// Returns whether more may be read and decided, which is the case if no data waits for room.
    /// (Data that waits for a lease does not stop reading, since reading also reveals that the
    /// lease is lost.)
    pub(super) fn has_room(&self) -> bool {
        !self.is_full && self.letters.len() < MOST_LETTERS
    }

    /// Waits until there may be room: a full queue has room after a request, which takes longer
    /// than this.
    pub(super) async fn room(&self) {
        sleep(Duration::from_millis(10)).await;
    }

    /// Drops the data of a shard that another instance has taken, here and in the queues of the
    /// sinks; its records are not settled. The other instance reads and delivers them again. A
    /// request already sent cannot be recalled, so its data is delivered twice, identically.
    pub(super) fn lose(&mut self, shard: &ShardId) {
        self.waiting
            .retain(|waiting| waiting.shard.as_ref() != Some(shard));
        if let Some(claim) = self.claims.remove(shard) {
            claim.revoke();
        }
    }

    /// Forgets a shard that is lost or done.
    pub(super) fn forget(&mut self, shard: &ShardId) {
        self.claims.remove(shard);
        self.windows.remove(shard);
    }

    /// Waits for something to be settled.
    pub(super) async fn settled(&mut self) -> u64 {
        match self.settlements.next().await {
            Some(number) => number,
            None => std::future::pending().await,
        }
    }

    /// Settles items in the core: this one, and all that have been settled since.
    pub(super) fn settle(&mut self, first: Option<u64>, core: &mut Core) {
        let mut next = first.or_else(|| self.settlements.try_next());
        while let Some(number) = next {
            if number < FIRST_WINDOW {
                core.settle(RecordNumber::from_u64(number));
            } else {
                self.window_settled(number, core);
            }
            next = self.settlements.try_next();
        }
    }

    /// Windows count as delivered only in order.
    fn window_settled(&mut self, number: u64, core: &mut Core) {
        for (shard, windows) in &mut self.windows {
            let mut all = windows.iter_mut();
            let Some(window) = all.find(|(known, ..)| *known == number) else {
                continue;
            };
            window.2 = true;
            while let Some((_, end, true)) = windows.front() {
                core.metered(shard, *end);
                windows.pop_front();
            }
            return;
        }
    }

    /// Waits, within the bound, until the critical sinks have accepted all data.
    pub(super) async fn flush_critical(&mut self, within: Duration) {
        self.flush(within, &|_| true, true).await;
    }

    /// Waits, within the bound, until all sinks have accepted all data.
    pub(super) async fn flush_all(
        &mut self,
        within: Duration,
        may: &(dyn Fn(&ShardId) -> bool + Sync),
    ) {
        self.flush(within, may, false).await;
    }

    async fn flush(
        &mut self,
        within: Duration,
        may: &(dyn Fn(&ShardId) -> bool + Sync),
        is_critical_enough: bool,
    ) {
        let all = async {
            loop {
                self.pump(may);
                let lanes = &self.lanes;
                let is_critical = |queue: usize| lanes.get(queue).is_some_and(|lane| lane.0);
                let mut waiting = self.waiting.iter();
                if !waiting.any(|waiting| !is_critical_enough || is_critical(waiting.queue)) {
                    break;
                }
                self.room().await;
            }
            let queues = self.queues.iter();
            let wanted =
                queues.filter(|queue| !is_critical_enough || queue.settings().is_critical());
            join_all(wanted.map(SinkQueue::flush)).await;
            while self.letters.join_next().await.is_some() {}
        };
        let _ = timeout(within, all).await;
    }

    /// Calls `note` with the number of each item that has been settled.
    pub(super) fn settled_so_far(&mut self, mut note: impl FnMut(u64)) {
        while let Some(number) = self.settlements.try_next() {
            note(number);
        }
    }

    /// Waits, within the bound, until the queues are empty, and ends them.
    pub(super) async fn finish(
        &mut self,
        within: Duration,
        may: &(dyn Fn(&ShardId) -> bool + Sync),
    ) -> Vec<SinkStats> {
        let all = async {
            self.pump(may);
            while !self.waiting.is_empty() {
                self.room().await;
                self.pump(may);
            }
            while self.letters.join_next().await.is_some() {}
        };
        let started = tokio::time::Instant::now();
        let _ = timeout(within, all).await;
        let rest = within.saturating_sub(started.elapsed());
        let queues = self.queues.drain(..);
        let ended = join_all(queues.map(|queue| queue.shutdown(rest))).await;
        self.waiting.clear();
        ended
    }

    /// Returns the statistics of each sink, by name.
    pub(super) fn stats(&self) -> impl Iterator<Item = (&str, SinkStats)> {
        self.queues
            .iter()
            .map(|queue| (queue.name(), queue.stats()))
    }
}
