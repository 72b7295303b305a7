//! The `error.type` of a request without a response.

use std::{
    any::{Any, type_name},
    error::Error,
    fmt::{self, Write as _},
    io,
};

use lamplight_semconv::error::ErrorType;

/// The number of causes that an error is followed to.
const MAX_SOURCES: usize = 8;

/// The longest name of a type that is believed, in bytes.
const MAX_NAME: usize = 100;

type BoxError = Box<dyn Error + Send + Sync>;

/// Returns the class of an error, of which there are few: never a word of its message, which may quote the
/// URL.
pub(crate) fn type_of<E: 'static>(error: &E) -> ErrorType {
    let any: &dyn Any = error;
    if let Some(error) = any.downcast_ref::<BoxError>() {
        return in_chain(&**error);
    }
    #[cfg(feature = "reqwest")]
    if let Some(error) = any.downcast_ref::<reqwest::Error>() {
        return in_chain(error);
    }
    match any.downcast_ref::<io::Error>() {
        Some(error) => in_chain(error),
        None => ErrorType::Custom(type_name::<E>().into()),
    }
}

/// Returns the class of the first cause that can be told: a timeout wherever one is, else the outermost.
fn in_chain(error: &(dyn Error + 'static)) -> ErrorType {
    let causes = || {
        std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| {
            (*error).source()
        })
        .take(MAX_SOURCES)
    };
    if causes().any(is_timeout) {
        return ErrorType::Timeout;
    }
    let named = causes().find_map(name);
    named.map_or(ErrorType::Other, |name| ErrorType::Custom(name.into()))
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    #[cfg(feature = "reqwest")]
    if let Some(error) = error.downcast_ref::<reqwest::Error>() {
        return error.is_timeout();
    }
    match error.downcast_ref::<io::Error>() {
        Some(error) => error.kind() == io::ErrorKind::TimedOut,
        // That of `tower::timeout` and of `tokio::time::timeout`.
        None => derived(error).as_deref() == Some("Elapsed"),
    }
}

fn name(error: &(dyn Error + 'static)) -> Option<String> {
    #[cfg(feature = "reqwest")]
    if let Some(error) = error.downcast_ref::<reqwest::Error>() {
        let kind = [
            (error.is_builder(), "builder"),
            (error.is_redirect(), "redirect"),
            (error.is_connect(), "connect"),
            (error.is_body(), "body"),
            (error.is_decode(), "decode"),
            (error.is_request(), "request"),
        ];
        let kind = kind.iter().find(|(is, _)| *is);
        return kind.map(|(_, name)| (*name).to_owned());
    }
    if error.is::<io::Error>() {
        return Some(type_name::<io::Error>().to_owned());
    }
    derived(error)
}

/// Returns the name of a type, where its `Debug` output is of the kind that `derive` makes.
fn derived(error: &(dyn Error + 'static)) -> Option<String> {
    let mut start = Start(String::new());
    // It ends when there is enough.
    let _ = write!(start, "{error:?}");
    let Start(text) = start;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let name = text.split(|c| !is_part(c)).next()?;
    let last = name.rsplit("::").next()?;
    let is_type = last.starts_with(|c: char| c.is_ascii_uppercase());
    let rest = text.strip_prefix(name)?;
    let is_derived = rest.is_empty() || rest.starts_with('(') || rest.starts_with(" {");
    (is_type && is_derived && name.len() <= MAX_NAME).then(|| name.to_owned())
}

/// The start of what is written.
struct Start(String);

impl fmt::Write for Start {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = (MAX_NAME + 2).saturating_sub(self.0.chars().count());
        self.0.extend(text.chars().take(room));
        match text.chars().nth(room) {
            None => Ok(()),
            Some(_) => Err(fmt::Error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(io::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("https://user:secret@example.com")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[derive(Debug)]
    struct Elapsed(());

    impl fmt::Display for Elapsed {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Self(()) = self;
            Ok(())
        }
    }

    impl Error for Elapsed {}

    /// An error whose `Debug` output is for people.
    struct Report(&'static str);

    impl fmt::Debug for Report {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl fmt::Display for Report {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Report {}

    fn boxed(error: impl Into<BoxError>) -> ErrorType {
        type_of(&error.into())
    }

    #[test]
    fn an_error_has_the_name_of_its_type() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        let name = type_of(&Outer(refused()));
        assert!(name.as_str().ends_with("::Outer"), "{name:?}");
        assert_eq!(boxed(Outer(refused())).as_str(), "Outer");
        assert_eq!(boxed(refused()).as_str(), "std::io::error::Error");
        assert_eq!(type_of(&refused()).as_str(), "std::io::error::Error");
    }

    #[test]
    fn a_timeout_is_told_wherever_it_is() {
        let late = || io::Error::from(io::ErrorKind::TimedOut);
        assert_eq!(boxed(Outer(late())), ErrorType::Timeout);
        assert_eq!(type_of(&late()), ErrorType::Timeout);
        assert_eq!(boxed(Elapsed(())), ErrorType::Timeout);
    }

    #[test]
    fn a_text_is_no_name() {
        assert_eq!(boxed("Secret text"), ErrorType::Other);
        assert_eq!(boxed("Secret"), ErrorType::Other);
        assert_eq!(boxed(Report("Secret text")), ErrorType::Other);
        let text = type_of(&"Secret");
        assert_eq!(text.as_str(), "&str");
    }
}
