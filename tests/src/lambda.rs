//! A simulated Lambda with one function.

use std::{
    collections::BTreeMap,
    fmt,
    process::ExitStatus,
    time::{Duration, Instant, SystemTime},
};

use lambda_simulator::{FreezeMode, InvocationBuilder, Simulator};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::{
    PATIENCE, expect,
    process::{Log, Process},
    tap::{ExtensionsApi, Tap},
};

/// The function's name in all tests.
pub const FUNCTION_NAME: &str = "orders";

/// The ARN by which the function is invoked, unless a test sets another.
pub const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:orders";

/// An execution environment: the function's process, and the Lambda around it. Both end when this is dropped.
pub struct Lambda {
    simulator: Simulator,
    tap: Tap,
    process: Process,
    invocations: usize,
}

/// A builder for a [`Lambda`].
#[derive(Debug)]
#[must_use]
pub struct LambdaBuilder {
    program: String,
    variables: BTreeMap<String, String>,
    freeze: FreezeMode,
    extensions: ExtensionsApi,
}

/// An invocation to be made.
#[derive(Debug, Clone)]
#[must_use]
pub struct Invoke {
    payload: Value,
    arn: String,
    client_context: Option<String>,
    timeout: Duration,
    deadline: Option<SystemTime>,
}

/// The function's response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// True if it was posted as an error.
    pub is_error: bool,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// The time from the event to the response, by Lambda's clock.
    pub took: Duration,
    /// The invocation's id.
    pub request_id: String,
}

impl Lambda {
    /// Returns a builder for a Lambda that runs `program`.
    pub fn builder(program: &str) -> LambdaBuilder {
        LambdaBuilder {
            program: program.to_owned(),
            variables: BTreeMap::new(),
            freeze: FreezeMode::None,
            extensions: ExtensionsApi::default(),
        }
    }

    /// Invokes the function as soon as it requests an event, and waits for its response.
    pub async fn invoke(&mut self, invoke: impl Into<Invoke>) -> Answer {
        self.idle().await;
        self.invoke_now(invoke).await
    }

    /// Invokes the function, whatever it is doing, and waits for its response.
    pub async fn invoke_now(&mut self, invoke: impl Into<Invoke>) -> Answer {
        let request_id = self.begin(invoke).await;
        let done = self
            .simulator
            .wait_for_invocation_complete(&request_id, PATIENCE);
        let state = done.await.unwrap();
        let received_at = match (&state.response, &state.error) {
            (Some(response), _) => response.received_at,
            (_, Some(error)) => error.received_at,
            _ => panic!("neither a response nor an error: {state:?}"),
        };
        let answer = self.tap.answer(&request_id).await;
        Answer {
            is_error: answer.path.ends_with("/error"),
            body: answer.body,
            took: (received_at - state.invocation.created_at)
                .to_std()
                .unwrap(),
            request_id,
        }
    }

    /// Invokes the function without waiting; returns the id of the invocation.
    pub async fn begin(&mut self, invoke: impl Into<Invoke>) -> String {
        let Invoke {
            payload,
            arn,
            client_context,
            timeout,
            deadline,
        } = invoke.into();
        let millis = timeout.as_millis().try_into().unwrap();
        let mut builder = InvocationBuilder::new().payload(payload).function_arn(arn);
        if let Some(context) = client_context {
            builder = builder.client_context(context);
        }
        let mut invocation = builder.timeout_ms(millis).build().unwrap();
        if let Some(deadline) = deadline {
            invocation.deadline = deadline.into();
        }
        self.invocations += 1;
        self.simulator.enqueue(invocation).await
    }

    /// Waits until the function has completed all invocations, including its flush, and requests the next
    /// event. Returns the time of that request.
    pub async fn idle(&self) -> Instant {
        self.tap.asked(self.invocations + 1).await
    }

    /// Waits until the function, created by a builder [with SnapStart](LambdaBuilder::with_snapstart), is
    /// ready for its snapshot.
    pub async fn ready_for_snapshot(&self) {
        self.tap.ready_for_snapshot().await;
    }

    /// Makes the function continue like one restored from its snapshot.
    pub fn restore(&self) {
        self.tap.restore();
    }

    /// Waits until Lambda has frozen the process.
    pub async fn frozen(&self) {
        self.simulator.wait_for_frozen(PATIENCE).await.unwrap();
    }

    /// Freezes the process immediately.
    pub fn freeze(&self) {
        self.process.signal(Signal::SIGSTOP);
    }

