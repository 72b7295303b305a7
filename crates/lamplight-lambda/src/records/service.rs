//! Record handlers that are `tower` services.

use lambda_runtime::tower::{
    Service, ServiceExt,
    util::{MapResponse, Oneshot},
};

/// A call of a service whose response is ignored.
type Handling<S, R> = Oneshot<MapResponse<S, fn(<S as Service<R>>::Response)>, R>;

/// Returns a record handler that calls a `tower` service, so that records pass through its layers: retries,
/// timeouts, rate limits. The service's response is ignored; its error is the record's.
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
pub fn service<S, R>(service: S) -> impl FnMut(R) -> Handling<S, R>
where
    S: Service<R> + Clone,
{
    let service = service.map_response(drop::<S::Response> as fn(S::Response));
    move |record| service.clone().oneshot(record)
}
