//! Buffered responses: serialized as the runtime alone does it, and as often.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use lambda_runtime::{Error, LambdaEvent, LambdaInvocation};
use lamplight_lambda::FlushPolicy;
use lamplight_semconv as semconv;
use proptest::prelude::*;
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap},
};
use serde_json::{Value as Json, json};
use tower::{Layer, ServiceExt, service_fn};

use super::{
    function::{Once, bare},
    real::Process,
};
use crate::common::{Function, get, invocation};

/// A response that notes how often it is serialized, and does as it was told.
#[derive(Debug, Clone)]
struct Told {
    members: Vec<(String, Json)>,
    ends: End,
    serialized: Arc<AtomicUsize>,
}

#[derive(Debug, Clone, Copy)]
enum End {
    Well,
    WithAnError,
    WithAPanic,
    /// It cannot be serialized again.
    Empty,
}

impl Told {
    fn anew(&self) -> Self {
        Self {
            serialized: Arc::default(),
            ..self.clone()
        }
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let before = self.serialized.fetch_add(1, Ordering::SeqCst);
        let mut map = serializer.serialize_map(None)?;
        if before > 0 && matches!(self.ends, End::Empty) {
            return map.end();
        }
        for (key, value) in &self.members {
            map.serialize_entry(key, value)?;
        }
        match self.ends {
            End::WithAnError => Err(S::Error::custom("told to")),
            End::WithAPanic => panic!("told to"),
            End::Well | End::Empty => map.end(),
        }
    }
}

/// The response to the caller, or the runtime's error; and the number of serializations.
type Outcome = (Result<Result<Vec<u8>, String>, String>, usize);

fn alone(response: &Told) -> Outcome {
    let serialized = response.serialized.clone();
    let response: lambda_runtime::FunctionResponse<_, ()> =
        lambda_runtime::FunctionResponse::BufferedResponse(response);
    (caught(|| bare(response)), serialized.load(Ordering::SeqCst))
}

fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    let result = catch_unwind(AssertUnwindSafe(run));
    result.map_err(|panic| (*panic.downcast_ref::<&str>().unwrap()).to_owned())
}

/// As the runtime does it, below the layers.
fn with_layers(policy: FlushPolicy, event: &Json, response: &Told) -> (Outcome, Function) {
    let function = Function::with(|builder| builder.with_flush_policy(policy));
    let serialized = response.serialized.clone();
    let response = response.clone();
    let handler = service_fn(move |_: LambdaEvent<Json>| {
        let response = response.clone();
        async move { Ok::<_, Error>(response) }
    });
    let handler = function
        .instrumentation
        .handler_layer::<Told, lambda_runtime::streaming::Body>()
        .layer(handler);
    let posted = Arc::new(Mutex::new(None));
    let runtime = {
        let posted = posted.clone();
        service_fn(move |event: LambdaInvocation| {
            let (posted, handler) = (posted.clone(), handler.clone());
            async move {
                let payload = serde_json::from_slice(&event.body)?;
                let answer = handler
                    .oneshot(LambdaEvent::new(payload, event.context))
                    .await;
                let answer = answer.map_err(|_| "the handler does not fail")?;
                let bytes = caught(|| bare(answer));
                let failed = matches!(bytes, Ok(Ok(_))).then_some(());
                *posted.lock().unwrap() = Some(bytes);
                failed.ok_or_else(|| "no answer".into())
            }
        })
    };
    let stack = function.instrumentation.invocation_layer().layer(runtime);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let _ = runtime.unwrap().block_on(stack.oneshot(invocation(event)));
    let answer = posted.lock().unwrap().take().unwrap();
    ((answer, serialized.load(Ordering::SeqCst)), function)
}

fn events() -> [Json; 3] {
    let message = json!({
        "messageId": "m", "body": "", "attributes": {}, "messageAttributes": {},
        "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
    });
    let http = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "",
        "headers": {}, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d",
            "http": {
                "method": "GET", "path": "/", "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "test",
            },
            "requestId": "r", "routeKey": "$default", "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000", "timeEpoch": 1_773_342_238_390_i64,
        },
    });
    [json!({}), http, json!({"Records": [message]})]
}

