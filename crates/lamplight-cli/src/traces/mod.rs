//! `lamplight traces`: recorded spans, put together as traces again.

mod read;
mod spans;
mod tree;

use std::path::PathBuf;

use lexopt::prelude::{Long, Short, Value, ValueExt as _};
use opentelemetry_proto::tonic::trace::v1::TracesData;

use crate::{
    input,
    output::{Failure, format_chain, print},
};
use spans::hex;

const USAGE: &str = "\
usage: lamplight traces [OPTIONS] FILE|-...

Shows the traces in recorded telemetry. A file (or standard input) holds any of these:
  records of a stream   the answer of `aws kinesis get-records`, a Lambda event of the stream, or
                        the data of records, as they are or in base64; gzip and Zstandard too
  a log                 lines of the `console` exporter and of the fallback to standard output,
                        between other lines
  OTLP                  protobuf or JSON

  --json          OTLP JSON instead of trees, one request a line
  --attributes    attributes and events too
  --trace ID      only traces whose id begins like this

What is not traces is reported after those that are; the exit code is 1 then.";

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
    let mut found = read::Found::default();
    for file in &arguments.files {
        let name = file.display().to_string();
        found.add(&name, &input::read(file)?);
    }
    if let Some(trace) = &arguments.trace {
        for request in &mut found.requests {
            keep(request, trace);
        }
        found
            .requests
            .retain(|request| !request.resource_spans.is_empty());
    }
    if arguments.json {
        for request in &found.requests {
            let line = serde_json::to_string(request);
            print(&line.map_err(|error| Failure::Problem(format_chain(&error)))?)?;
        }
    } else {
        print(tree::draw(&found.requests, arguments.attributes).trim_end())?;
    }
    if found.problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::Problem(found.problems.join("\nerror: ")))
    }
}

#[derive(Default)]
struct Arguments {
    files: Vec<PathBuf>,
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

/// Leaves the spans of the traces whose id begins with `trace`, and no empty groups around them.
fn keep(request: &mut TracesData, trace: &str) {
    for resource in &mut request.resource_spans {
        for scope in &mut resource.scope_spans {
            scope
                .spans
                .retain(|span| hex(&span.trace_id).starts_with(trace));
        }
        resource.scope_spans.retain(|scope| !scope.spans.is_empty());
    }
    request
        .resource_spans
        .retain(|resource| !resource.scope_spans.is_empty());
}
