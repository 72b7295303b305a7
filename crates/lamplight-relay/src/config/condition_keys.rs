//! The keys of conditions.

use crate::config::keys::{Key, Table, key};

pub(super) static CONDITION: Table = Table {
    name: "when",
    about: "A condition: a table whose keys must all be met. What is about spans must be met by one and the same \
            span; `all`, `any`, `not`, `span_count` and `trace_..` are about the trace. The same is written for \
            `filter` of a sink, and for `drop_spans` of `clean`, which asks one span at a time: there, `all`, `any` \
            and `not` are about that span, and `span_count` and `trace_..` are not allowed.",
    list: false,
    open: false,
    keys: KEYS,
};

const KEYS: &[Key] = &[
    key("error", "bool", "", "The status is an error, or is none."),
    key(
        "longer_than",
        "duration",
        "",
        "A root, an invocation or another entry took so long or longer.",
    ),
    key(
        "shorter_than",
        "duration",
        "",
        "It took so long or shorter.",
    ),
    key(
        "measured",
        "`\"entry\"`, `\"root\"` or `\"span\"`",
        "`\"entry\"`",
        "Which spans the two are about: roots and spans that serve or consume; roots; any.",
    ),
    key(
        "trace_longer_than",
        "duration",
        "",
        "From the first start to the last end it is so long or longer.",
    ),
    key(
        "trace_shorter_than",
        "duration",
        "",
        "It is so long or shorter.",
    ),
    key("name", "text or texts", "", "The name of the span."),
    key("name_prefix", "text or texts", "", "How the name begins."),
    key(
        "name_regex",
        "regular expression",
        "",
        "What is found in the name.",
    ),
    key(
        "route",
        "text or texts",
        "",
        "The route of the request, `http.route`.",
    ),
    key("route_prefix", "text or texts", "", "How the route begins."),
    key(
        "route_regex",
        "regular expression",
        "",
        "What is found in the route.",
    ),
    key(
        "attribute",
        "key",
        "",
        "An attribute of the span or its resource, that is there, or is as one of these says:",
    ),
    key(
        "on",
        "`\"span\"`, `\"resource\"` or `\"any\"`",
        "`\"any\"`",
        "Where the attribute is looked for.",
    ),
    key(
        "is",
        "value or values",
        "",
        "The attribute is this: a text, a number, true or false.",
    ),
    key(
        "prefix",
        "text or texts",
        "",
        "How the attribute's text begins.",
    ),
    key(
        "regex",
        "regular expression",
        "",
        "What is found in the attribute's text.",
    ),
    key(
        "at_least",
        "number",
        "",
        "The attribute is a number, not smaller.",
    ),
    key(
        "at_most",
        "number",
        "",
        "The attribute is a number, not larger.",
    ),
    key(
        "cold_start",
        "bool",
        "",
        "A function was started anew, or was not.",
    ),
    key(
        "timeout",
        "bool",
        "",
        "The time of an invocation was up, or was not.",
    ),
    key(
        "trigger",
        "text or texts",
        "",
        "By what a function was invoked, `faas.trigger`: `http`, `pubsub`, `timer`.",
    ),
    key(
        "sampled",
        "bool",
        "",
        "W3C's sampled flag is set, or is not.",
    ),
    key(
        "span_count",
        "table",
        "",
        "How many spans the trace has: `{ at_least = 2, at_most = 10 }`.",
    ),
    key(
        "all",
        "conditions",
        "",
        "All of them are met, each by whichever span.",
    ),
    key("any", "conditions", "", "One of them is met."),
    key(
        "not",
        "condition",
        "",
        "It is not met, by no span of the trace.",
    ),
];

pub(super) static SPAN_COUNT: Table = Table {
    name: "when.span_count",
    about: "How many spans the trace has.",
    list: false,
    open: false,
    keys: &[
        key("at_least", "number", "0", "Not fewer."),
        key("at_most", "number", "any", "Not more."),
    ],
};
