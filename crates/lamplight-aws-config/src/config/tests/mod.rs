mod calls;

use std::{collections::HashMap, sync::Mutex};

use aws_smithy_types::{
    checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation},
    retry::RetryMode,
};
use aws_types::endpoint_config::AccountIdEndpointMode;

use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment<'static> {
    let variables: HashMap<String, String> = variables
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Environment::new(move |name| variables.get(name).cloned())
}

/// Returns the configuration for `variables`, and the log lines about them.
fn config_and_log(variables: &[(&str, &str)]) -> (SdkConfig, Vec<String>) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let said = log.clone();
    let report = move |_: &str, line| said.lock().unwrap().push(line);
    let config = from_environment(environment(variables).with_report(report));
    let log = log.lock().unwrap().clone();
    (config, log)
}

fn credentials(variables: &[(&str, &str)]) -> EnvironmentCredentials {
    EnvironmentCredentials::new(Arc::new(environment(variables)))
}

fn endpoint_of(config: &SdkConfig, service: &str) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env(ENDPOINT_URL)
        .profile("endpoint_url")
        .build()
        .unwrap();
    config.service_config().unwrap().load_config(key)
}

#[test]
fn region_is_lambdas_and_falls_back_to_the_default_region() {
    let region = |variables: &[(&str, &str)]| {
        from_environment(environment(variables))
            .region()
            .map(|region| region.to_string())
    };
    let default = ("AWS_DEFAULT_REGION", "us-east-1");
    assert_eq!(
        region(&[("AWS_REGION", "eu-west-1"), default]).as_deref(),
        Some("eu-west-1")
    );
    assert_eq!(region(&[default]).as_deref(), Some("us-east-1"));
    assert_eq!(
        region(&[("AWS_REGION", ""), default]).as_deref(),
        Some("us-east-1")
    );
    assert_eq!(
        region(&[("AWS_REGION", " eu-west-1\n")]).as_deref(),
        Some("eu-west-1")
    );
    assert_eq!(region(&[]), None);
}

#[test]
fn an_empty_session_token_is_no_token() {
    let keys = [
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    let with = |token| {
        credentials(&[keys[0], keys[1], ("AWS_SESSION_TOKEN", token)])
            .credentials()
            .unwrap()
    };
    assert_eq!(with("").session_token(), None);
    assert_eq!(with("token").session_token(), Some("token"));
    assert_eq!(with("token").access_key_id(), "id");
    assert_eq!(with("token").secret_access_key(), "secret");
}

#[test]
fn the_account_is_that_of_the_credentials() {
    let account = |id| {
        let keys = [
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_ACCOUNT_ID", id),
        ];
        let credentials = credentials(&keys).credentials().unwrap();
        credentials.account_id().map(|id| id.as_str().to_owned())
    };
    assert_eq!(account("123456789012").as_deref(), Some("123456789012"));
    assert_eq!(account(""), None);
}

#[test]
fn missing_credentials_are_named_with_what_to_use_instead() {
    let error = |variables: &[(&str, &str)]| {
        let error = credentials(variables).credentials().unwrap_err();
        format!(
            "{}",
            aws_smithy_types::error::display::DisplayErrorContext(error)
        )
    };
    let text = error(&[("AWS_ACCESS_KEY_ID", "id")]);
    assert!(text.contains("AWS_SECRET_ACCESS_KEY"), "{text}");
    for (name, says) in [
        ("AWS_PROFILE", "export-credentials"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "SnapStart"),
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "container"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "web identity"),
        ("NOTHING", "developer's machine"),
    ] {
        let text = error(&[(name, "there")]);
        let names = name == "NOTHING" || text.contains(name);
        assert!(
            names && text.contains(says) && text.contains("aws-config"),
            "{name}: {text}"
        );
    }
}

/// Without a region a call fails before it looks for credentials, and its error advises nothing.
#[test]
fn credentials_that_are_elsewhere_are_said_where_there_is_no_region_either() {
    let log = |variables: &[(&str, &str)]| config_and_log(variables).1;
    let profile = ("AWS_PROFILE", "dev");
    let said = log(&[profile]);
    assert!(
        matches!(&said[..], [line] if line.contains("AWS_PROFILE") && line.contains("aws-config")),
        "{said:?}"
    );
    let region = ("AWS_REGION", "eu-west-1");
    assert!(
        log(&[profile, region]).is_empty(),
        "the call's error says it"
    );
    assert!(log(&[profile, ("AWS_ACCESS_KEY_ID", "id")]).is_empty());
    assert!(log(&[]).is_empty());
}

