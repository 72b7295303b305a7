//! Access tokens.

use std::fmt;

/// A secret shared with those who may view pages or send spans.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Returns a token; `None` if the text has fewer than eight characters, so that it could be
    /// guessed, or characters other than letters, digits, `-`, `_`, `.` and `~`, since it is used
    /// in addresses and headers.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        (text.len() >= 8 && text.bytes().all(plain)).then(|| Self(text.to_owned()))
    }

    /// Returns whether `text` is the token, in constant time.
    pub(super) fn is(&self, text: &str) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), text.as_bytes());
        let differing = ours
            .iter()
            .zip(theirs)
            .fold(0, |differing, (a, b)| differing | (a ^ b));
        ours.len() == theirs.len() && differing == 0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn a_token_is_plain_and_long_enough_and_not_shown() {
        assert_eq!(Token::new("short"), None);
        assert_eq!(Token::new("with a space"), None);
        let token = Token::new("lamp-light_1").unwrap();
        assert!(token.is("lamp-light_1"));
        assert!(!token.is("lamp-light_2") && !token.is("lamp") && !token.is(""));
        assert_eq!(format!("{token:?}"), "Token(..)");
    }
}
