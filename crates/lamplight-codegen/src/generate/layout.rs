//! Writing Rust the way rustfmt would, so that generated files need no formatting.

/// Longest line.
const WIDTH: usize = 100;
/// Longest arguments of a call on one line.
const CALL_WIDTH: usize = 60;
/// Longest arguments of an attribute on one line.
const ATTRIBUTE_WIDTH: usize = 70;

/// Rust source under construction.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) text: String,
    indent: usize,
}

impl Source {
    pub(crate) fn starting_with(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            indent: 0,
        }
    }

    pub(crate) fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text.push_str(&" ".repeat(self.indent));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// An empty line, unless a block has just been opened.
    pub(crate) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("{\n") && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    pub(crate) fn open(&mut self, line: &str) {
        self.line(line);
        self.indent += 4;
    }

    pub(crate) fn close(&mut self, line: &str) {
        self.indent = self.indent.saturating_sub(4);
        self.line(line);
    }

    /// A comment that is written as it stands: it is ours and has links that work.
    pub(crate) fn own_docs(&mut self, line: &str) {
        self.line(&format!("/// {line}"));
    }

    /// A comment in a registry's words.
    pub(crate) fn docs(&mut self, text: &str) {
        super::docs::comment(&mut self.text, self.indent, "///", text);
    }

    fn fits(&self, line: &str) -> bool {
        self.indent + line.chars().count() <= WIDTH
    }

    /// `{head} {value};`, the value on a line of its own if it must be.
    pub(crate) fn assign(&mut self, head: &str, value: &str) {
        let line = format!("{head} {value};");
        if self.fits(&line) {
            self.line(&line);
        } else {
            self.open(head);
            self.line(&format!("{value};"));
            self.indent = self.indent.saturating_sub(4);
        }
    }

    pub(crate) fn attribute(&mut self, name: &str, argument: &str) {
        let line = format!("#[{name}({argument})]");
        if argument.chars().count() <= ATTRIBUTE_WIDTH && self.fits(&line) {
            self.line(&line);
        } else {
            self.open(&format!("#[{name}("));
            self.line(argument);
            self.close(")]");
        }
    }

    /// Opens a function.
    pub(crate) fn function(&mut self, head: &str, parameters: &[String], result: &str) {
        let line = format!("{head}({}) -> {result} {{", parameters.join(", "));
        if self.fits(&line) {
            self.open(&line);
            return;
        }
        self.open(&format!("{head}("));
        for parameter in parameters {
            self.line(&format!("{parameter},"));
        }
        self.close(&format!(") -> {result} {{"));
        self.indent += 4;
    }

    /// A call as the value of the block.
    pub(crate) fn call(&mut self, function: &str, arguments: &[&str]) {
        let joined = arguments.join(", ");
        let line = format!("{function}({joined})");
        if joined.chars().count() <= CALL_WIDTH && self.fits(&line) {
            self.line(&line);
            return;
        }
        self.open(&format!("{function}("));
        for argument in arguments {
            self.line(&format!("{argument},"));
        }
        self.close(")");
    }

    pub(crate) fn arm(&mut self, pattern: &str, value: &str) {
        let line = format!("{pattern} => {value},");
        if self.fits(&line) {
            self.line(&line);
        } else {
            self.open(&format!("{pattern} => {{"));
            self.line(value);
            self.close("}");
        }
    }
}
