//! Changes to attributes, values and texts.

use std::{io::Write as _, sync::Arc};

use lamplight_otlp::{
    Fields, Malformed, Value,
    trace::{AnyValue, Attribute, MAX_VALUE_DEPTH},
};
use sha2::{Digest as _, Sha256};

use super::{
    config::{Config, Fate, ValueFate},
    fates::Fates,
    keys::On,
    splice::{Field, Pool, Splice, bytes, fields, string_pair, uint},
    stats::CleanStats,
    values::{Scratch, Suspects, whole},
};

/// The settings, and the buffers for applying them.
#[derive(Debug)]
pub(super) struct Workshop {
    pub(super) config: Arc<Config>,
    pub(super) stats: CleanStats,
    pub(super) pool: Pool,
    fates: Fates,
    scratch: Scratch,
    /// The messages whose attributes must be examined for their keys.
    concerned: u8,
    /// The messages for whose attributes the key matters.
    asked: u8,
}

/// A kind of message with attributes, by its field numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    on: On,
    attributes: u32,
    dropped: u32,
    /// The field of the name to search, or 0.
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
    /// Returns the number of the field with attributes, which is different for each kind of header.
    pub(super) const fn attributes(self) -> u32 {
        self.attributes
    }
}

/// The checks that a message needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looks {
    suspects: Suspects,
    /// Maximum length of values.
    limit: usize,
    /// True if attributes must be examined.
    attributes: bool,
}

impl Looks {
    /// Returns whether the message needs no checks.
    pub(super) fn at_nothing(&self) -> bool {
        !self.attributes && self.suspects.none()
    }
}

/// The result for an attribute.
enum Outcome {
    Kept,
    Changed,
    Removed,
}

/// The handling of the key of a `KeyValue`.
#[derive(Debug, Clone, Copy)]
enum Key<'a> {
    /// It stays.
    Kept,
    /// It is replaced.
    Renamed(&'a [u8]),
    /// The key of a map, which can be any text and is searched.
    Searched,
}

/// A count of dropped items, while its message is read.
#[derive(Debug, Default)]
pub(super) struct Dropped {
    before: u64,
    now: u64,
    /// Renamings, by index, with the index of the attribute that gets the new key; `None` if
    /// another attribute has it. Attributes are searched once for each renaming, regardless of the
    /// number of attributes with the old key.
    owners: Vec<(usize, Option<usize>)>,
}

impl Dropped {
    pub(super) fn one_more(&mut self) {
        self.now += 1;
    }

    /// Reads the count of the message. A count that will be rewritten is omitted.
    pub(super) fn read(&mut self, field: &Field<'_>, splice: &mut Splice<'_, '_>) {
        if let Value::Varint(count) = field.value {
            self.before = count & u64::from(u32::MAX);
            if self.now > 0 {
                splice.replace(field);
            }
        }
    }

    /// Writes the count. The last one in a message wins, so a count that was already copied is
    /// harmless.
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

    /// Returns the checks that a message of this kind needs. Examining its bytes once covers all
    /// texts in it.
    pub(super) fn looks(&self, kind: Kind, message: &[u8]) -> Looks {
        let unlimited = kind.on == On::RESOURCES || kind.on == On::SCOPES;
        let limit = match self.config.max_value {
            Some(limit) if !unlimited => limit,
            _ => usize::MAX,
        };
        self.looks_within(kind, self.config.search.suspects(message), limit, message)
    }

    /// Returns checks as [`looks`](Self::looks) does, for a message within one that was examined.
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

    /// Returns whether messages of this kind, within one that was examined, may need changes.
    pub(super) fn concerns(&self, kind: Kind, outer: &Looks, message: &[u8]) -> bool {
        !self.looks_inside(kind, outer, message).at_nothing()
    }

    /// Writes a message with attributes. Returns whether it changed; if not, nothing is written.
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

