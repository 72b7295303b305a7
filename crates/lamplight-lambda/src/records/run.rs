//! Runs a handler for the records of a batch.

use super::{Batch, CurrentRecord, context};
use crate::Invocation;
use crate::outcome::{self, Failure};
use crate::panics::{self, Panic};
use futures_util::stream::{self, StreamExt};
use lamplight_propagation::inbound::Record;
use opentelemetry::Context;
use opentelemetry::context::FutureExt;
use opentelemetry::trace::TraceContextExt;
use pin_project_lite::pin_project;
use std::any::type_name;
use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

/// A record, and what it may not overtake.
pub(super) struct Item<R> {
    pub(super) record: R,
    /// Records of the same group run in order, and none after one that failed.
    pub(super) group: Option<String>,
}

/// Why a record counts as failed.
pub(super) enum Failed<E> {
    Error(E),
    Panic(Panic),
    /// It was not handled, because one before it in its group failed.
    Skipped,
}

impl Batch {
    /// Runs `handler` for each item, and gives the failed ones by position, in order.
    pub(super) async fn run<R, H, F, E>(
        self,
        items: Vec<Item<R>>,
        handler: H,
    ) -> Vec<(usize, Failed<E>)>
    where
        R: Record,
        H: FnMut(R) -> F,
        F: Future<Output = Result<(), E>>,
        E: Display,
    {
        let runner = Runner {
            invocation: Invocation::current(),
            single: items.len() == 1,
            handler: Mutex::new(handler),
        };
        let items = items.into_iter().enumerate();
        if self.concurrency == 1 {
            return runner.lane(items).await;
        }
        let lanes = lanes(items)
            .into_iter()
            .map(|lane| runner.lane(lane.into_iter()));
        let mut failed: Vec<_> = stream::iter(lanes)
            .buffer_unordered(self.concurrency)
            .flat_map(stream::iter)
            .collect()
            .await;
        failed.sort_by_key(|(position, _)| *position);
        failed
    }
}

/// The items of a group in one lane, every other item in its own; in the order they came.
fn lanes<R>(items: impl Iterator<Item = (usize, Item<R>)>) -> Vec<Vec<(usize, Item<R>)>> {
    let mut lanes: Vec<Vec<_>> = Vec::new();
    let mut of_group = HashMap::new();
    for (position, item) in items {
        let known = item.group.as_ref().and_then(|group| of_group.get(group));
        if let Some(lane) = known.and_then(|lane: &usize| lanes.get_mut(*lane)) {
            lane.push((position, item));
        } else {
            if let Some(group) = item.group.clone() {
                of_group.insert(group, lanes.len());
            }
            lanes.push(vec![(position, item)]);
        }
    }
    lanes
}

struct Runner<H> {
    invocation: Invocation,
    single: bool,
    /// Called by one lane at a time, since all of them are polled by the same task.
    handler: Mutex<H>,
}

impl<H> Runner<H> {
    /// Runs items one after the other.
    async fn lane<R, F, E>(
        &self,
        items: impl Iterator<Item = (usize, Item<R>)>,
    ) -> Vec<(usize, Failed<E>)>
    where
        R: Record,
        H: FnMut(R) -> F,
        F: Future<Output = Result<(), E>>,
        E: Display,
    {
        let mut failed = Vec::new();
        let mut failed_groups = HashSet::new();
        for (position, Item { record, group }) in items {
            if group.as_ref().is_some_and(|it| failed_groups.contains(it)) {
                failed.push((position, Failed::Skipped));
            } else if let Err(failure) = self.one(record).await {
                failed.push((position, failure));
                failed_groups.extend(group);
            }
        }
        failed
    }

    async fn one<R, F, E>(&self, record: R) -> Result<(), Failed<E>>
    where
        R: Record,
        H: FnMut(R) -> F,
        F: Future<Output = Result<(), E>>,
        E: Display,
    {
        let wide = context::of(&self.invocation, &record, self.single);
        let Some(wide) = wide else {
            return self.handle(record, &Context::current()).await;
        };
        let cx = wide.cx.with_value(CurrentRecord::new(wide.clone()));
        self.invocation.open_record(&wide);
        let result = self.handle(record, &cx).await;
        match &result {
            Err(Failed::Error(error)) => failure(error, &cx),
            Err(Failed::Panic(panic)) => outcome::panicked(&cx.span(), panic),
            Ok(()) | Err(Failed::Skipped) => {}
        }
        self.invocation.close_record(&wide);
        result
    }

    /// Runs the handler with `cx` current.
    async fn handle<R, F, E>(&self, record: R, cx: &Context) -> Result<(), Failed<E>>
    where
        H: FnMut(R) -> F,
        F: Future<Output = Result<(), E>>,
    {
        let future = self.call(record, cx).map_err(Failed::Panic)?;
        match (Contained { future }).with_context(cx.clone()).await {
            Ok(result) => result.map_err(Failed::Error),
            Err(panic) => Err(Failed::Panic(panic)),
        }
    }

    fn call<R, F>(&self, record: R, cx: &Context) -> Result<F, Panic>
    where
        H: FnMut(R) -> F,
    {
        let _current = cx.clone().attach();
        panics::catch(|| {
            let mut handler = self.handler.lock().unwrap_or_else(PoisonError::into_inner);
            handler(record)
        })
    }
}

fn failure<E: Display>(error: &E, cx: &Context) {
    // A box has forgotten what is in it.
    let name = type_name::<E>();
    let exception_type = if name.contains("Box<dyn ") {
        "Error"
    } else {
        name
    };
    Failure {
        error_type: outcome::BATCH_ITEM_FAILURE,
        exception_type,
        // The alternate form of `anyhow` and `eyre` tells the causes too.
        message: &format!("{error:#}"),
        details: None,
    }
    .record(&cx.span());
}

pin_project! {
    /// A future whose panic is an answer.
    struct Contained<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Contained<F> {
    type Output = Result<F::Output, Panic>;

    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let future = self.project().future;
        match panics::catch(|| future.poll(cx)) {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}
