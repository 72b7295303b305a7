//! Lamplight's distinguishing features, with one test for each claim. `cargo test -p lamplight-tests claims`
//! runs them.
//!
//! Claims 7, 9, 11 and 13 are tested elsewhere: allocations in `benches`, context in AWS SDK calls in
//! `lamplight-aws-sdk`, the limits of Kinesis in `lamplight-kinesis`, the W3C suite in
//! `tests/w3c-service`.

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use lamplight_tests::{
    Behavior, Closing, Endpoint, Invoke, Kinesis, Lambda, Proxy, Span, events, expect,
};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::{Value, json};

use crate::lifecycle::{function, function_with_kinesis, patient};

const FIRST: &str = "00-11111111111111111111111111111111-1111111111111111-01";
const APPLICATION: &str = "app.event.producer.application";
const SECOND: &str = "00-22222222222222222222222222222222-2222222222222222-01";

#[tokio::test]
async fn claim_01_spans_are_exported_with_an_empty_environment_and_at_every_log_level() {
    for levels in [
        &[][..],
        &[("AWS_LAMBDA_LOG_LEVEL", "ERROR")],
        &[("AWS_LAMBDA_LOG_LEVEL", "FATAL"), ("RUST_LOG", "off")],
    ] {
        let kinesis = Kinesis::start().await;
        let mut lambda = patient(function().with_variables(kinesis.variables()))
            .with_variables(levels.iter().copied())
            .with_variable("FUNCTION_SUBSCRIBER", "1")
            .start()
            .await;
        lambda.invoke(events::plain(json!({"spans": 1}))).await;
        assert_eq!(kinesis.spans(2).await.len(), 2, "{levels:?}");
    }
}

#[tokio::test]
async fn claim_02_every_failure_is_an_error_with_its_type() {
    let unavailable = json!({"answer": {"statusCode": 503}});
    let cases = [
        (
            events::plain(json!({"fail": "out of stock"})),
            "OrderRejected",
        ),
        (events::http(unavailable, json!({})), "503"),
        (events::plain(json!({"panic": "no such shelf"})), "panic"),
        (events::plain(json!("fly")), "DeserializeError"),
    ];
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let mut expected = HashMap::new();
    for (event, error_type) in cases {
        let answer = lambda.invoke(event).await;
        expected.insert(answer.request_id, error_type);
    }
    lambda.idle().await;
    let slow = Invoke::new(events::plain(json!({"slow": 600_000})));
    let slow = lambda
        .begin(slow.with_timeout(Duration::from_secs(2)))
        .await;
    expected.insert(slow, "timeout");
    let spans = kinesis.spans(expected.len()).await;
    assert_eq!(spans.len(), expected.len());
    for span in spans {
        let id = span.attribute("faas.invocation_id").as_str().unwrap();
        assert_eq!(span.attribute("error.type"), expected[id]);
        assert!(span.error.is_some(), "{span:#?}");
    }
    lambda.end();
}

#[tokio::test]
async fn claim_03_sixteen_at_a_time_have_one_cold_start_and_never_each_others_context() {
    const INVOCATIONS: usize = 64;
    let kinesis = Kinesis::start().await;
    let mut lambda = patient(function().with_variables(kinesis.variables()))
        .with_variable("FUNCTION_WAY", "concurrent")
        .with_variable("FUNCTION_THREADS", "2")
        .with_variable("AWS_LAMBDA_MAX_CONCURRENCY", "16")
        // Context comes from the event: the environment has that of another invocation.
        .with_variable(
            "_X_AMZN_TRACE_ID",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
        )
        .start()
        .await;
    let trace = |number: usize| format!("{:032x}", number + 1);
    for number in 0..INVOCATIONS {
        let traceparent = format!("00-{}-b7ad6b7169203331-01", trace(number));
        let headers = json!({"traceparent": traceparent});
        lambda
            .begin(events::http(json!({"spans": 1}), headers))
            .await;
    }
    let spans = kinesis.spans(2 * INVOCATIONS).await;
    assert_eq!(spans.len(), 2 * INVOCATIONS);
    let server = |span: &&Span| span.kind == SpanKind::Server;
    let cold = |span: &&Span| span.attribute("faas.coldstart") == true;
    assert_eq!(spans.iter().filter(server).filter(cold).count(), 1);
    let mut by_trace: HashMap<&str, Vec<&Span>> = HashMap::new();
    for span in &spans {
        by_trace.entry(&span.trace_id).or_default().push(span);
    }
    assert_eq!(by_trace.len(), INVOCATIONS);
    for number in 0..INVOCATIONS {
        let spans = &by_trace[trace(number).as_str()];
        let server = spans.iter().copied().find(server).unwrap();
        let work = spans.iter().find(|span| span.name == "work").unwrap();
        assert_eq!(work.parent_span_id, server.span_id);
    }
}

