//! Display names of services.

/// Returns the display name of a `messaging.system`; the value itself if it is unknown.
#[must_use]
pub fn system(system: &str) -> &str {
    match system {
        "aws_sqs" => "SQS",
        "aws.sns" => "SNS",
        "aws.eventbridge" => "EventBridge",
        "aws.kinesis" => "Kinesis",
        "kafka" => "Kafka",
        "rabbitmq" => "RabbitMQ",
        "activemq" => "ActiveMQ",
        "jms" => "JMS",
        "pulsar" => "Pulsar",
        "rocketmq" => "RocketMQ",
        "gcp_pubsub" => "Pub/Sub",
        "eventgrid" => "Event Grid",
        "eventhubs" => "Event Hubs",
        "servicebus" => "Service Bus",
        other => other,
    }
}

/// Returns the display name of a queue, topic, bus or stream with its system: `SQS orders`. Without
/// a messaging system, it is a collection with changes: `changes of orders`.
#[must_use]
pub fn place(of_system: Option<&str>, destination: Option<&str>) -> String {
    match (of_system.map(system), destination) {
        // The default bus of an account.
        (Some("EventBridge"), Some("default")) => "EventBridge".to_owned(),
        (Some(system), Some(destination)) => format!("{system} {destination}"),
        (Some(system), None) => system.to_owned(),
        (None, Some(destination)) => format!("changes of {destination}"),
        (None, None) => IN_TRANSIT.to_owned(),
    }
}

/// The place of a wait between two spans if nothing else is known.
pub(crate) const IN_TRANSIT: &str = "in transit";

/// The start of an environment.
pub(crate) const COLD_START: &str = "cold start";

/// The wait from the start of an invocation to that of a record, while earlier records of the batch
/// were processed.
pub(crate) const EARLIER_RECORDS: &str = "earlier records of its batch";

/// From the call of a function to its start.
pub(super) const LAMBDA: &str = "Lambda";

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn places_are_named_as_people_say_them() {
        for (system, destination, name) in [
            (Some("aws_sqs"), Some("orders"), "SQS orders"),
            (Some("aws.eventbridge"), Some("default"), "EventBridge"),
            (
                Some("aws.eventbridge"),
                Some("events"),
                "EventBridge events",
            ),
            (Some("kafka"), None, "Kafka"),
            (Some("nats"), Some("a"), "nats a"),
            (None, Some("orders"), "changes of orders"),
            (None, None, "in transit"),
        ] {
            assert_eq!(place(system, destination), name);
        }
    }
}
