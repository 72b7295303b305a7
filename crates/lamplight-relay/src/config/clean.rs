//! `[clean]`: changes to spans before delivery.

use crate::{
    clean::{Cleaner, CleanerBuilder, EventPolicy, KeyPattern, On, ValuePattern, ValueSet},
    config::{
        condition::{self, SpanTest, Test},
        item::Item,
        keys::{Key, Table, key},
        section::Section,
    },
};

pub(super) static CLEAN: Table = Table {
    name: "clean",
    about: "Changes to kept spans before delivery to any sink. Rules and metrics use the original \
    spans.",
    list: false,
    open: false,
    keys: KEYS,
};

pub(super) static SINK_CLEAN: Table = Table {
    name: "sink.clean",
    about: "Changes for a single sink, after `[clean]`: the keys of `[clean]`, and its tables as \
    `clean.attributes` and `clean.resource`.",
    list: false,
    open: false,
    keys: KEYS,
};

const KEYS: &[Key] = &[
    key(
        "events",
        "`\"all\"`, `\"exceptions\"` or `\"none\"`",
        "`\"all\"`",
        "The span events to keep. The others are counted in `dropped_events_count`.",
    ),
    key(
        "drop_spans",
        "conditions",
        "none",
        "Conditions of spans to drop, such as health checks. Their children stay.",
    ),
    key(
        "attributes",
        "table",
        "none",
        "Changes to attributes of spans, events, links and scopes: see below.",
    ),
    key(
        "resource",
        "table",
        "none",
        "Changes to attributes of resources: see below.",
    ),
    key(
        "redact",
        "list of `\"card_numbers\"`, `\"emails\"`, `\"tokens\"`, `\"ipv4\"`",
        "none",
        "Kinds of sensitive data to mask in values (strings including URLs, bytes, digits of \
        integers, keys of nested maps), names of spans and events, and status messages. Keys of \
        attributes, names of scopes, the tracestate, and encoded data such as base64 are not \
        searched.",
    ),
    key(
        "redact_patterns",
        "regular expressions",
        "none",
        "Further patterns to mask in the same places as `redact`.",
    ),
    key(
        "redact_url_parameters",
        "strings",
        "none",
        "URL parameters whose values are masked.",
    ),
    key(
        "mask_text",
        "string",
        "`\"REDACTED\"`",
        "The replacement for masked data.",
    ),
    key(
        "salt",
        "string",
        "required with `hash`",
        "A secret that is hashed before each value. It must be the same wherever hashes are \
        compared. Variables are \
         put in.",
    ),
    key(
        "hash_digits",
        "number, 8 to 64",
        "`32`",
        "Number of hexadecimal digits of a hash.",
    ),
    key(
        "max_value",
        "size",
        "no bound",
        "Maximum length of values in bytes; longer ones are truncated at the end of a character.",
    ),
];

pub(super) static ATTRIBUTES: Table = attributes_table(
    "clean.attributes",
    "Changes to attributes of spans, events, links and scopes, by key.",
);
pub(super) static RESOURCE: Table = attributes_table(
    "clean.resource",
    "Changes to attributes of resources, by key.",
);

const fn attributes_table(name: &'static str, about: &'static str) -> Table {
    Table {
        name,
        about,
        list: false,
        open: false,
        keys: ATTRIBUTE_KEYS,
    }
}

const ATTRIBUTE_KEYS: &[Key] = &[
    key(
        "allow",
        "keys",
        "all",
        "Keys of attributes to keep; all others are removed. `start*` is a prefix, `/../` a \
        regular expression.",
    ),
    key("deny", "keys", "none", "Keys of attributes to remove."),
    key(
        "mask",
        "keys",
        "none",
        "Keys of attributes whose values are replaced with `mask_text`.",
    ),
    key(
        "hash",
        "keys",
        "none",
        "Keys of attributes whose values are replaced with hashes; equal values have equal hashes.",
    ),
    key(
        "trust",
        "keys",
        "none",
        "Keys of attributes whose values are not searched for `redact`.",
    ),
    key(
        "rename",
        "table of strings",
        "none",
        "Old keys with their new names: `{ \"http.url\" = \"url.full\" }`.",
    ),
];

