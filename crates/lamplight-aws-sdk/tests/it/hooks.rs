//! Hooks in other orders than the usual one: calls that fail before the first, attempts that do not
//! get to the last, an interceptor that hears of everything twice.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, future},
};
use aws_sdk_eventbridge::{
    Client,
    config::{self, ConfigBag},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, SharedInterceptor, context},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::timeout::TimeoutConfig;

use crate::{
    calls::{ACCEPTED, error_type, put, replayed, span_of},
    common::*,
};

#[tokio::test]
async fn a_call_that_fails_before_everything_else_is_a_span() {
    let spans = Spans::new();
    let http = replay([]);
    // The parameters of the endpoint are the first thing that the SDK looks at.
    let get = |builder: aws_sdk_s3::config::Builder| {
        let client = aws_sdk_s3::Client::from_conf(builder.build());
        async move { format!("{:?}", client.get_object().key("k").send().await) }
    };
    let builder = || aws_sdk_s3::config::Builder::from(&crate::common::config(http.clone()));
    let lamplight = || spans.lamplight();
    let with = get(builder().interceptor(lamplight()).interceptor(lamplight())).await;
    assert_eq!(with, get(builder()).await);
    let span = spans.one();
    assert_eq!(span.name, "S3.GetObject");
    assert_eq!(error_type(&span), "construction_failure");
    assert_eq!(attributes(&span)["aws.s3.key"], "k");
}

/// A user's interceptor that fails in one hook.
#[derive(Debug, Clone, Copy)]
struct SaysNo(&'static str);

/// Implements hooks that fail if the interceptor is configured for them.
macro_rules! hooks {
    ($($hook:ident $context:ty;)+) => {$(
        fn $hook(
            &self,
            _: $context,
            _: &RuntimeComponents,
            _: &mut ConfigBag,
        ) -> Result<(), BoxError> {
            self.answer(stringify!($hook))
        }
    )+};
}

impl SaysNo {
    fn answer(self, hook: &str) -> Result<(), BoxError> {
        match self.0 == hook {
            true => Err("no".into()),
            false => Ok(()),
        }
    }
}

impl Intercept for SaysNo {
    fn name(&self) -> &'static str {
        "SaysNo"
    }

    fn read_before_execution(
        &self,
        _: &context::BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.answer("read_before_execution")
    }

    hooks! {
        modify_before_serialization &mut context::BeforeSerializationInterceptorContextMut<'_>;
        read_before_serialization &context::BeforeSerializationInterceptorContextRef<'_>;
        read_before_attempt &context::BeforeTransmitInterceptorContextRef<'_>;
        modify_before_signing &mut context::BeforeTransmitInterceptorContextMut<'_>;
        modify_before_transmit &mut context::BeforeTransmitInterceptorContextMut<'_>;
        read_after_deserialization &context::AfterDeserializationInterceptorContextRef<'_>;
        read_after_attempt &context::FinalizerInterceptorContextRef<'_>;
        read_after_execution &context::FinalizerInterceptorContextRef<'_>;
    }
}

#[tokio::test]
async fn a_call_that_an_interceptor_forbids_is_a_span_whichever_hook_it_is() {
    for hook in [
        "read_before_execution",
        "modify_before_serialization",
        "read_before_serialization",
        "read_before_attempt",
        "modify_before_signing",
        "modify_before_transmit",
        "read_after_deserialization",
        "read_after_attempt",
        "read_after_execution",
    ] {
        let builder = || {
            let replies = (0..3).map(|_| reply(200, ACCEPTED));
            config::Builder::from(&crate::common::config(replay(replies)))
        };
        let says_no = SaysNo(hook);
        let without = put(&Client::from_conf(builder().interceptor(says_no).build())).await;
        for is_first in [true, false] {
            let spans = Spans::new();
            let ours = spans.lamplight();
            let config = match is_first {
                true => builder().interceptor(ours).interceptor(says_no),
                false => builder().interceptor(says_no).interceptor(ours),
            };
            assert_eq!(put(&Client::from_conf(config.build())).await, without);
            let span = spans.one();
            assert_eq!(span.name, "EventBridge.PutEvents");
            // The last hook is called for each in turn: who comes first sees no error yet.
            if hook != "read_after_execution" {
                assert!(attributes(&span).contains_key("error.type"), "{hook}");
            }
        }
    }
}

#[tokio::test]
async fn of_many_calls_at_once_each_has_its_span_whether_or_not_it_is_dropped() {
    const CALLS: usize = 400;
    let spans = Spans::new();
    let replies = (0..CALLS).map(|_| reply(200, ACCEPTED));
    let config = config::Builder::from(&crate::common::config(replay(replies)));
    let client = Client::from_conf(config.interceptor(spans.lamplight()).build());
    let calls = (0..CALLS).map(|n| {
        let client = client.clone();
        tokio::spawn(async move {
            let call = put(&client);
            match n % 2 {
                0 => drop(tokio::time::timeout(Duration::ZERO, call).await),
                _ => drop(call.await),
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    assert_eq!(spans.ended().len(), CALLS);
}

#[tokio::test]
async fn the_same_interceptor_twice_counts_once() {
    let replies = || vec![reply(503, ""), reply(200, ACCEPTED)];
    let spans = Spans::new();
    let mut config = config::Builder::from(&crate::common::config(replay(replies())));
    let shared = SharedInterceptor::new(spans.lamplight());
    config.push_interceptor(shared.clone());
    config.push_interceptor(shared);
    put(&Client::from_conf(config.build())).await;
    let twice = spans.one();
    let once = replayed(replies).await;
    assert_eq!(attributes(&twice)["lamplight.aws.attempts"], "2");
    assert_eq!(events(&twice), events(&once));
}

/// Credentials that take longer than an attempt may, the first time.
#[derive(Debug, Default)]
struct Slow(AtomicBool);

impl ProvideCredentials for Slow {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let is_first = !self.0.swap(true, Ordering::Relaxed);
        future::ProvideCredentials::new(async move {
            if is_first {
                tokio::time::sleep(Duration::from_secs(3600)).await;
            }
            Ok(Credentials::new("id", "secret", None, None, "test"))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn the_server_is_told_where_only_a_later_attempt_got_to_it() {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(2))
        .build();
    let span = span_of(
        || replay([reply(200, ACCEPTED)]),
        |builder| {
            builder
                .timeout_config(timeouts.clone())
                .credentials_provider(Slow::default())
        },
    )
    .await;
    let attributes = attributes(&span);
    assert_eq!(attributes["lamplight.aws.attempts"], "2");
    assert_eq!(
        attributes["server.address"],
        "events.eu-west-1.amazonaws.com"
    );
}
