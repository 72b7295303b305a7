//! Attributes, values and texts, and what is done to them.

use std::{io::Write as _, sync::Arc};

use lamplight_otlp::{
    Fields, Malformed, Value,
    trace::{AnyValue, Attribute},
};
use sha2::{Digest as _, Sha256};

use super::{
    config::{Config, Fate, ValueFate},
    fates::Fates,
    keys::On,
    splice::{Field, Pool, Splice, bytes, fields, string_pair, uint},
    stats::CleanStats,
    values::{Scratch, Suspects},
};

/// How deep values may be nested: as deep as the check of records lets them be.
const MAX_DEPTH: u32 = 31;

/// The settings, and what is needed over and over to follow them.
#[derive(Debug)]
pub(super) struct Workshop {
    pub(super) config: Arc<Config>,
    pub(super) stats: CleanStats,
    pub(super) pool: Pool,
    fates: Fates,
    scratch: Scratch,
    /// The messages whose attributes have to be looked at for their keys.
    concerned: u8,
    /// Those for whose attributes keys make a difference.
    asked: u8,
}

/// A message with attributes, by the numbers of its fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    on: On,
    attributes: u32,
    dropped: u32,
    /// The name that is searched, or 0.
    name: u64,
}

pub(super) const RESOURCE: Kind = kind(On::RESOURCES, 1, 2, 0);
pub(super) const SCOPE: Kind = kind(On::SCOPES, 3, 4, 0);
pub(super) const SPAN: Kind = kind(On::SPANS, 9, 10, 5);
pub(super) const EVENT: Kind = kind(On::EVENTS, 3, 4, 2);
pub(super) const LINK: Kind = kind(On::LINKS, 4, 5, 0);

const fn kind(on: On, attributes: u32, dropped: u32, name: u64) -> Kind {
    Kind {
        on,
        attributes,
        dropped,
        name,
    }
}

impl Kind {
    /// Returns the number of the field with attributes, which no two kinds of headers share.
    pub(super) const fn attributes(self) -> u32 {
        self.attributes
    }
}

/// What has to be looked for in a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looks {
    suspects: Suspects,
    /// How long values may be.
    limit: usize,
    /// Whether attributes have to be looked at.
    attributes: bool,
}

impl Looks {
    /// Returns whether there is nothing to look for.
    pub(super) fn at_nothing(&self) -> bool {
        !self.attributes && self.suspects.none()
    }
}

/// What became of an attribute.
enum Outcome {
    Kept,
    Changed,
    Removed,
}

/// A count of what was dropped, while its message is read.
#[derive(Debug, Default)]
pub(super) struct Dropped {
    before: u64,
    now: u64,
}

impl Dropped {
    pub(super) fn one_more(&mut self) {
        self.now += 1;
    }

    /// Takes the count that the message has. One that will be written anew is left out.
    pub(super) fn read(&mut self, field: &Field<'_>, splice: &mut Splice<'_, '_>) {
        if let Value::Varint(count) = field.value {
            self.before = count & u64::from(u32::MAX);
            if self.now > 0 {
                splice.replace(field);
            }
        }
    }

    /// Writes the count. Of several the last counts, so that one which was read too early is harmless.
    pub(super) fn write(&self, number: u32, splice: &mut Splice<'_, '_>) {
        if self.now > 0 {
            let count = (self.before + self.now).min(u32::MAX.into());
            uint(splice.end(), number, count);
        }
    }
}

impl Workshop {
    pub(super) fn new(config: Arc<Config>) -> Self {
        Self {
            concerned: config.keys.concerned(),
            asked: config.keys.asked(),
            config,
            stats: CleanStats::default(),
            pool: Pool::default(),
            fates: Fates::default(),
            scratch: Scratch::default(),
        }
    }

    /// Returns what has to be looked for in a message of this kind: one look at all of its bytes tells
    /// for all texts in it.
    pub(super) fn looks(&self, kind: Kind, message: &[u8]) -> Looks {
        let unlimited = kind.on == On::RESOURCES || kind.on == On::SCOPES;
        let limit = match self.config.max_value {
            Some(limit) if !unlimited => limit,
            _ => usize::MAX,
        };
        self.looks_within(kind, self.config.search.suspects(message), limit, message)
    }

