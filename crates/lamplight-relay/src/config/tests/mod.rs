mod hostile;

use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// The example configuration that the project ships.
const EXAMPLE: &str = include_str!("../../../../../deploy/relay.toml");

fn variable(name: &str) -> Option<String> {
    match name {
        "UNSET" => None,
        name => Some(format!("the-{}", name.to_lowercase())),
    }
}

fn faults(text: &str) -> Vec<String> {
    match Config::read("relay.toml", text, &variable) {
        Ok(_) => Vec::new(),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

const SINK: &str = "[[sink]]\nname = \"out\"\ntype = \"stdout\"\n";

/// Returns the faults of a text that follows a valid sink; line numbers start at the text.
fn beside_a_sink(text: &str) -> Vec<String> {
    faults(&format!("{text}\n{SINK}"))
}

fn only(text: &str) -> String {
    let faults = beside_a_sink(text);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults[0].clone()
}

#[test]
fn the_example_is_right() {
    assert_eq!(faults(EXAMPLE), [""; 0]);
    let config = Config::read("relay.toml", EXAMPLE, &variable).unwrap();
    assert_eq!(config.rules.len(), 7);
    assert_eq!(config.sinks.len(), 2);
    assert!(config.source.is_some() && config.metrics.is_some());
    let SinkKind::OtlpHttp {
        traces, headers, ..
    } = &config.sinks[0].kind
    else {
        panic!();
    };
    assert_eq!(traces, "https://otlp.example.com/v1/traces");
    let headers: Vec<_> = headers.iter().collect();
    assert_eq!(headers, [("api-key", "the-relay_secret")]);
}

#[test]
fn what_is_off_in_the_example_is_right_too() {
    let on: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with([' ', '#']) => format!("{setting}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert_eq!(faults(&on), [""; 0]);
}

#[test]
fn a_password_is_read_and_not_shown() {
    let text = "[[sink]]\nname = \"c\"\ntype = \"clickhouse\"\nurl = \"http://h:8123\"\n\
                password = \"${SECRET}\"\ncreate_schema = false\nttl_days = 3\nlinger = \"0 ms\"";
    let config = Config::read("relay.toml", text, &variable).unwrap();
    let SinkKind::ClickHouse(of_it) = &config.sinks[0].kind else {
        panic!();
    };
    assert_eq!(of_it.password.as_ref().unwrap().reveal(), "the-secret");
    assert_eq!((&*of_it.user, &*of_it.database), ("default", "default"));
    assert_eq!((of_it.create_schema, of_it.ttl_days), (false, Some(3)));
    assert_eq!(config.sinks[0].linger, Some(Duration::ZERO));
    assert!(!format!("{config:?}").contains("the-secret"));
}

#[test]
fn the_example_has_every_key() {
    for table in TABLES.iter().filter(|table| !table.name.is_empty()) {
        for key in table.keys {
            let name = key.name;
            let tables = [
                format!("[{}.{name}]", table.name),
                format!("[[{}.{name}]]", table.name),
            ];
            let found = EXAMPLE.lines().any(|line| {
                tables.iter().any(|table| line.contains(table.as_str()))
                    || line.split(['{', ',', '#', '.', '[']).any(|part| {
                        let mut words = part.split('=');
                        words.next().map(str::trim) == Some(name) && words.next().is_some()
                    })
            });
            assert!(found, "{} of {}", name, table.name);
        }
    }
}

#[test]
fn the_reference_is_that_of_the_code() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/relay-configuration.md"
    );
    let head = "# The relay's configuration\n\nWritten by `lamplight-relay --keys`. \
                An example is in [deploy/relay.toml](../deploy/relay.toml).\n\n";
    let text = format!("{head}{}", reference());
    if std::env::var_os("GOLDEN").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    let written = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        written == text,
        "run `GOLDEN=write cargo test -p lamplight-relay the_reference`"
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let text = r#"
[sampling]
decision_wiat = "30 s"
max_wait = 300

[[rule]]
name = "errors"
when = { error = "yes", attribute = "a", regex = "(?=x)" }
keep = true
drop = true

[[rule]]
name = "errors"
probability = "110 %"

[color]

[[sink]]
name = "backend"
type = "otlp"

[[sink]]
type = "otlp_http"
endpoint = "ftp://example.com"
headers = { "api key" = "${UNSET}" }
"#;
    let said = faults(text);
    let expected = [
        "relay.toml:3:1: sampling.decision_wiat: is not a key of the relay; did you mean \
        `decision_wait`?",
        "relay.toml:4:12: sampling.max_wait: is an integer, but must be a duration; write a \
        number and \
         ms, s, min, h or d, such as \"30 s\"",
        "relay.toml:6:1: rule[1]: has several actions; set one of `keep = true`, \
         `drop = true`, `probability = \"10 %\"` and `adaptive = { .. }`",
        "relay.toml:8:18: rule[1].when.error: is a string, but must be a boolean; write `true` \
        or `false`",
        "relay.toml:8:50: rule[1].when.regex: is not a valid regular expression: look-around, including \
        look-ahead \
         and look-behind, is not supported; expressions are matched in linear time: without \
         look-around and \
         back-references; see https://docs.rs/regex/latest/regex/#syntax",
        "relay.toml:13:8: rule[2].name: \"errors\" is already the name of another rule; give it a name of \
        its own",
        "relay.toml:14:15: rule[2].probability: is not between 0 and 1; write a percentage such \
        as \"10 %\", or \
         a fraction such as 0.1",
        "relay.toml:16:2: color: is not a key of the relay; known keys are `source`, `sampling`, \
        `rule`, \
         `clean`, `metrics`, `sink`, `dead_letters`, `telemetry`",
        "relay.toml:20:8: sink[1].type: \"otlp\" is unknown; did you mean \"otlp_http\"? \
        use one of \
         \"otlp_http\", \"otlp_grpc\", \"kinesis\", \"clickhouse\", \"file\", \
         \"stdout\"",
        "relay.toml:22:1: sink[2]: `name` is missing; write `name = \"backend\"`",
        "relay.toml:24:12: sink[2].endpoint: is not an HTTP URL; write `http://` or `https://`, a \
        host and a path; put secrets into `headers`",
        "relay.toml:25:25: sink[2].headers.api key: is not a valid header name; use letters, \
        digits and `-`",
        "relay.toml:25:25: sink[2].headers.api key: needs the variable UNSET, which is not set; \
        set UNSET in \
         the environment of the relay",
    ];
    assert_eq!(said, expected);
}

#[test]
fn what_is_no_toml_is_said_with_its_place_and_so_is_the_rest() {
    let said = faults("[sampling]\nmax_bytes = = 3\nlate_window = \"1 hr\"\n");
    assert!(
        said[0].starts_with("relay.toml:1:1: there is no sink"),
        "{said:#?}"
    );
    assert!(
        said.iter().any(|line| line.contains(":2:13: is not TOML")),
        "{said:#?}"
    );
    assert!(
        said.iter()
            .any(|line| line.contains("\"1 hr\" is not a duration")),
        "{said:#?}"
    );
}

#[test]
fn a_regular_expression_that_grows_too_large_is_refused() {
    let said = only(
        "[[rule]]\nname = \"r\"\nwhen = { name_regex = \"(\\\\pL{1,500}){500}\" }\nkeep = true",
    );
    assert!(said.contains("needs more than 1 MiB"), "{said}");
}

#[test]
fn a_value_out_of_bounds_is_told_its_bounds() {
    for (text, expected) in [
        (
            "[sampling]\ndecision_wait = \"2 h\"",
            "is 2 h; use a value from 1 s to 1 h",
        ),
        (
            "[sampling]\nmax_trace_spans = 0",
            "is 0; use a value from 1 to 10000000",
        ),
        (
            "[sampling]\nmax_bytes = \"1 B\"",
            "is 1 B; use a value from 1 MiB to 16 GiB",
        ),
        (
            "[sampling]\nmax_wait = \"5 s\"",
            "is shorter than `decision_wait`",
        ),
        (
            "[sampling]\nmax_trace_bytes = \"65 MiB\"",
            "is more than `max_bytes` of a shard",
        ),
        ("[metrics]", "metrics are made, but no sink receives them"),
        (
            "[clean]\nattributes = { hash = [\"a\"] }",
            "without a `salt`",
        ),
        (
            "[clean]\ndrop_spans = [{ span_count = { at_least = 2 } }]",
            "this condition is for single spans",
        ),
        (
            "[[rule]]\nname = \"r\"\nkeep = false",
            "is `false`, which has no effect",
        ),
        (
            "[[rule]]\nname = \"r\"\nwhen = {}\nkeep = true",
            "has no condition",
        ),
        (
            "[[rule]]\nname = \"r\"\nwhen = { is = 3, error = true }\nkeep = true",
            "needs `attribute` beside it",
        ),
        (
            "[source]\nstreams = []\ncheckpoints = { type = \"memory\" }",
            "lists no streams",
        ),
        (
            "[source]\nstreams = [\"a\", \"b\"]\nfan_out = \"arn\"\ncheckpoints = { type = \
            \"memory\" }",
            "is a consumer of one stream",
        ),
        ("[source]\nstreams = [\"s\"]", "`checkpoints` is missing"),
        (
            "[source]\nstreams = \"s\"\ncheckpoints = { type = \"file\" }",
            "`path` is missing",
        ),
        (
            "[telemetry]\nlog_level = \"warning\"",
            "did you mean \"warn\"?",
        ),
    ] {
        let said = only(text);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_secret_is_in_no_fault_and_no_debug_output() {
    let text = "[clean]\nsalt = \"${SALT}\"\nattributes = { hash = [\"a\"] }\n[[sink]]\nname = \
    \"s\"\n\
                type = \"otlp_http\"\nendpoint = \"${HOST} x\"\n";
    let said = faults(text).join("\n");
    assert!(
        said.contains("is not an HTTP URL") && !said.contains("the-host"),
        "{said}"
    );
    let text = text.replace("${HOST} x", "https://host") + "headers = { key = \"${KEY}\" }\n";
    let config = Config::read("relay.toml", &text, &variable).unwrap();
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("the-salt") && !shown.contains("the-key"),
        "{shown}"
    );
}

#[test]
fn the_configuration_is_found_where_it_is() {
    let with =
        |value: &'static str| move |name: &str| (name == CONFIG_VARIABLE).then(|| value.to_owned());
    assert!(find(None, &with(SINK)).is_ok());
    let error = find(None, &with("/not/there.toml")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/not/there.toml: does not exist; set its path with `--config`, or its path or content in \
        LAMPLIGHT_RELAY_CONFIG"
    );
    let error = find(None, &with("sink = 3")).unwrap_err().to_string();
    assert!(error.starts_with("LAMPLIGHT_RELAY_CONFIG:1:"), "{error}");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(\\[\\[?(sink|rule|source|clean|metrics)\\]?\\]\n|(name|type|when|keep|headers|streams) = (3|\"x\"|\\{ a = 1 \\}|\\[1\\]|true)\n){0,12}") {
        let _ = Config::read("relay.toml", &text, &variable);
    }

    #[test]
    fn any_bytes_of_text_are_read_or_refused(text in ".{0,200}") {
        let _ = Config::read("relay.toml", &text, &variable);
    }
}
