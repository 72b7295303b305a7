//! Calls of clients with the configuration, and their connections.

use super::*;

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

fn lambda(url: &str) -> Environment<'static> {
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
    const NAME: &str = "config::tests::calls::a_call_goes_through_a_proxy";
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
            // Creates a configuration in between, on a thread without a runtime or in another one.
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

/// All existing clients drop the connections that a snapshot breaks.
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

/// Every result of `sdk_config` has the client that `disconnect` reaches.
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

/// A missing setting is the call's error, which names it.
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
