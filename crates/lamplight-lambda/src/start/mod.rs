//! The start of spans.

mod event;
mod function;
mod inferred;
mod request;
mod settings;
mod startup;

use std::time::Duration;

use lambda_runtime::LambdaInvocation;
use lamplight_propagation::inbound::{EventExtractor, Incoming, InferredSpan};
use lamplight_semconv::{self as semconv, faas::FaasTrigger};
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt,
    trace::{Span as _, SpanBuilder, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;

use self::function::FunctionCache;
pub(crate) use self::{
    request::{deadline, raw},
    settings::Settings,
    startup::Startup,
};
use crate::{
    clock,
    facts::InvocationFacts,
    span::{ActiveSpan, Exceptions},
};

/// A starter of a function's spans.
#[derive(Debug)]
pub(crate) struct SpanStart {
    pub(crate) tracer: SdkTracer,
    pub(crate) extractor: EventExtractor,
    pub(crate) settings: Settings,
    startup: Startup,
    functions: FunctionCache,
}

/// An invocation whose span has started.
pub(crate) struct StartedInvocation {
    pub(crate) span: ActiveSpan,
    pub(crate) facts: InvocationFacts,
    /// The context in which the span was started, with the caller's baggage.
    pub(crate) parent: Context,
}

impl SpanStart {
    pub(crate) fn new(
        tracer: SdkTracer,
        extractor: EventExtractor,
        settings: Settings,
        startup: Startup,
    ) -> Self {
        Self {
            tracer,
            extractor,
            settings,
            startup,
            functions: FunctionCache::default(),
        }
    }

    /// Starts the span of an invocation, and that of its event. `held` is the time for which the previous
    /// flush held the environment.
    pub(crate) fn invocation(
        &self,
        event: &LambdaInvocation,
        held: Option<Duration>,
    ) -> StartedInvocation {
        let raw = raw(event);
        let incoming = self.extractor.extract(&raw);
        let inferred = match self.settings.inferred_spans {
            true => self.extractor.inferred_spans(&raw, &incoming),
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
        // All attributes from such an event describe its messages.
        let of_event = (self.settings.event_span && trigger == FaasTrigger::Pubsub).then(|| {
            let of_invocation = vec![semconv::faas::trigger(trigger)];
            let of_event = std::mem::replace(&mut attributes, of_invocation);
            (of_event, std::mem::take(&mut links))
        });
        self.describe(&mut attributes, &event.context);
        let held = held.map(|held| held.as_micros() as f64 / 1e3);
        attributes.extend(held.map(semconv::lamplight::previous_flush::duration_ms));
        self.add_baggage(&mut attributes, &parent);

        let mut builder = SpanBuilder::from_name(span_name)
            .with_kind(span_kind)
            .with_attributes(attributes);
        if !links.is_empty() {
            builder = builder.with_links(links);
        }
        let parent = self.infer(inferred, parent);
        let span = self.tracer.build_with_context(builder, &parent);
        let event_span = of_event.and_then(|(attributes, links)| {
            let invocation = span.span_context();
            event::start(&self.tracer, &parent, invocation, attributes, links)
        });
        let exceptions = self.settings.exceptions.as_ref();
        let span = ActiveSpan::new(span, exceptions.map(Exceptions::of_invocation));
        StartedInvocation {
            span: span.with_event(event_span),
            facts: InvocationFacts {
                source,
                trigger,
                items,
                deadline: deadline(&event.context),
            },
            parent,
        }
    }

    /// Adds attributes from the runtime and the environment.
    fn describe(&self, attributes: &mut Vec<KeyValue>, lambda: &lambda_runtime::Context) {
        attributes.push(semconv::faas::invocation_id(lambda.request_id.clone()));
        if self.settings.execution_alias {
            #[expect(deprecated, reason = "its name is what is asked for")]
            attributes.push(semconv::faas::execution(lambda.request_id.clone()));
        }
        let tenant = lambda.tenant_id.clone();
        attributes.extend(tenant.map(semconv::lamplight::tenant::id));
        let start = self.startup.invoked();
        attributes.push(semconv::faas::coldstart(start.is_cold));
        let init = start.init.map(|init| init.as_secs_f64() * 1e3);
        attributes.extend(init.map(semconv::lamplight::init::duration_ms));
        self.functions.add(attributes, lambda);
    }

    /// Starts and ends spans for the services in which an event waited, from `parent` to the function.
    /// Returns the context of the last one.
    pub(crate) fn infer(&self, spans: Vec<InferredSpan>, parent: Context) -> Context {
        match spans.is_empty() {
            true => parent,
            false => inferred::infer(&self.tracer, spans, parent, clock::now()),
        }
    }

    /// Adds the allow-listed baggage of `cx`.
    pub(crate) fn add_baggage(&self, attributes: &mut Vec<KeyValue>, cx: &Context) {
        for key in &self.settings.baggage_attributes {
            if let Some(value) = cx.baggage().get(key.as_str()) {
                attributes.push(KeyValue::new(key.clone(), value.clone()));
            }
        }
    }

    /// Records that the environment was restored from a snapshot.
    pub(crate) fn on_restore(&self) {
        self.startup.restored();
    }
}