/// `latency` measures that the response is posted within 5 ms of one without telemetry.
#[tokio::test]
async fn claim_04_the_response_does_not_wait_for_the_exporter_nor_the_flush_for_the_deadline() {
    const HANG: Duration = Duration::from_secs(25);
    const DEADLINE: Duration = Duration::from_secs(4);
    let endpoint = Endpoint::start(Behavior::Late(HANG)).await;
    let mut lambda = function()
        .with_variables(endpoint.variables())
        .with_variable("LAMPLIGHT_FLUSH_BUDGET", "25000")
        .start()
        .await;
    lambda.idle().await;
    let started = Instant::now();
    let event = Invoke::new(events::plain(json!({"spans": 5})));
    let answer = lambda.invoke_now(event.with_timeout(DEADLINE)).await;
    assert!(answer.took < DEADLINE / 2, "{:?}", answer.took);
    lambda.idle().await;
    let over = started.elapsed();
    assert!(over > DEADLINE / 2, "it did not hang: {over:?}");
    assert!(over < DEADLINE, "Lambda would have killed it: {over:?}");
}

#[tokio::test]
async fn claim_05_it_works_on_one_thread_and_on_several() {
    for threads in [None, Some(("FUNCTION_THREADS", "2"))] {
        let endpoint = Endpoint::start(Behavior::Good).await;
        let kinesis = Kinesis::start().await;
        let otlp = patient(function().with_variables(endpoint.variables()));
        let records = patient(function().with_variables(kinesis.variables()));
        let mut otlp = otlp.with_variables(threads).start().await;
        let mut records = records.with_variables(threads).start().await;
        for lambda in [&mut otlp, &mut records] {
            lambda.invoke(events::plain(json!({"spans": 3}))).await;
        }
        assert_eq!(endpoint.spans(4).await.len(), 4);
        assert_eq!(kinesis.spans(4).await.len(), 4);
    }
}

/// Compilation is the test: an event that can be neither cloned nor serialized, a response that can only be
/// serialized, and a stream. `answers` shows that streams pass through unchanged.
#[test]
fn claim_06_events_and_responses_need_no_more_than_the_runtime_asks_for() {
    use lambda_runtime::{Error, LambdaEvent, service_fn};

    #[derive(serde::Deserialize)]
    struct Event {
        _private: u8,
    }
    #[derive(serde::Serialize)]
    struct Response {
        answer: u8,
    }
    async fn handler(_: LambdaEvent<Event>) -> Result<Response, Error> {
        Ok(Response { answer: 42 })
    }
    async fn streaming(
        _: LambdaEvent<Event>,
    ) -> Result<lambda_runtime::StreamResponse<lambda_runtime::streaming::Body>, Error> {
        let (_, body) = lambda_runtime::streaming::channel();
        Ok(body.into())
    }
    let _ = |telemetry: lamplight::Telemetry| telemetry.run(service_fn(handler));
    let _ = |telemetry: lamplight::Telemetry| telemetry.run(service_fn(streaming));
    let _ = |telemetry: lamplight::Telemetry| drop(telemetry.wrap(service_fn(handler)));
    let _ = || drop(lamplight::wrap(handler));
    let _ = || drop(lamplight::wrap(streaming));
    let _ = |router: axum::Router| lamplight::http::run(router);
}

#[tokio::test]
async fn claim_08_attributes_are_typed_and_carry_no_noise_and_no_secret() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let missing = json!({"answer": {"statusCode": 404}});
    let mut event = events::http(missing, json!({"authorization": "Bearer verysecret"}));
    event["rawQueryString"] = json!("X-Amz-Signature=verysecret&sig=verysecret&page=2");
    lambda.invoke(event).await;
    lambda.invoke(events::plain(json!({"spans": 2}))).await;
    let spans = kinesis.spans(4).await;
    let request = spans.iter().find(|span| span.name == "GET /pets/{id}");
    let request = request.unwrap();
    assert_eq!(request.attribute("http.response.status_code"), 404);
    assert_eq!(request.attribute("http.route"), "/pets/{id}");
    assert_eq!(request.attribute("faas.coldstart"), true);
    assert_eq!(
        request.error, None,
        "a client's error is not the function's"
    );
    assert_eq!(
        request.attribute("url.query"),
        "X-Amz-Signature=REDACTED&sig=REDACTED&page=2"
    );
    for span in &spans {
        assert!(!format!("{span:?}").contains("verysecret"), "{span:#?}");
        let noise = ["code.", "thread.", "busy_ns", "idle_ns", "target", "level"];
        for key in span.attributes.keys() {
            assert!(!noise.iter().any(|noise| key.starts_with(noise)), "{key}");
        }
    }
}

