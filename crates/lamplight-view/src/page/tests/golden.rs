//! Golden pages; `GOLDEN=write` writes them.

use std::{env, fs, path::Path};

/// Asserts that a page equals the reviewed golden file, apart from its style, its script and their
/// hashes.
#[track_caller]
pub(crate) fn assert_golden(name: &str, html: &str) {
    let mut kept = html.to_owned();
    for (start, end) in [
        ("<style>", "</style>"),
        ("<script type=\"module\">", "</script>"),
        (
            "<meta http-equiv=\"Content-Security-Policy\" content=\"",
            "\"",
        ),
    ] {
        let Some((before, rest)) = kept.split_once(start) else {
            continue;
        };
        let (_, after) = rest.split_once(end).unwrap();
        kept = format!("{before}{start}{end}{after}");
    }
    // One line per element, for readable diffs.
    let kept = kept.replace("><", ">\n<") + "\n";
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let path = directory.join(name).with_extension("html");
    if env::var_os("GOLDEN").is_some_and(|it| it == "write") {
        fs::create_dir_all(&directory).unwrap();
        fs::write(&path, kept).unwrap();
        return;
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    let same = golden
        .lines()
        .zip(kept.lines())
        .take_while(|(one, other)| one == other);
    let line = same.count();
    assert!(
        golden == kept,
        "{name} differs in line {}: {:?} was {:?}; GOLDEN=write keeps it as it is now",
        line + 1,
        kept.lines().nth(line),
        golden.lines().nth(line)
    );
}
