//! Lambda's Invoke API in front of one function, which receives exactly what a client of the AWS SDK sends.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex, watch},
};

use crate::{Answer, Invoke, Lambda, expect};

/// The longest client context that Lambda accepts, in bytes of base64.
const CLIENT_CONTEXT_LIMIT: usize = 3583;

/// The API on a free port of this machine, which ends with the test's runtime. It follows Lambda's rules: a
/// client context is base64 of a JSON object within a limit, and asynchronous invocations do not deliver it.
#[derive(Debug)]
pub struct InvokeApi {
    address: SocketAddr,
    answers: watch::Receiver<Vec<Answer>>,
}

#[derive(Clone)]
struct Front {
    lambda: Arc<Mutex<Lambda>>,
    answers: Arc<watch::Sender<Vec<Answer>>>,
}

impl InvokeApi {
    /// Starts the API in front of `lambda`, for any function name.
    pub async fn in_front_of(lambda: Lambda) -> Self {
        let (sender, answers) = watch::channel(Vec::new());
        let front = Front {
            lambda: Arc::new(Mutex::new(lambda)),
            answers: Arc::new(sender),
        };
        let router = Router::new()
            .route("/2015-03-31/functions/{name}/invocations", post(invoke))
            .with_state(front);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, answers }
    }

    /// Returns the URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the function's response to the first invocation, even if its caller did not wait for it.
    pub async fn answer(&self) -> Answer {
        let mut answers = self.answers.clone();
        let answered = answers.wait_for(|answers| !answers.is_empty());
        let answers = expect("the function answers", answered).await.unwrap();
        answers.first().unwrap().clone()
    }
}

async fn invoke(State(front): State<Front>, headers: HeaderMap, body: Bytes) -> Response {
    let payload: Value = match serde_json::from_slice(&body) {
        Ok(payload) => payload,
        Err(error) => return refuse(&error.to_string()),
    };
    let mut invoke = Invoke::new(payload);
    if let Some(header) = headers.get("x-amz-client-context") {
        match client_context(header.as_bytes()) {
            Ok(context) => invoke = invoke.with_client_context(&context),
            Err(reason) => return refuse(reason),
        }
    }
    let kind = headers.get("x-amz-invocation-type");
    if kind.is_some_and(|kind| kind == "Event") {
        let invoke = invoke.without_client_context();
        tokio::spawn(async move { front.run(invoke).await });
        return StatusCode::ACCEPTED.into_response();
    }
    let answer = front.run(invoke).await;
    if answer.is_error {
        return ([("x-amz-function-error", "Unhandled")], answer.body).into_response();
    }
    answer.body.into_response()
}

impl Front {
    async fn run(&self, invoke: Invoke) -> Answer {
        let answer = self.lambda.lock().await.invoke(invoke).await;
        self.answers
            .send_modify(|answers| answers.push(answer.clone()));
        answer
    }
}

fn client_context(header: &[u8]) -> Result<Value, &'static str> {
    if header.len() > CLIENT_CONTEXT_LIMIT {
        return Err("client context is too long");
    }
    let json = BASE64
        .decode(header)
        .map_err(|_| "client context is not base64")?;
    let context: Value = serde_json::from_slice(&json).map_err(|_| "client context is not JSON")?;
    context
        .is_object()
        .then_some(context)
        .ok_or("client context is no object")
}

fn refuse(reason: &str) -> Response {
    let body = json!({"Type": "User", "message": reason}).to_string();
    let headers = [("x-amzn-errortype", "InvalidRequestContentException")];
    (StatusCode::BAD_REQUEST, headers, body).into_response()
}