#[tokio::test]
async fn claim_10_each_message_has_its_span_its_parent_or_link_its_baggage_and_its_outcome() {
    for link_only in [false, true] {
        let kinesis = Kinesis::start().await;
        let mut function = patient(function().with_variables(kinesis.variables()))
            .with_variable("LAMPLIGHT_BAGGAGE_ATTRIBUTES", APPLICATION);
        if link_only {
            function = function.with_variable("LAMPLIGHT_RECORDS", "link");
        }
        let mut lambda = function.start().await;
        let mut batch = events::sqs(&[("good", Some(FIRST)), ("bad", Some(SECOND))]);
        for (record, tenant) in batch["Records"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .zip(["a", "b"])
        {
            let baggage =
                json!({"stringValue": format!("{APPLICATION}={tenant}"), "dataType": "String"});
            record["messageAttributes"]["baggage"] = baggage;
        }
        let answer = lambda.invoke(batch).await.json();
        assert_eq!(
            answer,
            json!({"batchItemFailures": [{"itemIdentifier": "message-1"}]})
        );

        let spans = kinesis.spans(5).await;
        let invocation = spans.iter().find(|it| it.kind == SpanKind::Server).unwrap();
        assert_eq!(invocation.error, None);
        assert_eq!(invocation.attribute("lamplight.batch.failed_count"), 1);
        let ids: BTreeSet<&str> = invocation
            .links
            .iter()
            .map(|link| link.attributes["messaging.message.id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, BTreeSet::from(["message-0", "message-1"]));
        for (id, digit, tenant, failed) in [
            ("message-0", "1", "a", false),
            ("message-1", "2", "b", true),
        ] {
            let is = |it: &&Span| {
                it.kind == SpanKind::Consumer && it.attribute("messaging.message.id") == id
            };
            let record = spans.iter().find(is).unwrap();
            assert_eq!(record.attribute(APPLICATION), tenant);
            assert_eq!(record.error.is_some(), failed);
            let producer = (digit.repeat(32), digit.repeat(16));
            let ambient = (invocation.trace_id.clone(), invocation.span_id.clone());
            let parent = (record.trace_id.clone(), record.parent_span_id.clone());
            let link = (
                record.links[0].trace_id.clone(),
                record.links[0].span_id.clone(),
            );
            let expected = if link_only {
                (ambient, producer)
            } else {
                (producer, ambient)
            };
            assert_eq!((parent, link), expected, "link only: {link_only}");
        }
    }
}

#[tokio::test]
async fn claim_12_after_a_panic_or_an_event_nobody_reads_the_function_asks_for_more_at_once() {
    let (hanging, _permits) = Behavior::held();
    let endpoint = Endpoint::start(hanging).await;
    let mut lambda = function()
        .with_variables(endpoint.variables())
        .with_variable("LAMPLIGHT_FLUSH_BUDGET", "200")
        .start()
        .await;
    for event in [
        json!({"panic": "once"}),
        json!("fly"),
        json!({"fail": "no"}),
    ] {
        assert!(lambda.invoke(events::plain(event)).await.is_error);
        let answered = Instant::now();
        lambda.idle().await;
        let held = answered.elapsed();
        assert!(held < Duration::from_secs(5), "/next was held for {held:?}");
    }
    let answer = lambda.invoke(events::plain(json!({"answer": 7}))).await;
    assert_eq!(answer.json(), 7);
}

/// Two environments of one snapshot.
#[tokio::test]
async fn claim_14_restored_environments_reconnect_and_have_cold_starts_and_ids_of_their_own() {
    let kinesis = Kinesis::start().await;
    let proxy = Proxy::to(kinesis.address()).await;
    let start = async || -> Lambda {
        // The timeout for a dead connection would exceed that of this test.
        function()
            .with_variables(kinesis.variables())
            .with_variable("AWS_ENDPOINT_URL_KINESIS", proxy.url())
            .with_variable("LAMPLIGHT_KINESIS_TIMEOUT", "60000")
            .with_variable("LAMPLIGHT_FLUSH_BUDGET", "60000")
            .with_variable("FUNCTION_INIT_SPAN", "1")
            .with_snapstart()
            .start()
            .await
    };
    let mut lambda = start().await;
    lambda.ready_for_snapshot().await;
    let init = kinesis.spans(1).await;
    assert_eq!(
        init[0].name, "init",
        "what there was has been delivered before the snapshot"
    );
    // The effect of a restore on existing connections.
    proxy.close_idle(Closing::Forgotten);
    lambda.restore();
    for _ in 0..2 {
        let called = lambda.invoke(events::plain(json!("echo")));
        expect("the restored function answers", called).await;
    }
    let spans = kinesis.spans(3).await;
    let cold: Vec<&Value> = spans
        .iter()
        .filter(|span| span.name != "init")
        .map(|span| span.attribute("faas.coldstart"))
        .collect();
    assert_eq!(cold.iter().filter(|cold| **cold == true).count(), 1);
}
