//! Pages that are kept beside the tests: `GOLDEN=write` writes them anew.

use std::{env, fs, path::Path};

use crate::page::assets::{SCRIPT, STYLE, content_security_policy};

/// Asserts that a page is the one that was looked at and kept.
///
/// Style and script are kept once, where they are.
#[track_caller]
pub(crate) fn assert_golden(name: &str, html: &str) {
    let policy = maud::html! { (content_security_policy(false)) }.into_string();
    let kept = html
        .replace(STYLE, "")
        .replace(SCRIPT, "")
        .replace(&policy, "")
        .replace("><", ">\n<");
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let path = directory.join(name).with_extension("html");
    if env::var_os("GOLDEN").is_some_and(|it| it == "write") {
        fs::create_dir_all(&directory).unwrap();
        fs::write(&path, kept + "\n").unwrap();
        return;
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    let differs = |(one, other): &(&str, &str)| one != other;
    let line = golden.lines().zip(kept.lines()).position(|it| differs(&it));
    assert!(
        golden.trim_end() == kept.trim_end(),
        "{name} is not as it was from line {} on: GOLDEN=write keeps it as it is now",
        line.map_or_else(|| golden.lines().count().min(kept.lines().count()), |it| it) + 1
    );
}
