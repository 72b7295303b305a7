//! The keys of conditions.

use crate::config::keys::{Key, Table, key};

pub(super) static CONDITION: Table = Table {
    name: "when",
    about: "A condition: a table whose keys must all be met. All keys about spans must be met by \
    the same span; `all`, `any`, `not`, `span_count` and `trace_..` apply to the trace. `filter` \
    of a sink has the same form. So has `drop_spans` of `clean`, but it applies to single spans: \
    there, `all`, `any` and `not` apply to that span, and `span_count` and `trace_..` are not \
    allowed.",
    list: false,
    open: false,
    keys: KEYS,
};

const KEYS: &[Key] = &[
    key(
        "error",
        "bool",
        "",
        "True for an error status, false for any other.",
    ),
    key(
        "longer_than",
        "duration",
        "",
        "Minimum duration of a root, an invocation or another entry.",
    ),
    key(
        "shorter_than",
        "duration",
        "",
        "Maximum duration of the same.",
    ),
    key(
        "measured",
        "`\"entry\"`, `\"root\"` or `\"span\"`",
        "`\"entry\"`",
        "The spans to which the two apply: roots and spans that serve or consume; roots only; any.",
    ),
    key(
        "trace_longer_than",
        "duration",
        "",
        "Minimum duration from the first start to the last end.",
    ),
    key(
        "trace_shorter_than",
        "duration",
        "",
        "Maximum duration from the first start to the last end.",
    ),
    key("name", "string or strings", "", "The name of the span."),
    key(
        "name_prefix",
        "string or strings",
        "",
        "A prefix of the name.",
    ),
    key(
        "name_regex",
        "regular expression",
        "",
        "A pattern that the name matches.",
    ),
    key(
        "route",
        "string or strings",
        "",
        "The route of the request, `http.route`.",
    ),
    key(
        "route_prefix",
        "string or strings",
        "",
        "A prefix of the route.",
    ),
    key(
        "route_regex",
        "regular expression",
        "",
        "A pattern that the route matches.",
    ),
    key(
        "attribute",
        "key",
        "",
        "An attribute of the span or its resource. It must exist, and meet the following tests if \
        given:",
    ),
    key(
        "on",
        "`\"span\"`, `\"resource\"` or `\"any\"`",
        "`\"any\"`",
        "The place of the attribute.",
    ),
    key(
        "is",
        "value or values",
        "",
        "The attribute has this value: a string, a number, true or false.",
    ),
    key(
        "prefix",
        "string or strings",
        "",
        "A prefix of the attribute's value.",
    ),
    key(
        "regex",
        "regular expression",
        "",
        "A pattern that the attribute's value matches.",
    ),
    key(
        "at_least",
        "number",
        "",
        "The attribute is a number of at least this value.",
    ),
    key(
        "at_most",
        "number",
        "",
        "The attribute is a number of at most this value.",
    ),
    key(
        "cold_start",
        "bool",
        "",
        "True for a cold start of a function, false for any other invocation.",
    ),
    key(
        "timeout",
        "bool",
        "",
        "True for an invocation that timed out, false for any other.",
    ),
    key(
        "trigger",
        "string or strings",
        "",
        "The trigger of a function, `faas.trigger`: `http`, `pubsub`, `timer`.",
    ),
    key(
        "sampled",
        "bool",
        "",
        "True if the W3C sampled flag is set, false if not.",
    ),
    key(
        "span_count",
        "table",
        "",
        "The number of spans in the trace: `{ at_least = 2, at_most = 10 }`.",
    ),
    key(
        "all",
        "conditions",
        "",
        "All of these conditions are met, each by any span.",
    ),
    key(
        "any",
        "conditions",
        "",
        "At least one of these conditions is met.",
    ),
    key(
        "not",
        "condition",
        "",
        "No span of the trace meets this condition.",
    ),
];

pub(super) static SPAN_COUNT: Table = Table {
    name: "when.span_count",
    about: "The number of spans in the trace.",
    list: false,
    open: false,
    keys: &[
        key("at_least", "number", "0", "Not fewer."),
        key("at_most", "number", "any", "Not more."),
    ],
};