fn told() -> impl Strategy<Value = Told> {
    let key = prop_oneof![
        Just("statusCode"),
        Just("batchItemFailures"),
        Just("headers"),
        Just("body")
    ];
    let value = prop_oneof![
        (0..700_u16).prop_map(Json::from),
        ".*".prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        prop::collection::vec(".*", 0..3).prop_map(Json::from),
        Just(json!({"Content-Type": "text/plain", "x": ["y"]})),
    ];
    let members = prop::collection::vec((key.prop_map(str::to_owned), value), 0..5);
    let ends = prop_oneof![
        Just(End::Well),
        Just(End::WithAnError),
        Just(End::WithAPanic),
        Just(End::Empty)
    ];
    (members, ends).prop_map(|(members, ends)| Told {
        members,
        ends,
        serialized: Arc::default(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_caller_gets_byte_for_byte_what_the_runtime_alone_gives(
        response in told(),
        event in prop::sample::select(events().to_vec()),
        policy in prop::sample::select(vec![
            FlushPolicy::AfterResponse, FlushPolicy::Adaptive,
            FlushPolicy::BeforeResponse, FlushPolicy::Manual,
        ]),
    ) {
        let expected = alone(&response.anew());
        prop_assert_eq!(expected.1, 1);
        let (outcome, _function) = with_layers(policy, &event, &response.anew());
        prop_assert_eq!(outcome, expected);
    }
}

#[test]
fn what_a_response_says_is_recorded_before_the_span_is_delivered() {
    let [_, http, batch] = events();
    for policy in [FlushPolicy::AfterResponse, FlushPolicy::BeforeResponse] {
        let response = |member: &str, value| Told {
            members: vec![(member.to_owned(), value)],
            ends: End::Empty,
            serialized: Arc::default(),
        };
        let (_, function) = with_layers(policy, &http, &response("statusCode", 503.into()));
        let status = get(&function.only_span(), semconv::http::response::STATUS_CODE);
        assert_eq!(status, Some(503.into()), "{policy:?}");
        let failures = json!([{"itemIdentifier": "m"}]);
        let (_, function) = with_layers(policy, &batch, &response("batchItemFailures", failures));
        let failed = get(
            &function.only_span(),
            semconv::lamplight::batch::FAILED_COUNT,
        );
        assert_eq!(failed, Some(1.into()), "{policy:?}");
    }
}

#[test]
fn an_identifier_that_is_none_of_the_batch_is_told_once() {
    // It answers with the event.
    let process = Process::start("await", "current_thread", "after-response");
    let [_, _, mut event] = events();
    event["batchItemFailures"] = json!([{"itemIdentifier": "elsewhere"}]);
    for count in 1..=2 {
        process.invoke(&event, Duration::from_secs(60));
        process.answers(count);
    }
    let lines = process.lines_with("batch-item-failures");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("`itemIdentifier` is to be"), "{lines:?}");
}

#[test]
fn a_response_that_is_an_iterator_arrives() {
    let whole: Once<std::ops::Range<u8>> = Once::default();
    assert_eq!(serde_json::to_string(&whole).unwrap(), "[1,2,3]");
    for policy in ["after-response", "before-response", "bare"] {
        let process = Process::start("once", "current_thread", policy);
        for (count, event) in events().iter().enumerate() {
            process.invoke(event, Duration::from_secs(60));
            let answers = process.answers(count + 1);
            assert_eq!(answers[count].body, "[1,2,3]", "{policy}");
        }
    }
}

#[test]
fn a_response_that_cannot_be_written_ends_the_runtime_as_without() {
    let said = ["after-response", "before-response", "bare"].map(|policy| {
        let process = Process::start("unserializable", "current_thread", policy);
        process.invoke(&events()[1], Duration::from_secs(60));
        process.lines_with("the runtime has ended").pop().unwrap()
    });
    assert!(said[0].contains("cannot be written"), "{}", said[0]);
    assert_eq!(said[0], said[2]);
    assert_eq!(said[1], said[2]);
}
