//! Writing a JSON text in other ways without changing its value.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The changes that are made to a text. Shares of characters are in percent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// The number of texts that are tried.
    pub(crate) variants: u32,
    shuffled: bool,
    spaced: bool,
    escaped_names: u64,
    escaped_values: u64,
    /// The same in documents within strings.
    escaped_nested: u64,
}

impl Style {
    pub(crate) const EVERY: [Self; 7] = [
        Self::SHUFFLED,
        Self::SPACED,
        Self::NAMES,
        Self::VALUES,
        Self::NESTED,
        Self::WHOLE,
        Self::ALL,
    ];

    pub(crate) const PLAIN: Self = Self {
        variants: 1,
        shuffled: false,
        spaced: false,
        escaped_names: 0,
        escaped_values: 0,
        escaped_nested: 0,
    };
    pub(crate) const SHUFFLED: Self = Self {
        variants: 48,
        shuffled: true,
        ..Self::PLAIN
    };
    pub(crate) const SPACED: Self = Self {
        variants: 8,
        spaced: true,
        ..Self::PLAIN
    };
    pub(crate) const NAMES: Self = Self {
        variants: 12,
        escaped_names: 20,
        ..Self::PLAIN
    };
    pub(crate) const VALUES: Self = Self {
        variants: 12,
        escaped_values: 20,
        ..Self::PLAIN
    };
    pub(crate) const NESTED: Self = Self {
        variants: 12,
        escaped_nested: 20,
        ..Self::PLAIN
    };
    pub(crate) const WHOLE: Self = Self {
        escaped_names: 100,
        escaped_values: 100,
        escaped_nested: 100,
        ..Self::PLAIN
    };
    pub(crate) const ALL: Self = Self {
        variants: 32,
        shuffled: true,
        spaced: true,
        escaped_names: 10,
        escaped_values: 10,
        escaped_nested: 10,
    };
}

/// Numbers that look like chance and are the same every time.
#[derive(Debug)]
pub(crate) struct Chance {
    seed: usize,
    state: u64,
}

impl Chance {
    pub(crate) fn new(seed: u32) -> Self {
        Self {
            seed: seed as usize,
            state: seed.into(),
        }
    }

    /// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    /// Puts items in any order. What stops early misses the last one, and what jumps to a conclusion is
    /// misled by the first: by the seed, each item in turn becomes one of these.
    fn shuffle<T>(&mut self, items: &mut [T]) {
        let Some(last) = items.len().checked_sub(1) else {
            return;
        };
        let end = if self.seed & 1 == 0 { last } else { 0 };
        items.swap(self.seed / 2 % items.len(), end);
        let others = match end {
            0 => &mut items[1..],
            end => &mut items[..end],
        };
        // Fisher and Yates.
        for at in (1..others.len()).rev() {
            others.swap(at, self.below(at + 1));
        }
    }

    fn percent(&mut self, share: u64) -> bool {
        share > 0 && self.next() % 100 < share
    }
}

/// A JSON value with its members in order, and with its numbers as they were written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    Scalar(String),
    Text(String),
    /// A document within a string.
    Nested(Box<Node>),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// The members of an object, in order, also those that are there twice.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;

        impl<'de> Visitor<'de> for Visit {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Visit)
    }
}

impl Node {
    /// Parses a JSON text; invalid text is a scalar that stays unchanged.
    pub(crate) fn parse(text: &str) -> Self {
        Self::read(text).unwrap_or_else(|_| Self::Scalar(text.to_owned()))
    }

    fn read(text: &str) -> serde_json::Result<Self> {
        let text = text.trim();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let Members(members) = serde_json::from_str(text)?;
                let members = members.into_iter();
                let members = members.map(|(name, value)| Ok((name, Self::read(value.get())?)));
                Self::Object(members.collect::<serde_json::Result<_>>()?)
            }
            Some(b'[') => {
                let elements: Vec<Box<RawValue>> = serde_json::from_str(text)?;
                let elements = elements.iter().map(|element| Self::read(element.get()));
                Self::Array(elements.collect::<serde_json::Result<_>>()?)
            }
            Some(b'"') => {
                let text: String = serde_json::from_str(text)?;
                match Self::read(&text) {
                    Ok(node @ (Self::Object(_) | Self::Array(_))) => Self::Nested(Box::new(node)),
                    _ => Self::Text(text),
                }
            }
            _ => {
                let scalar: Box<RawValue> = serde_json::from_str(text)?;
                Self::Scalar(scalar.get().to_owned())
            }
        })
    }

    /// Writes the value in some way of this style.
    pub(crate) fn write(&self, style: Style, chance: &mut Chance) -> String {
        let mut out = String::new();
        space(style, chance, &mut out);
        self.push(style, chance, &mut out);
        space(style, chance, &mut out);
        out
    }

    fn push(&self, style: Style, chance: &mut Chance, out: &mut String) {
        match self {
            Self::Scalar(text) => out.push_str(text),
            Self::Text(text) => push_string(text, style.escaped_values, chance, out),
            Self::Nested(node) => {
                let nested = Style {
                    escaped_names: style.escaped_nested,
                    escaped_values: style.escaped_nested,
                    // Each level of numbers makes six characters of one.
                    escaped_nested: style.escaped_nested.min(10),
                    ..style
                };
                let text = node.write(nested, chance);
                push_string(&text, style.escaped_values, chance, out);
            }
            Self::Array(elements) => {
                out.push('[');
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    space(style, chance, out);
                    element.push(style, chance, out);
                    space(style, chance, out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                let mut order: Vec<_> = members.iter().collect();
                if style.shuffled && !has_twice(members) {
                    chance.shuffle(&mut order);
                }
                out.push('{');
                for (at, (name, value)) in order.into_iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    space(style, chance, out);
                    push_string(name, style.escaped_names, chance, out);
                    space(style, chance, out);
                    out.push(':');
                    space(style, chance, out);
                    value.push(style, chance, out);
                    space(style, chance, out);
                }
                out.push('}');
            }
        }
    }

    /// Returns the value with its members in the order of their names.
    pub(crate) fn sorted(&self) -> Self {
        match self {
            Self::Nested(node) => Self::Nested(Box::new(node.sorted())),
            Self::Array(elements) => Self::Array(elements.iter().map(Self::sorted).collect()),
            Self::Object(members) => {
                let members = members.iter();
                let mut members: Vec<_> = members
                    .map(|(name, value)| (name.clone(), value.sorted()))
                    .collect();
                members.sort();
                Self::Object(members)
            }
            other => other.clone(),
        }
    }
}

fn has_twice(members: &[(String, Node)]) -> bool {
    let mut names: Vec<_> = members.iter().map(|(name, _)| name).collect();
    names.sort();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

fn space(style: Style, chance: &mut Chance, out: &mut String) {
    if style.spaced {
        out.push_str(["", "", " ", "\n\t", "\r\n  "][chance.below(5)]);
    }
}

/// Writes a string with `share` percent of its characters as numbers.
fn push_string(text: &str, share: u64, chance: &mut Chance, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            _ if chance.percent(share) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    match chance.percent(50) {
                        true => out.push_str(&format!("\\u{unit:04x}")),
                        false => out.push_str(&format!("\\u{unit:04X}")),
                    }
                }
            }
            '/' if chance.percent(share) => out.push_str("\\/"),
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\0'..='\x1f' => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            other => out.push(other),
        }
    }
    out.push('"');
}
