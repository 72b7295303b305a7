//! A collector beside the function, for comparison: the agent of `rotel`, from its Python package.

use crate::bench::Bench;
use crate::section::{Section, Table};
use crate::stats::Spread;
use crate::{Result, process};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const VERSION: &str = "0.0.1a15";

/// The longest wait for the agent to listen.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn measure(bench: &Bench) -> Result<Section> {
    let about = format!(
        "The other way to have the caller not wait is a collector as a process of its own beside the function, such as \
         `rotel` {VERSION}. Its Lambda extension is in no package registry, so this is the agent of its \
         Python package, which drops everything: what it takes before the first span can be handed to it, on \
         top of a function that exports to it.\n\n"
    );
    let measured = match install(bench) {
        Ok(agent) => table(bench, &agent)?,
        Err(reason) => format!("Not measured: {reason}\n"),
    };
    Ok(Section {
        title: "A collector beside the function",
        text: about + &measured,
        ..Section::default()
    })
}

fn install(bench: &Bench) -> Result<PathBuf> {
    let folder = bench
        .target
        .join("bench-report")
        .join(format!("rotel-{VERSION}"));
    let agent = folder.join("rotel/rotel-agent");
    if !agent.exists() {
        bench.say("installing rotel");
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
            .arg(&folder)
            .arg(format!("rotel=={VERSION}"));
        process::output(&mut pip)?;
    }
    // Wheels do not keep the executable bit.
    process::output(Command::new("chmod").arg("+x").arg(&agent))?;
    Ok(agent)
}

fn table(bench: &Bench, agent: &Path) -> Result<String> {
    let (mut ready, mut cpu, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.rounds() {
        let start = start(agent)?;
        ready.push(start.ready.as_secs_f64() * 1e3);
        cpu.push(start.cpu_ms);
        memory.push(start.megabytes);
    }
    let mut table = Table::new(&[
        "",
        "ready, ms",
        "CPU until then, ms",
        "memory, MB",
        "binary, MB",
    ]);
    let binary = std::fs::metadata(agent)?.len() as f64 / 1e6;
    table.row(&[
        "rotel-agent".to_owned(),
        format!("{:.0}", Spread::of(&ready)),
        format!("{:.0}", Spread::of(&cpu)),
        format!("{:.1}", Spread::of(&memory)),
        format!("{binary:.1}"),
    ]);
    Ok(table.finish())
}

struct Start {
    ready: Duration,
    cpu_ms: f64,
    megabytes: f64,
}

/// Starts the agent and ends it as soon as it takes spans.
fn start(agent: &Path) -> Result<Start> {
    let (http, grpc) = (free_port()?, free_port()?);
    let begin = Instant::now();
    let mut child = Command::new(agent)
        .args(["start", "--exporter", "blackhole"])
        .args(["--otlp-http-endpoint", &http.to_string()])
        .args(["--otlp-grpc-endpoint", &grpc.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let ready = loop {
        if TcpStream::connect_timeout(&http, Duration::from_secs(1)).is_ok() {
            break Ok(begin.elapsed());
        }
        if child.try_wait()?.is_some() || begin.elapsed() > PATIENCE {
            break Err("rotel-agent does not listen");
        }
        std::thread::sleep(Duration::from_micros(500));
    };
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id()));
    child.kill()?;
    child.wait()?;
    Ok(Start {
        ready: ready?,
        cpu_ms: cpu_ms(&stat?).unwrap_or(f64::NAN),
        megabytes: megabytes(&status?).unwrap_or(f64::NAN),
    })
}

fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Processor time of `/proc/PID/stat`, which counts it in hundredths of a second.
fn cpu_ms(stat: &str) -> Option<f64> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) * 10.0)
}

/// Resident memory of `/proc/PID/status`.
fn megabytes(status: &str) -> Option<f64> {
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
