//! `lamplight traces`: recorded spans, assembled to traces.

mod html;
mod json;
mod line;
mod tree;

use std::path::PathBuf;

use lamplight_view::{journey::Journeys, read::Found, span::Decoded};
use lexopt::prelude::{Long, Short, Value, ValueExt as _};

use crate::{
    input,
    output::{Failure, print},
};

const USAGE: &str = "\
usage: lamplight traces [OPTIONS] FILE|-...

Shows the traces in recorded telemetry. A file (or standard input) contains any of these:
  records of a stream   the response of `aws kinesis get-records`, a Lambda event of the stream, or
                        the data of records, raw or as base64; optionally gzip or Zstandard
  a log                 lines of the `console` exporter and of the fallback to standard output,
                        among other lines
  OTLP                  protobuf or JSON

The line of a span shows its start and duration, and then the waits of its event.

  --html FILE     a page instead of trees, as a self-contained file; - for standard output
  --json          OTLP JSON instead of trees, one request per line
  --attributes    also shows attributes and events
  --trace ID      only traces whose id begins with ID

Input without traces is reported at the end; the exit code is then 1.";

/// Runs the command with the arguments that follow its name.
pub(crate) fn run(arguments: lexopt::Parser) -> Result<(), Failure> {
    let wrong = |message: String| Failure::usage(message, USAGE);
    let arguments = Arguments::read(arguments).map_err(|error| wrong(error.to_string()))?;
    if arguments.help {
        return print(USAGE);
    }
    if arguments.files.is_empty() {
        return Err(wrong("FILE is missing".to_owned()));
    }
    if arguments.json && arguments.html.is_some() {
        return Err(wrong("--html and --json exclude each other".to_owned()));
    }
    let mut found = Found::default();
    for file in &arguments.files {
        let name = file.display().to_string();
        found.add(&name, &input::read(file)?);
    }
    let trace = arguments.trace.as_deref().unwrap_or_default();
    let mut problems = found.problems;
    if arguments.json {
        for request in &found.requests {
            match json::line(request, trace) {
                Ok(Some(line)) => print(&line)?,
                Ok(None) => {}
                Err(error) => problems.push(error),
            }
        }
    } else if let Some(page) = &arguments.html {
        let names: Vec<_> = arguments
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        let refused = html::write(
            &found.requests,
            &names.join(", "),
            arguments.trace.as_deref(),
            page,
        )?;
        if refused > 0 {
            problems.push(damaged(refused));
        }
    } else {
        let mut refused = 0;
        let spans = found.requests.iter().flat_map(|request| {
            let decoded = Decoded::of(request);
            refused += decoded.refused;
            decoded.spans
        });
        let journeys = Journeys::new(spans);
        if refused > 0 {
            problems.push(damaged(refused));
        }
        print(tree::draw(&journeys, trace, arguments.attributes).trim_end())?;
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::Problem(problems.join("\nerror: ")))
    }
}

fn damaged(spans: u64) -> String {
    format!("{spans} spans, or groups of them, are damaged")
}

#[derive(Default)]
struct Arguments {
    files: Vec<PathBuf>,
    html: Option<PathBuf>,
    json: bool,
    attributes: bool,
    trace: Option<String>,
    help: bool,
}

impl Arguments {
    fn read(mut parser: lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut read = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Value(file) => read.files.push(file.into()),
                Long("html") => read.html = Some(parser.value()?.into()),
                Long("json") => read.json = true,
                Long("attributes") => read.attributes = true,
                Long("trace") => read.trace = Some(parser.value()?.string()?.to_lowercase()),
                Short('h') | Long("help") => read.help = true,
                other => return Err(other.unexpected()),
            }
        }
        Ok(read)
    }
}
