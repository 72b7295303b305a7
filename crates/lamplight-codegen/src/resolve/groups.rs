//! Attributes that a signal gets from other signals, in addition to inherited ones.

use std::collections::HashMap;

use super::{Resolver, Uses};
use crate::{
    draft::{DraftSignal, Use},
    model::Details,
};

impl Resolver<'_> {
    /// Adds the attributes of the groups to which a draft refers.
    pub(super) fn groups(
        &mut self,
        id: &str,
        draft: &DraftSignal,
        path: &mut Vec<String>,
        uses: &mut Uses,
    ) {
        let mut from: HashMap<String, String> = HashMap::new();
        for item in &draft.uses {
            let Use::Group {
                id: group,
                position,
            } = item
            else {
                continue;
            };
            let Some(found) = self.find(group, Some(&Details::AttributeGroup), None, path) else {
                self.unknown_signal(id, group, position);
                continue;
            };
            for attribute in found.into_iter().flat_map(|group| group.attributes) {
                if let Some(other) = from.insert(attribute.key.clone(), group.clone()) {
                    let key = &attribute.key;
                    let problem = format!("both `{other}` and `{group}` bring `{key}`");
                    self.report(position, id, problem, "leave one of the groups out");
                }
                uses.put(attribute);
            }
        }
    }

    /// Adds the attributes of included signals, except those already present.
    pub(super) fn includes(
        &mut self,
        index: usize,
        id: &str,
        draft: &DraftSignal,
        path: &mut Vec<String>,
        uses: &mut Uses,
    ) {
        for item in &draft.uses {
            let Use::Include {
                id: other,
                position,
            } = item
            else {
                continue;
            };
            match self.find(other, None, Some(index), path) {
                Some(found) => {
                    for attribute in found.into_iter().flat_map(|signal| signal.attributes) {
                        if uses.get(&attribute.key).is_none() {
                            uses.put(attribute);
                        }
                    }
                }
                None => self.unknown_signal(id, other, position),
            }
        }
    }
}
