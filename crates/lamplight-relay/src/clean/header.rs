//! Resources and scopes, which chunks share between many spans.

use std::borrow::Cow;

use bytes::Bytes;
use lamplight_otlp::{Fields, Malformed, Value};

use super::{
    fates::hash,
    splice::{bytes, fields},
    workshop::{Kind, Workshop},
};

/// The parts of a `ResourceSpans` or `ScopeSpans` other than spans. Fields unknown to the protocol
/// are omitted, since they may belong to other traces.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    /// The resource or the scope. If it occurs in several parts, they are merged.
    content: Option<Cow<'a, [u8]>>,
    schema_url: &'a [u8],
}

impl<'a> Header<'a> {
    pub(super) fn new(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut header = Self {
            content: None,
            schema_url: &[],
        };
        for field in Fields::new(message) {
            match field? {
                (1, Value::Bytes(part)) => match &mut header.content {
                    None => header.content = Some(Cow::Borrowed(part)),
                    Some(parts) => parts.to_mut().extend_from_slice(part),
                },
                (3, Value::Bytes(url)) => header.schema_url = url,
                _ => {}
            }
        }
        Ok(header)
    }

    fn content(&self) -> &[u8] {
        self.content.as_deref().unwrap_or_default()
    }
}

/// Number of headers in the cache. A trace has a few.
const SLOTS: usize = 64;

/// Maximum length of a header in the cache.
const LONGEST: usize = 16 * 1024;

/// A cache of cleaned and encoded headers: nearly all spans have one that occurred before.
#[derive(Debug, Default)]
pub(super) struct Headers {
    slots: Vec<Option<Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    number: u32,
    content: Option<Box<[u8]>>,
    schema_url: Box<[u8]>,
    encoded: Bytes,
}

impl Known {
    fn is_of(&self, number: u32, header: &Header<'_>) -> bool {
        self.number == number
            && self.content.as_deref() == header.content.as_deref()
            && *self.schema_url == *header.schema_url
    }
}

impl Headers {
    /// Returns the encoded fields of a header, cleaned. Equal headers share their bytes.
    pub(super) fn encoded(
        &mut self,
        workshop: &mut Workshop,
        kind: Kind,
        header: &Header<'_>,
    ) -> Result<Bytes, Malformed> {
        let number = kind.attributes();
        let slot = hash(header.content(), number.into()) as usize % SLOTS;
        if let Some(Some(known)) = self.slots.get(slot)
            && known.is_of(number, header)
        {
            return Ok(known.encoded.clone());
        }
        let encoded = encode(workshop, kind, header)?;
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, None);
        }
        if header.content().len() <= LONGEST
            && let Some(slot) = self.slots.get_mut(slot)
        {
            *slot = Some(Known {
                number,
                content: header.content.as_deref().map(Into::into),
                schema_url: header.schema_url.into(),
                encoded: encoded.clone(),
            });
        }
        Ok(encoded)
    }
}

fn encode(workshop: &mut Workshop, kind: Kind, header: &Header<'_>) -> Result<Bytes, Malformed> {
    let mut out = Vec::new();
    if let Some(content) = header.content.as_deref() {
        // A malformed part would make receivers refuse the whole request.
        fields(content).try_for_each(|field| field.map(drop))?;
        let mut new = workshop.pool.take();
        let looks = workshop.looks(kind, content);
        if workshop.attributed(kind, content, &looks, &mut new)? {
            bytes(&mut out, 1, &new);
        } else {
            bytes(&mut out, 1, content);
        }
        workshop.pool.give(new);
    }
    if !header.schema_url.is_empty() {
        bytes(&mut out, 3, header.schema_url);
    }
    Ok(out.into())
}
