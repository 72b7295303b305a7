use std::collections::HashMap;
use std::sync::Mutex;

use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_types::retry::RetryMode;
use aws_types::endpoint_config::AccountIdEndpointMode;

use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables: HashMap<String, String> = variables
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Environment::new(move |name| variables.get(name).cloned())
}

/// What is made of `variables`, and what is said about them.
fn config_and_log(variables: &[(&str, &str)]) -> (SdkConfig, Vec<String>) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let said = log.clone();
    let say = move |message: &str| said.lock().unwrap().push(message.to_owned());
    let config = from_environment(environment(variables).with_log(say));
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
    for (name, value) in [
        ("AWS_RETRY_MODE", "legacy"),
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_REQUEST_CHECKSUM_CALCULATION", "never"),
        ("AWS_RESPONSE_CHECKSUM_VALIDATION", "never"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "1"),
        ("AWS_ACCOUNT_ID_ENDPOINT_MODE", "sometimes"),
        ("AWS_USE_FIPS_ENDPOINT", "perhaps"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "perhaps"),
        ("AWS_DISABLE_REQUEST_COMPRESSION", "perhaps"),
        ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "99999999"),
        ("AWS_SDK_UA_APP_ID", "my app"),
        ("AWS_ENDPOINT_URL", "localhost:4566"),
    ] {
        let (config, log) = config_and_log(&[(name, value)]);
        assert!(
            matches!(&log[..], [line] if line.contains(name)),
            "{name}={value}: {log:?}"
        );
        let retries = config.retry_config().unwrap();
        assert_eq!(retries.mode(), RetryMode::Standard, "{name}");
        assert_eq!(retries.max_attempts(), 3, "{name}");
        assert_eq!(config.use_fips(), None, "{name}");
        assert_eq!(config.app_name(), None, "{name}");
    }
}

/// A service over plain HTTP, as a local emulator is. Tells each connection and each request.
fn service() -> (String, std::sync::mpsc::Receiver<Option<String>>) {
    use std::io::{Read as _, Write as _};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let tell = tell.clone();
            tell.send(None).unwrap();
            std::thread::spawn(move || {
                let (mut request, mut part) = (Vec::new(), [0; 4096]);
                while let Ok(read @ 1..) = stream.read(&mut part) {
                    request.extend_from_slice(&part[..read]);
                    if request.ends_with(b"}") {
                        let request = std::mem::take(&mut request);
                        let _ = tell.send(Some(String::from_utf8(request).unwrap()));
                        let body = r#"{"FailedEntryCount":0,"Entries":[]}"#;
                        let length = body.len();
                        write!(
                            stream,
                            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}"
                        )
                        .unwrap();
                    }
                }
            });
        }
    });
    (url, told)
}

fn lambda(url: &str) -> Environment {
    environment(&[
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
        ("AWS_ENDPOINT_URL", url),
    ])
}

/// A local emulator answers over plain HTTP, and the request is signed with Lambda's credentials.
#[tokio::test]
async fn a_call_over_plain_http() {
    let (url, told) = service();
    let client = aws_sdk_eventbridge::Client::new(&from_environment(lambda(&url)));
    client.put_events().send().await.unwrap();
    let request = told.iter().flatten().next().unwrap();
    assert!(request.contains("Credential=AKID/"), "{request}");
    assert!(request.contains("x-amz-security-token: token"), "{request}");
}

/// As with the SDK's own HTTP client. The variables are the process's, so that it takes one of its
/// own.
#[test]
fn a_call_goes_through_a_proxy() {
    const NAME: &str = "config::tests::a_call_goes_through_a_proxy";
    const CHILD: &str = "LAMPLIGHT_TEST_BEHIND_PROXY";

    if std::env::var_os(CHILD).is_some() {
        let http = connections::PerRuntime::default();
        let call = client(&http, "http://events.invalid").put_events();
        runtime().block_on(async { call.send().await.unwrap() });
        return;
    }
    let (proxy, told) = service();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .envs([("HTTP_PROXY", proxy.as_str()), (CHILD, "1")])
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env_remove("http_proxy")
        .env_remove("REQUEST_METHOD")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let request = told.try_iter().flatten().next().unwrap();
    let line = request.lines().next().unwrap();
    assert!(line.starts_with("POST http://events.invalid/"), "{line}");
}

