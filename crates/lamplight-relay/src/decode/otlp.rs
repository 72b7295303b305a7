//! Extraction of the valid part of a request.

use bytes::Bytes;
use lamplight_otlp::{
    Fields, Malformed, Value, Writer,
    trace::{Place, ResourceSpans, ScopeSpans, Span, field},
};

use super::refusal::{Reason, Refusal};

/// The valid part of a request.
pub(super) struct Sound {
    pub(super) request: Bytes,
    pub(super) spans: u32,
    /// A description of the malformed part, if any.
    pub(super) refusal: Option<Refusal>,
}

#[derive(Default)]
struct Census {
    sound: u32,
    malformed: u32,
    /// True if a malformed span has an id of the correct length, which is unlikely in other signals
    /// and formats.
    is_identified: bool,
    /// True if a part without spans is malformed.
    is_broken: bool,
    /// True if there are other fields than the only one of a request.
    other_fields: bool,
}

/// Receives the valid spans of a request, before it is known whether the whole request is valid.
pub(super) type Show<'s, 'a> = &'s mut dyn FnMut(Place<'_, 'a>, &Span<'a>);

/// Returns the valid part of a request; the request itself if all of it is valid.
pub(super) fn sound<'a>(request: &'a Bytes, show: Show<'_, 'a>) -> Result<Sound, Refusal> {
    let not_otlp = |_| Refusal::of(Reason::NotOtlp);
    let census = census(request, show).map_err(|malformed| match request.trim_ascii_start() {
        [b'{' | b'[' | b'"', ..] => Refusal::of(Reason::Json),
        _ => not_otlp(malformed),
    })?;
    let Census {
        sound, malformed, ..
    } = census;
    let is_whole = malformed == 0 && !census.is_broken;
    if sound == 0 && !census.is_identified && (!is_whole || census.other_fields) {
        return Err(Refusal {
            spans: malformed,
            ..Refusal::of(Reason::NotOtlp)
        });
    }
    let refusal = (!is_whole).then(|| Refusal::of_spans(malformed));
    match refusal {
        Some(refusal) if sound == 0 => Err(refusal),
        None => Ok(Sound {
            request: request.clone(),
            spans: sound,
            refusal,
        }),
        Some(_) => Ok(Sound {
            request: only_sound(request).map_err(not_otlp)?.into(),
            spans: sound,
            refusal,
        }),
    }
}

/// Counts spans. Returns an error if the structure is broken: that of the request, or of a message
/// above the spans.
fn census<'a>(request: &'a [u8], show: Show<'_, 'a>) -> Result<Census, Malformed> {
    let mut census = Census::default();
    for field in Fields::new(request) {
        let resource = match field? {
            (1, Value::Bytes(resource)) => resource,
            (number, _) => {
                // The only field has one type.
                census.is_broken |= number == 1;
                census.other_fields = true;
                continue;
            }
        };
        let view = ResourceSpans::new(resource)?;
        let is_resource_sound = resource_is_sound(&view);
        census.is_broken |= !is_resource_sound;
        for scope in view.scope_spans() {
            let scope = scope?;
            let is_scope_sound = is_resource_sound && scope_is_sound(&scope);
            census.is_broken |= !is_scope_sound;
            for field in Fields::new(scope.message) {
                let (2, Value::Bytes(message)) = field? else {
                    continue;
                };
                if is_scope_sound && let Some(span) = sound_span(message) {
                    census.sound += 1;
                    show(Place::new(&view, &scope), &span);
                } else {
                    let has_id = Span::new(message).is_ok_and(|span| span.trace_id.len() == 16);
                    census.is_identified |= has_id;
                    census.malformed += 1;
                }
            }
        }
    }
    Ok(census)
}

fn resource_is_sound(view: &ResourceSpans<'_>) -> bool {
    is_outline(view.message, field::SCOPE_SPANS.into()) && view.check().is_ok()
}

fn scope_is_sound(view: &ScopeSpans<'_>) -> bool {
    is_outline(view.message, field::SPANS.into()) && view.check().is_ok()
}

/// Returns whether the known fields of a message are messages or strings, and only `repeated`
/// occurs more than once. (A message split over several fields would need merging, and no encoder
/// writes such.)
fn is_outline(message: &[u8], repeated: u64) -> bool {
    let mut seen = [0_u8; 4];
    Fields::new(message).all(|field| match field {
        Ok((number, Value::Bytes(_))) if number == repeated => true,
        Ok((number @ 1..=3, value)) => {
            let count = usize::try_from(number).ok().and_then(|it| seen.get_mut(it));
            let is_first = count.is_some_and(|count| std::mem::replace(count, 1) == 0);
            is_first && matches!(value, Value::Bytes(_))
        }
        Ok(_) => true,
        Err(_) => false,
    })
}

fn sound_span(message: &[u8]) -> Option<Span<'_>> {
    let has_ids =
        |span: &Span<'_>| span.valid_trace_id().is_some() && span.valid_span_id().is_some();
    Span::checked(message).ok().filter(has_ids)
}

/// Returns the request without its malformed parts, and without messages that then have no spans.
fn only_sound(request: &[u8]) -> Result<Vec<u8>, Malformed> {
    let kept = kept(request, field::RESOURCE_SPANS, |resource| {
        let view = ResourceSpans::new(resource)?;
        if !resource_is_sound(&view) {
            return Ok(None);
        }
        kept(resource, field::SCOPE_SPANS, |scope| {
            if !scope_is_sound(&ScopeSpans::new(scope)?) {
                return Ok(None);
            }
            kept(scope, field::SPANS, |span| {
                Ok(sound_span(span).map(|_| span.to_vec()))
            })
        })
    })?;
    Ok(kept.unwrap_or_default())
}

/// Returns a message in which the messages in field `number` are replaced by their valid parts;
/// `None` if none is left.
fn kept<'a>(
    message: &'a [u8],
    number: u32,
    mut make: impl FnMut(&'a [u8]) -> Result<Option<Vec<u8>>, Malformed>,
) -> Result<Option<Vec<u8>>, Malformed> {
    let mut kept = Vec::with_capacity(message.len());
    let mut is_any_left = false;
    let mut fields = Fields::new(message);
    loop {
        let before = fields.rest();
        let Some(field) = fields.next() else {
            break;
        };
        match field? {
            (found, Value::Bytes(bytes)) if found == u64::from(number) => {
                if let Some(made) = make(bytes)? {
                    let mut writer = Writer::with_capacity(made.len() + 16);
                    writer.bytes_always(number, &made);
                    kept.extend_from_slice(&writer.into_bytes());
                    is_any_left = true;
                }
            }
            // The field has the wrong type.
            (found, _) if found == u64::from(number) => {}
            _ => {
                let length = before.len() - fields.rest().len();
                kept.extend_from_slice(before.get(..length).unwrap_or_default());
            }
        }
    }
    Ok(is_any_left.then_some(kept))
}
