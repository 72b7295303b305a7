//! A process that runs one of the programs, and Lambda around it.

use std::{
    future::pending,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    response::IntoResponse,
    routing::{get, post},
};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedSender, unbounded_channel},
};

/// Names the program that this process is to be.
pub(crate) const PROGRAM: &str = "FRONT_TEST_PROGRAM";

/// Longer than anything takes on the most loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The result of a program.
#[derive(Debug)]
pub(crate) struct Told {
    /// Standard output: spans of the exporter `console`, a line a flush, and what it printed.
    pub(crate) out: String,
    /// Standard error: the log.
    pub(crate) log: String,
    /// The number of invocations it answered.
    pub(crate) answers: usize,
}

impl Told {
    /// Returns how often the cause was reported on standard error.
    pub(crate) fn warnings(&self, cause: &str) -> usize {
        self.log.matches(&format!("[{cause}]")).count()
    }

    /// Returns the number of exported spans with this name.
    pub(crate) fn spans(&self, name: &str) -> usize {
        let name = format!("\"name\":\"{name}\"");
        let flushes = self
            .out
            .lines()
            .filter(|it| it.starts_with("{\"resourceSpans"));
        flushes.map(|flush| flush.matches(&name).count()).sum()
    }
}

fn command(program: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "programs::program",
            "--exact",
            "--nocapture",
            "--test-threads=2",
        ])
        .env_clear()
        .env(PROGRAM, program)
        .env("OTEL_TRACES_EXPORTER", "console")
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a program that ends by itself.
pub(crate) fn run(program: &str, variables: &[(&str, &str)]) -> Told {
    let output = command(program, variables).output().unwrap();
    told(output, 0)
}

/// Runs a program in Lambda, for as many invocations and the flushes behind them.
pub(crate) async fn invoke(program: &str, variables: &[(&str, &str)], invocations: usize) -> Told {
    invoke_with(program, variables, invocations, "{}").await
}

/// The same with an event.
pub(crate) async fn invoke_with(
    program: &str,
    variables: &[(&str, &str)],
    invocations: usize,
    event: &'static str,
) -> Told {
    let (done, mut idle) = unbounded_channel();
    let lambda = Lambda {
        asked: Arc::default(),
        answered: Arc::default(),
        invocations,
        event,
        done,
    };
    let answers = lambda.answered.clone();
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
        .with_state(lambda);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let child = Kill(Some(
        command(program, variables)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "orders")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/orders")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "1")
            .spawn()
            .unwrap(),
    ));
    let waited = tokio::time::timeout(PATIENCE, idle.recv()).await;
    let told = told(child.output(), answers.load(Ordering::SeqCst));
    assert!(waited.is_ok(), "it never came back for more: {told:?}");
    told
}

fn told(output: Output, answers: usize) -> Told {
    Told {
        out: String::from_utf8(output.stdout).unwrap(),
        log: String::from_utf8(output.stderr).unwrap(),
        answers,
    }
}

struct Kill(Option<Child>);

impl Kill {
    fn output(mut self) -> Output {
        let mut child = self.0.take().unwrap();
        let _ = child.kill();
        child.wait_with_output().unwrap()
    }
}

impl Drop for Kill {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[derive(Clone)]
struct Lambda {
    asked: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
    invocations: usize,
    event: &'static str,
    done: UnboundedSender<()>,
}

async fn next(State(lambda): State<Lambda>) -> impl IntoResponse {
    if lambda.asked.fetch_add(1, Ordering::SeqCst) >= lambda.invocations {
        let _ = lambda.done.send(());
        pending::<()>().await;
    }
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        ),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:orders",
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
        ),
    ];
    (headers, lambda.event)
}

async fn answer(State(lambda): State<Lambda>) {
    lambda.answered.fetch_add(1, Ordering::SeqCst);
}
