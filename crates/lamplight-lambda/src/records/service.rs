use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tower_service::Service;

/// A record handler that calls a `tower` service, so that records go through its layers: retries,
/// timeouts, rate limits. What the service answers is not looked at, its errors are.
///
/// Each record gets its own clone of the service.
///
/// ```
/// # #[cfg(feature = "records-sqs")] {
/// use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
/// use lambda_runtime::{Error, LambdaEvent, service_fn};
/// use lamplight_lambda::records;
///
/// async fn handler(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
///     let deliver = service_fn(async |message: SqsMessage| {
///         message.body.map(drop).ok_or("a message without a body")
///     });
///     Ok(records::sqs(event.payload, records::service(deliver)).await)
/// }
/// # }
/// ```
pub fn service<S, R>(service: S) -> impl FnMut(R) -> ServiceFuture<S, R>
where
    S: Service<R> + Clone,
{
    move |record| ServiceFuture {
        service: service.clone(),
        record: Some(record),
        future: None,
    }
}

pin_project! {
    /// Future of a record handled by a [`service`].
    pub struct ServiceFuture<S: Service<R>, R> {
        service: S,
        record: Option<R>,
        #[pin]
        future: Option<S::Future>,
    }
}

impl<S: Service<R>, R> Future for ServiceFuture<S, R> {
    type Output = Result<(), S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if this.record.is_some() {
            ready!(this.service.poll_ready(cx))?;
        }
        if let Some(record) = this.record.take() {
            this.future.set(Some(this.service.call(record)));
        }
        match this.future.as_pin_mut() {
            Some(future) => future.poll(cx).map_ok(drop),
            None => Poll::Pending,
        }
    }
}

impl<S: Service<R>, R> fmt::Debug for ServiceFuture<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceFuture").finish_non_exhaustive()
    }
}
