//! Declaration of statements.

use std::path::Path;

/// Lamplight's conformance to a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verdict {
    /// Lamplight conforms.
    Held,
    /// Lamplight deviates on purpose.
    Deviates {
        /// Its behavior.
        does: &'static str,
        because: &'static str,
        /// The setting for the literal behavior, or `none`.
        setting: &'static str,
    },
}

/// One statement of a published specification.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statement {
    /// Document and section.
    pub(crate) section: &'static str,
    /// The statement, in Lamplight's own words.
    pub(crate) says: &'static str,
    pub(crate) verdict: Verdict,
    /// Name of the test.
    pub(crate) test: &'static str,
    /// File of the test, if it is not here.
    pub(crate) file: Option<&'static str>,
}

/// Declares statements, each with its test, as `STATEMENTS` of the module. A body may await.
///
/// ```ignore
/// statements! {
///     "faas/aws-lambda.md, SQS message" {
///         held trigger("MUST have `faas.trigger` `pubsub`") {
///             assert_eq!(...);
///         }
///         deviates parent("SHOULD ..."; does "what"; because "why"; setting "`LAMPLIGHT_X=y`") {
///             // Tests what it does.
///         }
///         // Where another test of the workspace proves it: that one has to be there.
///         elsewhere refused("MUST NOT ..."; "crates/lamplight/src/otlp/tests/codes.rs") {}
///     }
/// }
/// ```
macro_rules! statements {
    ($($section:literal { $(
        $verdict:ident $test:ident (
            $says:literal $(; does $does:literal; because $because:literal; setting $setting:literal)?
            $(; $file:literal)?
        ) $body:block
    )* })*) => {
        /// The statements tested here.
        pub(crate) const STATEMENTS: &[$crate::conformance::statement::Statement] = &[$($(
            $crate::conformance::statement::Statement {
                section: $section,
                says: $says,
                verdict: $crate::conformance::statement::verdict!($verdict $($does, $because, $setting)?),
                test: stringify!($test),
                file: $crate::conformance::statement::file!($($file)?),
            },
        )*)*];
        $($(
            #[test]
            fn $test() {
                $crate::conformance::statement::run!($test $body $($file)?);
            }
        )*)*
    };
}

macro_rules! verdict {
    (deviates $does:literal, $because:literal, $setting:literal) => {
        $crate::conformance::statement::Verdict::Deviates {
            does: $does,
            because: $because,
            setting: $setting,
        }
    };
    (held) => {
        $crate::conformance::statement::Verdict::Held
    };
    (elsewhere) => {
        $crate::conformance::statement::Verdict::Held
    };
}

macro_rules! file {
    () => {
        None
    };
    ($file:literal) => {
        Some($file)
    };
}

macro_rules! run {
    ($test:ident $body:block $file:literal) => {
        $crate::conformance::statement::is_there($file, stringify!($test))
    };
    ($test:ident $body:block) => {
        $crate::conformance::statement::wait_for(async { $body })
    };
}

pub(crate) use {file, run, statements, verdict};

/// Runs one test, with timers that elapse immediately.
pub(crate) fn wait_for(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(test);
}

/// Panics unless the file contains a test of this name.
#[track_caller]
pub(crate) fn is_there(file: &str, test: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut lines = text.lines().map(str::trim);
    let is_test = |line: &str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    while lines.any(is_test) {
        let mut is_ignored = false;
        let declared = lines.find(|line| {
            is_ignored |= line.starts_with("#[ignore");
            !line.starts_with("#[")
        });
        let declared = declared.and_then(|line| line.split_once("fn ")?.1.split_once('('));
        if declared.is_some_and(|(name, _)| name == test) {
            assert!(!is_ignored, "{test} in {file} is not run");
            return;
        }
    }
    panic!("no test {test} in {file}");
}
