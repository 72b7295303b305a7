//! Addresses of servers.

use std::fmt;

use percent_encoding::percent_decode_str;

use crate::store::StoreError;

/// The address of a server, the database, and the credentials.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Scheme, host and port.
    pub(super) url: String,
    pub(super) database: String,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
}

impl Address {
    /// Parses `http://user:password@host:8123/database`; all but scheme and host are optional.
    ///
    /// Errors do not contain the text, because it may contain a password.
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let wrong = |why: &str| {
            StoreError::Query(format!(
                "The address of ClickHouse {why}: write http://host:8123/database, with \
                 user:password@ before the host if needed."
            ))
        };
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| wrong("has no scheme"))?;
        if !matches!(scheme, "http" | "https") {
            return Err(wrong("is not HTTP"));
        }
        if rest.contains(['?', '#']) {
            return Err(wrong("has a query or a fragment"));
        }
        // The last `@`: a password that is not encoded may contain others.
        let (credentials, rest) = match rest.rsplit_once('@') {
            Some((credentials, rest)) => (Some(credentials), rest),
            None => (None, rest),
        };
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let database = path.strip_suffix('/').unwrap_or(path);
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        if host.is_empty() || host.starts_with(':') || !host.bytes().all(is_host) {
            return Err(wrong("has no valid host"));
        }
        if database.contains('/') {
            return Err(wrong("has more than a database behind the host"));
        }
        let (user, password) = match credentials.map(|it| it.split_once(':').unwrap_or((it, ""))) {
            Some((user, password)) => (decoded(user), decoded(password)),
            None => (None, None),
        };
        Ok(Self {
            url: format!("{scheme}://{host}/"),
            database: decoded(database).unwrap_or_else(|| "default".to_owned()),
            user,
            password,
        })
    }
}

/// Returns a text without percent-encoding; `None` if it is empty.
fn decoded(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some(text).filter(|it| !it.is_empty())
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("url", &self.url)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_has_a_host_and_may_have_more() {
        let parts = |text| {
            let it = Address::parse(text).unwrap();
            (it.url, it.database, it.user, it.password)
        };
        let owned = |text: &str| Some(text.to_owned());
        assert_eq!(
            parts("http://me:p%40ss@host:8123/otel"),
            (
                "http://host:8123/".to_owned(),
                "otel".to_owned(),
                owned("me"),
                owned("p@ss")
            )
        );
        assert_eq!(
            parts("https://[::1]:8443"),
            (
                "https://[::1]:8443/".to_owned(),
                "default".to_owned(),
                None,
                None
            )
        );
        assert_eq!(parts("http://me@host/").2, owned("me"));
        assert_eq!(parts("http://me:a@b@host/").3, owned("a@b"));
    }

    #[test]
    fn errors_and_debug_output_have_no_password() {
        for text in [
            "host:8123",
            "tcp://me:secret@host",
            "http://me:secret@",
            "http://me:secret@host/a/b",
            "http://me:secret@host/?a=b",
            "http://me:secret@ho st/",
        ] {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(!error.contains("secret") && error.contains("http://host:8123/database"));
        }
        let address = Address::parse("http://me:secret@host").unwrap();
        assert!(!format!("{address:?}").contains("secret"));
    }
}
