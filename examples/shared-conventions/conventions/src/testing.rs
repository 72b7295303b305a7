//! What a service's tests need to prove that it follows the conventions.

use lamplight_codegen::{Checker, CheckingExporter, Error, Registry};
use opentelemetry::global;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

/// Makes this program's spans go to an exporter that keeps them and compares them with the
/// conventions, and returns it and what it hands the spans on to.
///
/// The provider is the program's only one: call it in one test, or in one place for all tests.
///
/// # Errors
///
/// Those of [`Registry::load`].
pub fn checked_spans()
-> Result<(CheckingExporter<InMemorySpanExporter>, InMemorySpanExporter), Error> {
    let registry = Registry::load(concat!(env!("CARGO_MANIFEST_DIR"), "/semconv"))?;
    let kept = InMemorySpanExporter::default();
    let exporter = CheckingExporter::new(Checker::new(registry), kept.clone());
    let provider = SdkTracerProvider::builder()
        // The service's own name and the like are no matter of these conventions.
        .with_resource(opentelemetry_sdk::Resource::builder_empty().build())
        .with_span_processor(exporter.at_start())
        .with_simple_exporter(exporter.clone())
        .build();
    global::set_tracer_provider(provider);
    Ok((exporter, kept))
}