#[test]
fn a_services_own_endpoint_wins() {
    let config = from_environment(environment(&[
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1"),
    ]));
    assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:4566"));
    assert_eq!(
        endpoint_of(&config, "Secrets Manager").as_deref(),
        Some("http://127.0.0.1:1")
    );
    assert_eq!(endpoint_of(&config, "SQS"), None);
}

#[test]
fn the_settings_of_the_sdks_own_loader_are_obeyed() {
    let (config, log) = config_and_log(&[
        ("AWS_RETRY_MODE", "Adaptive"),
        ("AWS_MAX_ATTEMPTS", " 7 "),
        ("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required"),
        ("AWS_RESPONSE_CHECKSUM_VALIDATION", "WHEN_REQUIRED"),
        ("AWS_ACCOUNT_ID_ENDPOINT_MODE", "required"),
        ("AWS_SDK_UA_APP_ID", "orders"),
        ("AWS_USE_FIPS_ENDPOINT", "false"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "TRUE"),
        ("AWS_DISABLE_REQUEST_COMPRESSION", "true"),
        ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "128"),
    ]);
    let retries = config.retry_config().unwrap();
    assert_eq!(retries.mode(), RetryMode::Adaptive);
    assert_eq!(retries.max_attempts(), 7);
    assert_eq!(
        config.request_checksum_calculation(),
        Some(RequestChecksumCalculation::WhenRequired)
    );
    assert_eq!(
        config.response_checksum_validation(),
        Some(ResponseChecksumValidation::WhenRequired)
    );
    assert_eq!(
        config.account_id_endpoint_mode(),
        Some(&AccountIdEndpointMode::Required)
    );
    assert_eq!(config.app_name().map(AsRef::as_ref), Some("orders"));
    assert_eq!(config.use_fips(), Some(false));
    assert_eq!(config.use_dual_stack(), Some(true));
    assert_eq!(config.disable_request_compression(), Some(true));
    assert_eq!(config.request_min_compression_size_bytes(), Some(128));
    assert!(log.is_empty(), "{log:?}");
}

#[test]
fn configured_endpoints_can_be_ignored() {
    let config = |ignored| {
        from_environment(environment(&[
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
            ("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1"),
            ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ignored),
        ]))
    };
    assert_eq!(config("true").endpoint_url(), None);
    assert!(config("True").service_config().is_none());
    assert!(config("false").endpoint_url().is_some());
    assert!(config("false").service_config().is_some());
}

#[test]
fn nonsense_is_said_and_left_to_the_default() {
    const TRUTH: &str = "`true` and `false`; using the default, `false`";
    const CHECKSUM: &str =
        "`when_supported` and `when_required`; using the default, `when_supported`";
    for (name, value, says) in [
        (
            "AWS_RETRY_MODE",
            "legacy",
            "`standard` and `adaptive`; using the default, `standard`",
        ),
        (
            "AWS_MAX_ATTEMPTS",
            "0",
            "a number of at least 1; using the default, 3",
        ),
        ("AWS_MAX_ATTEMPTS", "many", "a number of at least 1"),
        ("AWS_REQUEST_CHECKSUM_CALCULATION", "never", CHECKSUM),
        ("AWS_RESPONSE_CHECKSUM_VALIDATION", "never", CHECKSUM),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "1", TRUTH),
        (
            "AWS_ACCOUNT_ID_ENDPOINT_MODE",
            "sometimes",
            "`preferred`, `disabled` and `required`; using the default, `preferred`",
        ),
        ("AWS_USE_FIPS_ENDPOINT", "perhaps", TRUTH),
        ("AWS_USE_DUALSTACK_ENDPOINT", "perhaps", TRUTH),
        ("AWS_DISABLE_REQUEST_COMPRESSION", "perhaps", TRUTH),
        (
            "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
            "99999999",
            "a number of bytes of at most 10485760; using the default, 10240",
        ),
        (
            "AWS_SDK_UA_APP_ID",
            "my app",
            "a name of letters, digits and !#$%&'*+-.^_`|~; using the default, no name",
        ),
        (
            "AWS_ENDPOINT_URL",
            "localhost:4566",
            "write it with http:// or https://, for example http://localhost:4566; it is used as it is",
        ),
    ] {
        let (config, log) = config_and_log(&[(name, value)]);
        assert!(
            matches!(&log[..], [line] if line.starts_with(name) && line.contains(says)),
            "{name}={value}: {log:?}"
        );
        let retries = config.retry_config().unwrap();
        assert_eq!(retries.mode(), RetryMode::Standard, "{name}");
        assert_eq!(retries.max_attempts(), 3, "{name}");
        assert_eq!(config.use_fips(), None, "{name}");
        assert_eq!(config.app_name(), None, "{name}");
    }
}
