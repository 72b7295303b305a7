//! A collector in between: the agent of `rotel`.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use super::{Shown, install, python, trace};

/// The tested release.
const PACKAGE: &str = "rotel==0.0.1a15";

/// Maximum wait until the agent listens.
const PATIENCE: Duration = Duration::from_secs(60);

struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Starts the agent, and returns its address for OTLP over HTTP.
fn start(program: &Path, shown: &Shown) -> (Agent, SocketAddr) {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        // It cannot choose a free port itself, and it ends if another program took the port first.
        let (http, grpc) = (free_port(), free_port());
        let child = Command::new(program)
            .args(["start", "--exporter", "otlp"])
            .args(["--otlp-exporter-protocol", "http"])
            .args([
                "--otlp-exporter-endpoint",
                &format!("http://{}", shown.served.otlp),
            ])
            .args(["--otlp-http-endpoint", &http.to_string()])
            .args(["--otlp-grpc-endpoint", &grpc.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut agent = Agent(child);
        while agent.0.try_wait().unwrap().is_none() && began.elapsed() < PATIENCE {
            if TcpStream::connect(http).is_ok() {
                return (agent, http);
            }
            sleep(Duration::from_millis(10));
        }
    }
    panic!("rotel does not listen");
}

#[test]
fn spans_through_rotel_arrive_complete() {
    if !install::is_all_wanted() {
        eprintln!("nothing is sent through rotel: LAMPLIGHT_TEST_INTEROP=all installs it");
        return;
    }
    let packages = install::python("rotel-0.0.1a15", &[PACKAGE]);
    let agent = install::folder(&packages, "rotel").join("rotel-agent");
    // Not every installer keeps the executable bit of files in a wheel.
    install::succeed(Command::new("chmod").arg("+x").arg(&agent));
    let python = python::python();
    let shown = Shown::start("agent", &[], &[]);
    let (agent, address) = start(&agent, &shown);
    let trace = trace(1);
    let mut program = python::program(&python, &shown, &trace);
    program.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}"));
    install::succeed(&mut program);
    shown.holds(&[(trace, python::recorded())]);
    drop(agent);
}
