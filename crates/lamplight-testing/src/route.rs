//! OpenTelemetry's global provider, which hands each span to the environment it belongs to.
//!
//! A process has one global provider, and a test program many environments at a time. A span belongs to
//! the environment whose route its parent context has; a span outside any context of a handler to the
//! environment that was invoked last on the thread at hand, which in a program of tests is the thread of
//! one test.

use std::{borrow::Cow, cell::RefCell, sync::Once};

use lamplight::propagation::Propagators;
use opentelemetry::{
    Context, InstrumentationScope, global,
    trace::{SpanBuilder, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, Span};

thread_local! {
    static LAST: RefCell<Option<Route>> = const { RefCell::new(None) };
}

/// The way of spans to one environment.
#[derive(Debug, Clone)]
pub(crate) struct Route(SdkTracerProvider);

impl Route {
    /// Returns the way to an environment with this provider, and makes the global provider look for it.
    pub(crate) fn to(provider: &SdkTracerProvider) -> Self {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            global::set_tracer_provider(RoutedProvider::default());
            global::set_text_map_propagator(Propagators::default());
        });
        Self(provider.clone())
    }

    /// Makes this the way of spans that are started outside any context, on this thread.
    pub(crate) fn use_on_this_thread(&self) {
        let replaced = LAST.replace(Some(self.clone()));
        drop(replaced);
    }

    /// Returns the current context, with this in it.
    pub(crate) fn context(&self) -> Context {
        Context::current_with_value(self.clone())
    }

    fn of(cx: &Context) -> Option<Self> {
        let in_context = cx.get::<Self>().cloned();
        in_context.or_else(|| LAST.try_with(|last| last.borrow().clone()).ok()?)
    }
}

/// The global provider.
#[derive(Debug, Clone)]
struct RoutedProvider {
    /// Makes the spans that belong to no environment.
    nowhere: SdkTracerProvider,
}

impl Default for RoutedProvider {
    fn default() -> Self {
        let provider = SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff);
        Self {
            nowhere: provider.build(),
        }
    }
}

impl TracerProvider for RoutedProvider {
    type Tracer = RoutedTracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> RoutedTracer {
        RoutedTracer {
            nowhere: self.nowhere.clone(),
            scope,
        }
    }
}

#[derive(Debug, Clone)]
struct RoutedTracer {
    nowhere: SdkTracerProvider,
    scope: InstrumentationScope,
}

impl Tracer for RoutedTracer {
    type Span = Span;

    fn start<T: Into<Cow<'static, str>>>(&self, name: T) -> Span {
        self.build_with_context(self.span_builder(name), &Context::current())
    }

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> Span {
        let route = Route::of(parent);
        let provider = route.as_ref().map_or(&self.nowhere, |Route(it)| it);
        let tracer = provider.tracer_with_scope(self.scope.clone());
        tracer.build_with_context(builder, parent)
    }
}
