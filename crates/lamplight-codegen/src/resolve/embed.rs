//! Attributes of the older form that are copies of others under the prefix of a group: `ref: geo.lat` with
//! `prefix: true` in a group with `prefix: client` is `client.geo.lat`.

use super::Resolver;
use crate::{draft::AttributeRef, model::Attribute};

/// The maximum depth of such copies of copies.
const MAX_EMBEDDED: usize = 8;

impl Resolver<'_> {
    /// Defines the attributes that are copies under a prefix. A copy may be made from another copy.
    pub(super) fn embed(&mut self, mut embedded: Vec<(String, AttributeRef)>) {
        for _ in 0..MAX_EMBEDDED {
            let (known, unknown): (Vec<_>, Vec<_>) = embedded
                .into_iter()
                .partition(|(of, _)| self.attributes.contains_key(of) || self.borrow(of).is_ok());
            embedded = unknown;
            if known.is_empty() {
                break;
            }
            let definitions = known.into_iter().filter_map(|(of, reference)| {
                let found = self.attributes.get(&of).cloned();
                let base = found.or_else(|| self.borrow(&of).ok())?;
                Some(Attribute {
                    key: reference.key,
                    brief: reference.brief.unwrap_or(base.brief),
                    note: reference.note.unwrap_or(base.note),
                    examples: match reference.examples.is_empty() {
                        true => base.examples,
                        false => reference.examples,
                    },
                    stability: reference.stability.unwrap_or(base.stability),
                    deprecated: reference.deprecated.or(base.deprecated),
                    position: reference.position,
                    ..base
                })
            });
            let definitions = definitions.collect();
            self.define_attributes(definitions);
        }
        for (of, reference) in embedded {
            let problem = format!("is made of unknown attribute `{of}`");
            self.report(
                &reference.position,
                &reference.key,
                problem,
                "define that one",
            );
        }
    }
}
