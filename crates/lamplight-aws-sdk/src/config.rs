use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config::{RetryConfig, SharedCredentialsProvider, SharedHttpClient};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use tokio::runtime::{Handle, Id};

const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";

/// An AWS configuration made from a Lambda function's environment and nothing else.
///
/// It needs no `aws-config`, no files, no metadata service and no waiting, which is what a
/// function's start-up wants: everything Lambda gives a function is in environment variables.
///
/// | variable | meaning | when absent |
/// |---|---|---|
/// | `AWS_REGION`, else `AWS_DEFAULT_REGION` | region of every client | calls fail, the SDK says that the region is missing |
/// | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` | credentials | calls fail, the error names the variable |
/// | `AWS_SESSION_TOKEN` | session token; empty means none | no token |
/// | `AWS_ENDPOINT_URL_<SERVICE>` | endpoint of one service, for example `AWS_ENDPOINT_URL_EVENTBRIDGE` | `AWS_ENDPOINT_URL` |
/// | `AWS_ENDPOINT_URL` | endpoint of every service, `http://` allowed (a local emulator) | the service's own endpoint |
/// | `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` | `true` or `false` | `false` |
/// | `AWS_MAX_ATTEMPTS` | attempts of a call, first one included | 3 |
///
/// Requests go over `rustls` with `ring`: the SDK's default cryptography spends tens of
/// milliseconds of CPU before its first handshake, at the worst moment of a cold start. The HTTP
/// client, and with it the pool of connections, is one for the whole runtime however often this
/// is called. Retries are the SDK's standard ones, the behaviour version is the latest.
///
/// A function whose credentials are not in these variables, as with Lambda SnapStart where they
/// come from a local endpoint, takes its [`SdkConfig`] from `aws-config`; everything else in this
/// crate works with it in the same way.
///
/// # Examples
///
/// ```
/// let config = lamplight_aws_sdk::sdk_config();
/// # #[cfg(feature = "eventbridge")] {
/// use lamplight_aws_sdk::LamplightExt;
/// let events = aws_sdk_eventbridge::Client::from_conf(
///     aws_sdk_eventbridge::config::Builder::from(&config).lamplight().build(),
/// );
/// # }
/// ```
#[must_use]
pub fn sdk_config() -> SdkConfig {
    from_environment(Environment(Arc::new(|name| std::env::var(name).ok())))
}

fn from_environment(environment: Environment) -> SdkConfig {
    let retries = RetryConfig::standard();
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client())
        .retry_config(match environment.parse("AWS_MAX_ATTEMPTS") {
            Some(attempts) if attempts > 0 => retries.with_max_attempts(attempts),
            _ => retries,
        })
        .sleep_impl(TokioSleep::new())
        .region(
            environment
                .get("AWS_REGION")
                .or_else(|| environment.get("AWS_DEFAULT_REGION"))
                .map(Region::new),
        )
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentCredentials(
            environment.clone(),
        )));
    builder.set_endpoint_url(environment.get(ENDPOINT_URL));
    builder.set_use_fips(environment.parse("AWS_USE_FIPS_ENDPOINT"));
    builder.set_use_dual_stack(environment.parse("AWS_USE_DUALSTACK_ENDPOINT"));
    builder.set_service_config(Some(ServiceEndpoints(environment)));
    builder.build()
}

/// The HTTP client of this runtime. Certificates are read when the first connection needs them.
///
/// One for the whole process would do in Lambda. But connections belong to the runtime that
/// opened them and fail once it has ended, and each test of a user has a runtime of its own.
static LATEST: Mutex<Option<(Option<Id>, Reconnecting)>> = Mutex::new(None);

fn http_client() -> SharedHttpClient {
    let runtime = Handle::try_current().ok().map(|handle| handle.id());
    let mut latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
    match &*latest {
        Some((of, client)) if *of == runtime => client.clone().into_shared(),
        _ => {
            let client = Reconnecting::default();
            *latest = Some((runtime, client.clone()));
            client.into_shared()
        }
    }
}

/// Drops the connections of every client whose configuration came from [`sdk_config`]; the next call
/// opens a new one. Calls under way are not disturbed.
///
/// For Lambda SnapStart: connections do not survive a snapshot. `lamplight::Telemetry::run` does it
/// at the right times.
pub fn disconnect() {
    let latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, client)) = &*latest {
        client.reset();
    }
}

/// An HTTP client that can let go of its connections.
#[derive(Clone, Debug)]
struct Reconnecting(Arc<Mutex<SharedHttpClient>>);

impl Reconnecting {
    fn connect() -> SharedHttpClient {
        aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::Ring,
            ))
            .build_https()
    }

    fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Self::connect();
    }

    fn current(&self) -> SharedHttpClient {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Default for Reconnecting {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Self::connect())))
    }
}

impl HttpClient for Reconnecting {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.current().http_connector(settings, components)
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.current()
            .validate_base_client_config(components, config)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.current().validate_final_config(components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.current().connector_metadata()
    }
}

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Looks variables up; a variable that is set and empty counts as not set.
#[derive(Clone)]
struct Environment(Arc<Lookup>);

impl Environment {
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn parse<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.trim().to_ascii_lowercase().parse().ok()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

/// Credentials read when they are needed, so that a missing variable is an error of the call.
#[derive(Debug)]
struct EnvironmentCredentials(Environment);

impl EnvironmentCredentials {
    fn credentials(&self) -> provider::Result {
        let required = |name: &str| {
            self.0.get(name).ok_or_else(|| {
                CredentialsError::not_loaded(format!("environment variable {name} is not set"))
            })
        };
        Ok(Credentials::new(
            required("AWS_ACCESS_KEY_ID")?,
            required("AWS_SECRET_ACCESS_KEY")?,
            self.0.get("AWS_SESSION_TOKEN"),
            None,
            "LambdaEnvironment",
        ))
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

/// Endpoints of single services. Nothing else is looked up per service: the SDK unwraps the
/// parse of other settings.
#[derive(Debug)]
struct ServiceEndpoints(Environment);

impl LoadServiceConfig for ServiceEndpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if key.env() != ENDPOINT_URL {
            return None;
        }
        let service: Cow<'_, str> = key.service_id().replace([' ', '-'], "_").into();
        self.0
            .get(&format!("{ENDPOINT_URL}_{}", service.to_ascii_uppercase()))
    }
}

#[cfg(test)]
mod tests;
