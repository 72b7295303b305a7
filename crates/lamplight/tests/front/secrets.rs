//! Nothing that is printed has a secret in it, whatever the secret is.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::lambda::invoke;

/// Runs are processes, so there are few; the parts have properties of their own.
const CASES: u32 = 6;

#[test]
fn no_line_and_no_debug_output_shows_a_secret() {
    let secret = "S[a-zA-Z0-9!$&*+.:;~^|_-]{10,20}";
    let secrets = (secret, secret, secret, "[A-Z]{1,6}");
    let endpoint = prop_oneof![
        Just("http://user:PASSWORD@127.0.0.1:1/path?key=QUERY"),
        Just("https://user:PASSWORD@127.0.0.1:1?key=QUERY"),
        // Mistakes, which are reported.
        Just("user:PASSWORD@127.0.0.1:1"),
        Just("htp://user:PASSWORD@127.0.0.1:1"),
        Just("http://user:PASSWORD@127.0.0.1:99999/%"),
    ];
    let protocol = prop_oneof![Just("http/protobuf"), Just("grpc")];
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    TestRunner::new(config)
        .run(
            &(secrets, endpoint, protocol),
            |(secrets, endpoint, protocol)| {
                let (password, query, token, name) = secrets;
                let endpoint = endpoint
                    .replace("PASSWORD", &password)
                    .replace("QUERY", &query);
                let headers = format!("authorization=Bearer%20{token},x-{name}={token}");
                let variables = [
                    ("OTEL_TRACES_EXPORTER", "otlp"),
                    ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                    ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
                    ("OTEL_EXPORTER_OTLP_HEADERS", &headers),
                ];
                let told = runtime.block_on(invoke("debug", &variables, 2));
                prop_assert!(told.out.contains("Telemetry"), "{}", told.out);
                prop_assert!(told.log.contains("WARN lamplight"), "{}", told.log);
                for secret in [&password, &query, &token] {
                    for text in [&told.out, &told.log] {
                        prop_assert!(!text.contains(secret.as_str()), "{secret}: {text}");
                    }
                }
                Ok(())
            },
        )
        .unwrap();
}
