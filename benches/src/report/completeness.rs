//! Completeness.

use crate::Result;
use crate::bench::Bench;
use crate::section::Section;

pub(crate) fn measure(_: &Bench) -> Result<Section> {
    Ok(Section {
        title: "Completeness",
        text: "Not measured yet.\n".to_owned(),
        ..Section::default()
    })
}
