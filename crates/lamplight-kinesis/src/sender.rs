//! Encode, send, offer again what was refused, hand back the rest.

use crate::call::Caller;
use crate::failure::{Failure, Verdict};
use crate::fallback;
use crate::records::{Format, Limits, Record, records, requests};
use crate::report::Report;
use aws_sdk_kinesis::operation::put_records::PutRecordsOutput;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use lamplight_export::{Delivery, within};
use opentelemetry_sdk::trace::SpanData;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// The first pause before records are offered again; each further one is twice as long, and each is
/// shortened at random so that functions throttled together do not come back together.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// Time spent on waits for Kinesis after which a delivery begins no further attempt.
const WINDOW: Duration = Duration::from_secs(1);

/// How many records have to be refused by themselves, and none taken, until it is not them.
const TELLING: usize = 3;

/// How many deliveries wait because the request seems to be wrong. Then its first records are given up
/// after all, so that they do not stand in front of others for good.
const PATIENT_DELIVERIES: u32 = 3;

/// Sends batches of spans to a stream.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) caller: Caller,
    pub(crate) format: Format,
    pub(crate) limits: Limits,
    pub(crate) attempts: u32,
    pub(crate) stdout_fallback: bool,
    pub(crate) history: Arc<History>,
}

/// What is known of the stream.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Whether it has ever taken a record.
    took: AtomicBool,
    /// Deliveries that it refused altogether before it took one.
    refusals: AtomicU32,
}

/// What became of the spans of one request.
#[derive(Debug, Default)]
struct Put {
    retry: Vec<SpanData>,
    /// The last thing that stood in the way.
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
        self.fall_back(delivery);
        report
    }

    /// Writes what Kinesis has not taken to standard output, if that is wanted.
    pub(crate) fn fall_back(&self, delivery: &mut Delivery) {
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
            let put = self.put(request, report).await;
            retry.extend(put.retry);
            failure = put.failure.or(failure);
            if put.is_last {
                break;
            }
        }
        let unsent = requests.flatten().flat_map(|record| record.spans);
        match &failure {
            Some(failure) if failure.verdict == Verdict::Retry => retry.extend(unsent),
            _ => report.delivery.returned.extend(unsent),
        }
        (retry, failure)
    }

    /// Offers one request. When it is refused as a whole, which one bad record is enough for, the
    /// others must not go down with it: it is halved until the bad ones are alone.
    async fn put(&self, request: Vec<Record>, report: &mut Report) -> Put {
        let before = report.delivery.delivered;
        let mut put = Put::default();
        // Each a list of records' spans, the first one at the end.
        let mut left: Vec<Vec<Vec<SpanData>>> = Vec::new();
        let mut alone = Alone::default();
        let mut next = Some(request);
        while let Some(request) = next.take() {
            let (entries, mut spans) = entries(request);
            let (answer, waited) = self.caller.put(entries).await;
            report.waited += waited;
            match answer {
                Ok(output) => self.book(&output, spans, &mut put, report),
                Err(failure) => match failure.verdict {
                    Verdict::Refused | Verdict::TooLarge if spans.len() > 1 => {
                        left.push(spans.split_off(spans.len() / 2));
                        left.push(spans);
                    }
                    Verdict::Refused | Verdict::TooLarge => alone.add(spans, failure),
                    _ => {
                        self.end(failure, spans, &mut put, report);
                        break;
                    }
                },
            }
            let took = report.delivery.delivered > before;
            if (!took && alone.records >= TELLING) || report.waited >= WINDOW {
                put.is_last = true;
                break;
            }
            next = left.pop().map(|records| {
                let records = records.into_iter();
                records.map(|spans| self.format.record(spans)).collect()
            });
        }
        // What was not looked at waits for its turn; what made the request end comes with its verdict.
        let unsent = left.into_iter().rev().flatten().flatten();
        report.delivery.returned.extend(unsent);
        self.settle(alone, &mut put, report);
        put
    }

    /// Kinesis answers each record by itself, in order. A record without an answer was not accepted
    /// as far as anyone knows.
    fn book(
        &self,
        output: &PutRecordsOutput,
        spans: Vec<Vec<SpanData>>,
        put: &mut Put,
        report: &mut Report,
    ) {
        let target = &self.caller.target;
        let mut results = output.records().iter();
        for spans in spans {
            let failure = match results.next().map(|result| result.error_code()) {
                Some(None) => {
                    report.delivery.delivered += spans.len();
                    self.history.took.store(true, Ordering::Relaxed);
                    continue;
                }
                Some(Some(code)) => Failure::of_record(code, target),
                None => Failure::no_result(target),
            };
            if failure.verdict == Verdict::Refused {
                report.delivery.failed += spans.len();
                report.failures.push(failure);
            } else {
                put.retry.extend(spans);
                put.failure = Some(failure);
            }
        }
    }

    /// A call failed as a whole, and so would the next one.
    fn end(&self, failure: Failure, spans: Vec<Vec<SpanData>>, put: &mut Put, report: &mut Report) {
        put.is_last = true;
        let again = match failure.verdict {
            Verdict::Retry => true,
            Verdict::Lost => !std::mem::replace(&mut report.broke, true),
            Verdict::Wait | Verdict::TooLarge | Verdict::Refused => false,
        };
        let spans = spans.into_iter().flatten();
        if again {
            put.retry.extend(spans);
            put.failure = Some(failure.with_verdict(Verdict::Retry));
        } else {
            report.delivery.returned.extend(spans);
            put.failure = Some(failure);
        }
    }

    /// Gives up the records that were refused `alone`, unless it seems to be the request that is
    /// wrong, which a stream that has never taken anything says.
    fn settle(&self, alone: Alone, put: &mut Put, report: &mut Report) {
        let Some(failure) = alone.failure else {
            return;
        };
        let history = &self.history;
        let is_request = failure.verdict == Verdict::Refused
            && !history.took.load(Ordering::Relaxed)
            && history.refusals.fetch_add(1, Ordering::Relaxed) < PATIENT_DELIVERIES;
        if is_request {
            report.delivery.returned.extend(alone.spans);
            put.failure = Some(failure.of_the_request(&self.caller.target));
            put.is_last = true;
        } else {
            report.delivery.failed += alone.spans.len();
            report.failures.push(failure);
        }
    }
}

/// Records that were refused by themselves.
#[derive(Debug, Default)]
struct Alone {
    records: usize,
    spans: Vec<SpanData>,
    failure: Option<Failure>,
}

impl Alone {
    fn add(&mut self, spans: Vec<Vec<SpanData>>, failure: Failure) {
        self.records += 1;
        self.spans.extend(spans.into_iter().flatten());
        self.failure = Some(failure);
    }
}

/// The entries of a request, and their spans in the same order, should they be needed again.
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
