//! Evidence of the platform about what happened, without a look at any span.
//!
//! Lambda writes a `START` line with the request id for every invocation, and SQS counts its
//! messages. From that and the HTTP answers follows how many spans there must be.

use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

use lamplight_local_aws::client::Client;
use serde_json::json;

use super::{
    answers::{list, text},
    deploy::{ATTEMPTS, Stack},
    orders::Sent,
};
use crate::{
    error::{Error, Result},
    processes::POLL,
};

/// Time for cold starts and a busy machine, on top of what the work itself needs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Time one order may take from the answer to its delivery.
const PER_ORDER: Duration = Duration::from_millis(500);

/// The invocations of each function and the state of the queues once nothing moves any more.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    /// Request ids of ingress.
    pub(crate) ingress: BTreeSet<String>,
    /// Request ids of egress.
    pub(crate) egress: BTreeSet<String>,
    /// Request ids of the subscriber; each is one delivery attempt.
    pub(crate) subscriber: BTreeSet<String>,
    /// Messages that gave up and went to the dead-letter queue.
    pub(crate) dead_lettered: usize,
    /// True if every order reached its end: delivered, or tried often enough and put aside.
    pub(crate) settled: bool,
}

/// Waits, bounded, until every accepted order is delivered or dead-lettered.
pub(crate) fn gather(
    client: &Client,
    stack: &Stack,
    sent: &[Sent],
    retry_after: Duration,
) -> Result<Evidence> {
    let accepted = sent.iter().filter(|sent| sent.accepted());
    let refused = accepted.clone().filter(|sent| sent.refused).count();
    // At least: the queue may deliver a message twice.
    let deliveries = accepted.count() - refused + refused * ATTEMPTS;

    let orders = u32::try_from(sent.len()).unwrap_or(u32::MAX);
    let attempts = u32::try_from(ATTEMPTS + 1).unwrap_or(u32::MAX);
    let deadline = Instant::now()
        + PATIENCE
        + PER_ORDER.saturating_mul(orders)
        + retry_after.saturating_mul(attempts);
    loop {
        let dead_lettered = messages(client, &stack.dead_letter_queue_url)?;
        let at_rest = messages(client, &stack.queue_url)? == 0 && dead_lettered == refused;
        let expired = Instant::now() >= deadline;
        if at_rest || expired {
            let mut evidence = Evidence {
                ingress: invocations(client, &stack.ingress_logs)?,
                egress: invocations(client, &stack.egress_logs)?,
                subscriber: invocations(client, &stack.subscriber_logs)?,
                dead_lettered,
                settled: false,
            };
            evidence.settled = at_rest && evidence.subscriber.len() >= deliveries;
            if evidence.settled || expired {
                return Ok(evidence);
            }
        }
        thread::sleep(POLL * 2);
    }
}

/// Returns the number of messages in a queue, waiting or being worked on.
fn messages(client: &Client, queue_url: &str) -> Result<usize> {
    let input = json!({ "QueueUrl": queue_url, "AttributeNames": ["All"] });
    let answer = client.call("sqs", "AmazonSQS.GetQueueAttributes", &input)?;
    let count = |name| {
        text(&answer, &format!("/Attributes/{name}"))?
            .parse::<usize>()
            .ok()
    };
    ["", "NotVisible", "Delayed"]
        .map(|state| count(format!("ApproximateNumberOfMessages{state}")))
        .into_iter()
        .sum::<Option<usize>>()
        .ok_or_else(|| Error::new("a queue did not say its size"))
}

/// Returns the request ids in the `START` lines of a log group.
fn invocations(client: &Client, group: &str) -> Result<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    let mut input = json!({ "logGroupName": group, "filterPattern": "\"START RequestId\"" });
    loop {
        let answer = client.call("logs", "Logs_20140328.FilterLogEvents", &input)?;
        let messages = list(&answer, "/events")
            .iter()
            .filter_map(|event| text(event, "/message"));
        ids.extend(messages.filter_map(started));
        match (answer.pointer("/nextToken"), input.as_object_mut()) {
            (Some(page), Some(input)) => input.insert("nextToken".into(), page.clone()),
            _ => return Ok(ids),
        };
    }
}

fn started(line: &str) -> Option<String> {
    let rest = line.strip_prefix("START RequestId: ")?;
    rest.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::started;

    #[test]
    fn only_the_platforms_start_line_counts() {
        assert_eq!(
            started("START RequestId: 8f-1 Version: $LATEST").as_deref(),
            Some("8f-1")
        );
        assert_eq!(started("END RequestId: 8f-1"), None);
        assert_eq!(started("the handler logged START RequestId: x"), None);
    }
}
