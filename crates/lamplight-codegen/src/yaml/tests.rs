//! Tests of the tree and of its bounds.

use super::*;

impl Node {
    fn entry(&self, name: &str) -> Option<&Node> {
        let Yaml::Map(entries) = &self.value else {
            return None;
        };
        entries
            .iter()
            .find(|(key, _)| key.text() == Some(name))
            .map(|(_, value)| value)
    }
}

fn problem(text: &str) -> (usize, String) {
    let error = parse(text).unwrap_err();
    (error.at.line, error.problem)
}

#[test]
fn nodes_know_their_place() {
    let root = parse("a:\n  - b: 1\n").unwrap();
    let Yaml::List(items) = &root.entry("a").unwrap().value else {
        panic!()
    };
    assert_eq!(items[0].entry("b").unwrap().at, Mark { line: 2, column: 8 });
}

#[test]
fn faults_are_told_with_their_line() {
    assert_eq!(
        problem("a: 1\nb: 2\na: 3\n"),
        (3, "`a` is given twice, first in line 1".into())
    );
    assert_eq!(problem("a: [1, 2\nb: 3\n").0, 2);
    assert_eq!(
        problem("---\na: 1\n---\nb: 2\n"),
        (3, "a second document in one file".into())
    );
    assert_eq!(problem("[a]: 1\n").1, "a key that is a list or a map");
}

#[test]
fn an_alias_repeats_what_its_anchor_holds() {
    let root = parse("a: &x {b: 1}\nc: *x\n").unwrap();
    assert_eq!(
        root.entry("c").unwrap().entry("b").unwrap().text(),
        Some("1")
    );
}

#[test]
fn aliases_of_aliases_run_out_of_budget() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let item = format!("*a{}", level - 1);
        let items = vec![item; 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert_eq!(
        problem(&text).1,
        "anchors and aliases make the file too large"
    );
}

#[test]
fn anchors_inside_anchors_run_out_of_budget() {
    let anchors: String = (0..60).map(|level| format!("&a{level} [")).collect();
    let text = format!("{anchors}{}x{}", "x,".repeat(50_000), "]".repeat(60));
    assert_eq!(
        problem(&text).1,
        "anchors and aliases make the file too large"
    );
}

#[test]
fn quoted_texts_may_go_on_where_their_key_stands() {
    let text = "a:\n  - b: 'one\n    two\n\n    three'\n    c: \"x\n    y\" # z\n    d: 1\n";
    let root = parse(text).unwrap();
    let Yaml::List(items) = &root.entry("a").unwrap().value else {
        panic!()
    };
    let entry = |name| items[0].entry(name).unwrap();
    assert_eq!(entry("b").text(), Some("one two\nthree"));
    assert_eq!(entry("c").text(), Some("x y"));
    assert_eq!(entry("d").at, Mark { line: 8, column: 8 });
    // Not without end.
    assert_eq!(problem(&format!("a: 'x\n{}'", "y\n".repeat(100))).0, 66);
}

#[test]
fn depth_is_bounded() {
    let text = format!("{}1{}", "[".repeat(65), "]".repeat(65));
    assert_eq!(problem(&text).1, "nested too deeply");
    let text: String = (0..5_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    assert_eq!(problem(&text).1, "nested too deeply");
}

#[test]
fn an_empty_file_is_an_empty_map() {
    for text in ["", "# nothing\n", "---\n"] {
        assert_eq!(
            parse(text).unwrap().value,
            Yaml::Map(Vec::new()),
            "{text:?}"
        );
    }
}
