//! PutRecords calls.

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, SystemTime},
};

use aws_sdk_kinesis::{
    Client,
    config::{Builder, ConfigBag, Intercept, RuntimeComponents, timeout::TimeoutConfig},
    error::{BoxError, SdkError},
    operation::put_records::PutRecordsOutput,
    types::PutRecordsRequestEntry,
};
use aws_smithy_runtime_api::client::{
    connection::CaptureSmithyConnection,
    interceptors::{context::BeforeTransmitInterceptorContextRef, dyn_dispatch_hint},
};
use lamplight_export::within;
use lamplight_internal::sync::lock;

use crate::{failure::Failure, stream::Stream, timeouts::AdaptiveTimeouts};

/// The time after which an idle connection is not used again. Devices on the network path drop idle
/// connections silently, and the next request would wait for an answer in vain. Measured by the wall clock,
/// which also advances while the environment is frozen.
const MAX_IDLE: Duration = Duration::from_secs(60);

/// A client of one stream, with adaptive timeouts.
#[derive(Debug, Clone)]
pub(crate) struct StreamClient {
    client: Client,
    pub(crate) stream: Stream,
    timeouts: Arc<AdaptiveTimeouts>,
    /// True if the connection timeouts are set here.
    sets_timeouts: bool,
    max_idle: Duration,
    /// The connection and the time of the latest answer.
    latest: Arc<Mutex<Option<(SystemTime, Connection)>>>,
}

/// Returns the timeouts of a client created here: only the connection timeout. The others are
/// [`AdaptiveTimeouts`], whose clock stops while no flush waits.
pub(crate) fn timeout_config(connect: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(connect)
        .disable_read_timeout()
        .disable_operation_attempt_timeout()
        .disable_operation_timeout()
        .build()
}

impl StreamClient {
    pub(crate) fn new(
        client: Client,
        stream: Stream,
        timeouts: AdaptiveTimeouts,
        sets_timeouts: bool,
    ) -> Self {
        Self {
            client,
            stream,
            timeouts: Arc::new(timeouts),
            sets_timeouts,
            max_idle: MAX_IDLE,
            latest: Arc::default(),
        }
    }

    /// Puts records, and returns the answer and the time spent waiting for it.
    pub(crate) async fn put(
        &self,
        entries: Vec<PutRecordsRequestEntry>,
    ) -> (Result<PutRecordsOutput, Failure>, Duration) {
        self.close_idle();
        let connection = Connection::default();
        let mut call = self
            .client
            .put_records()
            .set_stream_name(self.stream.name())
            .set_stream_arn(self.stream.arn())
            .set_records(Some(entries))
            .customize()
            .interceptor(connection.clone());
        if let Some(connect) = self.grown_connect() {
            call = call.config_override(Builder::new().timeout_config(timeout_config(connect)));
        }
        let (answer, waited) = within(self.timeouts.answer(), call.send()).await;
        let result = match answer {
            Some(Ok(output)) => {
                self.record_answer(waited, connection);
                Ok(output)
            }
            Some(Err(error)) => {
                match &error {
                    SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                        self.timeouts.record_connect_timeout();
                    }
                    SdkError::ServiceError(_) => self.record_answer(waited, connection),
                    _ => {}
                }
                Err(Failure::of_call(&error, &self.stream))
            }
            None => {
                self.timeouts.record_timeout(waited);
                connection.close();
                Err(Failure::unanswered(&self.stream, waited))
            }
        };
        (result, waited)
    }

    fn record_answer(&self, waited: Duration, connection: Connection) {
        self.timeouts.record_answer(waited);
        let mut latest = lock(&self.latest);
        *latest = Some((SystemTime::now(), connection));
    }

    fn close_idle(&self) {
        let mut latest = lock(&self.latest);
        let (idle, now) = (self.max_idle, SystemTime::now());
        let old = latest.take_if(|(since, _)| now.duration_since(*since).is_ok_and(|i| i > idle));
        drop(latest);
        if let Some((_, connection)) = old {
            connection.close();
        }
    }

    /// Returns the initial timeout for an answer.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeouts.first_answer()
    }

    fn grown_connect(&self) -> Option<Duration> {
        let connect = self.timeouts.grown_connect();
        connect.filter(|_| self.sets_timeouts)
    }
}

/// The connection of a call, to be closed if no answer came: a dropped call leaves its connection in the
/// pool, even if it is dead.
#[derive(Debug, Clone, Default)]
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
pub(crate) mod tests;
