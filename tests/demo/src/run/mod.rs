//! The runner: a local AWS, the broker on it, orders, and their traces.

mod answers;
mod deploy;
mod evidence;
mod kept;
mod local_aws;
mod orders;
mod package;
mod page;
mod receiver;
mod spans;
mod trace;
mod tree;
mod verdict;

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

pub use kept::{Kept, spans, stop};
pub use orders::Sent;
pub use page::live;
pub use receiver::Relayed;
pub use spans::{Span, SpanId};
pub use trace::Trace;
pub use verdict::Summary;

use crate::{
    INSTALL_LIMIT,
    error::{Context, Result},
    options::Options,
    processes::{self, POLL, Processes},
};
use local_aws::LocalAws;
use receiver::Receiver;

/// Prints a line about the step that begins.
macro_rules! progress {
    ($($text:tt)*) => { eprintln!("demo: {}", format_args!($($text)*)) };
}
use progress;

/// Longest wait for spans after the work that made them has ended.
const SPAN_LIMIT: Duration = Duration::from_secs(15);
/// Longest wait for the relay to deliver its share of them.
const RELAY_LIMIT: Duration = Duration::from_secs(60);

/// The results of a run.
#[derive(Debug)]
pub struct Report {
    /// The orders, in the order they were numbered.
    pub sent: Vec<Sent>,
    /// The traces, by their beginning.
    pub traces: Vec<Trace>,
    /// The trace that was shown while the others came.
    pub shown: Option<String>,
    /// The faults, a line for each broken trace.
    pub flaws: Vec<String>,
    /// Every record of the span stream: an OTLP export request each.
    pub records: Vec<Vec<u8>>,
    /// The same as pages, in one file.
    pub page: PathBuf,
    /// The counts.
    pub summary: Summary,
    /// The run that was left running.
    pub kept: Option<Kept>,
}

/// Runs the broker once and reports. Every process it starts has ended when it returns, unless
/// [`Options::keep`] is set.
pub fn run(options: &Options) -> Result<Report> {
    let processes = Processes::new()?;
    let outcome = run_with(&processes, options);
    drop(processes);
    if outcome.is_err() {
        processes::yield_to_signal();
    }
    outcome
}

fn run_with(processes: &Processes, options: &Options) -> Result<Report> {
    let python = lamplight_local_aws::install(&options.dir, |command| {
        Ok(processes.output(command, INSTALL_LIMIT)?)
    })
    .context("install the local AWS")?;

    local_aws::sweep(
        &options.dir,
        Kept::running(&options.dir).map(|kept| kept.process),
    );
    let aws = LocalAws::start(processes, &python, &local_aws::run_folder(&options.dir))?;
    progress!(
        "deploying to the local AWS at {}, log in {}",
        aws.client.endpoint(),
        aws.log.display()
    );
    let stack = deploy::deploy(&aws.client, options)?;
    let receiver = Receiver::start()?;
    deploy::deploy_relay(&aws.client, &stack, receiver.endpoint())?;

    progress!(
        "deployed, sending {} orders to {}",
        options.orders,
        stack.orders_path
    );
    let half = options.orders.div_ceil(2);
    let mut reader = spans::Reader::new(&aws.client, &stack.span_stream);
    let mut sent = orders::send(&aws.client, &stack, 1..=half)?;
    let shown = show_first(&mut reader, &sent)?;
    sent.extend(orders::send_at_once(
        &aws.client,
        &stack,
        half + 1..=options.orders,
    )?);
    let malformed = orders::send_malformed(&aws.client, &stack)?;
    progress!(
        "waiting until every order is delivered, or refused {} times: about {} s left",
        deploy::ATTEMPTS,
        options.retry_after.as_secs() * deploy::ATTEMPTS as u64
    );
    let evidence = evidence::gather(&aws.client, &stack, &sent, options.retry_after)?;

    let deadline = Instant::now() + SPAN_LIMIT;
    reader.read()?;
    while verdict::lost(&evidence, &sent, reader.spans()) > 0 && Instant::now() < deadline {
        thread::sleep(POLL);
        reader.read()?;
    }

    let duplicates = reader.duplicates;
    let (spans, records) = reader.into_parts();
    if let Some(file) = &options.records {
        write_records(file, &records)?;
    }
    let page = page::write(&options.dir, &records)?;
    progress!("waiting until the relay has delivered what its rules keep");
    let kept: Vec<_> = spans
        .iter()
        .filter(|span| receiver::is_kept(span))
        .collect();
    let received = receiver.wait(RELAY_LIMIT, |received| {
        kept.iter().all(|span| received.contains_key(&span.id()))
    });
    let relayed = Relayed::compare(&received, &spans);
    let traces = Trace::group(spans);
    let flaws = verdict::broken(&traces, &sent);
    let summary = verdict::summarize(
        &evidence,
        &sent,
        malformed,
        &traces,
        flaws.len(),
        duplicates,
        relayed,
    );
    let kept = match options.keep {
        true => Some(Kept::keep(processes, &options.dir, &aws, &stack)?),
        false => None,
    };
    Ok(Report {
        sent,
        traces,
        shown,
        flaws,
        records,
        page,
        summary,
        kept,
    })
}

