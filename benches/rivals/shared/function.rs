//! What every function does under whatever telemetry it has, so that nothing but telemetry differs.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `FUNCTION_EVENT` | `http` takes API Gateway v2 events, `sqs` batches of SQS | `http` |
//! | `FUNCTION_DOES` | `answer`; `status:500` answers with that status; `error`; `panic`; `slow:1000` answers after so many milliseconds | `answer` |
//! | `FUNCTION_SINK` | which of its exporters to use, where a function has several | its first |

#![allow(dead_code, reason = "each function uses its part of it")]

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::Error;
use std::time::Duration;

/// Whether events are batches of SQS.
pub fn takes_sqs() -> bool {
    variable("FUNCTION_EVENT").as_deref() == Some("sqs")
}

/// A variable that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Answers an HTTP request. `baggage` is what the handler sees of the caller's baggage.
pub async fn http(
    _: ApiGatewayV2httpRequest,
    baggage: Option<String>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = act().await?;
    response.body = Some(Body::Text(baggage.unwrap_or_default()));
    Ok(response)
}

/// Deals with a batch.
pub async fn sqs(_: SqsEvent) -> Result<SqsBatchResponse, Error> {
    act().await?;
    Ok(SqsBatchResponse::default())
}

async fn act() -> Result<i64, Error> {
    let does = variable("FUNCTION_DOES").unwrap_or_default();
    let (what, number) = does.split_once(':').unwrap_or((&does, ""));
    match what {
        "status" => return Ok(number.parse()?),
        "error" => return Err(OrderRejected.into()),
        "panic" => panic!("the handler panics, as it was asked to"),
        "slow" => tokio::time::sleep(Duration::from_millis(number.parse()?)).await,
        _ => {}
    }
    Ok(200)
}

#[derive(Debug)]
struct OrderRejected;

impl std::fmt::Display for OrderRejected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the order was rejected")
    }
}

impl std::error::Error for OrderRejected {}
