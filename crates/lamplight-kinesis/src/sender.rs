//! Sending of batches, with retries of rejected records; the rest is returned.

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

/// The first backoff before records are offered again. Each further one is twice as long, and each is
/// shortened by a random amount, so that functions throttled together do not retry together.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// The time spent waiting for Kinesis after which a delivery starts no further attempt.
const WINDOW: Duration = Duration::from_secs(1);

/// The number of rejected records, with none accepted, from which on the request is considered the cause.
const MIN_REFUSED_RECORDS: usize = 3;

/// The number of deliveries that are returned because the request seems to be invalid. After that, the first
/// records are given up, so that they do not block others forever.
const MAX_REFUSED_DELIVERIES: u32 = 3;

/// A sender of batches of spans to a stream.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) client: StreamClient,
    pub(crate) format: Format,
    pub(crate) limits: Limits,
    pub(crate) attempts: u32,
    pub(crate) stdout_fallback: bool,
    pub(crate) history: Arc<History>,
}

/// The experience with the stream from earlier deliveries.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// True if the stream has ever accepted a record.
    has_accepted: AtomicBool,
    /// The number of entirely rejected deliveries before the first accepted record.
    refused_deliveries: AtomicU32,
}

/// The outcome of one request.
#[derive(Debug, Default)]
struct PutOutcome {
    retry: Vec<SpanData>,
    /// The last failure.
    failure: Option<Failure>,
    /// True if further requests are expected to fail in the same way.
    is_last: bool,
}

impl Sender {
    /// Sends `batch`, and rejected records again, a bounded number of times.
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
                // A failure that another attempt corrected is not logged.
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

    /// Writes the spans that Kinesis has not accepted to standard output, if that is enabled.
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

    /// Offers all `records` once, and returns the spans to offer again, with the reason. If one request shows
    /// that the others are going to fail too, they are not sent.
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

    /// Offers one request. A single invalid record makes Kinesis reject the whole request; it is then halved
    /// repeatedly, until only invalid records are given up.
    async fn put(&self, request: Vec<Record>, report: &mut Report) -> PutOutcome {
        let before = report.delivery.delivered;
        let mut outcome = PutOutcome::default();
        // Each element is a list of the spans of records; the first one is at the end.
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
        // Requests that were not sent wait; the spans of the failed one come with the failure.
        let unsent = left.into_iter().rev().flatten().flatten();
        report.delivery.returned.extend(unsent);
        self.record_refused(refused, &mut outcome, report);
        outcome
    }

    /// Records the result for each record: Kinesis returns them one by one, in order. A record without a
    /// result counts as not accepted.
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

    /// Records the failure of a whole call, which the next call would repeat.
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

    /// Gives up the records that were rejected individually, unless the request itself seems to be invalid,
    /// which is assumed if the stream has never accepted a record.
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

/// Records that were rejected individually.
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

/// Returns the entries of a request, and their spans in the same order in case they are needed again.
pub(crate) fn entries(request: Vec<Record>) -> (Vec<PutRecordsRequestEntry>, Vec<Vec<SpanData>>) {
    let entries = request.into_iter().filter_map(|record| {
        let entry = PutRecordsRequestEntry::builder()
            .partition_key(record.key)
            .data(Blob::new(record.data));
        // Both fields that the builder requires are set.
        Some((entry.build().ok()?, record.spans))
    });
    entries.unzip()
}

fn backoff(attempt: u32) -> Duration {
    let longest = FIRST_BACKOFF * 2u32.saturating_pow(attempt.saturating_sub(1).min(6));
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}