    /// Lets the process continue.
    pub fn thaw(&self) {
        self.process.signal(Signal::SIGCONT);
    }

    /// Waits until the function's log has a line for which `wanted` holds.
    pub async fn logged(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let mut log = self.process.log();
        let has = |log: &Log| log.lines().any(&wanted);
        let log = expect(what, log.wait_for(|log| has(log))).await.unwrap();
        log.lines().find(|line| wanted(line)).unwrap().to_owned()
    }

    /// Returns the memory of the function's process in bytes, as measured by the system; `None` if it is not
    /// available.
    pub fn memory(&self) -> Option<u64> {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1_024)
    }

    /// Returns the names of the registered extensions.
    pub async fn extensions(&self) -> Vec<String> {
        let extensions = self.simulator.get_registered_extensions().await;
        extensions.into_iter().map(|known| known.name).collect()
    }

    /// Sends SIGTERM to the process, resumed if it was frozen, and waits until it has ended. Returns its exit
    /// status, the time it took, and its log. Lambda would not wait longer than half a second.
    pub async fn terminate(self) -> (ExitStatus, Duration, Log) {
        let told = Instant::now();
        self.process.signal(Signal::SIGTERM);
        self.thaw();
        let (status, log) = self.process.exit().await;
        (status, told.elapsed(), log)
    }

    /// Ends the process, and returns its log.
    pub fn end(self) -> Log {
        self.process.end()
    }
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lambda")
            .field("process", &self.process)
            .finish_non_exhaustive()
    }
}

impl LambdaBuilder {
    /// Sets a variable of the function's environment, which overrides Lambda's.
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Sets variables of the function's environment, which override Lambda's.
    pub fn with_variables<K: Into<String>, V: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = variables.into_iter().map(|(k, v)| (k.into(), v.into()));
        self.variables.extend(variables);
        self
    }

    /// Makes Lambda freeze the process as soon as a response is posted. This is stricter than AWS, which
    /// waits until the function requests the next event.
    pub fn with_freezing(mut self) -> Self {
        self.freeze = FreezeMode::Process;
        self
    }

    /// Makes the function start with SnapStart.
    pub fn with_snapstart(self) -> Self {
        self.with_variable("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")
    }

    /// Removes a part of the Extensions API.
    pub fn with_extensions_api(mut self, extensions: ExtensionsApi) -> Self {
        self.extensions = extensions;
        self
    }

    /// Starts the function.
    pub async fn start(self) -> Lambda {
        let simulator = Simulator::builder()
            .function_name(FUNCTION_NAME)
            .function_version("7")
            .memory_size_mb(256)
            .freeze_mode(self.freeze)
            .build()
            .await
            .unwrap();
        let tap = Tap::to(simulator.addr(), self.extensions).await;
        let mut variables: BTreeMap<String, String> =
            simulator.lambda_env_vars().into_iter().collect();
        let own = [
            ("AWS_LAMBDA_RUNTIME_API", tap.address.to_string()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_SESSION_TOKEN", "test".to_owned()),
        ];
        variables.extend(own.map(|(k, v)| (k.to_owned(), v)));
        variables.extend(self.variables);
        let process = Process::spawn(&self.program, &variables);
        simulator.register_freeze_pid(process.id());
        Lambda {
            simulator,
            tap,
            process,
            invocations: 0,
        }
    }
}

impl Invoke {
    /// Returns an invocation with this event and a timeout of half a minute.
    pub fn new(payload: Value) -> Self {
        Self {
            payload,
            arn: FUNCTION_ARN.to_owned(),
            client_context: None,
            timeout: PATIENCE,
            deadline: None,
        }
    }

    /// Sets the ARN by which the function is called.
    pub fn with_arn(mut self, arn: &str) -> Self {
        arn.clone_into(&mut self.arn);
        self
    }

    /// Sets the caller's client context, as JSON.
    pub fn with_client_context(mut self, context: &Value) -> Self {
        self.client_context = Some(context.to_string());
        self
    }

    /// Removes the client context.
    pub fn without_client_context(mut self) -> Self {
        self.client_context = None;
        self
    }

    /// Sets the timeout of the function.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the deadline that the function receives.
    pub fn with_deadline(mut self, deadline: SystemTime) -> Self {
        self.deadline = Some(deadline);
        self
    }
}

impl From<Value> for Invoke {
    fn from(payload: Value) -> Self {
        Self::new(payload)
    }
}

impl Answer {
    /// Returns the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
