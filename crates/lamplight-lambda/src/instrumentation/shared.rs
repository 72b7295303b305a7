//! What the layers share.

use crate::current::Invocation;
use crate::event_span;
use crate::exceptions::Exceptions;
use crate::flush::{FlushPolicy, Pace, Rides, flush_ignoring_backoff};
use crate::function::FunctionCache;
use crate::inferred;
use crate::registry::Registry;
#[cfg(unix)]
use crate::shutdown::Sigterm;
use crate::startup::Startup;
use crate::wide::Wide;
use http::HeaderName;
use lambda_runtime::LambdaInvocation;
use lamplight_export::SpanQueue;
use lamplight_internal::diagnostics::warn_once;
use lamplight_propagation::inbound::{self, EventExtractor, Incoming, InferredSpan};
use lamplight_semconv as semconv;
use lamplight_semconv::faas::FaasTrigger;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{Span as _, SpanBuilder, Tracer};
use opentelemetry::{Context, Key, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;
use std::sync::Arc;
#[cfg(unix)]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The caller's client context, in base64.
pub(crate) static CLIENT_CONTEXT: HeaderName =
    HeaderName::from_static("lambda-runtime-client-context");

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) tracer: SdkTracer,
    pub(crate) queue: SpanQueue,
    pub(crate) extractor: EventExtractor,
    pub(crate) flush_policy: FlushPolicy,
    pub(crate) flush_budget: Duration,
    pub(crate) deadline_margin: Duration,
    pub(crate) pace: Pace,
    pub(crate) rides: Rides,
    pub(crate) registry: Registry,
    #[cfg(unix)]
    pub(super) sigterm: OnceLock<Option<Sigterm>>,
    pub(super) baggage_attributes: Vec<Key>,
    pub(crate) response_headers: Vec<String>,
    pub(crate) exceptions: Option<Exceptions>,
    pub(super) execution_alias: bool,
    pub(crate) inferred_spans: bool,
    pub(super) event_span: bool,
    pub(super) startup: Startup,
    /// Whether a handler layer was made, without which nobody knows whether the handler ran.
    pub(super) handler_layered: AtomicBool,
    pub(super) functions: FunctionCache,
}

impl Shared {
    /// Starts the span of an invocation. Returns it with the context to run the handler in.
    pub(crate) fn begin(self: &Arc<Self>, event: &LambdaInvocation) -> (Invocation, Context) {
        let lambda = &event.context;
        let client_context = event.parts.headers.get(&CLIENT_CONTEXT);
        let function_name = &lambda.env_config.function_name;
        let inbound = inbound::RawInvocation::new(&event.body, function_name)
            .with_client_context(client_context.and_then(|value| value.to_str().ok()))
            .with_xray_trace_id(lambda.xray_trace_id.as_deref());
        let incoming = self.extractor.extract(&inbound);
        let spans = match self.inferred_spans {
            true => self.extractor.inferred_spans(&inbound, &incoming),
            false => Vec::new(),
        };
        let Incoming {
            source,
            trigger,
            span_name,
            span_kind,
            parent,
            mut links,
            mut attributes,
            items,
            ..
        } = incoming;
        // All that such an event says is about its messages.
        let event = (self.event_span && trigger == FaasTrigger::Pubsub).then(|| {
            let of_invocation = vec![semconv::faas::trigger(trigger)];
            let of_event = std::mem::replace(&mut attributes, of_invocation);
            (of_event, std::mem::take(&mut links))
        });
        attributes.push(semconv::faas::invocation_id(lambda.request_id.clone()));
        if self.execution_alias {
            #[expect(deprecated, reason = "its name is what is asked for")]
            attributes.push(semconv::faas::execution(lambda.request_id.clone()));
        }
        let tenant = lambda.tenant_id.clone();
        attributes.extend(tenant.map(semconv::lamplight::tenant::id));
        let start = self.startup.invoked();
        attributes.push(semconv::faas::coldstart(start.is_cold));
        attributes.extend(
            start
                .init
                .map(|init| semconv::lamplight::init::duration_ms(init.as_secs_f64() * 1e3)),
        );
        self.functions.add(&mut attributes, lambda);
        self.add_baggage(&mut attributes, &parent);

        let mut builder = SpanBuilder::from_name(span_name)
            .with_kind(span_kind)
            .with_attributes(attributes);
        if !links.is_empty() {
            builder = builder.with_links(links);
        }
        let parent = self.infer(spans, parent);
        let span = self.tracer.build_with_context(builder, &parent);
        let event = event.and_then(|(attributes, links)| {
            event_span::start(
                &self.tracer,
                &parent,
                span.span_context(),
                attributes,
                links,
            )
        });
        let exceptions = self.exceptions.as_ref().map(Exceptions::of_invocation);
        let wide = Wide::new(span, exceptions).with_event(event);
        let deadline = deadline(lambda);
        let invocation = Invocation::new(self.clone(), wide, source, trigger, items, deadline);
        let cx = invocation.context(&parent);
        (invocation, cx)
    }

    /// Whether a missing outcome means that the handler was never called.
    pub(crate) fn sees_handler(&self) -> bool {
        self.handler_layered.load(Ordering::Relaxed)
    }

    /// The context below spans for the services an event waited in, which lead from `parent` to here.
    pub(crate) fn infer(&self, spans: Vec<InferredSpan>, parent: Context) -> Context {
        match spans.is_empty() {
            true => parent,
            false => inferred::infer(&self.tracer, spans, parent, SystemTime::now()),
        }
    }

    /// Adds the allow-listed baggage of `cx`.
    pub(crate) fn add_baggage(&self, attributes: &mut Vec<KeyValue>, cx: &Context) {
        for key in &self.baggage_attributes {
            if let Some(value) = cx.baggage().get(key.as_str()) {
                attributes.push(KeyValue::new(key.clone(), value.clone()));
            }
        }
    }

    pub(crate) fn flush_budget(&self) -> Duration {
        self.flush_budget
    }

    /// The environment ends.
    pub(crate) async fn shutdown(&self, budget: Duration) {
        for invocation in self.registry.all() {
            invocation.shutdown();
        }
        flush_ignoring_backoff(&self.queue, budget).await;
        let left = self.queue.snapshot().pending();
        if left > 0 {
            warn_once("spans-lost-at-shutdown", || {
                format!(
                    "{left} spans were not delivered before the environment was shut down; the \
                     exporter could not reach its destination in time"
                )
            });
        }
    }

    /// The environment was restored from a snapshot.
    pub(crate) fn restored(&self) {
        self.startup.restored();
        self.pace.forget();
    }
}

/// The deadline of an invocation, which comes in milliseconds since 1970.
pub(crate) fn deadline(lambda: &lambda_runtime::Context) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_millis(lambda.deadline))
        .unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_is_a_deadline_without_overflow() {
        let mut lambda = lambda_runtime::Context::default();
        lambda.deadline = u64::MAX;
        deadline(&lambda);
    }
}
