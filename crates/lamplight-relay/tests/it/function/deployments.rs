//! The configurations that templates hold in their own text are valid ones.

use lamplight_relay::config::Config;

use super::yaml;

/// Values of parameters and variables that a deployment sets.
const VALUES: [(&str, &str); 9] = [
    ("OtlpEndpoint", "https://otlp.example.com"),
    ("CreateSchema", "true"),
    ("TtlDays", "30"),
    ("RELAY_ENDPOINT", "https://otlp.example.com"),
    ("RELAY_CLICKHOUSE_URL", "http://clickhouse:8123"),
    ("RELAY_DATABASE", "otel"),
    ("RELAY_USER", "relay"),
    ("RELAY_SECRET", "secret"),
    ("RELAY_STREAM", "spans"),
];

fn value(name: &str) -> Option<String> {
    let found = VALUES.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| (*value).to_owned())
}

/// Asserts that the relay takes a configuration, and that it has a sink of this kind.
fn assert_valid(place: &str, text: &str, sink: &str) {
    assert!(
        text.contains(&format!("type = \"{sink}\"")),
        "{place}: {text}"
    );
    let config = Config::read_for_batches(place, text, &value);
    config.unwrap_or_else(|error| panic!("{error}"));
}

/// Returns the configuration in a template of CloudFormation, with its parameters put in.
fn of_template(text: &str) -> String {
    let template = yaml::read(text);
    let resources = template["Resources"].as_object().unwrap();
    let texts: Vec<_> = resources
        .values()
        .filter_map(|resource| {
            resource.pointer("/Properties/Environment/Variables/LAMPLIGHT_RELAY_CONFIG")
        })
        .filter_map(|config| config["Fn::Sub"].as_str().or_else(|| config.as_str()))
        .collect();
    let [text] = texts.as_slice() else {
        panic!("one configuration, and not {texts:?}");
    };
    // `!Sub` puts in `${Name}`, and leaves `${!Name}` to the relay as `${Name}`.
    let text = VALUES
        .iter()
        .fold((*text).to_owned(), |text, (name, value)| {
            text.replace(&format!("${{{name}}}"), value)
        });
    text.replace("${!", "${")
}

#[test]
fn templates_of_cloudformation_configure_the_relay() {
    for (place, text, sink) in [
        (
            "deploy/sam/template.yaml",
            include_str!("../../../../../deploy/sam/template.yaml"),
            "otlp_http",
        ),
        (
            "deploy/relay-clickhouse.yaml",
            include_str!("../../../../../deploy/relay-clickhouse.yaml"),
            "clickhouse",
        ),
    ] {
        assert_valid(place, &of_template(text), sink);
    }
}

#[test]
fn the_examples_of_the_cdk_and_of_terraform_configure_the_relay() {
    let cdk = include_str!("../../../../../deploy/cdk/bin/example.ts");
    let (_, rest) = cdk.split_once("configuration: `").unwrap();
    let (text, _) = rest.split_once('`').unwrap();
    assert_valid("deploy/cdk", &text.replace("\\${", "${"), "otlp_http");

    let terraform = include_str!("../../../../../deploy/terraform/example/main.tf");
    let (_, rest) = terraform.split_once("<<-TOML\n").unwrap();
    let (text, _) = rest.split_once("\n  TOML").unwrap();
    assert_valid("deploy/terraform", &text.replace("$${", "${"), "otlp_http");
}

#[test]
fn the_configuration_beside_compose_is_that_of_a_process() {
    let text = include_str!("../../../../../deploy/clickhouse/relay.toml");
    let all = |name: &str| value(name).or_else(|| Some("http://example.com".to_owned()));
    let config = Config::read("deploy/clickhouse/relay.toml", text, &all);
    config.unwrap_or_else(|error| panic!("{error}"));
}
