//! Sending of batches: what was refused is offered again, and the rest is handed back.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use aws_sdk_kinesis::{
    operation::put_records::PutRecordsOutput, primitives::Blob, types::PutRecordsRequestEntry,
};
use lamplight_export::{Delivery, within};
use opentelemetry_sdk::trace::SpanData;

use crate::{
    call::StreamClient,
    failure::{Failure, FailureKind},
    fallback,
    records::{Format, Limits, Record, records, requests},
    report::Report,
};

/// The first backoff before records are offered again; each further one is twice as long, and each is
/// shortened at random so that functions throttled together do not come back together.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// The time spent on waits for Kinesis after which a delivery begins no further attempt.
const WINDOW: Duration = Duration::from_secs(1);

/// How many records have to be refused by themselves, and none taken, until the fault is not theirs.
const MIN_REFUSED_RECORDS: usize = 3;

/// How many deliveries are handed back because the request seems to be wrong. Then its first records are
/// given up after all, so that they do not stand in front of others for good.
const MAX_REFUSED_DELIVERIES: u32 = 3;

/// Sends batches of spans to a stream.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) client: StreamClient,
    pub(crate) format: Format,
    pub(crate) limits: Limits,
    pub(crate) attempts: u32,
    pub(crate) stdout_fallback: bool,
    pub(crate) history: Arc<History>,
}

/// What earlier deliveries have shown of the stream.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Whether it has ever accepted a record.
    has_accepted: AtomicBool,
    /// Deliveries that it refused altogether before it accepted one.
    refused_deliveries: AtomicU32,
}

/// The outcome of one request.
#[derive(Debug, Default)]
struct PutOutcome {
    retry: Vec<SpanData>,
    /// The last failure.
    failure: Option<Failure>,
    /// Whether further requests would fare no better.
    is_last: bool,
}

impl Sender {
    /// Sends `batch`, and what was refused of it again, a bounded number of times.
    pub(crate) async fn send(&self, mut batch: Vec<SpanData>) -> Report {
        let mut report = Report::default();
        for attempt in 1.. {
            let (records, oversized) = records(&self.format, &self.limits, batch);
            if oversized > 0 {
                report.delivery.failed += oversized;
                let failure = Failure::oversized(oversized, self.limits.record_bytes);
                report.failures.push(failure);
            }
            let (retry, failure) = self.round(records, &mut report).await;
            let is_over = attempt >= self.attempts || report.waited >= WINDOW;
            if retry.is_empty() || is_over {
                // One that another attempt made good is not worth a line.
                report.failures.extend(failure);
                report.delivery.returned.extend(retry);
                break;
            }
            batch = retry;
            within(backoff(attempt), pending::<()>()).await;
        }
        let delivery = &mut report.delivery;
        delivery.unreachable = delivery.delivered == 0 && !delivery.returned.is_empty();
        self.print_returned(delivery);
        report
    }

    /// Writes what Kinesis has not taken to standard output, if that is wanted.
    pub(crate) fn print_returned(&self, delivery: &mut Delivery) {
        if !self.stdout_fallback || delivery.returned.is_empty() {
            return;
        }
        let spans = std::mem::take(&mut delivery.returned);
        let printed = fallback::print(&self.format.encoder, spans);
        delivery.delivered += printed.delivered;
        delivery.failed += printed.failed;
        delivery.returned = printed.returned;
    }

    /// Offers all `records` once, and returns the spans to offer again with the reason. Where one
    /// request shows that the others would fare no better, they are not sent.
    async fn round(
        &self,
        records: Vec<Record>,
        report: &mut Report,
    ) -> (Vec<SpanData>, Option<Failure>) {
        let (mut retry, mut failure) = (Vec::new(), None);
        let mut requests = requests(&self.limits, records).into_iter();
        for request in requests.by_ref() {
            let outcome = self.put(request, report).await;
            retry.extend(outcome.retry);
            failure = outcome.failure.or(failure);
            if outcome.is_last {
                break;
            }
        }
        let unsent = requests.flatten().flat_map(|record| record.spans);
        match &failure {
            Some(failure) if failure.kind == FailureKind::Transient => retry.extend(unsent),
            _ => report.delivery.returned.extend(unsent),
        }
        (retry, failure)
    }