    /// Handles a name, an attribute, or the count of dropped attributes.
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
                match self.attribute(kind, message, field, attribute, looks, dropped, &mut new)? {
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

    /// Masks matches in a text other than an attribute.
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

    #[allow(clippy::too_many_arguments, reason = "an attribute and all around it")]
    fn attribute(
        &mut self,
        kind: Kind,
        message: &[u8],
        field: &Field<'_>,
        attribute: &[u8],
        looks: &Looks,
        dropped: &mut Dropped,
        out: &mut Vec<u8>,
    ) -> Result<Outcome, Malformed> {
        let (mut own_key, mut fate) = (&b""[..], Fate::NONE);
        if self.asked & kind.on.bits() != 0 {
            own_key = key(attribute)?;
            fate = self.fate(kind.on, own_key);
        }
        if fate == Fate::NONE {
            // A possible match in one attribute usually does not concern the others.
            let search = &self.config.search;
            let suspects = search.suspects_among(looks.suspects, attribute);
            if suspects.none() && attribute.len() <= looks.limit {
                return Ok(Outcome::Kept);
            }
            let looks = Looks { suspects, ..*looks };
            return self.key_value(attribute, Key::Kept, &looks, MAX_VALUE_DEPTH, out);
        }
        if fate.value == ValueFate::Removed {
            return Ok(Outcome::Removed);
        }
        let config = Arc::clone(&self.config);
        let (mut new_key, mut key) = (own_key, Key::Kept);
        if let Some(place) = fate.renamed
            && let Some(renaming) = config.keys.renamed.get(place)
        {
            if self.owner(kind, message, place, dropped)? != Some(field.start) {
                return Ok(Outcome::Removed);
            }
            (new_key, key) = (&renaming.to, Key::Renamed(&renaming.to));
        }
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
                self.key_value(attribute, key, &looks, MAX_VALUE_DEPTH, out)
            }
            _ => self.key_value(attribute, key, looks, MAX_VALUE_DEPTH, out),
        }
    }

    fn fate(&mut self, on: On, key: &[u8]) -> Fate {
        self.fates.of(&self.config.keys, on, key)
    }

    /// Returns the index of the attribute that gets the new key of a renaming: the first candidate.
    /// Returns `None` if another attribute has that key and keeps it.
    fn owner(
        &mut self,
        kind: Kind,
        message: &[u8],
        renaming: usize,
        dropped: &mut Dropped,
    ) -> Result<Option<usize>, Malformed> {
        let known = dropped.owners.iter().find(|(of, _)| *of == renaming);
        if let Some((_, owner)) = known {
            return Ok(*owner);
        }
        let owner = self.find_owner(kind, message, renaming)?;
        dropped.owners.push((renaming, owner));
        Ok(owner)
    }

    fn find_owner(
        &mut self,
        kind: Kind,
        message: &[u8],
        renaming: usize,
    ) -> Result<Option<usize>, Malformed> {
        let config = Arc::clone(&self.config);
        let new_key = |place: usize| config.keys.renamed.get(place).map(|it| &*it.to);
        let wanted = new_key(renaming);
        let mut owner = None;
        for field in fields(message) {
            let field = field?;
            let Value::Bytes(attribute) = field.value else {
                continue;
            };
            if field.number != u64::from(kind.attributes) {
                continue;
            }
            let key = key(attribute)?;
            let fate = self.fate(kind.on, key);
            match fate.renamed {
                _ if fate.value == ValueFate::Removed => {}
                Some(place) if new_key(place) == wanted => {
                    owner = owner.or(Some(field.start));
                }
                None if Some(key) == wanted => return Ok(None),
                _ => {}
            }
        }
        Ok(owner)
    }

    /// Writes a `KeyValue` with the changes to its key and value.
    fn key_value(
        &mut self,
        message: &[u8],
        key: Key<'_>,
        looks: &Looks,
        depth: u32,
        out: &mut Vec<u8>,
    ) -> Result<Outcome, Malformed> {
        let mut splice = Splice::new(message, out);
        for field in fields(message) {
            let field = field?;
            match (field.number, field.value, key) {
                (1, Value::Bytes(_), Key::Renamed(key)) => bytes(splice.replace(&field), 1, key),
                (1, Value::Bytes(key), Key::Searched) => {
                    self.searched(key, 1, &field, looks, &mut splice);
                }
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

    /// Writes an `AnyValue`, masked and truncated. Returns whether it changed.
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
            let (number, content) = match (field.number, field.value) {
                (number, Value::Bytes(content)) => (number, content),
                (3, Value::Varint(number)) => {
                    self.number(number as i64, &field, looks, &mut splice);
                    continue;
                }
                (4, Value::Fixed64(bits)) => {
                    if let Some(number) = whole(f64::from_bits(bits)) {
                        self.number(number, &field, looks, &mut splice);
                    }
                    continue;
                }
                _ => continue,
            };
            let mut new = self.pool.take();
            let changed = match number {
                1 => self.text(content, looks, &mut new),
                5 | 6 => self.elements(content, number == 6, looks, depth, &mut new)?,
                7 => self.octets(content, looks, &mut new),
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
                let outcome = self.key_value(element, Key::Searched, looks, depth, &mut new)?;
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

    /// Writes a text, masked and truncated. Returns whether it changed.
    fn text(&mut self, text: &[u8], looks: &Looks, out: &mut Vec<u8>) -> bool {
        let masked = !looks.suspects.none() && self.mask(text, looks.suspects, out);
        self.cut(masked, text, looks.limit, border, out)
    }

    /// Writes bytes as [`text`](Self::text) does, but searches only the parts that are text, since
    /// patterns would match other bytes by chance.
    fn octets(&mut self, octets: &[u8], looks: &Looks, out: &mut Vec<u8>) -> bool {
        let mut masked = false;
        if !looks.suspects.none() {
            for chunk in octets.utf8_chunks() {
                let text = chunk.valid().as_bytes();
                if self.mask(text, looks.suspects, out) {
                    masked = true;
                } else {
                    out.extend_from_slice(text);
                }
                out.extend_from_slice(chunk.invalid());
            }
            if !masked {
                out.clear();
            }
        }
        self.cut(masked, octets, looks.limit, |_, limit| limit, out)
    }

    /// Truncates the masked text, or else `source`, at the last character boundary within the
    /// limit. Returns whether anything changed.
    fn cut(
        &mut self,
        masked: bool,
        source: &[u8],
        limit: usize,
        border: impl Fn(&[u8], usize) -> usize,
        out: &mut Vec<u8>,
    ) -> bool {
        if !masked {
            if source.len() <= limit {
                return false;
            }
            out.extend_from_slice(source.get(..border(source, limit)).unwrap_or_default());
            self.stats.truncated += 1;
        } else if out.len() > limit {
            out.truncate(border(out, limit));
            self.stats.truncated += 1;
        }
        true
    }

    /// Writes the mask in place of a number whose digits contain a match.
    fn number(
        &mut self,
        number: i64,
        field: &Field<'_>,
        looks: &Looks,
        splice: &mut Splice<'_, '_>,
    ) {
        if self.config.search.is_in_number(number, looks.suspects) {
            let mask = &*self.config.mask;
            let mask = mask.get(..border(mask, looks.limit)).unwrap_or_default();
            bytes(splice.replace(field), 1, mask);
            self.stats.redacted += 1;
        }
    }
}

/// Returns the key of a `KeyValue`.
#[inline]
fn key(attribute: &[u8]) -> Result<&[u8], Malformed> {
    // Nearly all are just a short key followed by a short value.
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

/// Returns the largest character boundary up to `limit`.
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

/// Returns the digits of the hash of a value, as text; a number is hashed by its digits.
fn hash(config: &Config, value: AnyValue<'_>) -> [u8; 64] {
    let mut sha = Sha256::new();
    sha.update(&config.salt);
    match value {
        AnyValue::String(bytes)
        | AnyValue::Array(bytes)
        | AnyValue::KeyValueList(bytes)
        | AnyValue::Bytes(bytes) => sha.update(bytes),
        // Writing to a hash cannot fail.
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

/// A hash that implements `Write`.
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
