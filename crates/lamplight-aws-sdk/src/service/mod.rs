//! Support for single services and operations: attributes, places for context, partial failures.
//!
//! A service is one file (or folder) here, with a [`Service`](definition::Service) in it, and one line in the
//! list in [`dispatch`].

#[cfg(any(feature = "dynamodb", feature = "eventbridge", feature = "kinesis"))]
mod arn;
#[cfg(any(feature = "sns", feature = "sqs"))]
mod attributes;
#[cfg(any(
    feature = "dynamodb",
    feature = "eventbridge",
    feature = "kinesis",
    feature = "s3",
    feature = "sns",
    feature = "sqs"
))]
mod batch;
mod definition;
mod dispatch;
#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "eventbridge")]
mod eventbridge;
mod injection;
#[cfg(any(
    feature = "eventbridge",
    feature = "kinesis",
    feature = "lambda",
    feature = "sfn"
))]
mod json;
#[cfg(feature = "kinesis")]
mod kinesis;
#[cfg(feature = "lambda")]
mod lambda;
mod macros;
mod metadata;
mod places;
mod request;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "secretsmanager")]
mod secretsmanager;
#[cfg(feature = "sfn")]
mod sfn;
#[cfg(feature = "sns")]
mod sns;
#[cfg(feature = "sqs")]
mod sqs;

pub(crate) use self::dispatch::{describe, is_false_condition, request, request_mut, response};
pub(crate) use self::injection::Injection;
pub(crate) use self::metadata::{common, is_about_a_person, is_database};
pub(crate) use self::places::Places;
pub(crate) use self::request::Request;
