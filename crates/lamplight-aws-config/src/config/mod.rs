//! An AWS configuration from Lambda's environment.

use std::{borrow::Cow, sync::Arc};

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_types::{
    SdkConfig,
    app_name::AppName,
    endpoint_config::AccountIdEndpointMode,
    region::Region,
    sdk_config::{RetryConfig, SharedCredentialsProvider},
    service_config::{LoadServiceConfig, ServiceConfigKey},
};
use lamplight_internal::environment::Environment;

use crate::{connections, credentials::EnvironmentCredentials};

const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";

/// Returns an AWS configuration from a Lambda function's environment variables, and nothing else.
///
/// It needs no `aws-config`, no files, no metadata service and no waiting, because everything that Lambda
/// provides to a function is in environment variables. That keeps start-up short.
///
/// | variable | meaning | when absent |
/// |---|---|---|
/// | `AWS_REGION`, else `AWS_DEFAULT_REGION` | region of every client | calls fail, the SDK reports that the region is missing |
/// | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` | credentials | calls fail, the error names the variable and the alternatives |
/// | `AWS_SESSION_TOKEN` | session token; empty means none | no token |
/// | `AWS_ACCOUNT_ID` | account of the credentials, for account-based endpoints | no account |
/// | `AWS_ACCOUNT_ID_ENDPOINT_MODE` | `preferred`, `disabled` or `required` | `preferred` |
/// | `AWS_ENDPOINT_URL_<SERVICE>` | endpoint of one service, for example `AWS_ENDPOINT_URL_EVENTBRIDGE` | `AWS_ENDPOINT_URL` |
/// | `AWS_ENDPOINT_URL` | endpoint of every service, `http://` allowed (a local emulator) | the service's own endpoint |
/// | `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` | `true`: the two above are ignored | `false` |
/// | `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` | `true` or `false` | `false` |
/// | `AWS_RETRY_MODE` | `standard` or `adaptive` | `standard` |
/// | `AWS_MAX_ATTEMPTS` | attempts of a call, including the first, at least 1 | 3 |
/// | `AWS_REQUEST_CHECKSUM_CALCULATION`, `AWS_RESPONSE_CHECKSUM_VALIDATION` | `when_supported` or `when_required`, which some S3-compatible stores need | `when_supported` |
/// | `AWS_DISABLE_REQUEST_COMPRESSION` | `true` or `false` | `false` |
/// | `AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES` | smallest request that is compressed, in bytes | 10240 |
/// | `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` | proxies, and hosts to reach without one | no proxy |
/// | `AWS_SDK_UA_APP_ID` | name of the application in the user agent | none |
///
/// Values are trimmed, and names of choices may be in any case. An invalid value is logged once, together
/// with the allowed values, and the default is used.
///
/// Requests use `rustls` with `ring`: the SDK's default cryptography spends tens of milliseconds of CPU time
/// before its first handshake, in the middle of a cold start. There is one HTTP client per process, however
/// often this function is called, with a pool of connections for each runtime that makes calls. The behavior
/// version is the latest.
///
/// Credentials from other places are not searched: not the profiles and single sign-on of a developer's
/// machine, not the endpoint of a container (which Lambda SnapStart has too), and not a web identity. There,
/// take the [`SdkConfig`] from `aws-config`; the rest of Lamplight works with it in the same way.
///
/// # Examples
///
/// ```
/// let config = lamplight_aws_config::sdk_config();
/// let events = aws_sdk_eventbridge::Client::new(&config);
/// ```
#[must_use]
pub fn sdk_config() -> SdkConfig {
    from_environment(Environment::of_process())
}