    /// Offers one request. When it is refused as a whole, which one bad record is enough for, the
    /// others must not go down with it: it is halved until the bad ones are alone.
    async fn put(&self, request: Vec<Record>, report: &mut Report) -> PutOutcome {
        let before = report.delivery.delivered;
        let mut outcome = PutOutcome::default();
        // Each a list of records' spans, the first one at the end.
        let mut left: Vec<Vec<Vec<SpanData>>> = Vec::new();
        let mut refused = RefusedRecords::default();
        let mut next = Some(request);
        while let Some(request) = next.take() {
            let (entries, mut spans) = entries(request);
            let (answer, waited) = self.client.put(entries).await;
            report.waited += waited;
            match answer {
                Ok(output) => self.record_results(&output, spans, &mut outcome, report),
                Err(failure) => match failure.kind {
                    FailureKind::Permanent | FailureKind::TooLarge if spans.len() > 1 => {
                        left.push(spans.split_off(spans.len() / 2));
                        left.push(spans);
                    }
                    FailureKind::Permanent | FailureKind::TooLarge => refused.add(spans, failure),
                    _ => {
                        self.record_failed_call(failure, spans, &mut outcome, report);
                        break;
                    }
                },
            }
            let has_accepted = report.delivery.delivered > before;
            if (!has_accepted && refused.records >= MIN_REFUSED_RECORDS) || report.waited >= WINDOW
            {
                outcome.is_last = true;
                break;
            }
            next = left.pop().map(|records| {
                let records = records.into_iter();
                records.map(|spans| self.format.record(spans)).collect()
            });
        }
        // What was not looked at waits for its turn; what made the request end comes with its failure.
        let unsent = left.into_iter().rev().flatten().flatten();
        report.delivery.returned.extend(unsent);
        self.record_refused(refused, &mut outcome, report);
        outcome
    }

    /// Records what became of each record: Kinesis answers for each by itself, in order. A record without an
    /// answer was not accepted as far as anyone knows.
    fn record_results(
        &self,
        output: &PutRecordsOutput,
        spans: Vec<Vec<SpanData>>,
        outcome: &mut PutOutcome,
        report: &mut Report,
    ) {
        let stream = &self.client.stream;
        let mut results = output.records().iter();
        for spans in spans {
            let failure = match results.next().map(|result| result.error_code()) {
                Some(None) => {
                    report.delivery.delivered += spans.len();
                    self.history.has_accepted.store(true, Ordering::Relaxed);
                    continue;
                }
                Some(Some(code)) => Failure::of_record(code, stream),
                None => Failure::no_result(stream),
            };
            if failure.kind == FailureKind::Permanent {
                report.delivery.failed += spans.len();
                report.failures.push(failure);
            } else {
                outcome.retry.extend(spans);
                outcome.failure = Some(failure);
            }
        }
    }

    /// Records that a call failed as a whole, as the next one would.
    fn record_failed_call(
        &self,
        failure: Failure,
        spans: Vec<Vec<SpanData>>,
        outcome: &mut PutOutcome,
        report: &mut Report,
    ) {
        outcome.is_last = true;
        let again = match failure.kind {
            FailureKind::Transient => true,
            FailureKind::ConnectionLost => {
                !std::mem::replace(&mut report.has_lost_connection, true)
            }
            FailureKind::OutcomeUnknown
            | FailureKind::NeedsIntervention
            | FailureKind::TooLarge
            | FailureKind::Permanent => false,
        };
        let spans = spans.into_iter().flatten();
        if again {
            outcome.retry.extend(spans);
            outcome.failure = Some(failure.with_kind(FailureKind::Transient));
        } else {
            report.delivery.returned.extend(spans);
            outcome.failure = Some(failure);
        }
    }

    /// Gives up the records that were refused by themselves, unless it seems to be the request that is
    /// wrong, which a stream that has never taken anything says.
    fn record_refused(
        &self,
        refused: RefusedRecords,
        outcome: &mut PutOutcome,
        report: &mut Report,
    ) {
        let Some(failure) = refused.failure else {
            return;
        };
        let history = &self.history;
        let is_request = failure.kind == FailureKind::Permanent
            && !history.has_accepted.load(Ordering::Relaxed)
            && history.refused_deliveries.fetch_add(1, Ordering::Relaxed) < MAX_REFUSED_DELIVERIES;
        if is_request {
            report.delivery.returned.extend(refused.spans);
            outcome.failure = Some(failure.of_request(&self.client.stream));
            outcome.is_last = true;
        } else {
            report.delivery.failed += refused.spans.len();
            report.failures.push(failure);
        }
    }
}

/// Records that were refused by themselves.
#[derive(Debug, Default)]
struct RefusedRecords {
    records: usize,
    spans: Vec<SpanData>,
    failure: Option<Failure>,
}

impl RefusedRecords {
    fn add(&mut self, spans: Vec<Vec<SpanData>>, failure: Failure) {
        self.records += 1;
        self.spans.extend(spans.into_iter().flatten());
        self.failure = Some(failure);
    }
}

/// Returns the entries of a request, and their spans in the same order, should they be needed again.
pub(crate) fn entries(request: Vec<Record>) -> (Vec<PutRecordsRequestEntry>, Vec<Vec<SpanData>>) {
    let entries = request.into_iter().filter_map(|record| {
        let entry = PutRecordsRequestEntry::builder()
            .partition_key(record.key)
            .data(Blob::new(record.data));
        // Both members that the builder requires are set.
        Some((entry.build().ok()?, record.spans))
    });
    entries.unzip()
}

fn backoff(attempt: u32) -> Duration {
    let longest = FIRST_BACKOFF * 2u32.saturating_pow(attempt.saturating_sub(1).min(6));
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}