/// Waits until the trace of the first order is whole, prints it, and returns its id. One that does not become whole is
/// left to the verdict.
fn show_first(reader: &mut spans::Reader<'_>, sent: &[Sent]) -> Result<Option<String>> {
    let Some((order, id)) = sent
        .first()
        .and_then(|sent| Some((sent, sent.trace_id.as_ref()?)))
    else {
        return Ok(None);
    };
    let deadline = Instant::now() + SPAN_LIMIT;
    while Instant::now() < deadline {
        reader.read()?;
        let spans = reader.spans().filter(|span| span.trace_id == *id);
        let traces = Trace::group(spans.cloned().collect());
        if verdict::broken(&traces, std::slice::from_ref(order)).is_empty() {
            for trace in &traces {
                println!(
                    "\n{}",
                    tree::draw(trace, &order.order).context("draw a trace")?
                );
            }
            return Ok(Some(id.clone()));
        }
        thread::sleep(POLL);
    }
    Ok(None)
}

/// Writes the records one after the other, each after its length as a varint, which is how protobuf
/// libraries write several messages to a file.
fn write_records(file: &Path, records: &[Vec<u8>]) -> Result<()> {
    let mut bytes = Vec::new();
    for record in records {
        prost::encode_length_delimiter(record.len(), &mut bytes).context("write the records")?;
        bytes.extend_from_slice(record);
    }
    std::fs::write(file, bytes).context(format!("write {}", file.display()))
}

impl Report {
    /// Returns the traces as trees: all of them, or the telling ones. The one that was shown is not among them.
    pub fn trees(&self, all: bool) -> Result<String> {
        let title = |trace: &Trace| {
            let order = self
                .sent
                .iter()
                .find(|sent| sent.trace_id.as_ref() == Some(&trace.id));
            order.map_or_else(|| "a batch".to_owned(), |sent| sent.order.clone())
        };
        let mut text = String::new();
        for trace in self
            .traces
            .iter()
            .filter(|trace| Some(&trace.id) != self.shown.as_ref())
            .filter(|trace| all || self.is_telling(trace))
        {
            text.push_str(&tree::draw(trace, &title(trace)).context("draw a trace")?);
            text.push('\n');
        }
        Ok(text)
    }

    /// Returns whether a trace is of the first order, the first that failed, the first batch of several, or broken.
    fn is_telling(&self, trace: &Trace) -> bool {
        let is_first = |wanted: &dyn Fn(&Trace) -> bool| {
            self.traces
                .iter()
                .find(|trace| wanted(trace))
                .is_some_and(|first| first.id == trace.id)
        };
        let order = |trace: &Trace| {
            self.sent
                .iter()
                .find(|sent| sent.trace_id.as_ref() == Some(&trace.id))
        };
        is_first(&|trace| order(trace).is_some_and(|sent| !sent.refused))
            || is_first(&|trace| order(trace).is_some_and(|sent| sent.refused))
            || is_first(&|trace| trace.roots().any(|root| root.links.len() > 1))
            || self.flaws.iter().any(|flaw| flaw.contains(&trace.id))
    }
}
