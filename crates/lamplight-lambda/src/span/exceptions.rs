//! Exceptions as log records.

use std::{fmt, str::FromStr, sync::Arc};

use lamplight_internal::diagnostics::warn_once;
use lamplight_semconv as semconv;
use opentelemetry::{
    InstrumentationScope, KeyValue,
    logs::{LogRecord, Logger, LoggerProvider, Severity},
    trace::SpanContext,
};

use crate::{clock, panics};

/// The signal with which exceptions are recorded.
///
/// The conventions now prefer log records to span events. Parsed from `logs` or `logs/dup`, in any case, as
/// in `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`. Specification:
/// <https://opentelemetry.io/docs/specs/semconv/exceptions/>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ExceptionSignal {
    /// As span events.
    #[default]
    Events,
    /// As log records.
    Logs,
    /// As both, while dashboards migrate from one to the other.
    LogsAndEvents,
}

impl FromStr for ExceptionSignal {
    type Err = UnknownExceptionSignal;

    fn from_str(text: &str) -> Result<Self, UnknownExceptionSignal> {
        match text.trim() {
            it if it.eq_ignore_ascii_case("logs") => Ok(Self::Logs),
            it if it.eq_ignore_ascii_case("logs/dup") => Ok(Self::LogsAndEvents),
            _ => Err(UnknownExceptionSignal::new()),
        }
    }
}

lamplight_internal::unknown_name_error! {
    /// Error returned when parsing an unknown exception signal name.
    UnknownExceptionSignal, "exception signal", ["logs", "logs/dup"]
}

/// A writer of exceptions to a logger, for
/// [`InstrumentationBuilder::with_exception_logger`](crate::InstrumentationBuilder::with_exception_logger). A
/// clone writes to the same logger.
///
/// OpenTelemetry for Rust has no global logger provider, so one must be passed. Lamplight does not export its
/// records: it should export immediately, or be flushed before the handler returns.
///
/// The error that ends an invocation is the event `faas.invocation.exception`, and the error that ends a
/// record `messaging.process.exception`, both with severity `ERROR`. A handled error
/// ([`SpanHandle::record_error`](crate::SpanHandle::record_error)) is a record without a name, with severity
/// `WARN`. All have the ids of the span. Errors logged with `tracing` remain events of their spans: to get
/// them as log records, use a layer for that.
#[derive(Clone)]
pub struct ExceptionLogger(Arc<dyn Emit>);

impl ExceptionLogger {
    /// Returns a writer to a logger of `provider`, with Lamplight's scope.
    pub fn new<P>(provider: &P) -> Self
    where
        P: LoggerProvider,
        P::Logger: Send + Sync + 'static,
    {
        let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
            .with_version(env!("CARGO_PKG_VERSION"))
            .with_schema_url(semconv::SCHEMA_URL)
            .build();
        Self(Arc::new(provider.logger_with_scope(scope)))
    }
}

impl fmt::Debug for ExceptionLogger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExceptionLogger").finish_non_exhaustive()
    }
}

/// A logger of any provider.
trait Emit: Send + Sync {
    fn emit(&self, event: Option<&'static str>, span: &SpanContext, attributes: &[KeyValue]);
}

impl<L: Logger + Send + Sync> Emit for L {
    fn emit(&self, event: Option<&'static str>, span: &SpanContext, attributes: &[KeyValue]) {
        let severity = match event {
            Some(_) => Severity::Error,
            None => Severity::Warn,
        };
        if !self.event_enabled(severity, env!("CARGO_PKG_NAME"), event) {
            return;
        }
        let mut record = self.create_log_record();
        if let Some(event) = event {
            record.set_event_name(event);
        }
        record.set_timestamp(clock::now());
        record.set_severity_number(severity);
        record.set_severity_text(severity.name());
        if span.is_valid() {
            let flags = Some(span.trace_flags());
            record.set_trace_context(span.trace_id(), span.span_id(), flags);
        }
        for attribute in attributes {
            let text = attribute.value.as_str().into_owned();
            record.add_attribute(attribute.key.clone(), text);
        }
        Logger::emit(self, record);
    }
}

/// The logger and the signal of exceptions.
#[derive(Debug, Clone)]
pub(crate) struct Exceptions {
    pub(crate) logger: ExceptionLogger,
    pub(crate) signal: ExceptionSignal,
}

/// The exception log of one span.
#[derive(Debug)]
pub(crate) struct SpanExceptions {
    exceptions: Exceptions,
    /// The event name of the exception that ends the span.
    event: &'static str,
}

impl Exceptions {
    /// Returns the exception log of an invocation.
    pub(crate) fn of_invocation(&self) -> SpanExceptions {
        self.of(semconv::events::faas::invocation::exception::NAME)
    }

    /// Returns the exception log of a record.
    #[cfg(feature = "_records")]
    pub(crate) fn of_record(&self) -> SpanExceptions {
        self.of(semconv::events::messaging::process::exception::NAME)
    }

    fn of(&self, event: &'static str) -> SpanExceptions {
        let exceptions = self.clone();
        SpanExceptions { exceptions, event }
    }
}

impl SpanExceptions {
    /// Writes a log record, if exceptions are recorded as such. Returns whether they are also recorded as
    /// span events.
    pub(super) fn emit(&self, span: &SpanContext, handled: bool, attributes: &[KeyValue]) -> bool {
        let Exceptions { logger, signal } = &self.exceptions;
        if *signal != ExceptionSignal::Events {
            let event = (!handled).then_some(self.event);
            // This calls the user's processors and exporters.
            if panics::catch(|| logger.0.emit(event, span, attributes)).is_err() {
                warn_once("exception-logger-panicked", || {
                    "the logger for exceptions panicked; a log record may be lost, the function is \
                     not affected"
                        .to_owned()
                });
            }
        }
        *signal != ExceptionSignal::Logs
    }
}