fn from_environment(environment: Environment<'static>) -> SdkConfig {
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
    let truth = |name| environment.boolean(name, "`false`");
    builder.set_use_fips(truth("AWS_USE_FIPS_ENDPOINT"));
    builder.set_use_dual_stack(truth("AWS_USE_DUALSTACK_ENDPOINT"));
    builder.set_disable_request_compression(truth("AWS_DISABLE_REQUEST_COMPRESSION"));
    builder.set_request_min_compression_size_bytes(smallest_compressed(&environment));
    builder.set_request_checksum_calculation(environment.choice(
        "AWS_REQUEST_CHECKSUM_CALCULATION",
        &[
            ("when_supported", RequestChecksumCalculation::WhenSupported),
            ("when_required", RequestChecksumCalculation::WhenRequired),
        ],
        "`when_supported`",
    ));
    builder.set_response_checksum_validation(environment.choice(
        "AWS_RESPONSE_CHECKSUM_VALIDATION",
        &[
            ("when_supported", ResponseChecksumValidation::WhenSupported),
            ("when_required", ResponseChecksumValidation::WhenRequired),
        ],
        "`when_supported`",
    ));
    builder.set_account_id_endpoint_mode(environment.choice(
        "AWS_ACCOUNT_ID_ENDPOINT_MODE",
        &[
            ("preferred", AccountIdEndpointMode::Preferred),
            ("disabled", AccountIdEndpointMode::Disabled),
            ("required", AccountIdEndpointMode::Required),
        ],
        "`preferred`",
    ));
    builder.set_app_name(application(&environment));
    if truth("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") != Some(true) {
        builder.set_endpoint_url(url(&environment, ENDPOINT_URL));
        builder.set_service_config(Some(ServiceEndpoints(environment)));
    }
    builder.build()
}

fn retries(environment: &Environment<'_>) -> RetryConfig {
    let modes = [
        ("standard", RetryConfig::standard as fn() -> RetryConfig),
        ("adaptive", RetryConfig::adaptive),
    ];
    let mode = environment.choice("AWS_RETRY_MODE", &modes, "`standard`");
    let retries = mode.unwrap_or(RetryConfig::standard)();
    match environment.number("AWS_MAX_ATTEMPTS", 1, 3) {
        Some(attempts) => retries.with_max_attempts(u32::try_from(attempts).unwrap_or(u32::MAX)),
        None => retries,
    }
}

fn smallest_compressed(environment: &Environment<'_>) -> Option<u32> {
    let expected = "a number of bytes of at most 10485760";
    let read = |value: &str| value.parse().ok().filter(|bytes| *bytes <= 10 << 20);
    environment.read(
        "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
        expected,
        10_240,
        read,
    )
}

fn application(environment: &Environment<'_>) -> Option<AppName> {
    let expected = "a name of letters, digits and !#$%&'*+-.^_`|~";
    let read = |name: &str| AppName::new(name.to_owned()).ok();
    environment.read("AWS_SDK_UA_APP_ID", expected, "no name", read)
}

/// Returns a URL. An invalid one is logged, without its value, which may include a password, and used
/// nevertheless: a call that fails is better than one that goes somewhere else.
fn url(environment: &Environment<'_>, name: &str) -> Option<String> {
    let url = environment.get(name)?;
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if !scheme.is_some_and(|s| s.eq_ignore_ascii_case("http") || s.eq_ignore_ascii_case("https")) {
        environment.say(
            name,
            format!(
                "{name} is no URL: write it with http:// or https://, for example \
                 http://localhost:4566; it is used as it is, and calls to it fail"
            ),
        );
    }
    Some(url)
}

/// Endpoints of single services. No other setting is looked up per service, because the SDK unwraps the
/// parsed values of the others.
#[derive(Debug)]
struct ServiceEndpoints(Arc<Environment<'static>>);

impl LoadServiceConfig for ServiceEndpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if key.env() != ENDPOINT_URL {
            return None;
        }
        let service: Cow<'_, str> = key.service_id().replace([' ', '-'], "_").into();
        let name = format!("{ENDPOINT_URL}_{}", service.to_ascii_uppercase());
        url(&self.0, &name)
    }
}

#[cfg(test)]
mod tests;
