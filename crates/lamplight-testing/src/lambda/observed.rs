//! A handler that the test looks on at: it runs with the way of its spans in the context, and it is known
//! when it runs.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use futures_core::Stream;
use lambda_runtime::{
    FunctionResponse, IntoFunctionResponse, LambdaEvent, StreamResponse, tower::Service,
};

use crate::route::Route;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// The turn, which a handler has or the machinery around it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turn(Arc<AtomicBool>);

impl Turn {
    pub(crate) fn is_handlers(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn take(&self) -> Taken {
        self.0.store(true, Ordering::Relaxed);
        Taken(self.clone())
    }
}

/// The handler's turn, until this is dropped.
#[derive(Debug)]
struct Taken(Turn);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Relaxed);
    }
}

/// A handler as the runtime gets it.
pub(crate) struct Observed<H> {
    pub(crate) handler: H,
    pub(crate) route: Option<Route>,
    pub(crate) turn: Turn,
}

impl<H> Observed<H> {
    fn context(&self) -> opentelemetry::Context {
        match &self.route {
            Some(route) => route.context(),
            None => opentelemetry::Context::current(),
        }
    }
}

/// A service whose answer is a response of these types.
///
/// The types stand in its name, since those of a handler alone do not determine them.
pub(crate) struct Typed<H, B, S> {
    observed: Observed<H>,
    types: std::marker::PhantomData<fn() -> (B, S)>,
}

impl<H, B, S> Typed<H, B, S> {
    pub(crate) fn new(observed: Observed<H>) -> Self {
        let types = std::marker::PhantomData;
        Self { observed, types }
    }
}

impl<H, T, B, S> Service<LambdaEvent<T>> for Typed<H, B, S>
where
    H: Service<LambdaEvent<T>>,
    H::Response: IntoFunctionResponse<B, S> + 'static,
    H::Error: 'static,
    H::Future: 'static,
    B: 'static,
    S: 'static,
{
    type Response = FunctionResponse<B, InContext<S>>;
    type Error = H::Error;
    type Future = BoxFuture<Result<Self::Response, H::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), H::Error>> {
        self.observed.handler.poll_ready(cx)
    }

    fn call(&mut self, event: LambdaEvent<T>) -> Self::Future {
        let turn = self.observed.turn.take();
        let cx = self.observed.context();
        let mut future = {
            let _current = cx.clone().attach();
            Box::pin(self.observed.handler.call(event))
        };
        Box::pin(async move {
            let answer = std::future::poll_fn(|task| {
                let _current = cx.clone().attach();
                future.as_mut().poll(task)
            });
            let answer = answer.await;
            drop(turn);
            Ok(in_context(answer?.into_response(), &cx))
        })
    }
}

/// Returns the response, whose stream runs in `cx` too.
fn in_context<B, S>(
    response: FunctionResponse<B, S>,
    cx: &opentelemetry::Context,
) -> FunctionResponse<B, InContext<S>> {
    match response {
        FunctionResponse::BufferedResponse(body) => FunctionResponse::BufferedResponse(body),
        FunctionResponse::StreamingResponse(response) => {
            FunctionResponse::StreamingResponse(StreamResponse {
                metadata_prelude: response.metadata_prelude,
                stream: InContext {
                    stream: response.stream,
                    cx: cx.clone(),
                },
            })
        }
    }
}

/// A stream that runs in a context.
pub(crate) struct InContext<S> {
    stream: S,
    cx: opentelemetry::Context,
}

impl<S: Stream + Unpin> Stream for InContext<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let _current = self.cx.clone().attach();
        Pin::new(&mut self.stream).poll_next(task)
    }
}