pub(super) static RENAME: Table = Table {
    name: "clean.attributes.rename",
    about: "Old keys with their new names.",
    list: false,
    open: true,
    keys: &[],
};

/// Changes to spans before delivery.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CleanConfig {
    /// The span events to keep.
    pub events: EventPolicy,
    /// Conditions of spans to drop.
    pub drop_spans: Vec<SpanTest>,
    /// Attributes to keep; all others are removed.
    pub allow: Vec<(On, Vec<KeyPattern>)>,
    /// Attributes to remove.
    pub deny: Vec<(On, Vec<KeyPattern>)>,
    /// Attributes whose values are masked.
    pub mask: Vec<(On, Vec<KeyPattern>)>,
    /// Attributes whose values are hashed.
    pub hash: Vec<(On, Vec<KeyPattern>)>,
    /// Attributes whose values are not searched.
    pub trust: Vec<(On, Vec<KeyPattern>)>,
    /// Attributes to rename: the old key and the new one.
    pub rename: Vec<(On, String, String)>,
    /// Kinds of sensitive values to mask in all attributes.
    pub redact: Vec<ValueSet>,
    /// Further patterns of values to mask.
    pub redact_patterns: Vec<ValuePattern>,
    /// Names of URL parameters to mask.
    pub redact_url_parameters: Vec<String>,
    /// The text that replaces a masked value.
    pub mask_text: Option<String>,
    /// The salt that is hashed before each value.
    pub salt: Salt,
    /// Number of digits of a hash.
    pub hash_digits: Option<usize>,
    /// Maximum length of a value, in bytes.
    pub max_value: Option<usize>,
    /// True if any key is set.
    is_set: bool,
}

/// A secret that `Debug` does not print.
#[derive(Clone, Default)]
pub struct Salt(Option<String>);

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() {
            "Salt(set)"
        } else {
            "Salt(none)"
        })
    }
}

impl CleanConfig {
    /// Returns whether no changes are configured.
    pub const fn is_empty(&self) -> bool {
        !self.is_set
    }

    /// Returns a builder of a cleaner that makes these changes; more can be added to it.
    pub fn builder(&self) -> CleanerBuilder {
        let mut builder = Cleaner::builder().events(self.events);
        for condition in &self.drop_spans {
            builder = builder.drop_spans(condition.clone());
        }
        for (on, keys) in &self.allow {
            builder = builder.allow(*on, keys.iter().cloned());
        }
        for (on, keys) in &self.deny {
            builder = builder.deny(*on, keys.iter().cloned());
        }
        for (on, keys) in &self.mask {
            builder = builder.mask(*on, keys.iter().cloned());
        }
        for (on, keys) in &self.hash {
            builder = builder.hash(*on, keys.iter().cloned());
        }
        for (on, keys) in &self.trust {
            builder = builder.trust(*on, keys.iter().cloned());
        }
        for (on, from, to) in &self.rename {
            builder = builder.rename(*on, from, to);
        }
        for set in &self.redact {
            builder = builder.values(*set);
        }
        for pattern in &self.redact_patterns {
            builder = builder.value_pattern(pattern.clone());
        }
        for name in &self.redact_url_parameters {
            builder = builder.url_parameter(name);
        }
        if let Some(text) = &self.mask_text {
            builder = builder.mask_text(text);
        }
        if let Some(salt) = &self.salt.0 {
            builder = builder.salt(salt);
        }
        if let Some(digits) = self.hash_digits {
            builder = builder.hash_digits(digits);
        }
        if let Some(bytes) = self.max_value {
            builder = builder.max_value_bytes(bytes);
        }
        builder
    }
}

