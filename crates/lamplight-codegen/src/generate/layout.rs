//! Layout of Rust source like that of rustfmt, so that generated files need no formatting.

/// Longest line.
const WIDTH: usize = 100;
/// Longest arguments of a call on one line.
const CALL_WIDTH: usize = 60;
/// Longest items of an array on one line.
const ARRAY_WIDTH: usize = 60;
/// Items this short share lines even in an array of many.
const SHORT_ITEM: usize = 10;

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

    pub(crate) fn indented(indent: usize) -> Self {
        Self {
            text: String::new(),
            indent,
        }
    }

    pub(crate) fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text.push_str(&" ".repeat(self.indent));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// Writes an empty line, unless a block has just been opened.
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

    /// Writes a comment unchanged: its text and links are this crate's own.
    pub(crate) fn own_docs(&mut self, line: &str) {
        self.line(&format!("/// {line}"));
    }

    /// Writes a comment from a registry's text.
    pub(crate) fn docs(&mut self, text: &str) {
        super::docs::comment(&mut self.text, self.indent, "///", text);
    }

    fn fits(&self, line: &str) -> bool {
        self.indent + line.chars().count() <= WIDTH
    }

    /// Writes `{head} {value};`, with the value on a separate line if it fits only there.
    pub(crate) fn assign(&mut self, head: &str, value: &str) {
        let line = format!("{head} {value};");
        if self.fits(&line) || !self.fits(&format!("    {value};")) {
            self.line(&line);
        } else {
            self.open(head);
            self.close_after(&format!("{value};"));
        }
    }

    /// Writes `{head} {function}({argument});`, broken into lines if necessary.
    pub(crate) fn assign_call(&mut self, head: &str, function: &str, argument: &str) {
        let call = format!("{function}({argument});");
        if self.fits(&format!("{head} {call}")) || self.fits(&format!("    {call}")) {
            self.assign(head, call.trim_end_matches(';'));
            return;
        }
        self.open(head);
        self.open(&format!("{function}("));
        self.line(&format!("{argument},"));
        self.close(");");
        self.indent = self.indent.saturating_sub(4);
    }

    /// Writes the last line of a block without a closing brace.
    fn close_after(&mut self, line: &str) {
        self.line(line);
        self.indent = self.indent.saturating_sub(4);
    }

    pub(crate) fn attribute(&mut self, name: &str, argument: &str) {
        let line = format!("#[{name}({argument})]");
        if self.fits(&line) {
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

    /// Writes a call as the value of the block.
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

    /// Writes `{head}[items]{tail}`.
    pub(crate) fn array(&mut self, head: &str, items: &[String], tail: &str) {
        let joined = items.join(", ");
        let line = format!("{head}[{joined}]{tail}");
        if joined.chars().count() <= ARRAY_WIDTH {
            if self.fits(&line) {
                self.line(&line);
                return;
            }
            // All items on the next line are better than one item per line.
            if let Some(name) = head.strip_suffix(" &") {
                self.open(name);
                self.close_after(&format!("&[{joined}]{tail}"));
                return;
            }
        }
        self.open(&format!("{head}["));
        let share = items.iter().all(|item| item.chars().count() <= SHORT_ITEM);
        let mut row = String::new();
        for item in items {
            let longer = format!("{row} {item},");
            let may_share = row.is_empty() || (share && self.fits(&longer));
            if !may_share {
                self.line(&std::mem::take(&mut row));
            }
            let space = if row.is_empty() { "" } else { " " };
            row.push_str(&format!("{space}{item},"));
        }
        self.line(&row);
        self.close(&format!("]{tail}"));
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
