//! YAML as a tree whose every node knows its line.
//!
//! The tree is built from the parser's events without recursion, so depth costs no stack,
//! and aliases are copied against a budget, so a file of a few lines cannot ask for memory
//! without end.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, Span};

/// Nodes deeper than this are refused. Published registries stay below 12.
const MAX_DEPTH: usize = 64;
/// Most nodes of one file, copies made by aliases included.
const MAX_NODES: usize = 2_000_000;
/// Most lines of one file that are indented for the parser's sake.
const MAX_INDENTED: usize = 64;

/// Line and column of a node, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mark {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: Mark,
    pub(crate) value: Yaml,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Yaml {
    /// A scalar. Only a plain one may stand for a number, a truth value or nothing.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct YamlError {
    pub(crate) at: Mark,
    pub(crate) problem: String,
    /// Whether a line within quotes is indented less than YAML 1.2 wants.
    underindented: bool,
}

impl YamlError {
    fn new(at: Mark, problem: impl Into<String>) -> Self {
        Self {
            at,
            problem: problem.into(),
            underindented: false,
        }
    }
}

impl Node {
    pub(crate) fn is_null(&self) -> bool {
        match &self.value {
            Yaml::Scalar { text, plain: true } => {
                matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Yaml::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// A list or map whose end has not been seen.
struct Open {
    at: Mark,
    anchor: usize,
    items: Vec<Node>,
    is_map: bool,
}

/// Returns the one document of `text`. An empty file is an empty map.
pub(crate) fn parse(text: &str) -> Result<Node, YamlError> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..MAX_INDENTED {
        match read(&text) {
            Err(error) if error.underindented => text = Cow::Owned(indent(&text, error.at.line)),
            result => return result,
        }
    }
    read(&text)
}

/// Returns the text with line `number`, which continues a quoted text, indented deeper than what
/// holds it. Published registries have such lines as no deeper than their key, which YAML 1.1
/// allowed; the blanks before them are no part of the text in either version.
fn indent(text: &str, number: usize) -> String {
    let mut deeper = 0;
    let mut out = String::with_capacity(text.len() + 256);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 == number {
            out.push_str(&" ".repeat(deeper + 1));
        } else if index < number && !line.trim().is_empty() {
            deeper = line.chars().count();
        }
        out.push_str(line);
    }
    out
}

fn read(text: &str) -> Result<Node, YamlError> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, (Node, usize)> = HashMap::new();
    let mut root: Option<Node> = None;
    let mut budget = MAX_NODES;

    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| YamlError {
            at: Mark {
                line: error.marker().line(),
                column: error.marker().col() + 1,
            },
            problem: error.info(),
            underindented: *error.kind() == ErrorKind::InvalidQuotedScalarIndent,
        })?;
        let at = mark(&span);
        let fail = |problem: &str| Err(YamlError::new(at, problem));

        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                (
                    Node {
                        at,
                        value: Yaml::Scalar {
                            text: text.into_owned(),
                            plain,
                        },
                    },
                    anchor,
                )
            }
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                if open.len() >= MAX_DEPTH {
                    return fail("nested too deeply");
                }
                let is_map = matches!(event, Event::MappingStart(..));
                open.push(Open {
                    at,
                    anchor,
                    items: Vec::new(),
                    is_map,
                });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(done) => {
                    let anchor = done.anchor;
                    (done.close()?, anchor)
                }
                None => return fail("unexpected end of a list or map"),
            },
            Event::Alias(anchor) => match anchors.get(&anchor) {
                Some((node, size)) => {
                    budget = budget.saturating_sub(*size);
                    if budget == 0 {
                        return fail("anchors and aliases make the file too large");
                    }
                    // The copy stays at its own place, so that a fault in it is found there.
                    (node.clone(), 0)
                }
                None => return fail("alias of something that is not complete yet"),
            },
            Event::DocumentStart(..) if root.is_some() => {
                return fail("a second document in one file");
            }
            _ => continue,
        };

        budget = budget.saturating_sub(1);
        if budget == 0 {
            return fail("too many values in one file");
        }
        if anchor != 0 {
            // A copy too, and anchors may stand inside one another.
            let size = size(&node);
            budget = budget.saturating_sub(size);
            if budget == 0 {
                return fail("anchors and aliases make the file too large");
            }
            anchors.insert(anchor, (node.clone(), size));
        }
        match open.last_mut() {
            Some(parent) => parent.items.push(node),
            None => root = Some(node),
        }
    }
    Ok(match root {
        Some(root) if !root.is_null() => root,
        _ => Node {
            at: Mark { line: 1, column: 1 },
            value: Yaml::Map(Vec::new()),
        },
    })
}

impl Open {
    fn close(self) -> Result<Node, YamlError> {
        if !self.is_map {
            return Ok(Node {
                at: self.at,
                value: Yaml::List(self.items),
            });
        }
        let mut entries: Vec<(Node, Node)> = Vec::with_capacity(self.items.len() / 2);
        let mut names: HashMap<String, Mark> = HashMap::new();
        let mut items = self.items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            let Some(name) = key.text() else {
                return Err(YamlError::new(key.at, "a key that is a list or a map"));
            };
            if let Some(first) = names.insert(name.to_owned(), key.at) {
                let problem = format!("`{name}` is given twice, first in line {}", first.line);
                return Err(YamlError::new(key.at, problem));
            }
            entries.push((key, value));
        }
        Ok(Node {
            at: self.at,
            value: Yaml::Map(entries),
        })
    }
}

fn mark(span: &Span) -> Mark {
    Mark {
        line: span.start.line(),
        column: span.start.col() + 1,
    }
}

/// Nodes of a tree whose depth [`parse`] has bounded.
fn size(node: &Node) -> usize {
    match &node.value {
        Yaml::Scalar { .. } => 1,
        Yaml::List(items) => items.iter().map(size).sum::<usize>() + 1,
        Yaml::Map(entries) => {
            entries
                .iter()
                .map(|(key, value)| size(key) + size(value))
                .sum::<usize>()
                + 1
        }
    }
}

#[cfg(test)]
mod tests {
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
}
