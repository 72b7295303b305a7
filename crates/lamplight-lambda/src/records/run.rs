//! Runs a handler for the records of a batch.

use std::{
    collections::{HashMap, HashSet},
    fmt::Display,
    future::Future,
    pin::Pin,
    sync::Mutex,
    task::Poll,
};

use futures_util::stream::{self, StreamExt};
use lamplight_internal::{diagnostics::warn_once, sync::lock};
use lamplight_propagation::inbound::Record;
use opentelemetry::{Context, context::FutureExt};
use pin_project_lite::pin_project;

use super::{batch::Batch, context};
use crate::{
    clock,
    current::{Invocation, SpanHandle},
    outcome::{self, Failure},
    panics::{self, Panic},
    passing_on,
    span::{ActiveSpan, CANCELLED},
};

/// A record, and the group whose order it must keep.
pub(super) struct Item<R> {
    pub(super) record: R,
    /// Records of the same group run in order, and not after a failed one.
    pub(super) group: Option<String>,
}

/// The reason a record counts as failed.
pub(super) enum Failed<E> {
    Error(E),
    Panic(Panic),
    /// It was not handled, because an earlier one in its group failed.
    Skipped,
}

impl Batch {
    /// Runs `handler` for each item, and returns the failed ones by position, in order.
    pub(super) async fn run<R, H, F, E>(
        self,
        items: impl ExactSizeIterator<Item = Item<R>>,
        handler: H,
    ) -> Vec<(usize, Failed<E>)>
    where
        R: Record,
        H: FnMut(R) -> F,
        F: Future<Output = Result<(), E>>,
        E: Display + 'static,
    {
        let runner = Runner {
            invocation: Invocation::current(),
            single: items.len() == 1,
            handler: Mutex::new(handler),
        };
        let items = items.enumerate();
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

/// Returns lanes of items in their original order: one lane per group, and one for each other item.
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
    /// Called by one lane at a time, because all of them are polled by the same task.
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
        E: Display + 'static,
    {
        let mut failed = Vec::new();
        let mut failed_groups = HashSet::new();
        for (position, Item { record, group }) in items {
            if group.as_ref().is_some_and(|it| failed_groups.contains(it)) {
                failed.push((position, Failed::Skipped));
                continue;
            }
            self.invocation.make_room().await;
            let (cx, open) = self.begin(&record);
            let handling = Handling {
                handler: &self.handler,
                record: Some(record),
                future: None,
            };
            let result = handling.with_context(cx).await;
            if let Some(open) = open {
                open.end(&result);
            }
            if let Err(failure) = result {
                failed.push((position, failure));
                failed_groups.extend(group);
            }
        }
        failed
    }

    /// Starts the span of `record`, if within an invocation. Returns the context in which the record is
    /// handled.
    fn begin(&self, record: &impl Record) -> (Context, Option<OpenRecord<'_>>) {
        let begun = guarded(|| context::of(&self.invocation, record, self.single));
        let Some((record, cx)) = begun.flatten() else {
            let passed_on = guarded(|| passing_on::record_context(record)).flatten();
            return (passed_on.unwrap_or_else(Context::current), None);
        };
        self.invocation.open_record(&record);
        let invocation = &self.invocation;
        let open = OpenRecord {
            invocation,
            record,
            ended: false,
        };
        (cx, Some(open))
    }
}

/// The span of a record that is being handled. If it is dropped, because the batch was, it ends as cancelled.
struct OpenRecord<'a> {
    invocation: &'a Invocation,
    record: SpanHandle,
    ended: bool,
}

impl OpenRecord<'_> {
    /// Ends the span with the outcome of the record.
    fn end<E: Display + 'static>(mut self, result: &Result<(), Failed<E>>) {
        if let Some(span) = self.record.span() {
            match result {
                Err(Failed::Error(error)) => failure(error, span),
                Err(Failed::Panic(panic)) => outcome::panicked(span, panic),
                Ok(()) | Err(Failed::Skipped) => {}
            }
            span.end(clock::now());
        }
        self.ended = true;
    }
}

impl Drop for OpenRecord<'_> {
    fn drop(&mut self) {
        self.invocation.close_record(&self.record);
        if !self.ended
            && let Some(span) = self.record.span()
        {
            span.abandon(&CANCELLED, clock::now());
        }
    }
}

/// Runs `call`, which calls samplers and span processors when a span starts, or the `Display` of errors. If
/// one of them panics, a record loses its span or a part of it, and the function continues.
fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    let result = panics::catch(call).ok();
    if result.is_none() {
        warn_once("record-not-traced", || {
            "the span of a record is missing or incomplete, because a sampler, a span processor or the \
             `Display` of an error panicked; the function is not affected"
                .to_owned()
        });
    }
    result
}

fn failure<E: Display + 'static>(error: &E, span: &ActiveSpan) {
    let name = guarded(|| outcome::type_of(error)).flatten();
    // The alternate form of `anyhow` and `eyre` includes the causes.
    let message = guarded(|| format!("{error:#}"));
    let message = message.as_deref().unwrap_or("its `Display` panicked");
    let causes = guarded(|| outcome::causes_in(error)).flatten();
    Failure::of(name, message, causes).record(span);
}

pin_project! {
    /// A call of the handler, with the future it returns. An error or a panic is a result.
    struct Handling<'a, R, H, F> {
        handler: &'a Mutex<H>,
        record: Option<R>,
        #[pin]
        future: Option<F>,
    }
}

impl<R, H, F, E> Future for Handling<'_, R, H, F>
where
    H: FnMut(R) -> F,
    F: Future<Output = Result<(), E>>,
{
    type Output = Result<(), Failed<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut polled = panics::catch(|| {
            if let Some(record) = this.record.take() {
                let mut handler = lock(this.handler);
                this.future.set(Some(handler(record)));
            }
            // If it is polled again after a panic, it stays pending.
            let future = this.future.as_mut().as_pin_mut();
            future.map_or(Poll::Pending, |future| future.poll(cx))
        });
        if !matches!(polled, Ok(Poll::Pending)) {
            // Dropping the future is part of the handling.
            let ended = panics::catch(|| this.future.set(None));
            polled = polled.and_then(|polled| ended.map(|()| polled));
        }
        match polled {
            Ok(polled) => polled.map_err(Failed::Error),
            Err(panic) => Poll::Ready(Err(Failed::Panic(panic))),
        }
    }
}
