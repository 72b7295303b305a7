//! An AWS configuration from Lambda's environment.

use std::borrow::Cow;
use std::sync::Arc;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use aws_types::region::Region;
use aws_types::sdk_config::{RetryConfig, SharedCredentialsProvider};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::connections;
use crate::credentials::EnvironmentCredentials;
use crate::environment::Environment;

const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";

/// An AWS configuration made from a Lambda function's environment and nothing else.
///
/// It needs no `aws-config`, no files, no metadata service and no waiting, which is what a
/// function's start-up wants: everything Lambda gives a function is in environment variables.
///
/// | variable | meaning | when absent |
/// |---|---|---|
/// | `AWS_REGION`, else `AWS_DEFAULT_REGION` | region of every client | calls fail, the SDK says that the region is missing |
/// | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` | credentials | calls fail, the error names the variable and what to use instead |
/// | `AWS_SESSION_TOKEN` | session token; empty means none | no token |
/// | `AWS_ACCOUNT_ID` | account of the credentials, for endpoints that go by account | no account |
/// | `AWS_ACCOUNT_ID_ENDPOINT_MODE` | `preferred`, `disabled` or `required` | `preferred` |
/// | `AWS_ENDPOINT_URL_<SERVICE>` | endpoint of one service, for example `AWS_ENDPOINT_URL_EVENTBRIDGE` | `AWS_ENDPOINT_URL` |
/// | `AWS_ENDPOINT_URL` | endpoint of every service, `http://` allowed (a local emulator) | the service's own endpoint |
/// | `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` | `true`: the two above are ignored | `false` |
/// | `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` | `true` or `false` | `false` |
/// | `AWS_RETRY_MODE` | `standard` or `adaptive` | `standard` |
/// | `AWS_MAX_ATTEMPTS` | attempts of a call, first one included, at least 1 | 3 |
/// | `AWS_REQUEST_CHECKSUM_CALCULATION`, `AWS_RESPONSE_CHECKSUM_VALIDATION` | `when_supported` or `when_required`, which stores that only look like S3 need | `when_supported` |
/// | `AWS_DISABLE_REQUEST_COMPRESSION` | `true` or `false` | `false` |
/// | `AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES` | smallest request that is compressed, in bytes | 10240 |
/// | `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` | proxies, and hosts to reach without one | no proxy |
/// | `AWS_SDK_UA_APP_ID` | name of the application in the user agent | none |
///
/// Values are trimmed, names of choices may be in any case, and a value that is none of a variable's
/// is said once in the log; its default is used.
///
/// Requests go over `rustls` with `ring`: the SDK's default cryptography spends tens of
/// milliseconds of CPU before its first handshake, at the worst moment of a cold start. The HTTP
/// client is one for the whole process however often this is called, with a pool of connections for
/// each runtime that calls. The behaviour version is the latest.
///
/// Credentials from anywhere else are not looked for: neither profiles and single sign-on of a
/// developer's machine, nor a container's endpoint, which Lambda SnapStart has too, nor a web
/// identity. There a function takes its [`SdkConfig`] from `aws-config`; the rest of Lamplight works with
/// it in the same way.
///
/// # Examples
///
/// ```
/// let config = lamplight_aws_config::sdk_config();
/// let events = aws_sdk_eventbridge::Client::new(&config);
/// ```
#[must_use]
pub fn sdk_config() -> SdkConfig {
    from_environment(Environment::new(|name| std::env::var(name).ok()))
}

fn from_environment(environment: Environment) -> SdkConfig {
    let environment = Arc::new(environment);
    let region = environment
        .get("AWS_REGION")
        .or_else(|| environment.get("AWS_DEFAULT_REGION"));
    let credentials = EnvironmentCredentials::new(environment.clone());
    if region.is_none() {
        credentials.say_if_they_are_elsewhere();
    }
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(connections::http_client())
        .retry_config(retries(&environment))
        .sleep_impl(TokioSleep::new())
        .region(region.map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    let truth = |name| environment.parse(name, "`true` or `false`");
    let checksums = "`when_supported` or `when_required`";
    builder.set_use_fips(truth("AWS_USE_FIPS_ENDPOINT"));
    builder.set_use_dual_stack(truth("AWS_USE_DUALSTACK_ENDPOINT"));
    builder.set_disable_request_compression(truth("AWS_DISABLE_REQUEST_COMPRESSION"));
    builder.set_request_min_compression_size_bytes(environment.parse_if(
        "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
        "a number of bytes of at most 10485760",
        |bytes| *bytes <= 10 << 20,
    ));
    builder.set_request_checksum_calculation(
        environment.parse("AWS_REQUEST_CHECKSUM_CALCULATION", checksums),
    );
    builder.set_response_checksum_validation(
        environment.parse("AWS_RESPONSE_CHECKSUM_VALIDATION", checksums),
    );
    builder.set_account_id_endpoint_mode(environment.parse(
        "AWS_ACCOUNT_ID_ENDPOINT_MODE",
        "`preferred`, `disabled` or `required`",
    ));
    builder.set_app_name(application(&environment));
    if truth("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") != Some(true) {
        builder.set_endpoint_url(environment.url(ENDPOINT_URL));
        builder.set_service_config(Some(ServiceEndpoints(environment)));
    }
    builder.build()
}

fn retries(environment: &Environment) -> RetryConfig {
    use aws_smithy_types::retry::RetryMode;

    let retries = match environment.parse("AWS_RETRY_MODE", "`standard` or `adaptive`") {
        Some(RetryMode::Adaptive) => RetryConfig::adaptive(),
        _ => RetryConfig::standard(),
    };
    let attempts = environment.parse_if("AWS_MAX_ATTEMPTS", "a number of at least 1", |n| *n > 0);
    match attempts {
        Some(attempts) => retries.with_max_attempts(attempts),
        None => retries,
    }
}

fn application(environment: &Environment) -> Option<AppName> {
    const NAME: &str = "AWS_SDK_UA_APP_ID";
    let name = AppName::new(environment.get(NAME)?);
    if name.is_err() {
        environment.say_wrong(NAME, "a name of letters, digits and !#$%&'*+-.^_`|~");
    }
    name.ok()
}

/// Endpoints of single services. Nothing else is looked up per service: the SDK unwraps the
/// parse of other settings.
#[derive(Debug)]
struct ServiceEndpoints(Arc<Environment>);

impl LoadServiceConfig for ServiceEndpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if key.env() != ENDPOINT_URL {
            return None;
        }
        let service: Cow<'_, str> = key.service_id().replace([' ', '-'], "_").into();
        self.0
            .url(&format!("{ENDPOINT_URL}_{}", service.to_ascii_uppercase()))
    }
}

#[cfg(test)]
mod tests;
