//! The orders, each with the answer of the API.

use std::{
    ops::RangeInclusive,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use lamplight_local_aws::client::Client;
use serde_json::{Value, json};

use super::{answers::text, deploy::Stack};
use crate::error::{Error, Result};

/// Orders in flight at a time: enough for egress to find several records in the queue.
const SENDERS: usize = 4;
/// One in this many orders is for an article the subscriber does not have.
const REFUSED_EVERY: usize = 10;

/// An order and the answer to it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The order's own id.
    pub order: String,
    /// True if the subscriber will refuse it.
    pub refused: bool,
    /// HTTP status of the answer; 202 means accepted.
    pub status: u16,
    /// The trace the answer names, in lower-case hex.
    pub trace_id: Option<String>,
}

impl Sent {
    /// Returns whether ingress took the order.
    pub fn accepted(&self) -> bool {
        self.status == 202
    }
}

/// Sends orders to the API, [`SENDERS`] at a time, and returns them by their number.
pub(crate) fn send(
    client: &Client,
    stack: &Stack,
    numbers: RangeInclusive<usize>,
) -> Result<Vec<Sent>> {
    let next = AtomicUsize::new(*numbers.start());
    let sender = || -> Result<Vec<Sent>> {
        let mut sent = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number > *numbers.end() {
                return Ok(sent);
            }
            sent.push(send_one(client, &stack.orders_path, number)?);
        }
    };
    let senders = thread::scope(|scope| {
        let running: Vec<_> = (0..SENDERS).map(|_| scope.spawn(sender)).collect();
        running
            .into_iter()
            .map(|sender| sender.join())
            .collect::<Vec<_>>()
    });
    let mut sent = Vec::new();
    for outcome in senders {
        sent.extend(outcome.map_err(|_| Error::new("a sender of orders panicked"))??);
    }
    sent.sort_by(|one: &Sent, other| one.order.cmp(&other.order));
    Ok(sent)
}

/// Sends orders as [`send`] does, with egress held back until all are in the queue, so that it is certain to
/// get batches of several.
pub(crate) fn send_at_once(
    client: &Client,
    stack: &Stack,
    numbers: RangeInclusive<usize>,
) -> Result<Vec<Sent>> {
    take_from_queue(client, stack, false)?;
    let sent = send(client, stack, numbers)?;
    take_from_queue(client, stack, true)?;
    Ok(sent)
}

/// Sends something that is no order and returns the HTTP status of the answer.
pub(crate) fn send_malformed(client: &Client, stack: &Stack) -> Result<u16> {
    Ok(client.post(&stack.orders_path, "{ not JSON")?.status)
}

fn take_from_queue(client: &Client, stack: &Stack, enabled: bool) -> Result<()> {
    let mapping = format!("/2015-03-31/event-source-mappings/{}", stack.queue_mapping);
    let input = json!({ "Enabled": enabled }).to_string();
    Ok(client.put(&mapping, "lambda", input.as_bytes())?)
}

fn send_one(client: &Client, path: &str, number: usize) -> Result<Sent> {
    let refused = number.is_multiple_of(REFUSED_EVERY);
    let order = format!("order-{number:04}");
    let body = json!({
        "id": order,
        "application": "web-shop",
        "article": if refused { "sundial" } else { "lamp" },
        "quantity": 1 + number % 3,
    });
    let answer = client.post(path, &body.to_string())?;
    let reply: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    Ok(Sent {
        order,
        refused,
        status: answer.status,
        trace_id: text(&reply, "/trace_id").map(str::to_owned),
    })
}
