//! An AWS configuration from the default provider chain of the AWS SDK.

use aws_config::BehaviorVersion;
use aws_types::SdkConfig;

use crate::connections;

/// Returns the AWS configuration of the machine, for programs other than Lambda functions: region,
/// credentials and settings from the AWS SDK's own default chain, in its order: environment variables, the
/// shared files with their profiles (including single sign-on and `credential_process`), a web identity, the
/// endpoint of a container (Amazon ECS, EKS Pod Identity), and the instance metadata service.
///
/// Requests use the same HTTP client as those of [`sdk_config`](crate::sdk_config): `rustls` with `ring`. The
/// behavior version is the latest.
///
/// Loading never fails. A missing setting is an error of the call that needs it, whose text names the places
/// that were searched. If no region is set, the metadata service is queried, which takes a few seconds on a
/// machine without one: set `AWS_REGION`.
///
/// # Examples
///
/// ```no_run
/// # async fn example() {
/// let config = lamplight_aws_config::load().await;
/// # }
/// ```
pub async fn load() -> SdkConfig {
    let loader = aws_config::defaults(BehaviorVersion::latest());
    loader.http_client(connections::http_client()).load().await
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        process::Command,
    };

    use aws_credential_types::provider::ProvideCredentials;

    /// Not a test of its own: the process of the one below, whose variables are a container's.
    #[tokio::test]
    #[ignore = "started by another test, with the environment of a container"]
    async fn container() {
        let config = super::load().await;
        let region = config.region().map(ToString::to_string);
        let provider = config.credentials_provider().unwrap();
        let credentials = provider.provide_credentials().await.unwrap();
        println!("found {} in {region:?}", credentials.access_key_id());
    }

    #[test]
    fn a_container_has_the_credentials_of_its_task() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let length = connection.read(&mut request).unwrap();
            let body = r#"{"AccessKeyId":"AKIATASK","SecretAccessKey":"secret","Token":"token","Expiration":"2099-01-01T00:00:00Z"}"#;
            write!(
                connection,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let mut container = Command::new(std::env::current_exe().unwrap());
        container
            .args([
                "chain::tests::container",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env_clear()
            .env("AWS_REGION", "eu-west-1")
            .env(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                format!("http://{address}/role"),
            );
        let output = container.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            text.contains(r#"found AKIATASK in Some("eu-west-1")"#),
            "{text}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(server.join().unwrap().starts_with("GET /role "));
    }
}
