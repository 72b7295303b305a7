//! The largest requests that AWS takes today.

use crate::carrier::Carrier;

/// The largest request that AWS takes on this carrier, in bytes, by the documentation of its SDKs.
///
/// * A topic takes more than 256 KiB where its `MaximumMessageSize` says so.
/// * A payload of a synchronous `Invoke` may have 6 MB; one setting is for both kinds, and such a call
///   has its context in the client context.
/// * A client context, and the input of an execution, have the limits they have always had.
pub(crate) const fn largest(carrier: Carrier) -> usize {
    match carrier {
        Carrier::SqsAttributes
        | Carrier::SnsAttributes
        | Carrier::EventBridgeDetail
        | Carrier::LambdaPayload
        | Carrier::LambdaHeaders => 1024 * 1024,
        Carrier::LambdaClientContext => 3583,
        Carrier::KinesisData => 10 * 1024 * 1024,
        Carrier::StepFunctionsInput => 256 * 1024,
        Carrier::HttpHeaders => usize::MAX,
    }
}