/// Reads the `[clean]` table of the configuration or of a sink.
pub(super) fn read(section: &Section<'_>) -> CleanConfig {
    let events = [
        ("all", EventPolicy::All),
        ("exceptions", EventPolicy::Exceptions),
        ("none", EventPolicy::None),
    ];
    let sets = [
        ("card_numbers", ValueSet::CardNumbers),
        ("emails", ValueSet::Emails),
        ("tokens", ValueSet::Tokens),
        ("ipv4", ValueSet::Ipv4),
    ];
    let items = |name| {
        section
            .get(name)
            .and_then(|item| item.items())
            .unwrap_or_default()
    };
    let mut config = CleanConfig {
        events: section.choice("events", &events).unwrap_or_default(),
        drop_spans: drop_spans(section),
        redact: items("redact")
            .iter()
            .filter_map(|item| item.choice(&sets))
            .collect(),
        redact_patterns: items("redact_patterns")
            .iter()
            .filter_map(pattern)
            .collect(),
        redact_url_parameters: section.texts("redact_url_parameters").unwrap_or_default(),
        mask_text: section.text("mask_text"),
        salt: Salt(section.secret("salt")),
        hash_digits: section
            .integer("hash_digits", 8..=64)
            .map(|digits| digits as usize),
        max_value: section
            .size("max_value", 16..=1 << 30)
            .map(|bytes| bytes as usize),
        is_set: section.is_there(),
        ..CleanConfig::default()
    };
    let of_spans = On::SPANS.and(On::EVENTS).and(On::LINKS).and(On::SCOPES);
    attributes(&section.section(&ATTRIBUTES), of_spans, &mut config);
    attributes(&section.section(&RESOURCE), On::RESOURCES, &mut config);
    if config.salt.0.is_none() && !config.hash.is_empty() {
        section.fault(
            "values are hashed without a `salt`, so that guessed values can be checked",
            "write `salt = \"${RELAY_SALT}\"`, and keep it secret",
        );
    }
    config
}

fn drop_spans(section: &Section<'_>) -> Vec<SpanTest> {
    let items = section.get("drop_spans").and_then(|item| item.items());
    let tests = items.iter().flatten().filter_map(|item| {
        let condition = condition::read(item, Test::Span)?;
        let test = SpanTest::new(condition);
        if test.is_none() {
            item.fault(
                "is too large as a condition",
                "split it into several conditions",
            );
        }
        test
    });
    tests.collect()
}

fn attributes(section: &Section<'_>, on: On, config: &mut CleanConfig) {
    let keys = |name| {
        let items = section.get(name).and_then(|item| item.items())?;
        let keys = items.iter().filter_map(|item| {
            let text = item.text()?;
            let is_regex = text.len() > 1 && text.starts_with('/') && text.ends_with('/');
            let before_end = text.strip_suffix('*').unwrap_or(&text);
            if text.is_empty() {
                item.fault("is empty", "set the key of an attribute");
            } else if !is_regex && before_end.contains('*') {
                item.fault(
                    &format!("{text:?} has a `*` before its end, which would be part of the key"),
                    "write a regular expression between slashes, such as `\"/password/\"`",
                );
            }
            let pattern = KeyPattern::parse(&text);
            if let Err(error) = &pattern {
                let why = error.to_string();
                item.fault(&why, condition::remedy_of(&why));
            }
            pattern.ok()
        });
        Some((on, keys.collect()))
    };
    config.allow.extend(keys("allow"));
    config.deny.extend(keys("deny"));
    config.mask.extend(keys("mask"));
    config.hash.extend(keys("hash"));
    config.trust.extend(keys("trust"));
    let renamed = section.section(&RENAME);
    let froms = renamed.names();
    for (from, item) in renamed.entries() {
        let Some(to) = item.text() else { continue };
        if to.is_empty() || to == from {
            item.fault(
                "renames a key to an empty name, or to itself",
                "use another name",
            );
        } else if froms.contains(&&*to) {
            item.fault(
                "is renamed too",
                "use the final name: no key is renamed twice",
            );
        }
        config.rename.push((on, from.to_owned(), to));
    }
}

fn pattern(item: &Item<'_>) -> Option<ValuePattern> {
    let pattern = ValuePattern::new(&item.text()?);
    if let Err(error) = &pattern {
        let why = error.to_string();
        item.fault(&why, condition::remedy_of(&why));
    }
    pattern.ok()
}
