//! What a span says about functions and messages, by the conventions.

use crate::span::Span;

/// The part a span plays in a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// One invocation of a function: it has `faas.invocation_id`, or is the `SERVER` span of a
    /// resource with `faas.name`.
    Invocation,
    /// Work on one record or message of a batch: `CONSUMER` with `messaging.*` or a document's change.
    Record,
    /// Work on all messages of a batch: as [`Role::Record`], with a message count and no message's id.
    Batch,
    /// Messages handed to a queue, topic, bus or stream: `PRODUCER`, or an operation of type `send`.
    Send,
    /// A call of a database: it has `db.system.name`.
    Database,
    /// Any other call through an AWS SDK: `rpc.system` is `aws-api`.
    AwsCall,
    /// Any other `CLIENT`.
    Client,
    /// Any other `SERVER`.
    Server,
    /// Time in a managed service, inferred: it has `lamplight.inferred.service`.
    Hop,
    /// Anything else.
    Internal,
}

/// How an invocation or a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Outcome {
    Ok,
    Error,
    /// `error.type` is `timeout`.
    Timeout,
}

/// The facts of one span, borrowed from it. What the span does not say is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Facts<'a> {
    /// Its part.
    pub role: Role,
    /// How it ended.
    pub outcome: Outcome,
    /// `faas.name`, else `service.name`, else `unknown_service`.
    pub function: &'a str,
    /// `faas.version`, else `service.version`.
    pub version: Option<&'a str>,
    /// `faas.max_memory`, in bytes.
    pub memory: Option<u64>,
    /// `faas.instance`.
    pub instance: Option<&'a str>,
    /// `faas.trigger`.
    pub trigger: Option<&'a str>,
    /// `faas.invocation_id`.
    pub invocation_id: Option<&'a str>,
    /// `faas.coldstart`.
    pub cold: bool,
    /// `lamplight.init.duration_ms`.
    pub init_ms: Option<f64>,
    /// `error.type`.
    pub error_type: Option<&'a str>,
    /// `exception.type` and `exception.message` of the last event `exception`.
    pub exception: Option<(&'a str, &'a str)>,
    /// `messaging.system`.
    pub system: Option<&'a str>,
    /// `messaging.destination.name`, or the collection of a document's change.
    pub destination: Option<&'a str>,
    /// `messaging.message.id`, or the id of a document's change.
    pub message_id: Option<&'a str>,
    /// `messaging.batch.message_count`.
    pub message_count: Option<u64>,
    /// `lamplight.batch.failed_count`.
    pub failed_count: Option<u64>,
    /// `lamplight.queue.latency_ms`.
    pub queue_ms: Option<f64>,
    /// `lamplight.receive_count`: 1 for the first delivery.
    pub attempt: Option<u64>,
}

impl<'a> Facts<'a> {
    /// Returns the facts of a span.
    #[must_use]
    pub fn of(span: &'a Span) -> Self {
        let _ = span;
        todo!("model")
    }
}
