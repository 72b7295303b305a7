//! The services of `lambda_runtime` without its network.

use lambda_runtime::tower::Service;
use lambda_runtime::{
    Error, FunctionResponse, IntoFunctionResponse, LambdaEvent, LambdaInvocation,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::hint::black_box;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Returns a service that does what `lambda_runtime` does between the layers passed to `Runtime::layer` and
/// the handler: it deserializes the event, calls the handler, and serializes the response. The remaining
/// work, the communication with the Runtime API, costs the same for every rival.
pub fn runtime<H, T, B, S>(handler: H) -> Runtime<H, T, B, S> {
    Runtime {
        handler,
        types: PhantomData,
    }
}

/// See [`runtime`].
#[derive(Debug)]
pub struct Runtime<H, T, B, S> {
    handler: H,
    types: PhantomData<fn(T, B, S)>,
}

impl<H: Clone, T, B, S> Clone for Runtime<H, T, B, S> {
    fn clone(&self) -> Self {
        runtime(self.handler.clone())
    }
}

impl<H, T, B, S> Service<LambdaInvocation> for Runtime<H, T, B, S>
where
    H: Service<LambdaEvent<T>>,
    H::Error: std::fmt::Debug,
    H::Future: Send + 'static,
    H::Response: IntoFunctionResponse<B, S>,
    B: Serialize,
    T: DeserializeOwned,
{
    type Response = ();
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, event: LambdaInvocation) -> Self::Future {
        let payload = match serde_json::from_slice::<T>(&event.body) {
            Ok(payload) => payload,
            Err(error) => return Box::pin(async { Err(error.into()) }),
        };
        let answer = self.handler.call(LambdaEvent::new(payload, event.context));
        Box::pin(async move {
            let answer = answer.await.map_err(|error| format!("{error:?}"))?;
            match answer.into_response() {
                FunctionResponse::BufferedResponse(body) => {
                    black_box(serde_json::to_vec(&body)?);
                    Ok(())
                }
                FunctionResponse::StreamingResponse(_) => Err("no handler here streams".into()),
            }
        })
    }
}
