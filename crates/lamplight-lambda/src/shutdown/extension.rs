//! An internal extension without events. Lambda sends SIGTERM only to environments that have an extension;
//! others are killed immediately.

use std::convert::Infallible;

use http::{HeaderValue, Uri};
use lambda_runtime::streaming::Body;
use lambda_runtime_api_client::{PooledClient, build_request};
use lamplight_internal::environment::Environment;

/// The name of the extension. Names of internal extensions are unique within a function.
const NAME: &str = "lamplight-shutdown";

const IDENTIFIER: &str = "lambda-extension-identifier";

/// A registered extension.
pub(super) struct Extension {
    client: PooledClient,
    identifier: HeaderValue,
}

impl Extension {
    /// Registers the extension, or returns the reason for the failure.
    pub(super) async fn register() -> Result<Self, String> {
        let api = Environment::of_process().get("AWS_LAMBDA_RUNTIME_API");
        let api = api.ok_or_else(|| "AWS_LAMBDA_RUNTIME_API is not set".to_owned())?;
        let endpoint: Uri = api.parse().map_err(|error| format!("{api:?}: {error}"))?;
        if endpoint.authority().is_none() {
            return Err(format!("{api:?} is no address"));
        }
        let client = PooledClient::builder().with_endpoint(endpoint).build();
        let request = build_request()
            .method("POST")
            .uri("/2020-01-01/extension/register")
            .header("lambda-extension-name", NAME)
            .header("content-type", "application/json")
            .body(Body::from(r#"{"events":[]}"#))
            .map_err(|error| error.to_string())?;
        let response = client.call(request).await;
        let response = response.map_err(|error| error.to_string())?;
        let status = response.status();
        match response.headers().get(IDENTIFIER) {
            Some(identifier) if status.is_success() => Ok(Self {
                identifier: identifier.clone(),
                client,
            }),
            _ => Err(format!("it answers {status}")),
        }
    }

    /// Requests the next event, by which Lambda detects that the extension has started. No event ever comes.
    pub(super) async fn stay(self) -> Option<Infallible> {
        let request = build_request()
            .uri("/2020-01-01/extension/event/next")
            .header(IDENTIFIER, self.identifier)
            .body(Body::empty())
            .ok()?;
        let _ = self.client.call(request).await;
        None
    }
}
