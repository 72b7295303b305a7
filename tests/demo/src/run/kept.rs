//! A local AWS that outlives its runner: its record, its use and its end.

use std::{
    fmt, fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Stdio,
};

use lamplight_local_aws::client::Client;
use serde_json::{Value, json};

use super::{
    answers::text,
    deploy::Stack,
    local_aws::{LocalAws, is_local_aws},
    spans::Reader,
    trace::Trace,
    tree,
};
use crate::{
    error::{Context, Error, Result},
    processes::{Processes, end_group},
};

/// A run that was left running. `Display` explains its use.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Address of the local AWS.
    pub endpoint: String,
    /// URL to post orders to.
    pub orders_url: String,
    /// The stream with the spans.
    pub span_stream: String,
    /// Address of the page that shows its traces.
    pub page: String,
    /// Id of the process that leads the group of all the others.
    pub process: u32,
    log: PathBuf,
}

impl Kept {
    /// Records the processes that run, and leaves them running.
    pub(crate) fn keep(
        processes: &Processes,
        dir: &Path,
        aws: &LocalAws,
        stack: &Stack,
    ) -> Result<Self> {
        // Only one at a time, or --stop and --spans would have to ask which.
        stop(dir)?;
        let kept = Self {
            endpoint: aws.client.endpoint().to_owned(),
            orders_url: format!("{}{}", aws.client.endpoint(), stack.orders_path),
            span_stream: stack.span_stream.clone(),
            page: live(aws, stack)?,
            process: aws.process.id(),
            log: aws.log.clone(),
        };
        let note = json!({
            "endpoint": kept.endpoint,
            "orders_url": kept.orders_url,
            "span_stream": kept.span_stream,
            "page": kept.page,
            "process": kept.process,
            "log": kept.log,
        });
        fs::write(note_in(dir), format!("{note:#}\n")).context("write down the kept run")?;
        processes.keep(&aws.process);
        Ok(kept)
    }

    fn load(dir: &Path) -> Option<Self> {
        let note: Value = serde_json::from_str(&fs::read_to_string(note_in(dir)).ok()?).ok()?;
        let text = |pointer| text(&note, pointer).map(str::to_owned);
        Some(Self {
            endpoint: text("/endpoint")?,
            orders_url: text("/orders_url")?,
            span_stream: text("/span_stream")?,
            page: text("/page")?,
            process: note.pointer("/process")?.as_u64()?.try_into().ok()?,
            log: text("/log")?.into(),
        })
    }

    /// Returns the kept run below `dir`, if it is still running.
    pub(crate) fn running(dir: &Path) -> Option<Self> {
        Self::load(dir).filter(|kept| is_local_aws(kept.process))
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = r#"{"id":"my-order","application":"me","article":"lamp","quantity":1}"#;
        write!(
            f,
            "left running:\n  \
               the page      {}\n  \
               the API       {}\n  \
               the local AWS {} (for the aws command: --endpoint-url, any credentials, us-east-1)\n  \
               its log       {}\n  \
               send an order  curl -H 'content-type: application/json' -d '{order}' '{}'\n  \
               see the traces cargo demo -- --spans   (stream {})\n  \
               end it         cargo demo -- --stop    (process group {})",
            self.page,
            self.orders_url,
            self.endpoint,
            self.log.display(),
            self.orders_url,
            self.span_stream,
            self.process
        )
    }
}

/// Ends the kept run and returns whether there was one.
pub fn stop(dir: &Path) -> Result<bool> {
    let running = Kept::running(dir);
    if let Some(kept) = &running {
        end_group(kept.process);
    }
    // There is no note if nothing was kept.
    let _ = fs::remove_file(note_in(dir));
    Ok(running.is_some())
}

/// Returns the traces in the stream of the kept run, as trees.
pub fn spans(dir: &Path) -> Result<String> {
    let kept = Kept::running(dir)
        .ok_or_else(|| Error::new("nothing was left running; start it with --keep"))?;
    let client = Client::new(&kept.endpoint);
    let mut reader = Reader::new(&client, &kept.span_stream);
    reader.read()?;
    let traces = Trace::group(reader.into_parts().0);
    traces
        .iter()
        .map(|trace| Ok(tree::draw(trace, "").context("draw a trace")? + "\n"))
        .collect()
}

/// Starts the page, as a process of the local AWS's group, and returns its address.
fn live(aws: &LocalAws, stack: &Stack) -> Result<String> {
    let group = i32::try_from(aws.process.id()).context("find the group of the local AWS")?;
    let demo = std::env::current_exe().context("find this program")?;
    let mut child = std::process::Command::new(demo)
        .args(["--live", aws.client.endpoint(), &stack.span_stream])
        .process_group(group)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("start the page")?;
    let mut address = String::new();
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        output.read_line(&mut address).context("start the page")?;
    }
    match address.trim() {
        "" => Err(Error::new("the page did not start")),
        address => Ok(address.to_owned()),
    }
}

fn note_in(dir: &Path) -> PathBuf {
    dir.join("kept.json")
}
