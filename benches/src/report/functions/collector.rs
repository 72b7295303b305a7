//! The collector that runs beside a function: the agent of `rotel`, from its Python package.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{bench::Bench, error::Result, process};

pub(crate) const VERSION: &str = "0.0.1a15";

/// The maximum wait for the agent to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// Returns its program, from its Python package.
pub(crate) fn install(bench: &Bench) -> Result<PathBuf> {
    let folder = bench
        .target
        .join("bench-report")
        .join(format!("rotel-{VERSION}"));
    let agent = folder.join("rotel/rotel-agent");
    if !agent.exists() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
            .arg(&folder)
            .arg(format!("rotel=={VERSION}"));
        bench.build("rotel", || process::output(&mut pip))?;
    }
    // Wheels do not keep the executable bit.
    process::output(Command::new("chmod").arg("+x").arg(&agent))?;
    Ok(agent)
}

/// The agent, as a process that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Agent {
    child: Child,
    http: SocketAddr,
    /// The time from its start until it accepts spans.
    pub(crate) ready: Duration,
}

impl Agent {
    /// Starts it and waits until it accepts spans, which it forwards to `destination`, an OTLP/HTTP endpoint,
    /// or drops.
    pub(crate) fn start(program: &Path, destination: Option<&str>) -> Result<Self> {
        let (http, grpc) = (free_port()?, free_port()?);
        let begin = Instant::now();
        let mut command = Command::new(program);
        match destination {
            None => command.args(["start", "--exporter", "blackhole"]),
            Some(url) => command
                .args(["start", "--exporter", "otlp"])
                .args(["--otlp-exporter-protocol", "http"])
                .args(["--otlp-exporter-endpoint", url]),
        };
        let child = command
            .args(["--otlp-http-endpoint", &http.to_string()])
            .args(["--otlp-grpc-endpoint", &grpc.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut agent = Self {
            child,
            http,
            ready: Duration::ZERO,
        };
        while TcpStream::connect_timeout(&http, Duration::from_secs(1)).is_err() {
            if agent.child.try_wait()?.is_some() || begin.elapsed() > PATIENCE {
                return Err("rotel-agent does not listen".into());
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        agent.ready = begin.elapsed();
        Ok(agent)
    }

    /// Returns the URL at which it accepts spans.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// Returns its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
