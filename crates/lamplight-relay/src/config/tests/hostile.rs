//! Mistakes of users, and input that no user would write.

use super::*;

/// Returns a rule with this condition.
fn when(condition: &str) -> String {
    format!("[[rule]]\nname = \"r\"\nkeep = true\nwhen = {condition}")
}

/// Returns the faults of a sink with these lines.
fn sink(lines: &str) -> Vec<String> {
    faults(&format!("[[sink]]\nname = \"out\"\n{lines}"))
}

fn only_of_sink(lines: &str) -> String {
    let faults = sink(lines);
    assert_eq!(faults.len(), 1, "{lines}: {faults:#?}");
    faults[0].clone()
}

const FILE: &str = "checkpoints = { type = \"file\", path = \"/x\" }";

#[test]
fn what_would_keep_nothing_or_never_hold_is_told() {
    for (text, expected) in [
        (
            "[[rule]]\nname = \"r\"\ndrop = true\n[[rule]]\nname = \"s\"\nkeep = true".to_owned(),
            "drops all traces",
        ),
        (
            "[[rule]]\nname = \"r\"\nwhen = { error = true }\ndrop = true".to_owned(),
            ":1:1: rule[1]: is a rule that drops, like all others",
        ),
        (when("{ name = [] }"), "rule[1].when.name: is empty"),
        (when("{ name_prefix = [] }"), "when.name_prefix: is empty"),
        (when("{ trigger = [] }"), "when.trigger: is empty"),
        (
            when("{ attribute = \"a\", prefix = [] }"),
            "when.prefix: is empty",
        ),
        (when("{ attribute = \"a\", is = [] }"), "has no value"),
        (
            when("{ attribute = \"\", is = 1 }"),
            "when.attribute: is empty",
        ),
        (when("{ span_count = {} }"), "has no bounds"),
        (
            when("{ attribute = \"a\", at_least = nan }"),
            "at_least: is NaN; use a finite number",
        ),
        (
            when("{ attribute = 3, is = 1 }"),
            "when.attribute: is an integer",
        ),
        (
            when("{ longer_than = \"0.2 ms\" }"),
            "\"0.2 ms\" is not a duration",
        ),
        (
            "[[rule]]\nname = \"r\"\nadaptive = { share = \"5 %\", by = [] }".to_owned(),
            "adaptive.by: is empty",
        ),
    ] {
        let said = only(&text);
        assert!(said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn names_that_no_log_line_could_have_are_told() {
    for name in ["", " ", "\\n", &"x".repeat(129)] {
        let said = only(&format!("[[rule]]\nname = \"{name}\"\nkeep = true"));
        assert!(said.contains("rule[1].name:"), "{said}");
        let said = faults(&format!("[[sink]]\nname = \"{name}\"\ntype = \"stdout\""));
        assert!(said[0].contains("sink[1].name:"), "{said:#?}");
    }
}

#[test]
fn keys_that_no_attribute_has_are_told() {
    for (keys, expected) in [
        (
            "\"*password*\"",
            "has a `*` before its end, which would be part of the key",
        ),
        ("\"\"", "clean.attributes.deny[1]: is empty"),
        ("\"/(/\"", "unclosed group; see https://docs.rs/regex"),
    ] {
        let said = only(&format!("[clean.attributes]\ndeny = [{keys}]"));
        assert!(said.contains(expected), "{said}");
    }
    let said = beside_a_sink("[clean.attributes]\nrename = { a = \"b\", b = \"c\" }");
    assert!(said[0].contains("rename.a: is renamed too"), "{said:#?}");
    let fine = beside_a_sink("[clean.attributes]\ndeny = [\"*\", \"http.*\", \"/a*b/\"]");
    assert_eq!(fine, [""; 0]);
}

#[test]
fn a_destination_that_cannot_be_reached_as_it_is_written_is_told() {
    let http = |lines: &str| format!("type = \"otlp_http\"\n{lines}");
    for (lines, expected) in [
        (
            http("endpoint = \"https://host/v1/traces\""),
            "ends with `/v1/traces`, which is added",
        ),
        (http("endpoint = \"https://host?key=1\""), "has a query"),
        (http("endpoint = \"https://host:\""), "has no valid port"),
        (
            http("endpoint = \"https://host:99999\""),
            "has no valid port",
        ),
        (http("endpoint = \"host:4318\""), "is not an HTTP URL"),
        (
            http("endpoint = \"https://h\"\nheaders = { Content-Type = \"x\" }"),
            "is a header that the relay sets itself",
        ),
        (
            http("endpoint = \"https://h\"\nheaders = { Api-Key = \"x\", api-key = \"y\" }"),
            "occurs twice",
        ),
        (
            http("endpoint = \"https://h\"\nheaders = { a = 3 }"),
            "headers.a: is an integer, but must be a string",
        ),
        (
            http("endpoint = \"https://h\"\nheaders = \"x\""),
            "headers: is a string, but must be a table",
        ),
        ("type = \"file\"\npath = \"\"".to_owned(), "path: is empty"),
        (
            "type = \"kinesis\"\nstream = \"a/b\"".to_owned(),
            "is neither a name nor an ARN of a stream",
        ),
        (
            "type = \"kinesis\"\nregion = \"eu-west-1\"\nstream = \
            \"arn:aws:kinesis:us-east-1:1:stream/s\""
                .to_owned(),
            "is in us-east-1 according to its ARN, but `region` is \"eu-west-1\"",
        ),
        (
            "type = \"clickhouse\"".to_owned(),
            "`url` is missing; write `url = \"http://clickhouse:8123\"`",
        ),
        (
            "type = \"clickhouse\"\nurl = \"clickhouse:9000\"".to_owned(),
            "is not an HTTP URL; write `http://` or `https://`, a host and a path; put user and",
        ),
        (
            "type = \"clickhouse\"\nurl = \"http://h:8123/?database=x\"".to_owned(),
            "sink[1].url: has a query, which the relay sets itself; remove it",
        ),
        (
            "type = \"clickhouse\"\nurl = \"http://me:secret@h:8123\"".to_owned(),
            "sink[1].url: contains a user or a password",
        ),
        (
            "type = \"clickhouse\"\nurl = \"http://h\"\npassword = \"a\\nb\"".to_owned(),
            "sink[1].password: contains a control character",
        ),
        (
            "type = \"clickhouse\"\nurl = \"http://h\"\nuser = \"\"".to_owned(),
            "sink[1].user: is empty",
        ),
        (
            "type = \"clickhouse\"\nurl = \"http://h\"\nttl_days = 0".to_owned(),
            "sink[1].ttl_days: is 0; use a value from 1 to 36500",
        ),
        (
            "type = \"clickhouse\"\nurl = \"http://h\"\nmax_rows = 0".to_owned(),
            "sink[1].max_rows: is 0; use a value from 1 to 1000000",
        ),
        (
            "type = \"clickhouse\"\nurl = \"http://h\"\nreplacing = \"yes\"".to_owned(),
            "sink[1].replacing: is a string, but must be a boolean",
        ),
        (
            "type = \"clickhouse\"\nurl = \"http://h\"\nendpoint = \"http://h\"".to_owned(),
            "sink[1].endpoint: is set, but a sink of type \"clickhouse\" does not have it",
        ),
        (
            "type = \"stdout\"\nmax_rows = 9".to_owned(),
            "sink[1].max_rows: is set, but a sink of type \"stdout\" does not have it",
        ),
        (
            "type = \"stdout\"\nlinger = \"2 min\"".to_owned(),
            "sink[1].linger: is 2 min; use a value from 0 ms to 1 min",
        ),
        (
            "type = \"stdout\"\nsignals = \"metrics\"\nsample_rate = true".to_owned(),
            "applies to spans, but the sink does not receive spans",
        ),
        (
            "type = \"stdout\"\nfilter = []".to_owned(),
            "filter: is empty",
        ),
        (
            "type = \"stdout\"\nsignals = \"metrics\"\n[telemetry]\nmetrics = false".to_owned(),
            "receives only metrics, but none are made",
        ),
    ] {
        let said = only_of_sink(&lines);
        assert!(said.contains(expected), "{lines}: {said}");
    }
    for fine in [
        "http://[::1]:4318",
        "https://host:4318/prefix/",
        "http://[::1]",
    ] {
        assert_eq!(sink(&http(&format!("endpoint = \"{fine}\""))), [""; 0]);
    }
}

#[test]
fn a_region_is_that_of_the_arn() {
    let text = "[[sink]]\nname = \"out\"\ntype = \"kinesis\"\n\
                stream = \"arn:aws:kinesis:us-east-1:1:stream/s\"\n";
    let config = Config::read("relay.toml", text, &variable).unwrap();
    let SinkKind::Kinesis { region, .. } = &config.sinks[0].kind else {
        panic!();
    };
    assert_eq!(region.as_deref(), Some("us-east-1"));
}

#[test]
fn a_source_that_cannot_be_read_as_it_is_written_is_told() {
    let source = |lines: &str| format!("[source]\n{lines}");
    for (text, expected) in [
        (
            source(&format!("streams = [\"a\", \"a\"]\n{FILE}")),
            "streams[2]: has the same name as another stream",
        ),
        (
            source(&format!("streams = [\"\"]\n{FILE}")),
            "streams[1]: is empty",
        ),
        (
            source(&format!("streams = \"arn:aws:sqs:r:1:q\"\n{FILE}")),
            "is neither a name nor an ARN of a stream",
        ),
        (
            source(&format!(
                "streams = [\"a\", \"b\"]\nfan_out = \"arn:x\"\n{FILE}"
            )),
            "is a consumer of one stream, but several are read",
        ),
        (
            source(&format!(
                "streams = \"a\"\nendpoint = \"localhost:4566\"\n{FILE}"
            )),
            "source.endpoint: is not an HTTP URL",
        ),
        (
            source("streams = \"a\"\ncheckpoints = { type = \"memory\", table = \"t\" }"),
            "checkpoints.table: is set, but checkpoints of this type do not have it",
        ),
        (
            source("streams = \"a\"\ncheckpoints = { type = \"dynamodb\", table = \" \" }"),
            "checkpoints.table: is empty",
        ),
        (
            "[dead_letters]\ntype = \"sqs\"\nqueue_url = \"letters\"".to_owned(),
            "queue_url: is not an HTTP URL",
        ),
    ] {
        let said = only(&text);
        assert!(said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn a_table_in_place_of_a_list_of_tables_is_the_only_thing_that_is_told() {
    let said = faults("[sink]\nname = \"out\"\ntype = \"stdout\"");
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("write `[[sink]]` above each"), "{said:#?}");
    let said = faults("sink = []");
    assert!(said[0].contains("there is no sink"), "{said:#?}");
}

#[test]
fn all_that_only_all_rules_together_show_is_told_with_a_place() {
    let mut text = String::new();
    for number in 0..70 {
        text += &format!(
            "[[rule]]\nname = \"r{number}\"\nkeep = true\nwhen = {{ name = \"n{number}\" }}\n"
        );
    }
    let said = beside_a_sink(&format!("{text}[sampling]\nmax_wait = 1"));
    assert!(
        said.iter()
            .any(|line| line.contains(": rule[") && line.contains("64")),
        "{said:#?}"
    );
    assert!(
        said.iter().any(|line| line.contains("sampling.max_wait")),
        "{said:#?}"
    );
}

#[test]
fn each_wrong_expression_is_told_beside_its_key() {
    let said = beside_a_sink(&when(
        "{ any = [{ name_regex = \"(\" }, { attribute = \"a\", regex = \"[z-a]\" }] }",
    ));
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(
        said[0]
            .contains("when.any[1].name_regex: is not a valid regular expression: unclosed group")
    );
    assert!(said[1].contains("when.any[2].regex: is not a valid regular expression"));
}

#[test]
fn a_function_that_is_given_its_records_needs_no_variable_of_the_source() {
    let some = |name: &str| (name == "RELAY_SECRET").then(|| "key".to_owned());
    let config = Config::read_for_batches("relay.toml", EXAMPLE, &some).unwrap();
    assert!(config.source.is_none());
    let error = Config::read("relay.toml", EXAMPLE, &some).unwrap_err();
    let said = error.to_string();
    for name in ["RELAY_STREAM", "RELAY_TABLE"] {
        assert!(
            said.contains(&format!("needs the variable {name}")),
            "{said}"
        );
    }
}

#[test]
fn what_is_no_configuration_at_all_is_told_in_bounds() {
    let garbage = "= \u{7f}{[(<%\n".repeat((1 << 20) / 10);
    let error = Config::read("relay.toml", &garbage, &variable).unwrap_err();
    assert!(error.faults().len() <= 100);
    let said = error.to_string();
    let last = said.lines().last().unwrap();
    assert!(
        last.starts_with("relay.toml: and ") && last.ends_with(" more"),
        "{last}"
    );

    let many = "[[rule]]\nname = \"same\"\n".repeat(20_000);
    assert!(Config::read("relay.toml", &many, &variable).is_err());
}

#[test]
fn nesting_has_a_bound() {
    for open in ["a = [", "a = { b = ", "[a.", "a."] {
        let deep = format!("a = {}", open.trim_start_matches("a = ").repeat(100_000));
        assert!(Config::read("relay.toml", &deep, &variable).is_err());
    }
    let mut condition = "{ error = true }".to_owned();
    for _ in 0..20 {
        condition = format!("{{ not = {condition} }}");
    }
    let said = only(&when(&condition));
    assert!(said.contains("nested deeper than 8"), "{said}");
}

#[test]
fn numbers_are_read_in_all_their_forms() {
    let text = "[sampling]\nmax_trace_spans = 0x3E8\n[[rule]]\nname = \"r\"\nkeep = true\n\
                when = { attribute = \"a\", at_least = -1_000.5, at_most = 1_000_000 }";
    assert_eq!(beside_a_sink(text), [""; 0]);
    let said = only("[sampling]\nmax_trace_spans = -1");
    assert!(said.contains("is -1; use a value from 1 to"), "{said}");
    let said = only("[sampling]\nmax_trace_spans = 1e3");
    assert!(
        said.contains("is a number, but must be an integer"),
        "{said}"
    );
    let huge = "9".repeat(40);
    let said = only(&when(&format!("{{ attribute = \"a\", is = {huge} }}")));
    assert!(said.contains("write a number of at most 64 bits"), "{said}");
}

#[test]
fn a_byte_order_mark_is_no_fault() {
    assert_eq!(faults(&format!("\u{feff}{SINK}")), [""; 0]);
}

#[test]
fn no_fault_shows_what_a_variable_has() {
    let text = "[source]\nstreams = [\"${A}\"]\nendpoint = \"${B}\"\nregion = \"${C}\"\n\
                checkpoints = { type = \"dynamodb\", table = \"t\", endpoint = \"${D}\" }\n\
                [[sink]]\nname = \"s\"\ntype = \"otlp_http\"\nendpoint = \"${E}\"\n\
                headers = { a = \"${F}\" }\n[[sink]]\nname = \"k\"\ntype = \"kinesis\"\n\
                stream = \"${G}\"\n[[sink]]\nname = \"c\"\ntype = \"clickhouse\"\n\
                url = \"${I}\"\nuser = \"${J}\"\npassword = \"${K}\"\n[dead_letters]\ntype = \"sqs\"\nqueue_url = \"${H}\"\n";
    let secret = |name: &str| Some(format!("{name} secr\u{e9}t!"));
    let said = Config::read("relay.toml", text, &secret).unwrap_err();
    assert!(said.faults().len() >= 10, "{said}");
    assert!(!said.to_string().contains("secr\u{e9}t"), "{said}");
}