    /// As [`looks`](Self::looks), for a message within one that was looked at.
    pub(super) fn looks_inside(&self, kind: Kind, outer: &Looks, message: &[u8]) -> Looks {
        self.looks_within(kind, outer.suspects, outer.limit, message)
    }

    fn looks_within(&self, kind: Kind, suspects: Suspects, limit: usize, message: &[u8]) -> Looks {
        let keys = self.concerned & kind.on.bits() != 0;
        Looks {
            suspects,
            limit,
            attributes: keys || !suspects.none() || message.len() > limit,
        }
    }

    /// Returns whether something may have to be done to messages of this kind within one that was looked at.
    pub(super) fn concerns(&self, kind: Kind, outer: &Looks, message: &[u8]) -> bool {
        !self.looks_inside(kind, outer, message).at_nothing()
    }

    /// Writes a message with attributes. Returns whether it changed; where not, nothing is written.
    pub(super) fn attributed(
        &mut self,
        kind: Kind,
        message: &[u8],
        looks: &Looks,
        out: &mut Vec<u8>,
    ) -> Result<bool, Malformed> {
        let mut splice = Splice::new(message, out);
        let mut dropped = Dropped::default();
        for field in fields(message) {
            let field = field?;
            self.own_field(kind, message, &field, looks, &mut dropped, &mut splice)?;
        }
        dropped.write(kind.dropped, &mut splice);
        Ok(splice.finish())
    }

    /// Does what is to be done to a name, an attribute and the count of those dropped.
    #[inline]
    pub(super) fn own_field(
        &mut self,
        kind: Kind,
        message: &[u8],
        field: &Field<'_>,
        looks: &Looks,
        dropped: &mut Dropped,
        splice: &mut Splice<'_, '_>,
    ) -> Result<(), Malformed> {
        match field.value {
            Value::Bytes(attribute) if field.number == u64::from(kind.attributes) => {
                if !looks.attributes {
                    return Ok(());
                }
                let mut new = self.pool.take();
                match self.attribute(kind, message, field, attribute, looks, &mut new)? {
                    Outcome::Kept => {}
                    Outcome::Changed => bytes(splice.replace(field), kind.attributes, &new),
                    Outcome::Removed => {
                        splice.replace(field);
                        dropped.one_more();
                        self.stats.attributes += 1;
                    }
                }
                self.pool.give(new);
            }
            Value::Bytes(name) if field.number == kind.name && !looks.suspects.none() => {
                self.searched(name, kind.name as u32, field, looks, splice);
            }
            Value::Varint(_) if field.number == u64::from(kind.dropped) => {
                dropped.read(field, splice);
            }
            _ => {}
        }
        Ok(())
    }

    /// Masks what is found in a text that is no attribute.
    pub(super) fn searched(
        &mut self,
        text: &[u8],
        number: u32,
        field: &Field<'_>,
        looks: &Looks,
        splice: &mut Splice<'_, '_>,
    ) {
        let mut new = self.pool.take();
        if self.mask(text, looks.suspects, &mut new) {
            bytes(splice.replace(field), number, &new);
        }
        self.pool.give(new);
    }

    fn mask(&mut self, text: &[u8], suspects: Suspects, out: &mut Vec<u8>) -> bool {
        let Config { search, mask, .. } = &*self.config;
        let masked = search.mask(text, mask, suspects, &mut self.scratch, out);
        self.stats.redacted += u64::from(masked);
        masked
    }

