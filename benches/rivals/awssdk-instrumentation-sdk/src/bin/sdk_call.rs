//! The cost that `awssdk-instrumentation` adds to a call, set up as in its documentation, with each of its
//! two backends. Each has a separate process, because its subscriber is global.

#[path = "../../../shared/sdk_call.rs"]
mod measure;

use aws_types::SdkConfig;
use awssdk_instrumentation::init::{default_tracing_console_layer, default_tracing_otel_layer};
use awssdk_instrumentation::interceptor::{otel::OtelInterceptor, tracing::TracingInterceptor};
use measure::{Clients, Subject};
use opentelemetry::global;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Creates a client with an interceptor.
macro_rules! clients {
    ($config:expr, $interceptor:expr) => {{
        let config: &dyn Fn(&'static str) -> SdkConfig = $config;
        Clients {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(
                aws_sdk_dynamodb::config::Builder::from(&config(measure::GET_ITEM))
                    .interceptor($interceptor)
                    .build(),
            ),
            sqs: aws_sdk_sqs::Client::from_conf(
                aws_sdk_sqs::config::Builder::from(&config(measure::SEND_MESSAGE))
                    .interceptor($interceptor)
                    .build(),
            ),
            eventbridge: aws_sdk_eventbridge::Client::from_conf(
                aws_sdk_eventbridge::config::Builder::from(&config(measure::PUT_EVENTS))
                    .interceptor($interceptor)
                    .build(),
            ),
        }
    }};
}

fn provider() -> SdkTracerProvider {
    let provider = measure::provider();
    global::set_tracer_provider(provider.clone());
    provider
}

fn main() {
    measure::run(&[
        Subject {
            name: "awssdk-instrumentation, tracing",
            install: |config| {
                let _ = provider();
                let tracer = global::tracer("awssdk-instrumentation");
                tracing_subscriber::registry()
                    .with(default_tracing_otel_layer(tracer))
                    .with(default_tracing_console_layer())
                    .init();
                clients!(config, TracingInterceptor::new())
            },
        },
        Subject {
            name: "awssdk-instrumentation, otel",
            install: |config| {
                let _ = provider();
                // It finds the operation's name in the SDK's own span.
                tracing_subscriber::registry().init();
                clients!(config, OtelInterceptor::new())
            },
        },
    ]);
}
