//! Step Functions: the input of an execution is what its first state is given.

use aws_sdk_sfn::types::StateMachineType;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns};
use lamplight_aws_sdk::Carrier;
use lamplight_propagation::inbound::{EventExtractor, RawInvocation};
use opentelemetry::trace::FutureExt as _;

use super::*;
use crate::common::*;

/// Every name is this machine: the SDK puts `sync-` before the host of a synchronous execution.
#[derive(Clone, Debug)]
struct Loopback;

impl ResolveDns for Loopback {
    fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Ok(vec![std::net::Ipv4Addr::LOCALHOST.into()]))
    }
}

fn client(config: &SdkConfig, lamplight: LamplightInterceptor) -> aws_sdk_sfn::Client {
    let ring = tls::rustls_provider::CryptoMode::Ring;
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(ring))
        .build_with_resolver(Loopback);
    let builder = aws_sdk_sfn::config::Builder::from(config).http_client(http);
    aws_sdk_sfn::Client::from_conf(builder.interceptor(lamplight).build())
}

/// A new state machine that answers with its input.
async fn machine(client: &aws_sdk_sfn::Client, name: &str, kind: StateMachineType) -> String {
    let machine = client
        .create_state_machine()
        .name(name)
        .r#type(kind)
        .role_arn("arn:aws:iam::000000000000:role/any")
        .definition(r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#);
    machine.send().await.unwrap().state_machine_arn
}

/// Asserts that the input of a state carries the context of the span.
fn check_input(input: &str, span: &SpanData) {
    let incoming = EventExtractor::new().extract(&RawInvocation::new(input.as_bytes(), "task"));
    check(&incoming.parent, span);
}

#[tokio::test]
async fn an_execution() {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let spans = Spans::new();
    let lamplight = spans.lamplight().with_carrier(Carrier::StepFunctionsInput);
    let client = client(&config, lamplight);
    let machine = machine(&client, "orders", StateMachineType::Standard).await;
    let start = client.start_execution().state_machine_arn(&machine);
    let start = start.input(r#"{"n":1}"#).send();
    let started = start.with_context(caller()).await.unwrap();
    let span = spans.named("SFN.StartExecution");
    let describe = client.describe_execution();
    let describe = describe.execution_arn(started.execution_arn()).send();
    check_input(&describe.await.unwrap().input.unwrap(), &span);
}

#[tokio::test]
async fn a_synchronous_execution() {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let spans = Spans::new();
    let lamplight = spans.lamplight().with_carrier(Carrier::StepFunctionsInput);
    let client = client(&config, lamplight);
    let machine = machine(&client, "checks", StateMachineType::Express).await;
    let start = client.start_sync_execution().state_machine_arn(&machine);
    let start = start.input(r#"{"n":1}"#).send();
    let ended = start.with_context(caller()).await.unwrap();
    // The answer is the output of the last state, which is its input here.
    check_input(
        ended.output().unwrap(),
        &spans.named("SFN.StartSyncExecution"),
    );
}
