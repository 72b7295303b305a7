//! Lamplight, set up as in its README.

#[path = "../../../shared/function.rs"]
mod function;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::Telemetry;
use lamplight::opentelemetry::{Context, baggage::BaggageExt};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = telemetry();
    if function::takes_sqs() {
        let handler = service_fn(|event: LambdaEvent<_>| function::sqs(event.payload));
        return telemetry.run(handler).await;
    }
    #[cfg(feature = "concurrency")]
    return telemetry.run_concurrent(service_fn(http)).await;
    #[cfg(not(feature = "concurrency"))]
    telemetry.run(service_fn(http)).await
}

async fn http(
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let baggage = Context::current().baggage().get("tenant").map(ToString::to_string);
    function::http(event.payload, baggage).await
}

fn telemetry() -> Telemetry {
    if function::variable("FUNCTION_SINK").as_deref() == Some("noop") {
        return Telemetry::builder().with_exporter(Noop).init();
    }
    #[cfg(feature = "aws-lc")]
    return Telemetry::builder().with_sink(default_tls()).init();
    #[cfg(not(feature = "aws-lc"))]
    lamplight::init()
}

/// Returns the Kinesis exporter with the default HTTP client of the AWS SDK.
#[cfg(feature = "aws-lc")]
fn default_tls() -> lamplight::kinesis::KinesisExporter {
    use aws_smithy_http_client::{Builder, tls};

    let client = Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .build_https();
    let config = lamplight::aws::sdk_config().into_builder().http_client(client).build();
    let stream = function::variable("LAMPLIGHT_KINESIS_STREAM").unwrap_or_default();
    let exporter = lamplight::kinesis::KinesisExporter::builder(stream).with_sdk_config(&config).build();
    let warm = exporter.clone();
    tokio::spawn(async move { warm.warm_up().await });
    exporter
}

#[derive(Debug)]
struct Noop;

impl SpanExporter for Noop {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}