    fn attribute(
        &mut self,
        kind: Kind,
        message: &[u8],
        field: &Field<'_>,
        attribute: &[u8],
        looks: &Looks,
        out: &mut Vec<u8>,
    ) -> Result<Outcome, Malformed> {
        let (mut own_key, mut fate) = (&b""[..], Fate::NONE);
        if self.asked & kind.on.bits() != 0 {
            own_key = key(attribute)?;
            fate = self.fate(kind.on, own_key);
        }
        if fate == Fate::NONE {
            // What one attribute of a message is suspected of, the others are mostly not.
            let search = &self.config.search;
            let suspects = search.suspects_among(looks.suspects, attribute);
            if suspects.none() && attribute.len() <= looks.limit {
                return Ok(Outcome::Kept);
            }
            let looks = Looks { suspects, ..*looks };
            return self.key_value(attribute, None, &looks, MAX_DEPTH, out);
        }
        if fate.value == ValueFate::Removed {
            return Ok(Outcome::Removed);
        }
        let config = Arc::clone(&self.config);
        let renamed = fate
            .renamed
            .and_then(|renamed| config.keys.renamed.get(renamed));
        let renamed = renamed.map(|renaming| &*renaming.to);
        if let Some(new_key) = renamed
            && self.is_taken(kind, message, field, new_key)?
        {
            return Ok(Outcome::Removed);
        }
        let new_key = renamed.unwrap_or(own_key);
        match fate.value {
            ValueFate::Masked => {
                self.stats.redacted += 1;
                string_pair(out, new_key, &config.mask);
                Ok(Outcome::Changed)
            }
            ValueFate::Hashed => {
                self.stats.redacted += 1;
                let hash = hash(&config, Attribute::new(attribute)?.value);
                string_pair(
                    out,
                    new_key,
                    hash.get(..config.hash_digits).unwrap_or(&hash),
                );
                Ok(Outcome::Changed)
            }
            ValueFate::Trusted => {
                let suspects = Suspects::default();
                let looks = Looks { suspects, ..*looks };
                self.key_value(attribute, renamed, &looks, MAX_DEPTH, out)
            }
            _ => self.key_value(attribute, renamed, looks, MAX_DEPTH, out),
        }
    }

    fn fate(&mut self, on: On, key: &[u8]) -> Fate {
        self.fates.of(&self.config.keys, on, key)
    }

