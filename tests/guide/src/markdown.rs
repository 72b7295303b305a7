//! Headings, links and code blocks of a page.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A code block of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The language, and what else stands behind the fence.
    pub info: String,
    /// The code.
    pub code: String,
}

/// A page, taken apart.
#[derive(Debug, Default)]
pub struct Page {
    /// Targets of links and pictures, as they are written.
    pub links: Vec<String>,
    /// Anchors of headings, as GitHub and mdBook make them.
    pub anchors: Vec<String>,
    /// Code blocks with a fence.
    pub blocks: Vec<Block>,
}

impl Page {
    /// Takes a page apart.
    pub fn of(text: &str) -> Self {
        let mut page = Self::default();
        let mut heading: Option<String> = None;
        let mut block: Option<Block> = None;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    if let Some(heading) = heading.take() {
                        page.add_anchor(&heading);
                    }
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    let (info, code) = (info.into_string(), String::new());
                    block = Some(Block { info, code });
                }
                Event::End(TagEnd::CodeBlock) => page.blocks.extend(block.take()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    } else if let Some(block) = &mut block {
                        block.code.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        page
    }

    /// Returns the code of the blocks in a language.
    pub fn code_in<'a>(&'a self, language: &'a str) -> impl Iterator<Item = &'a str> {
        let is_it = move |block: &&Block| block.info.split(',').next() == Some(language);
        self.blocks.iter().filter(is_it).map(|block| &*block.code)
    }

    fn add_anchor(&mut self, heading: &str) {
        let letters = heading.trim().chars().filter_map(|letter| match letter {
            ' ' => Some('-'),
            '-' | '_' => Some(letter),
            letter if letter.is_alphanumeric() => Some(letter.to_ascii_lowercase()),
            _ => None,
        });
        let base: String = letters.collect();
        let again = |anchor: &String| anchor.strip_prefix(&*base).is_some_and(is_number);
        let anchor = match self
            .anchors
            .iter()
            .filter(|it| **it == base || again(it))
            .count()
        {
            0 => base,
            count => format!("{base}-{count}"),
        };
        self.anchors.push(anchor);
    }
}

/// Returns whether this is what a heading gets that is on its page again.
fn is_number(rest: &str) -> bool {
    rest.strip_prefix('-')
        .is_some_and(|it| it.parse::<u32>().is_ok())
}
