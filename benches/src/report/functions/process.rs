//! A function's process.

use std::{
    fs::File,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{Built, Sink, Spans, Subject, collector::Agent, runtime_api::RuntimeApi};
use crate::process::cpu_of_children;

const OTLP_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// A running function, and the Lambda around it. Its process ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Function {
    child: Child,
    /// The process beside it.
    collector: Option<Agent>,
    pub(crate) api: RuntimeApi,
    pub(crate) started: Instant,
}

impl Function {
    /// Starts it, with Lambda's own variables, the sink's address and the given ones.
    pub(crate) fn start(
        subject: &Subject,
        built: &Built,
        sink: &Sink,
        variables: &[(&str, &str)],
    ) -> Self {
        let api = RuntimeApi::start();
        // Lambda starts extensions before the function.
        let collector = built.collector.as_ref();
        let collector = collector.map(|program| Agent::start(program, Some(&sink.url())).unwrap());
        let address = api.address().to_string();
        let own = [
            ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "orders"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/orders"),
            (
                "AWS_LAMBDA_LOG_STREAM_NAME",
                "2026/11/21/[7]0123456789abcdef",
            ),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_rust"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_SESSION_TOKEN", "test"),
            ("_HANDLER", "bootstrap"),
            ("LAMBDA_TASK_ROOT", "/var/task"),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ];
        let mut command = Command::new(&built.program);
        // Its log, to explain unexpected figures.
        let log = File::options()
            .create(true)
            .append(true)
            .open(built.program.with_extension("log"))
            .unwrap();
        command
            .env_clear()
            .envs(own)
            .envs(destination(subject.spans, sink))
            .envs(collector.as_ref().map(|agent| (OTLP_ENDPOINT, agent.url())))
            .envs(subject.variables.iter().copied())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        // An empty value means that the variable is unset.
        for (name, _) in variables.iter().filter(|(_, value)| value.is_empty()) {
            command.env_remove(name);
        }
        let started = Instant::now();
        let child = command.spawn().unwrap();
        Self {
            child,
            collector,
            api,
            started,
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        for id in self.ids() {
            // It may have ended by itself.
            let _ = kill(Pid::from_raw(i32::try_from(id).unwrap()), signal);
        }
    }

    /// Returns the ids of its processes.
    fn ids(&self) -> impl Iterator<Item = u32> {
        let beside = self.collector.as_ref().map(Agent::id);
        std::iter::once(self.child.id()).chain(beside)
    }

    /// Returns the processor time used so far, without that of ended threads.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        let mut nanoseconds = 0;
        for id in self.ids() {
            for thread in std::fs::read_dir(format!("/proc/{id}/task")).ok()? {
                // A thread that ends meanwhile removes its file.
                let Ok(used) = std::fs::read_to_string(thread.ok()?.path().join("schedstat"))
                else {
                    continue;
                };
                nanoseconds += used.split(' ').next()?.parse::<u64>().ok()?;
            }
        }
        Some(Duration::from_nanos(nanoseconds))
    }

    /// Returns its peak memory.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1024)
    }

    /// Returns whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        let collector = self.collector.as_mut().is_none_or(Agent::has_ended);
        collector && matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Sends SIGTERM, as Lambda does to functions with an extension, and waits.
    pub(crate) fn terminate(mut self, patience: Duration) {
        self.signal(Signal::SIGTERM);
        let end = Instant::now() + patience;
        while !self.has_ended() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends it, and returns its processor time. Correct only while no other process ends.
    pub(crate) fn end(mut self) -> Duration {
        let before = cpu_of_children();
        self.kill();
        cpu_of_children().saturating_sub(before)
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.kill();
    }
}

fn destination(spans: Spans, sink: &Sink) -> Vec<(String, String)> {
    let mut variables = match spans {
        Spans::Nowhere | Spans::Collector => vec![],
        Spans::Otlp => vec![(OTLP_ENDPOINT, sink.url())],
        Spans::Kinesis => vec![
            ("LAMPLIGHT_KINESIS_STREAM", "spans".to_owned()),
            ("AWS_ENDPOINT_URL_KINESIS", sink.url()),
        ],
    };
    if let Some(authority) = sink.authority() {
        variables.push(("SSL_CERT_FILE", authority.display().to_string()));
    }
    let owned = |(name, value): (&str, String)| (name.to_owned(), value);
    variables.into_iter().map(owned).collect()
}
