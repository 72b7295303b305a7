//! The templates in `deploy/`: everything they refer to exists, and their limits are reasonable.

use std::collections::BTreeSet;

use serde_json::Value;

use super::yaml;

const FUNCTION: &str = include_str!("../../../../../deploy/relay-function.yaml");
const SCHEDULED: &str = include_str!("../../../../../deploy/relay-scheduled.yaml");

fn both() -> [Value; 2] {
    [FUNCTION, SCHEDULED].map(yaml::read)
}

/// Returns the value of a property; for a parameter, its default.
fn property<'t>(template: &'t Value, path: &str) -> &'t Value {
    let value = template
        .pointer(path)
        .unwrap_or_else(|| panic!("no {path}"));
    match value["Ref"].as_str() {
        Some(parameter) => template
            .pointer(&format!("/Parameters/{parameter}/Default"))
            .unwrap_or_else(|| panic!("{parameter} has no default")),
        None => value,
    }
}

fn number(template: &Value, path: &str) -> i64 {
    property(template, path).as_str().unwrap().parse().unwrap()
}

/// Returns the text of a property.
fn text<'t>(template: &'t Value, path: &str) -> &'t str {
    property(template, path).as_str().unwrap()
}

/// Calls `visit` with each object in a value.
fn objects(value: &Value, visit: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values().for_each(|value| objects(value, visit));
        }
        Value::Array(array) => array.iter().for_each(|value| objects(value, visit)),
        _ => {}
    }
}

/// Returns all names that a template refers to.
fn references(template: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    objects(template, &mut |object| {
        for (function, argument) in object {
            match (function.as_str(), argument) {
                ("Ref" | "Condition", Value::String(name)) => {
                    names.insert(name.clone());
                }
                ("Fn::GetAtt", Value::String(name)) => {
                    let (name, _) = name.split_once('.').expect("an attribute");
                    names.insert(name.to_owned());
                }
                ("Fn::Sub", Value::String(text)) => {
                    let parts = text.split("${").skip(1);
                    names.extend(parts.map(|part| part.split_once('}').unwrap().0.to_owned()));
                }
                ("Fn::If", Value::Array(arguments)) => {
                    names.insert(arguments[0].as_str().unwrap().to_owned());
                }
                _ => {}
            }
        }
    });
    names
}

#[test]
fn what_a_template_names_is_in_it_and_what_is_in_it_is_named() {
    for template in both() {
        let mut known = BTreeSet::new();
        for section in ["Parameters", "Conditions", "Resources"] {
            known.extend(template[section].as_object().unwrap().keys().cloned());
        }
        let named = references(&template);
        for name in named.iter().filter(|name| !name.starts_with("AWS::")) {
            assert!(known.contains(name), "{name} is not there");
        }
        for section in ["Parameters", "Conditions"] {
            for name in template[section].as_object().unwrap().keys() {
                assert!(named.contains(name), "{name} is used nowhere");
            }
        }
    }
}

#[test]
fn a_batch_that_fails_does_not_hold_its_shard_for_a_day() {
    let template = yaml::read(FUNCTION);
    let mapping = |name: &str| format!("/Resources/Mapping/Properties/{name}");
    let responses = property(&template, &mapping("FunctionResponseTypes"));
    assert_eq!(responses[0], "ReportBatchItemFailures");
    assert_eq!(
        text(&template, &mapping("BisectBatchOnFunctionError")),
        "true"
    );
    assert_eq!(number(&template, &mapping("MaximumRetryAttempts")), 5);
    let age = number(&template, &mapping("MaximumRecordAgeInSeconds"));
    let retention = 24 * 3600;
    assert!((3600..retention).contains(&age), "{age}");
    let destination = mapping("DestinationConfig/OnFailure/Destination");
    let queue = property(&template, &destination);
    assert_eq!(queue["Fn::GetAtt"], "FailureQueue.Arn");
    assert_eq!(
        template["Resources"]["FailureQueue"]["Type"],
        "AWS::SQS::Queue"
    );
}

#[test]
fn a_batch_is_as_large_as_it_can_be_and_of_one_shard() {
    let template = yaml::read(FUNCTION);
    let mapping = |name: &str| format!("/Resources/Mapping/Properties/{name}");
    assert_eq!(number(&template, &mapping("BatchSize")), 10_000);
    let window = number(&template, &mapping("MaximumBatchingWindowInSeconds"));
    assert!((1..=300).contains(&window), "{window}");
    assert_eq!(text(&template, &mapping("ParallelizationFactor")), "1");
    assert_eq!(
        text(&template, &mapping("StartingPosition")),
        "TRIM_HORIZON"
    );
    let memory = number(&template, "/Resources/RelayFunction/Properties/MemorySize");
    assert!((128..=1024).contains(&memory), "{memory}");
}

#[test]
fn runs_of_the_scheduled_function_neither_overlap_nor_pile_up() {
    let template = yaml::read(SCHEDULED);
    let resources = &template["Resources"];
    let retries = &resources["Schedule"]["Properties"]["Target"]["RetryPolicy"];
    assert_eq!(retries["MaximumRetryAttempts"], "0");
    assert_eq!(
        resources["RunOnce"]["Properties"]["MaximumRetryAttempts"],
        "0"
    );
    assert_eq!(
        resources["RunOnce"]["Properties"]["MaximumEventAgeInSeconds"],
        "60"
    );
    let reserved = &resources["RelayFunction"]["Properties"]["ReservedConcurrentExecutions"];
    assert_eq!(reserved["Fn::If"][1], "1");
    let table = &resources["Checkpoints"]["Properties"];
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
}

#[test]
fn the_alarm_goes_off_at_half_of_what_the_stream_keeps() {
    for template in both() {
        let hours = number(&template, "/Parameters/StreamRetentionHours/Default");
        let threshold = number(&template, "/Resources/BehindAlarm/Properties/Threshold");
        assert_eq!(threshold, hours * 3_600_000 / 2);
        let metric = text(&template, "/Resources/BehindAlarm/Properties/MetricName");
        assert!(metric.contains("IteratorAge"), "{metric}");
    }
}

#[test]
fn no_role_may_do_more_than_its_function_does() {
    let allowed = BTreeSet::from([
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
        "kms:Decrypt",
        "lambda:InvokeFunction",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
    ]);
    for template in both() {
        let mut statements = 0;
        objects(&template, &mut |object| {
            if object.contains_key("Principal") || !object.contains_key("Effect") {
                return;
            }
            statements += 1;
            let actions = match &object["Action"] {
                Value::Array(actions) => actions.clone(),
                action => vec![action.clone()],
            };
            for action in actions {
                let action = action.as_str().unwrap();
                assert!(allowed.contains(action), "{action}");
            }
            assert!(object["Resource"].is_object(), "{:?}", object["Resource"]);
        });
        assert!(statements >= 3, "{statements}");
    }
}
