use std::sync::Arc;

use super::{Facts, Outcome, Role};
use crate::span::{Attribute, Attributes, Event, Kind, Resource, Span, Status, Value};
use lamplight_semconv::{db, error, exception, faas, lamplight, messaging, rpc, service};

fn attributes(pairs: &[(&str, Value)]) -> Attributes {
    let attribute = |(key, value): &(&str, Value)| Attribute {
        key: (*key).to_owned(),
        value: value.clone(),
    };
    pairs.iter().map(attribute).collect()
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn span(kind: Kind, resource: &[(&str, Value)], own: &[(&str, Value)]) -> Span {
    let resource = Resource {
        attributes: attributes(resource),
        ..Resource::default()
    };
    Span {
        kind,
        attributes: attributes(own),
        ..Span::empty(resource.into(), Arc::default())
    }
}

#[test]
fn parts_are_told_apart_by_kind_and_attributes() {
    let function = [(faas::NAME, text("f"))];
    let system = (messaging::SYSTEM, text("aws_sqs"));
    let id = (messaging::message::ID, text("m"));
    let count = (messaging::batch::MESSAGE_COUNT, Value::Int(3));
    let of = |operation| (messaging::operation::TYPE, text(operation));
    let aws = (rpc::system::NAME, text("aws-api"));
    let database = (db::system::NAME, text("aws.dynamodb"));
    let change = (lamplight::aws::dynamodb::event::ID, text("c"));
    let table = (faas::document::COLLECTION, text("orders"));
    let hop = (lamplight::inferred::SERVICE, text("aws_sqs"));
    let invocation = (faas::INVOCATION_ID, text("i"));
    let none: [(&str, Value); 0] = [];
    for (kind, resource, own, role) in [
        (
            Kind::Server,
            &none[..],
            vec![invocation.clone()],
            Role::Invocation,
        ),
        (
            Kind::Consumer,
            &none,
            vec![invocation, system.clone()],
            Role::Invocation,
        ),
        (Kind::Server, &function, vec![], Role::Invocation),
        (Kind::Server, &none, vec![], Role::Server),
        (
            Kind::Consumer,
            &function,
            vec![system.clone(), id.clone()],
            Role::Record,
        ),
        (Kind::Consumer, &function, vec![table, change], Role::Record),
        (
            Kind::Consumer,
            &function,
            vec![system.clone(), count.clone()],
            Role::Batch,
        ),
        (
            Kind::Consumer,
            &function,
            vec![system.clone(), of("receive")],
            Role::Client,
        ),
        (
            Kind::Producer,
            &function,
            vec![system.clone(), count],
            Role::Send,
        ),
        (
            Kind::Client,
            &function,
            vec![aws.clone(), of("send")],
            Role::Send,
        ),
        (
            Kind::Client,
            &function,
            vec![aws.clone(), database],
            Role::Database,
        ),
        (
            Kind::Client,
            &function,
            vec![aws, system.clone()],
            Role::AwsCall,
        ),
        (Kind::Client, &function, vec![], Role::Client),
        (Kind::Consumer, &function, vec![], Role::Client),
        (Kind::Internal, &function, vec![hop, system, id], Role::Hop),
        (Kind::Internal, &function, vec![], Role::Internal),
        (Kind::Unspecified, &none, vec![], Role::Internal),
    ] {
        let span = span(kind, resource, &own);
        assert_eq!(Facts::of(&span).role, role, "{kind:?} {own:?}");
    }
}

#[test]
fn an_invocation_says_what_it_was_and_how_it_ended() {
    let resource = [
        (faas::NAME, text("orders")),
        (faas::VERSION, text("7")),
        (service::NAME, text("shop")),
        (faas::MAX_MEMORY, Value::Int(134_217_728)),
        (faas::INSTANCE, text("log")),
    ];
    let own = [
        (faas::INVOCATION_ID, text("i")),
        (faas::TRIGGER, text("pubsub")),
        (faas::COLDSTART, Value::Bool(true)),
        (lamplight::init::DURATION_MS, Value::Double(12.5)),
        (error::TYPE, text("timeout")),
        (messaging::batch::MESSAGE_COUNT, Value::Int(10)),
        (lamplight::batch::FAILED_COUNT, Value::Int(2)),
    ];
    let mut span = span(Kind::Server, &resource, &own);
    span.status = Status::Error;
    for message in ["first", "last"] {
        span.events.push(Event {
            time: 0,
            name: "exception".to_owned(),
            attributes: attributes(&[
                (exception::TYPE, text("E")),
                (exception::MESSAGE, text(message)),
            ]),
            dropped_attributes: 0,
        });
    }
    let facts = Facts::of(&span);
    assert_eq!((facts.function, facts.version), ("orders", Some("7")));
    assert_eq!(
        (facts.memory, facts.instance),
        (Some(134_217_728), Some("log"))
    );
    assert_eq!((facts.trigger, facts.cold), (Some("pubsub"), true));
    assert_eq!(
        (facts.init_ms, facts.outcome),
        (Some(12.5), Outcome::Timeout)
    );
    assert_eq!(facts.exception, Some(("E", "last")));
    assert_eq!(
        (facts.message_count, facts.failed_count),
        (Some(10), Some(2))
    );
}

#[test]
fn the_first_of_two_values_counts_and_a_wrong_type_is_none() {
    let own = [
        (lamplight::RECEIVE_COUNT, text("2")),
        (lamplight::RECEIVE_COUNT, Value::Int(-1)),
        (lamplight::queue::LATENCY_MS, Value::Double(f64::NAN)),
        (messaging::message::ID, text("first")),
        (messaging::message::ID, text("second")),
    ];
    let span = span(Kind::Consumer, &[], &own);
    let facts = Facts::of(&span);
    assert_eq!((facts.attempt, facts.queue_ms), (None, None));
    assert_eq!(facts.message_id, Some("first"));
    assert_eq!(facts.function, "unknown_service");
    assert_eq!(facts.outcome, Outcome::Ok);
}
