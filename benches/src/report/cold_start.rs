//! Cold start.

use crate::Result;
use crate::bench::Bench;
use crate::section::Section;

pub(crate) fn measure(_: &Bench) -> Result<Section> {
    Ok(Section {
        title: "Cold start",
        text: "Not measured yet.\n".to_owned(),
        ..Section::default()
    })
}
