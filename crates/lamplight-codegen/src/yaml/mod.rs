//! A reader of YAML into a tree of nodes with positions.
//!
//! The tree is built from the parser's events without recursion, so depth costs no stack. Aliases are copied
//! against a budget, so a file of a few lines cannot request unlimited memory.

use std::{borrow::Cow, collections::HashMap};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, Span};

/// The maximum depth of nodes. Published registries stay below 12.
const MAX_DEPTH: usize = 64;
/// The maximum number of nodes of a file, including copies made by aliases.
const MAX_NODES: usize = 2_000_000;
/// The maximum number of lines of a file that are indented for the parser.
const MAX_INDENTED: usize = 64;

const TOO_MANY_COPIES: &str = "anchors and aliases make the file too large";

/// The line and column of a node, both from 1.
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
    /// A scalar. Only a plain one can be a number, a Boolean or null.
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
    /// True if a line within quotes is indented less than YAML 1.2 requires.
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

/// A list or map whose end has not been reached.
struct Open {
    at: Mark,
    anchor: usize,
    items: Vec<Node>,
    is_map: bool,
}

/// Parses `text` as a single document. An empty file is an empty map.
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

/// Returns the text with line `number`, which continues a quoted string, indented more deeply than its
/// container. Published registries have such lines at the indentation of their key, which YAML 1.1 allowed;
/// the leading blanks are not part of the string in either version.
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
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| YamlError {
            at: Mark {
                line: error.marker().line(),
                column: error.marker().col() + 1,
            },
            problem: error.info(),
            underindented: *error.kind() == ErrorKind::InvalidQuotedScalarIndent,
        })?;
        builder.event(event, mark(&span))?;
    }
    Ok(match builder.root {
        Some(root) if !root.is_null() => root,
        _ => Node {
            at: Mark { line: 1, column: 1 },
            value: Yaml::Map(Vec::new()),
        },
    })
}

/// The tree built so far from the parser's events.
struct Builder {
    root: Option<Node>,
    /// The lists and maps that contain the next event.
    open: Vec<Open>,
    /// Nodes that aliases may repeat, each with its size.
    anchors: HashMap<usize, (Node, usize)>,
    /// The number of nodes that may still be created.
    budget: usize,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            root: None,
            open: Vec::new(),
            anchors: HashMap::new(),
            budget: MAX_NODES,
        }
    }
}

impl Builder {
    fn event(&mut self, event: Event<'_>, at: Mark) -> Result<(), YamlError> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let value = Yaml::Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                };
                self.node(Node { at, value }, anchor, at)
            }
            Event::SequenceStart(_, anchor, _) => self.start(anchor, false, at),
            Event::MappingStart(_, anchor, _) => self.start(anchor, true, at),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(done) => {
                    let anchor = done.anchor;
                    self.node(done.close()?, anchor, at)
                }
                None => Err(YamlError::new(at, "unexpected end of a list or map")),
            },
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(YamlError::new(at, "a second document in one file"))
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, anchor: usize, is_map: bool, at: Mark) -> Result<(), YamlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(YamlError::new(at, "nested too deeply"));
        }
        self.open.push(Open {
            at,
            anchor,
            items: Vec::new(),
            is_map,
        });
        Ok(())
    }

    fn alias(&mut self, anchor: usize, at: Mark) -> Result<(), YamlError> {
        let Some(size) = self.anchors.get(&anchor).map(|(_, size)| *size) else {
            return Err(YamlError::new(
                at,
                "alias of something that is not complete yet",
            ));
        };
        self.spend(size, at, TOO_MANY_COPIES)?;
        // The copy keeps its own position, so that faults in it are reported there.
        match self.anchors.get(&anchor).map(|(node, _)| node.clone()) {
            Some(node) => self.node(node, 0, at),
            None => Ok(()),
        }
    }

    /// Adds a complete node to the list or map around it.
    fn node(&mut self, node: Node, anchor: usize, at: Mark) -> Result<(), YamlError> {
        self.spend(1, at, "too many values in one file")?;
        if anchor != 0 {
            // Copies are counted too, and anchors may be nested.
            let size = size(&node);
            self.spend(size, at, TOO_MANY_COPIES)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut() {
            Some(parent) => parent.items.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }

    fn spend(&mut self, nodes: usize, at: Mark, problem: &str) -> Result<(), YamlError> {
        self.budget = self.budget.saturating_sub(nodes);
        match self.budget {
            0 => Err(YamlError::new(at, problem)),
            _ => Ok(()),
        }
    }
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

/// Returns the number of nodes of a tree, whose depth [`parse`] has bounded.
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
mod tests;
