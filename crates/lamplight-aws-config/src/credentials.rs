//! Credentials from the environment, and advice if there are none.

use std::sync::Arc;

use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, error::CredentialsError, future},
};
use lamplight_internal::environment::Environment;

/// Variables that point to credentials in other places, with a description of the place.
const ELSEWHERE: [(&str, &str); 5] = [
    (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "an endpoint (Lambda SnapStart, a container)",
    ),
    (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "a container's endpoint",
    ),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "a web identity"),
    ("AWS_PROFILE", "a profile, perhaps with single sign-on"),
    (
        "AWS_DEFAULT_PROFILE",
        "a profile, perhaps with single sign-on",
    ),
];

const REMEDY: &str = "take the configuration from the crate aws-config \
                      (`aws_config::load_defaults(BehaviorVersion::latest()).await`)";

const EXPORT: &str = "run `eval \"$(aws configure export-credentials --format env)\"` and set \
                      AWS_REGION";

/// Credentials read when they are needed, so that a missing variable is an error of the call.
#[derive(Debug)]
pub(crate) struct EnvironmentCredentials(Arc<Environment<'static>>);

impl EnvironmentCredentials {
    pub(crate) fn new(environment: Arc<Environment<'static>>) -> Self {
        Self(environment)
    }

    pub(crate) fn credentials(&self) -> provider::Result {
        let required = |name: &str| {
            self.0.get(name).ok_or_else(|| {
                let advice = self.advice();
                CredentialsError::not_loaded(format!(
                    "environment variable {name} is not set, and sdk_config looks nowhere else: \
                     {advice}"
                ))
            })
        };
        let mut credentials = Credentials::builder()
            .access_key_id(required("AWS_ACCESS_KEY_ID")?)
            .secret_access_key(required("AWS_SECRET_ACCESS_KEY")?)
            .provider_name("LambdaEnvironment");
        credentials.set_session_token(self.0.get("AWS_SESSION_TOKEN"));
        if let Some(account) = self.0.get("AWS_ACCOUNT_ID") {
            credentials = credentials.account_id(account);
        }
        Ok(credentials.build())
    }

    /// Logs advice if the environment has neither a region nor credentials, but points to credentials in
    /// another place. Calls would fail because of the missing region, which is misleading.
    pub(crate) fn say_if_they_are_elsewhere(&self) {
        if self.0.get("AWS_ACCESS_KEY_ID").is_none() && self.elsewhere().is_some() {
            let advice = self.advice();
            let line = format!(
                "sdk_config finds neither AWS_REGION nor AWS_ACCESS_KEY_ID, and looks nowhere \
                 else: {advice}"
            );
            self.0.say("AWS_ACCESS_KEY_ID", line);
        }
    }

    fn elsewhere(&self) -> Option<&'static (&'static str, &'static str)> {
        ELSEWHERE
            .iter()
            .find(|(name, _)| self.0.get(name).is_some())
    }

    fn advice(&self) -> String {
        match self.elsewhere() {
            Some((name, place)) if name.ends_with("PROFILE") => {
                format!("{name} names {place}; {REMEDY}, or {EXPORT}")
            }
            Some((name, place)) => format!("{name} says that they come from {place}; {REMEDY}"),
            None => format!("{REMEDY}, or on a developer's machine {EXPORT}"),
        }
    }
}

impl ProvideCredentials for EnvironmentCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(self.credentials())
    }
}
