//! A bound for the size of signals with everything they inherit: in a file of a few megabytes, each of many
//! signals can inherit each of many attributes.

use crate::{
    error::{Diagnostic, Position},
    model::{AttributeUse, Literal},
};

/// The maximum size of all attributes of all signals, in bytes. Published registries stay below 16 MiB.
const MAX_BYTES: usize = 256 << 20;
/// The size of an attribute of a signal without its texts, in bytes.
const BARE: usize = 256;

/// The remaining bytes; `None` once the lack of room has been reported.
#[derive(Debug)]
pub(super) struct Room(Option<usize>);

impl Default for Room {
    fn default() -> Self {
        Self(Some(MAX_BYTES))
    }
}

impl Room {
    /// Reserves room for these attributes, or reports once that there is none.
    pub(super) fn fits<'u>(
        &mut self,
        uses: impl Iterator<Item = &'u AttributeUse>,
        position: &Position,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> bool {
        let Some(left) = self.0 else {
            return false;
        };
        self.0 = left.checked_sub(uses.map(size).sum());
        if self.0.is_none() {
            let problem = format!(
                "with this, the attributes of all signals come to more than {} MiB",
                MAX_BYTES >> 20
            );
            let remedy = "let fewer signals have them, or make their notes shorter";
            diagnostics.push(Diagnostic::new(position.clone(), "", problem, remedy));
        }
        self.0.is_some()
    }
}

fn size(used: &AttributeUse) -> usize {
    let texts = used.key.len() + used.brief.len() + used.note.len();
    BARE + texts + used.examples.iter().map(literal).sum::<usize>()
}

/// Examples are no deeper than a file may be.
fn literal(value: &Literal) -> usize {
    let inner = match value {
        Literal::String(text) => text.len(),
        Literal::List(items) => items.iter().map(literal).sum(),
        Literal::Map(entries) => entries
            .iter()
            .map(|(key, item)| key.len() + literal(item))
            .sum(),
        Literal::Null | Literal::Boolean(_) | Literal::Int(_) | Literal::Double(_) => 0,
    };
    size_of::<Literal>() + inner
}
