//! Names of services as people say them.

/// Returns the name of a `messaging.system`, which is itself where it is not known here.
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

/// Returns the name of a queue, topic, bus or stream with its system: `SQS orders`. What no messaging
/// system is known of are changes of data: `changes of orders`.
#[must_use]
pub fn place(of_system: Option<&str>, destination: Option<&str>) -> String {
    match (of_system.map(system), destination) {
        // The bus that every account has.
        (Some("EventBridge"), Some("default")) => "EventBridge".to_owned(),
        (Some(system), Some(destination)) => format!("{system} {destination}"),
        (Some(system), None) => system.to_owned(),
        (None, Some(destination)) => format!("changes of {destination}"),
        (None, None) => IN_TRANSIT.to_owned(),
    }
}

/// Where nothing is known of what lies between.
pub(crate) const IN_TRANSIT: &str = "in transit";

/// The start of an environment.
pub(crate) const COLD_START: &str = "cold start";

/// From the start of an invocation to that of a record, while others of the batch came first.
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
