//! Clients of the AWS SDK without a network.
//!
//! [`replay`] returns canned answers, and a configuration for clients that get them. The requests can be
//! looked at afterwards, with the context in them.
//!
//! ```
//! use aws_sdk_eventbridge::{Client, config::Builder, types::PutEventsRequestEntry};
//! use lambda_runtime::{Error, LambdaEvent, service_fn};
//! use lamplight::aws::LamplightExt;
//! use lamplight_testing::{Lambda, aws};
//! use serde_json::{Value, json};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let replay = aws::replay().json(&json!({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}));
//! let config = Builder::from(&replay.sdk_config()).lamplight().build();
//! let client = Client::from_conf(config);
//! let handler = move |_: LambdaEvent<Value>| {
//!     let client = client.clone();
//!     async move {
//!         let entry = PutEventsRequestEntry::builder()
//!             .source("shop")
//!             .detail_type("OrderPlaced")
//!             .detail("{}")
//!             .build();
//!         client.put_events().entries(entry).send().await?;
//!         Ok::<_, Error>(json!({}))
//!     }
//! };
//!
//! let invocation = Lambda::new(service_fn(handler)).invoke(json!({})).await;
//! let call = invocation.trace().root().child("EventBridge.PutEvents");
//! let [request] = replay.requests().try_into().unwrap();
//! let detail = request.json()["Entries"][0]["Detail"].to_string();
//! assert!(detail.contains(&call.traceparent()));
//! # }
//! ```

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::{
    client::{
        behavior_version::BehaviorVersion,
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, retry::RetryConfig};
use aws_types::{SdkConfig, region::Region};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

/// Returns answers for clients, of which there are none yet.
pub fn replay() -> Replay {
    Replay::default()
}

/// Answers for clients of the AWS SDK, given out in order, and the requests for them.
///
/// A call for which no answer is left gets a status of 200 and `{}`. Clones share everything.
#[derive(Debug, Clone, Default)]
pub struct Replay(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<Answer>,
    requests: Vec<Request>,
}

#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// A request that a client sent, attempts of the same call each.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: String,
    /// The URL.
    pub uri: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Replay {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an answer with a status of 200 and this value as JSON.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON.
    #[track_caller]
    pub fn json(self, body: &impl Serialize) -> Self {
        let body = crate::events::json(body).to_string();
        self.answer(200, body)
    }

    /// Adds an answer with this status and body, such as the XML of Amazon S3.
    pub fn answer(self, status: u16, body: impl Into<Bytes>) -> Self {
        let headers = Vec::new();
        let body = body.into();
        self.push(Answer {
            status,
            headers,
            body,
        })
    }

    /// Adds an error with this status and code, as services that speak JSON answer with it. The client makes
    /// one attempt.
    pub fn error(self, status: u16, code: &str) -> Self {
        let body = json!({"__type": code, "message": code}).to_string();
        let headers = vec![("x-amzn-errortype".to_owned(), code.to_owned())];
        let body = body.into();
        self.push(Answer {
            status,
            headers,
            body,
        })
    }

    fn push(self, answer: Answer) -> Self {
        self.lock().answers.push_back(answer);
        self
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }

    /// Returns a configuration for clients that get these answers: `us-east-1`, fixed credentials, no
    /// retries.
    pub fn sdk_config(&self) -> SdkConfig {
        let credentials = Credentials::from_keys("AKIAIOSFODNN7EXAMPLE", "test", None);
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .http_client(Connector(self.clone()))
            .build()
    }

    /// Notes the request, and returns the answer to it.
    fn exchange(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let headers = request.headers().iter();
        let request = Request {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: Bytes::copy_from_slice(request.body().bytes().unwrap_or_default()),
        };
        let answer = {
            let mut state = self.lock();
            state.requests.push(request);
            state.answers.pop_front()
        };
        let answer = answer.unwrap_or_else(|| Answer {
            status: 200,
            headers: Vec::new(),
            body: Bytes::from_static(b"{}"),
        });
        let status = StatusCode::try_from(answer.status)
            .map_err(|error| ConnectorError::other(error.into(), None))?;
        let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
        for (name, value) in answer.headers {
            response.headers_mut().insert(name, value);
        }
        Ok(response)
    }
}

/// The replay as the SDK wants it.
#[derive(Debug, Clone)]
struct Connector(Replay);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.0.exchange(&request))
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl Request {
    /// Returns the value of a header, whose name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }

    /// Returns the body as JSON.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!(
                "the body of the request is no JSON: {error}\n{}",
                String::from_utf8_lossy(&self.body)
            ),
        }
    }
}