    /// Returns whether another attribute has the key that this one would get: one that keeps it, or an
    /// earlier one that gets it.
    fn is_taken(
        &mut self,
        kind: Kind,
        message: &[u8],
        own: &Field<'_>,
        new_key: &[u8],
    ) -> Result<bool, Malformed> {
        for field in fields(message) {
            let field = field?;
            let Value::Bytes(attribute) = field.value else {
                continue;
            };
            if field.number != u64::from(kind.attributes) || field.start == own.start {
                continue;
            }
            let key = key(attribute)?;
            let fate = self.fate(kind.on, key);
            if fate.value == ValueFate::Removed {
                continue;
            }
            let renaming = fate.renamed.and_then(|at| self.config.keys.renamed.get(at));
            let taken = match renaming {
                Some(renaming) => field.start < own.start && *renaming.to == *new_key,
                None => key == new_key,
            };
            if taken {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes a `KeyValue` with another key and what becomes of its value.
    fn key_value(
        &mut self,
        message: &[u8],
        renamed: Option<&[u8]>,
        looks: &Looks,
        depth: u32,
        out: &mut Vec<u8>,
    ) -> Result<Outcome, Malformed> {
        let mut splice = Splice::new(message, out);
        for field in fields(message) {
            let field = field?;
            match (field.number, field.value, renamed) {
                (1, Value::Bytes(_), Some(key)) => bytes(splice.replace(&field), 1, key),
                (2, Value::Bytes(value), _) => {
                    let mut new = self.pool.take();
                    if self.any_value(value, looks, depth, &mut new)? {
                        bytes(splice.replace(&field), 2, &new);
                    }
                    self.pool.give(new);
                }
                _ => {}
            }
        }
        let changed = splice.finish();
        Ok(if changed {
            Outcome::Changed
        } else {
            Outcome::Kept
        })
    }

    /// Writes an `AnyValue` with what is searched in it masked, and cut down. Returns whether it changed.
    fn any_value(
        &mut self,
        message: &[u8],
        looks: &Looks,
        depth: u32,
        out: &mut Vec<u8>,
    ) -> Result<bool, Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed::default())?;
        if looks.suspects.none() && message.len() <= looks.limit {
            return Ok(false);
        }
        let mut splice = Splice::new(message, out);
        for field in fields(message) {
            let field = field?;
            let (number, Value::Bytes(content)) = (field.number, field.value) else {
                continue;
            };
            let mut new = self.pool.take();
            let changed = match number {
                1 => self.text(content, looks, &mut new),
                5 | 6 => self.elements(content, number == 6, looks, depth, &mut new)?,
                7 if content.len() > looks.limit => {
                    self.stats.truncated += 1;
                    new.extend_from_slice(content.get(..looks.limit).unwrap_or_default());
                    true
                }
                _ => false,
            };
            if changed {
                bytes(splice.replace(&field), number as u32, &new);
            }
            self.pool.give(new);
        }
        Ok(splice.finish())
    }

    /// Writes an `ArrayValue`, or a `KeyValueList`.
    fn elements(
        &mut self,
        message: &[u8],
        are_pairs: bool,
        looks: &Looks,
        depth: u32,
        out: &mut Vec<u8>,
    ) -> Result<bool, Malformed> {
        let mut splice = Splice::new(message, out);
        for field in fields(message) {
            let field = field?;
            let (1, Value::Bytes(element)) = (field.number, field.value) else {
                continue;
            };
            let mut new = self.pool.take();
            let changed = if are_pairs {
                let outcome = self.key_value(element, None, looks, depth, &mut new)?;
                matches!(outcome, Outcome::Changed)
            } else {
                self.any_value(element, looks, depth, &mut new)?
            };
            if changed {
                bytes(splice.replace(&field), 1, &new);
            }
            self.pool.give(new);
        }
        Ok(splice.finish())
    }

    /// Writes a text with what is searched in it masked, and cut down. Returns whether it changed.
    fn text(&mut self, text: &[u8], looks: &Looks, out: &mut Vec<u8>) -> bool {
        let masked = !looks.suspects.none() && self.mask(text, looks.suspects, out);
        if !masked {
            if text.len() <= looks.limit {
                return false;
            }
            out.extend_from_slice(text.get(..border(text, looks.limit)).unwrap_or_default());
            self.stats.truncated += 1;
        } else if out.len() > looks.limit {
            out.truncate(border(out, looks.limit));
            self.stats.truncated += 1;
        }
        true
    }
}

/// Returns the key of a `KeyValue`.
#[inline]
fn key(attribute: &[u8]) -> Result<&[u8], Malformed> {
    // Nearly all are a short key with a short value behind it, and nothing else.
    if let [0x0a, length, rest @ ..] = attribute
        && *length < 0x80
        && let Some((key, [0x12, length, value @ ..])) = rest.split_at_checked((*length).into())
        && *length < 0x80
        && value.len() == usize::from(*length)
    {
        return Ok(key);
    }
    let mut key = &b""[..];
    for field in Fields::new(attribute) {
        if let (1, Value::Bytes(bytes)) = field? {
            key = bytes;
        }
    }
    Ok(key)
}

/// Returns the largest border between characters up to `limit`.
pub(super) fn border(text: &[u8], limit: usize) -> usize {
    if text.len() <= limit {
        return text.len();
    }
    let is_start = |at: &usize| text.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    (limit.saturating_sub(3)..=limit)
        .rev()
        .find(is_start)
        .unwrap_or(limit)
}

/// Returns the digits of the hash of a value, as text: a number has the hash of its digits.
fn hash(config: &Config, value: AnyValue<'_>) -> [u8; 64] {
    let mut sha = Sha256::new();
    sha.update(&config.salt);
    match value {
        AnyValue::String(bytes)
        | AnyValue::Array(bytes)
        | AnyValue::KeyValueList(bytes)
        | AnyValue::Bytes(bytes) => sha.update(bytes),
        // Writing to a hash does not fail.
        AnyValue::Bool(value) => write!(Hashed(&mut sha), "{value}").unwrap_or_default(),
        AnyValue::Int(value) => write!(Hashed(&mut sha), "{value}").unwrap_or_default(),
        AnyValue::Double(value) => write!(Hashed(&mut sha), "{value}").unwrap_or_default(),
        _ => {}
    }
    let mut digits = [b'0'; 64];
    let digit = |half: u8| char::from_digit(half.into(), 16).map_or(b'0', |digit| digit as u8);
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(sha.finalize()) {
        *pair = [digit(byte >> 4), digit(byte & 0xf)];
    }
    digits
}

/// A hash that is written to.
struct Hashed<'a>(&'a mut Sha256);

impl std::io::Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
