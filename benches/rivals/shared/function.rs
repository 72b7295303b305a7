//! The functions' common code, which is the same for all kinds of telemetry.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `FUNCTION_EVENT` | `http` accepts API Gateway v2 events, `sqs` SQS batches | `http` |
//! | `FUNCTION_DOES` | `answer`; `status:500` responds with that status; `error`; `panic`; `slow:1000` responds after this number of milliseconds | `answer` |
//! | `FUNCTION_SINK` | the exporter to use, if a function has several | its first |

#![allow(dead_code, reason = "each function uses its part of it")]

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::Error;
use std::time::Duration;

/// Returns whether events are SQS batches.
pub fn takes_sqs() -> bool {
    variable("FUNCTION_EVENT").as_deref() == Some("sqs")
}

/// Returns a variable that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Responds to an HTTP request. `baggage` is the caller's baggage as seen by the handler.
pub async fn http(
    _: ApiGatewayV2httpRequest,
    baggage: Option<String>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = act().await?;
    response.body = Some(Body::Text(baggage.unwrap_or_default()));
    Ok(response)
}

/// Handles a batch.
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
