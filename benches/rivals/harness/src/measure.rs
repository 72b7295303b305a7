//! The measurement of one process.

use crate::{allocations, cpu, events, spans};
use lambda_runtime::tower::Service;
use lambda_runtime::{Error, LambdaInvocation};
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

/// An event of the function, and the requirements for its telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// API Gateway v2, with the attributes that are recorded by default.
    ApiGateway,
    /// The same; the handler adds the missing ones of eighteen attributes.
    ApiGateway18,
    /// Ten SQS messages, one span.
    Sqs,
    /// Ten SQS messages, and a span for each that continues the message's trace.
    SqsRecords,
    /// A direct invoke with a JSON payload.
    Direct,
}

impl Scenario {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "api-gateway" => Self::ApiGateway,
            "api-gateway-18" => Self::ApiGateway18,
            "sqs" => Self::Sqs,
            "sqs-records" => Self::SqsRecords,
            "direct" => Self::Direct,
            _ => return None,
        })
    }

    fn body(self) -> &'static str {
        match self {
            Self::ApiGateway | Self::ApiGateway18 => events::API_GATEWAY,
            Self::Sqs | Self::SqsRecords => events::SQS,
            Self::Direct => events::DIRECT,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    /// Allocations and bytes per invocation.
    Count,
    /// Nanoseconds per invocation, of the wall clock and of processor time.
    Time,
    /// Invocations only, for callgrind.
    Invoke(u64),
    /// The spans of one invocation.
    Spans,
}

/// The measurement of this process, from its arguments: `overhead SCENARIO count|time|spans` or `overhead
/// SCENARIO invoke TIMES`. The result is one line of JSON on standard output.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// The scenario.
    pub scenario: Scenario,
    mode: Mode,
    awaits_export: bool,
}

const WARM_UP: u64 = 64;

impl Run {
    /// Parses the arguments of the process. Ends the process with a message on standard error if they are
    /// invalid.
    pub fn from_args() -> Self {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let run = match args.as_slice() {
            [scenario, mode @ ..] => Scenario::named(scenario).zip(match mode {
                ["count"] => Some(Mode::Count),
                ["time"] => Some(Mode::Time),
                ["spans"] => Some(Mode::Spans),
                ["invoke", times] => times.parse().ok().map(Mode::Invoke),
                _ => None,
            }),
            [] => None,
        };
        let Some((scenario, mode)) = run else {
            eprintln!(
                "usage: overhead api-gateway|api-gateway-18|sqs|sqs-records|direct \
                 count|time|spans|invoke TIMES"
            );
            std::process::exit(2);
        };
        if matches!(mode, Mode::Spans) {
            spans::want();
        }
        Self {
            scenario,
            mode,
            awaits_export: false,
        }
    }

    /// Counts an invocation as complete only when its spans have been exported, for rivals that export
    /// concurrently with the invocation.
    pub fn awaiting_export(mut self) -> Self {
        self.awaits_export = true;
        self
    }

    /// Invokes `function` according to the arguments, and prints the result.
    pub async fn measure<S>(self, mut function: S) -> Result<(), Error>
    where
        S: Service<LambdaInvocation, Response = (), Error = Error>,
    {
        let mut invoke = Invoke {
            body: self.scenario.body(),
            config: events::config(),
            awaits_export: self.awaits_export,
        };
        let result = match self.mode {
            Mode::Invoke(times) => {
                invoke.times(&mut function, times).await?;
                json!({ "invocations": times })
            }
            Mode::Spans => {
                invoke.times(&mut function, 1).await?;
                let cold = spans::take();
                invoke.times(&mut function, 1).await?;
                json!({ "cold": cold, "warm": spans::take() })
            }
            Mode::Count => {
                invoke.times(&mut function, WARM_UP).await?;
                let before = spans::count();
                allocations::start();
                invoke.times(&mut function, 256).await?;
                let (allocations, bytes) = allocations::stop();
                json!({
                    "allocations": allocations as f64 / 256.0,
                    "bytes": bytes as f64 / 256.0,
                    "spans": (spans::count() - before) as f64 / 256.0,
                })
            }
            Mode::Time => {
                invoke.times(&mut function, 4 * WARM_UP).await?;
                let (mut wall, mut processor) = (Vec::new(), Vec::new());
                for _ in 0..15 {
                    let (start, cpu) = (Instant::now(), cpu::nanos());
                    invoke.times(&mut function, 100).await?;
                    wall.push(start.elapsed().as_nanos() as u64 / 100);
                    processor.push((cpu::nanos() - cpu) / 100);
                }
                json!({ "wall": median(wall), "cpu": median(processor) })
            }
        };
        println!("{result}");
        Ok(())
    }
}

struct Invoke {
    body: &'static str,
    config: Arc<lambda_runtime::Config>,
    awaits_export: bool,
}

impl Invoke {
    async fn times<S>(&mut self, function: &mut S, times: u64) -> Result<(), Error>
    where
        S: Service<LambdaInvocation, Response = (), Error = Error>,
    {
        for _ in 0..times {
            let before = spans::count();
            std::future::poll_fn(|cx| function.poll_ready(cx)).await?;
            function
                .call(events::invocation(self.body, &self.config))
                .await?;
            while self.awaits_export && spans::count() == before {
                spans::NEWS.notified().await;
            }
        }
        Ok(())
    }
}

fn median(mut numbers: Vec<u64>) -> Option<u64> {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied()
}
