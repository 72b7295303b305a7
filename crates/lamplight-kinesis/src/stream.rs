//! The destination stream.

use std::fmt;

use aws_types::{SdkConfig, service_config::ServiceConfigKey};

/// A stream by name or by ARN, which are separate parameters in the API, with its region and endpoint.
#[derive(Clone)]
pub(crate) struct Stream {
    name_or_arn: String,
    /// The client's region.
    region: Option<String>,
    /// Host and port of a configured endpoint.
    endpoint: Option<String>,
    /// The secret part of the endpoint's URL: the user info before the host, which may have a password; the
    /// whole text if it is not a URL.
    secret: Option<String>,
}

impl Stream {
    pub(crate) fn new(name_or_arn: String) -> Self {
        Self {
            name_or_arn,
            region: None,
            endpoint: None,
            secret: None,
        }
    }

    pub(crate) fn arn(&self) -> Option<String> {
        self.name_or_arn
            .starts_with("arn:")
            .then(|| self.name_or_arn.clone())
    }

    pub(crate) fn name(&self) -> Option<String> {
        self.arn().is_none().then(|| self.name_or_arn.clone())
    }

    pub(crate) fn name_or_arn(&self) -> &str {
        &self.name_or_arn
    }

    /// Returns the region of an ARN, which may differ from the function's.
    pub(crate) fn region_of_arn(&self) -> Option<&str> {
        let mut parts = self.name_or_arn.split(':');
        (parts.next() == Some("arn"))
            .then(|| parts.nth(2))
            .flatten()
            .filter(|r| !r.is_empty())
    }

    pub(crate) fn set_region(&mut self, region: Option<String>) {
        self.region = region;
    }

    /// Sets the endpoint to that of `config`, resolved as in the SDK.
    pub(crate) fn set_endpoint_of(&mut self, config: &SdkConfig) {
        let key = ServiceConfigKey::builder()
            .service_id("Kinesis")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let of_kinesis = match (config.service_config(), key) {
            (Some(services), Ok(key)) => services.load_config(key),
            _ => None,
        };
        let url = match config.endpoint_url() {
            Some(url) if config.get_origin("endpoint_url").is_client_config() => {
                Some(url.to_owned())
            }
            url => of_kinesis.or_else(|| url.map(str::to_owned)),
        };
        if let Some(url) = url {
            self.set_endpoint(&url);
        }
    }

    fn set_endpoint(&mut self, url: &str) {
        let rest = ["http://", "https://"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme));
        let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        let (user_info, host) = match authority.map(|it| it.rsplit_once('@').unwrap_or(("", it))) {
            Some((user_info, host)) if is_host(host) => (user_info, host),
            _ => {
                self.endpoint = Some("an address that is no URL".to_owned());
                self.secret = Some(url.to_owned());
                return;
            }
        };
        self.endpoint = Some(host.to_owned());
        self.secret = (!user_info.is_empty()).then(|| format!("{user_info}@"));
    }

    /// Returns `text` without the secret part of the endpoint's URL.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        match &self.secret {
            Some(secret) => text.replace(secret, ""),
            None => text.to_owned(),
        }
    }
}

/// Returns whether `text` can be a host and a port.
fn is_host(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    !text.is_empty() && text.chars().all(is_part)
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kinesis stream {}", self.name_or_arn)?;
        if let Some(region) = &self.region {
            write!(f, " in {region}")?;
        }
        match &self.endpoint {
            Some(endpoint) => write!(f, " at {endpoint}"),
            None => Ok(()),
        }
    }
}

/// Omits the user info, which is a secret.
impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_has_its_name_region_and_host_and_no_secret() {
        let mut stream = Stream::new("telemetry".to_owned());
        assert_eq!(stream.to_string(), "Kinesis stream telemetry");
        stream.set_region(Some("eu-west-1".to_owned()));
        for url in [
            "http://user:hunter2@localhost:4566/path@x",
            "http://user:hunter2@localhost:4566",
            "https://user:hunter2@localhost:4566?q",
        ] {
            stream.set_endpoint(url);
            let text = stream.to_string();
            assert_eq!(
                text, "Kinesis stream telemetry in eu-west-1 at localhost:4566",
                "{url}"
            );
            assert_eq!(format!("{stream:?}"), text);
            let error = stream.without_secrets(&format!("no route to {url}"));
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_region_of_an_arn_is_its_fourth_part() {
        let region = |name: &str| {
            let stream = Stream::new(name.to_owned());
            stream.region_of_arn().map(str::to_owned)
        };
        let arn = "arn:aws:kinesis:us-west-2:123456789012:stream/telemetry";
        assert_eq!(region(arn).as_deref(), Some("us-west-2"));
        assert_eq!(region("arn:aws:kinesis::1:stream/x"), None);
        assert_eq!(region("telemetry"), None);
    }
}
