//! Comparison of received spans with the registry.

use std::sync::LazyLock;

use lamplight_codegen::{Checker, Registry, Report};

/// Accepts the declarations of the registry of the function under test, and of the project's registry, on
/// which that one depends.
static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/semconv");
    Checker::new(Registry::load(folder).unwrap()).with_dependencies()
});

/// Panics if spans in these OTLP requests, protobuf or JSON, do not conform to the registry.
pub fn assert_conforms<'a>(requests: impl IntoIterator<Item = &'a [u8]>) {
    let mut report = Report::default();
    for request in requests {
        report.merge(CHECKER.check_otlp(request).unwrap());
    }
    assert!(report.is_clean(), "{report}");
}
