//! The local AWS: `ministack` from PyPI, one process on loopback.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use lamplight_local_aws::{Python, client::Client};

use super::progress;
use crate::{
    error::{Context, Error, Result},
    processes::{POLL, Processes, end_group, is_alive},
};

/// Longest wait for the first healthy answer; half a second is usual.
const START_LIMIT: Duration = Duration::from_secs(60);
/// File with the id of the process, for a later run to find.
const LEADER: &str = "process";
/// Lines of the log that explain a failed start.
const LOG_TAIL: usize = 15;

/// A running local AWS. The process belongs to the [`Processes`] that started it.
#[derive(Debug)]
pub(crate) struct LocalAws {
    pub(crate) client: Client,
    pub(crate) process: Child,
    pub(crate) log: PathBuf,
}

impl LocalAws {
    /// Starts it with all its files under `dir` and waits until it is healthy.
    pub(crate) fn start(processes: &Processes, python: &Python, dir: &Path) -> Result<Self> {
        let data = dir.join("data");
        fs::create_dir_all(&data).context(format!("create {}", data.display()))?;
        let log = dir.join("local-aws.log");
        let port = free_port()?;
        let client = Client::new(format!("http://127.0.0.1:{port}"));

        let mut command = python.server(port, &data);
        command.args(["-m", "ministack"]).stdin(Stdio::null());
        let output = File::create(&log).context(format!("create {}", log.display()))?;
        command
            .stderr(output.try_clone().context("share the log")?)
            .stdout(output);

        let mut process = processes.spawn(&mut command)?;
        fs::write(dir.join(LEADER), process.id().to_string()).context("write down the process")?;
        wait_until_healthy(&client, &mut process).map_err(|error| {
            Error::new(format!(
                "{error}\n{}\n(all of it: {})",
                tail(&log),
                log.display()
            ))
        })?;
        Ok(Self {
            client,
            process,
            log,
        })
    }
}

/// Returns the folder of this run below `dir`.
pub(crate) fn run_folder(dir: &Path) -> PathBuf {
    dir.join(format!("run-{}", std::process::id()))
}

/// Removes the folders of earlier runs below `dir` except `kept`, and ends the local AWS of a run
/// that was killed and could not do so itself.
pub(crate) fn sweep(dir: &Path, kept: Option<u32>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let runner = name
            .to_str()
            .and_then(|name| name.strip_prefix("run-")?.parse().ok());
        let Some(runner) = runner.filter(|id| *id == std::process::id() || !is_alive(*id)) else {
            continue;
        };
        let leader = fs::read_to_string(entry.path().join(LEADER)).ok();
        let leader = leader.and_then(|id| id.parse().ok());
        if leader.is_some() && leader == kept {
            continue;
        }
        if let Some(leader) = leader.filter(|id| is_local_aws(*id)) {
            progress!("ending the local AWS of an earlier run ({runner})");
            end_group(leader);
        }
        // What cannot be removed now will be tried again by the next run.
        let _ = fs::remove_dir_all(entry.path());
    }
}

/// Returns whether a recorded process is still the local AWS, and not another with its old id.
pub(crate) fn is_local_aws(id: u32) -> bool {
    let output = Command::new("ps")
        .args(["-o", "command=", "-p", &id.to_string()])
        .output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("-m ministack"))
}

fn wait_until_healthy(client: &Client, process: &mut Child) -> Result<()> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if let Some(status) = process.try_wait().context("look at the local AWS")? {
            return Err(Error::new(format!(
                "the local AWS ended while starting ({status})"
            )));
        }
        if client
            .get("/_ministack/health", &[])
            .is_ok_and(|answer| answer.status == 200)
        {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(Error::new(format!(
                "the local AWS was not healthy within {} s",
                START_LIMIT.as_secs()
            )));
        }
        thread::sleep(POLL);
    }
}

/// Returns a port that was free a moment ago; if another process takes it first, the start fails visibly.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("find a free port")?;
    Ok(listener.local_addr().context("find a free port")?.port())
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines
        .iter()
        .skip(lines.len().saturating_sub(LOG_TAIL))
        .map(|line| format!("  {line}\n"))
        .collect()
}