/// A runtime of its own, as each test of a user has one.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A client whose connections are those of `http`, which no other test touches.
fn client(http: &connections::PerRuntime, url: &str) -> aws_sdk_eventbridge::Client {
    let config = from_environment(lambda(url)).into_builder();
    aws_sdk_eventbridge::Client::new(&config.http_client(http.clone()).build())
}

/// No connection is taken over from another runtime, which may have ended or be blocked, wherever a
/// client was made, and none is lost to another.
#[test]
fn connections_belong_to_their_runtime() {
    let (url, told) = service();
    let http = connections::PerRuntime::default();
    let early = client(&http, &url);
    let runtimes = [runtime(), runtime()];
    let mut connections = Vec::new();
    for round in 0..3 {
        for runtime in &runtimes {
            runtime.block_on(async {
                let late = client(&http, &url);
                for client in [&early, &late] {
                    client.put_events().send().await.unwrap();
                }
            });
            // Whoever makes a configuration in between, on a thread without a runtime or in another.
            std::thread::scope(|scope| scope.spawn(|| client(&http, &url)).join().unwrap());
            connections.push((round, told.try_iter().filter(Option::is_none).count()));
        }
    }
    assert_eq!(
        connections,
        [(0, 1), (0, 1), (1, 0), (1, 0), (2, 0), (2, 0)],
        "one for each runtime"
    );
}

#[test]
fn pools_of_runtimes_that_have_ended_are_bounded() {
    let http = connections::PerRuntime::default();
    for _ in 0..100 {
        runtime().block_on(async { client(&http, "http://127.0.0.1:1") });
    }
    assert!(http.runtimes() <= 64, "{}", http.runtimes());
}

/// What a snapshot breaks is let go of, by every client that is there already.
#[test]
fn connections_are_dropped_and_opened_anew_on_every_runtime() {
    let (url, told) = service();
    let http = connections::PerRuntime::default();
    let early = client(&http, &url);
    let runtimes = [runtime(), runtime()];
    let mut connections = Vec::new();
    for _ in 0..2 {
        for runtime in &runtimes {
            runtime.block_on(async {
                let late = client(&http, &url);
                for client in [&early, &late, &early] {
                    client.put_events().send().await.unwrap();
                }
            });
        }
        connections.push(told.try_iter().filter(Option::is_none).count());
        http.disconnect();
    }
    assert_eq!(connections, [2, 2], "one for each runtime, and a new one");
}

/// Whoever called `sdk_config`, and whenever, has the client that `disconnect` reaches.
#[test]
fn every_configuration_has_the_client_that_is_disconnected() {
    let (url, told) = service();
    let make = || aws_sdk_eventbridge::Client::new(&from_environment(lambda(&url)));
    let runtime = runtime();
    let before = make();
    let (inside, outside) = (
        runtime.block_on(async { make() }),
        std::thread::scope(|scope| scope.spawn(make).join().unwrap()),
    );
    for client in [&before, &inside, &outside] {
        connections::disconnect();
        told.try_iter().for_each(drop);
        runtime.block_on(client.put_events().send()).unwrap();
        assert_eq!(told.try_iter().filter(Option::is_none).count(), 1);
    }
}

/// What is missing is the call's error, and it says what.
#[tokio::test]
async fn a_call_without_anything_in_the_environment() {
    use aws_smithy_types::error::display::DisplayErrorContext;

    let call = async |variables: &[(&str, &str)]| {
        let config = from_environment(environment(variables));
        let client = aws_sdk_eventbridge::Client::new(&config);
        let error = client.put_events().send().await.unwrap_err();
        format!("{}", DisplayErrorContext(error))
    };
    let text = call(&[]).await;
    assert!(text.contains("Missing Region"), "{text}");
    let text = call(&[("AWS_REGION", "eu-west-1")]).await;
    assert!(text.contains("AWS_ACCESS_KEY_ID is not set"), "{text}");
}
