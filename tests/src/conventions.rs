//! What arrives is held to the registry.

use lamplight_codegen::{Checker, Registry, Report};
use std::sync::LazyLock;

/// Goes by the registry of what the function under test records itself, and by the project's, on
/// which that one depends.
static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/semconv");
    Checker::new(Registry::load(folder).unwrap()).with_dependencies()
});

/// Panics if spans in these OTLP requests, protobuf or JSON, are not what the registry says.
pub fn hold<'a>(requests: impl IntoIterator<Item = &'a [u8]>) {
    let mut report = Report::default();
    for request in requests {
        report.merge(CHECKER.check_otlp(request).unwrap());
    }
    assert!(report.is_clean(), "{report}");
}
