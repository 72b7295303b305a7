//! Facts about functions and messages in a span, according to the semantic conventions.

mod said;

use lamplight_semconv::exception;

use crate::span::{Kind, Span, Status};
use said::Said;

/// The role of a span in a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// One invocation of a function: it has `faas.invocation_id`, or is the `SERVER` span of a
    /// resource with `faas.name`.
    Invocation,
    /// Work on one record or message of a batch: `CONSUMER` with `messaging.*` or a change of a
    /// document.
    Record,
    /// Work on all messages of a batch: like [`Role::Record`], with a message count and without a
    /// message id.
    Batch,
    /// Messages sent to a queue, topic, bus or stream: `PRODUCER`, or an operation of type `send`.
    Send,
    /// A database call: it has `db.system.name`.
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

/// The outcome of an invocation or a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Outcome {
    Ok,
    Error,
    /// `error.type` is `timeout`.
    Timeout,
}

/// The facts of one span, borrowed from it. Facts that the span lacks are `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Facts<'a> {
    /// Its role.
    pub role: Role,
    /// Its outcome.
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
    /// `lamplight.previous_flush.duration_ms`.
    pub held_ms: Option<f64>,
    /// `error.type`.
    pub error_type: Option<&'a str>,
    /// `exception.type` and `exception.message` of the last event `exception`.
    pub exception: Option<(&'a str, &'a str)>,
    /// `messaging.system`.
    pub system: Option<&'a str>,
    /// `messaging.destination.name`, or the collection of a changed document.
    pub destination: Option<&'a str>,
    /// `messaging.message.id`, or the id of a changed document.
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
        let own = Said::by(&span.attributes);
        let recorder = Said::by(&span.resource.attributes);
        Self {
            role: role(span, &own, &recorder),
            outcome: if own.error_type == Some(TIMEOUT) {
                Outcome::Timeout
            } else if span.status == Status::Error {
                Outcome::Error
            } else {
                Outcome::Ok
            },
            function: (recorder.faas_name.or(own.faas_name))
                .or(recorder.service_name)
                .or(own.service_name)
                .unwrap_or(UNKNOWN_SERVICE),
            version: (recorder.faas_version.or(own.faas_version)).or(recorder.service_version),
            memory: recorder.memory.or(own.memory),
            instance: recorder.instance.or(own.instance),
            trigger: own.trigger,
            invocation_id: own.invocation_id,
            cold: own.cold == Some(true),
            init_ms: own.init_ms,
            held_ms: own.held_ms,
            error_type: own.error_type,
            exception: exception(span),
            system: own.system,
            destination: own.destination.or(own.collection),
            message_id: own.message_id.or(own.change_id),
            message_count: own.message_count,
            failed_count: own.failed_count,
            queue_ms: own.queue_ms,
            attempt: own.attempt,
        }
    }
}

/// `error.type` of an invocation that timed out.
const TIMEOUT: &str = "timeout";

/// The name of a service whose resource does not name it, according to the conventions.
const UNKNOWN_SERVICE: &str = "unknown_service";

/// Returns the role of a span, from its own attributes and those of its resource.
fn role(span: &Span, own: &Said<'_>, recorder: &Said<'_>) -> Role {
    let is_server = span.kind == Kind::Server;
    let has_messages = own.system.is_some() || own.message_id.is_some();
    if own.is_inferred {
        Role::Hop
    } else if own.invocation_id.is_some() || is_server && recorder.faas_name.is_some() {
        Role::Invocation
    } else if span.kind == Kind::Consumer
        && (has_messages || own.collection.is_some())
        && own.operation != Some(RECEIVE)
    {
        match (own.message_count, own.message_id.or(own.change_id)) {
            (Some(_), None) => Role::Batch,
            _ => Role::Record,
        }
    } else if span.kind == Kind::Producer || matches!(own.operation, Some("send" | "publish")) {
        Role::Send
    } else if own.is_database {
        Role::Database
    } else if own.is_aws_api {
        Role::AwsCall
    } else {
        match span.kind {
            Kind::Client | Kind::Consumer => Role::Client,
            Kind::Server => Role::Server,
            Kind::Unspecified | Kind::Internal | Kind::Producer => Role::Internal,
        }
    }
}

/// `messaging.operation.type` of a consumer that polls for messages.
const RECEIVE: &str = "receive";

/// Returns the type and message of the last exception.
fn exception(span: &Span) -> Option<(&str, &str)> {
    let last = (span.events.iter().rev()).find(|event| event.name == EXCEPTION)?;
    let text = |key| last.attributes.text(key).unwrap_or_default();
    Some((text(exception::TYPE), text(exception::MESSAGE)))
}

/// Name of the event of an exception.
const EXCEPTION: &str = "exception";

#[cfg(test)]
mod tests;
