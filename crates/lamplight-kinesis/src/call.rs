//! One PutRecords call.

use crate::failure::Failure;
use crate::patience::Patience;
use crate::target::Target;
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::config::timeout::TimeoutConfig;
use aws_sdk_kinesis::config::{Builder, ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_kinesis::error::{BoxError, SdkError};
use aws_sdk_kinesis::operation::put_records::PutRecordsOutput;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use lamplight_export::within;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

/// For how long an idle connection is trusted. Whoever is on the way forgets it some time, without a
/// word, and the next request would wait for an answer in vain. Of the wall clock, since that goes on
/// during a freeze.
const IDLE: Duration = Duration::from_secs(60);

/// Calls a stream, each call within the patience there is.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    client: Client,
    pub(crate) target: Target,
    patience: Arc<Patience>,
    /// Whether the waits for connections are ours to set.
    sets_timeouts: bool,
    idle: Duration,
    /// The connection of the latest answer, and when that came.
    latest: Arc<Mutex<Option<(SystemTime, Connection)>>>,
}

/// What an own client is told about time: to connect soon. The rest is [`Patience`]'s, whose clock
/// does not run while nobody waits.
pub(crate) fn timeouts(connect: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(connect)
        .disable_read_timeout()
        .disable_operation_attempt_timeout()
        .disable_operation_timeout()
        .build()
}

impl Caller {
    pub(crate) fn new(
        client: Client,
        target: Target,
        patience: Patience,
        sets_timeouts: bool,
    ) -> Self {
        Self {
            client,
            target,
            patience: Arc::new(patience),
            sets_timeouts,
            idle: IDLE,
            latest: Arc::default(),
        }
    }

    /// Returns the answer, and how long it was waited for.
    pub(crate) async fn put(
        &self,
        entries: Vec<PutRecordsRequestEntry>,
    ) -> (Result<PutRecordsOutput, Failure>, Duration) {
        self.close_idle();
        let connection = Connection::default();
        let mut call = self
            .client
            .put_records()
            .set_stream_name(self.target.name())
            .set_stream_arn(self.target.arn())
            .set_records(Some(entries))
            .customize()
            .interceptor(connection.clone());
        if let Some(connect) = self.grown_connect() {
            call = call.config_override(Builder::new().timeout_config(timeouts(connect)));
        }
        let (answer, waited) = within(self.patience.answer(), call.send()).await;
        let result = match answer {
            Some(Ok(output)) => {
                self.answered(waited, connection);
                Ok(output)
            }
            Some(Err(error)) => {
                match &error {
                    SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                        self.patience.not_connected();
                    }
                    SdkError::ServiceError(_) => self.answered(waited, connection),
                    _ => {}
                }
                Err(Failure::of_call(&error, &self.target))
            }
            None => {
                self.patience.unanswered(waited);
                connection.close();
                Err(Failure::unanswered(&self.target, waited))
            }
        };
        (result, waited)
    }

    fn answered(&self, waited: Duration, connection: Connection) {
        self.patience.answered(waited);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = Some((SystemTime::now(), connection));
    }

    fn close_idle(&self) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let (idle, now) = (self.idle, SystemTime::now());
        let old = latest.take_if(|(since, _)| now.duration_since(*since).is_ok_and(|i| i > idle));
        drop(latest);
        if let Some((_, connection)) = old {
            connection.close();
        }
    }

    /// Returns the first wait for an answer.
    pub(crate) fn timeout(&self) -> Duration {
        self.patience.timeout()
    }

    fn grown_connect(&self) -> Option<Duration> {
        let connect = self.patience.grown_connect();
        connect.filter(|_| self.sets_timeouts)
    }
}

/// The connection of a call, to close where nothing came of it: what is dropped under way would leave
/// it in the pool, where it may be one that nobody listens to any more.
#[derive(Clone, Debug, Default)]
struct Connection(Arc<OnceLock<CaptureSmithyConnection>>);

impl Connection {
    fn close(&self) {
        if let Some(connection) = self.0.get().and_then(CaptureSmithyConnection::get) {
            connection.poison();
        }
    }
}

#[dyn_dispatch_hint]
impl Intercept for Connection {
    fn name(&self) -> &'static str {
        "LamplightKinesisConnection"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(connection) = cfg.load::<CaptureSmithyConnection>() {
            let _ = self.0.set(connection.clone());
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
