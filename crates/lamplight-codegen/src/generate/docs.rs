//! Conversion of a registry's Markdown to rustdoc comments without warnings and tests.
//!
//! Registries are written for a web site: their links refer to other pages of it, their code blocks have no
//! language, and `<key>` is plain text.

/// The width of comments, including indentation and slashes.
const WIDTH: usize = 98;
/// The maximum number of bytes that are searched for a link's text or target, so that texts of brackets do
/// not take quadratic time.
const MAX_LINK: usize = 500;

/// Appends `text` as comment lines that start with `indent` and `slashes`.
pub(crate) fn comment(out: &mut String, indent: usize, slashes: &str, text: &str) {
    let room = WIDTH.saturating_sub(indent + slashes.len() + 1).max(40);
    for line in lines(text, room) {
        out.push_str(&" ".repeat(indent));
        out.push_str(slashes);
        if !line.is_empty() {
            out.push(' ');
            out.push_str(&line);
        }
        out.push('\n');
    }
}

/// Returns the text as lines of at most `room` characters, if possible.
fn lines(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut paragraph: Vec<&str> = Vec::new();
    let mut fenced = false;
    // The indentation of the list item to which the previous line belongs.
    let mut item: Option<usize> = None;
    for line in text.trim().lines() {
        let line = line.trim_end();
        let start = line.trim_start();
        // Four spaces would start a code block, which would become a test.
        let indent = (line.len() - start.len()).min(3);
        if start.starts_with("```") {
            flush(&mut paragraph, room, &mut lines);
            fenced = !fenced;
            let bare = fenced && start.trim_start_matches('`').is_empty();
            lines.push(if bare {
                "```text".to_owned()
            } else {
                start.to_owned()
            });
        } else if fenced {
            lines.push(line.to_owned());
        } else if start.is_empty() {
            flush(&mut paragraph, room, &mut lines);
            lines.push(String::new());
            item = None;
        } else if is_block(start) {
            flush(&mut paragraph, room, &mut lines);
            lines.push(format!("{}{}", " ".repeat(indent), inline(start)));
            let marker = start.find(' ').map_or(0, |end| end + 1);
            item = Some(indent + marker);
        } else if let Some(indent) = item {
            lines.push(format!("{}{}", " ".repeat(indent), inline(start)));
        } else if paragraph.is_empty() && line.starts_with("  ") {
            lines.push(format!("{}{}", " ".repeat(indent), inline(start)));
        } else {
            paragraph.push(start);
        }
    }
    flush(&mut paragraph, room, &mut lines);
    if fenced {
        lines.push("```".to_owned());
    }
    lines
}

/// Returns whether a line, or a word at the start of one, starts something other than a paragraph.
fn is_block(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let numbered = first.trim_start_matches(|letter: char| letter.is_ascii_digit());
    first.starts_with(['#', '>', '|', '='])
        || matches!(first, "-" | "*" | "+")
        || first.trim_matches('-').is_empty()
        || (numbered.len() < first.len() && matches!(numbered, "." | ")"))
}

fn flush(paragraph: &mut Vec<&str>, room: usize, lines: &mut Vec<String>) {
    if paragraph.is_empty() {
        return;
    }
    let text = inline(&paragraph.join(" "));
    let mut current = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        let letters = word.chars().count();
        if !current.is_empty() && width + 1 + letters > room && !is_block(word) {
            lines.push(std::mem::take(&mut current));
            width = 0;
        }
        if !current.is_empty() {
            current.push(' ');
            width += 1;
        }
        current.push_str(word);
        width += letters;
    }
    lines.push(current);
    paragraph.clear();
}

/// Returns one line of prose with everything escaped that rustdoc would interpret.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (piece, after) = match letter {
            '`' => code_span(rest),
            '[' => link(rest),
            '!' if rest.starts_with("![") => ("".to_owned(), rest.get(1..).unwrap_or_default()),
            '\\' => {
                let two: String = rest.chars().take(2).collect();
                let after = rest.get(two.len()..).unwrap_or_default();
                (two, after)
            }
            '<' => autolink(rest),
            '>' | ']' => (format!("\\{letter}"), rest.get(1..).unwrap_or_default()),
            'h' if is_url(rest) && !out.ends_with(char::is_alphanumeric) => bare_url(rest),
            _ => (
                letter.to_string(),
                rest.get(letter.len_utf8()..).unwrap_or_default(),
            ),
        };
        out.push_str(&piece);
        rest = after;
    }
    out
}

fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// Returns a code span unchanged; an opening backtick without a closing one is escaped.
fn code_span(text: &str) -> (String, &str) {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let fence = "`".repeat(ticks);
    let inner = text.get(ticks..).unwrap_or_default();
    match inner.split_once(fence.as_str()) {
        Some((code, after)) => (format!("{fence}{code}{fence}"), after),
        None => ("\\`".repeat(ticks), inner),
    }
}

/// Returns `[text](https://...)` unchanged, and only the text of any other link.
fn link(text: &str) -> (String, &str) {
    let inner = text.get(1..).unwrap_or_default();
    let Some((label, after)) = closing(inner, '[', ']') else {
        return ("\\[".to_owned(), inner);
    };
    if let Some(rest) = after.strip_prefix('(')
        && let Some((target, after)) = closing(rest, '(', ')')
    {
        let label = inline(label);
        let is_plain = !target.contains(char::is_whitespace);
        return match is_url(target) && is_plain {
            true => (format!("[{label}]({target})"), after),
            false => (label, after),
        };
    }
    // `[text][reference]`: the references are not available.
    if let Some(rest) = after.strip_prefix('[')
        && let Some((_, after)) = closing(rest, '[', ']')
    {
        return (inline(label), after);
    }
    (format!("\\[{}\\]", inline(label)), after)
}

/// Splits at the bracket that closes the one before `text`.
fn closing(text: &str, open: char, close: char) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (index, letter) in text.char_indices() {
        if index > MAX_LINK {
            return None;
        }
        if letter == open {
            depth += 1;
        } else if letter == close {
            if depth == 0 {
                return Some((text.get(..index)?, text.get(index + letter.len_utf8()..)?));
            }
            depth -= 1;
        }
    }
    None
}

/// Returns `<https://...>` unchanged; any other `<` is escaped.
fn autolink(text: &str) -> (String, &str) {
    let inner = text.get(1..).unwrap_or_default();
    let end = inner.find(|letter: char| matches!(letter, '<' | '>') || letter.is_whitespace());
    let (target, rest) = inner.split_at(end.unwrap_or(inner.len()));
    match rest.strip_prefix('>') {
        Some(after) if is_url(target) => (format!("<{target}>"), after),
        _ => ("\\<".to_owned(), inner),
    }
}

fn bare_url(text: &str) -> (String, &str) {
    let ends = |letter: char| letter.is_whitespace() || "<>\"`)]".contains(letter);
    let (url, after) = text.split_at(text.find(ends).unwrap_or(text.len()));
    let trimmed = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'']);
    (
        format!(
            "<{trimmed}>{}",
            url.strip_prefix(trimmed).unwrap_or_default()
        ),
        after,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_keeps_its_meaning_and_loses_its_traps() {
        let cases = [
            ("`<key>` and <key>", "`<key>` and \\<key\\>"),
            ("see https://a.example/b.", "see <https://a.example/b>."),
            ("[0, n] of [x][y]", "\\[0, n\\] of x"),
            (
                "[a](https://b.example) [c](/docs/d.md)",
                "[a](https://b.example) c",
            ),
            (
                "![badge](https://b.example/x)",
                "[badge](https://b.example/x)",
            ),
            ("[`a`/`b`](/x)", "`a`/`b`"),
            ("an ` alone", "an \\` alone"),
            ("grün [ü", "grün \\[ü"),
        ];
        for (text, expected) in cases {
            assert_eq!(inline(text), expected, "{text}");
        }
    }

    #[test]
    fn code_blocks_are_no_tests() {
        assert_eq!(lines("```\nx\n```", 80), ["```text", "x", "```"]);
        assert_eq!(lines("```json\nx", 80), ["```json", "x", "```"]);
        assert_eq!(lines("a\n\n        deep", 80), ["a", "", "   deep"]);
    }

    #[test]
    fn paragraphs_are_filled_and_lists_left_alone() {
        assert_eq!(
            lines("one two\nthree four", 9),
            ["one two", "three", "four"]
        );
        assert_eq!(lines("- one two three four", 9), ["- one two three four"]);
        assert_eq!(
            lines("- one\ntwo\n\nthree", 80),
            ["- one", "  two", "", "three"]
        );
        // A line must not come to start with what would make it a list.
        assert_eq!(lines("one two - three", 8), ["one two -", "three"]);
    }
}
