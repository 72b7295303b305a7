//! The build of the functions and the runner by one call of cargo, so that nothing is built twice.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    io::{self, BufRead, BufReader, IsTerminal, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::Sender,
    thread,
};

use super::{Event, plan::Crate};
use crate::{
    error::{Context, Error, Result},
    processes::Processes,
};

/// The packages and their executables.
const EXECUTABLES: [(&str, &[&str]); 2] = [
    (
        "event-broker",
        &["ingress", "egress", "subscriber", "relay"],
    ),
    ("lamplight-demo", &["runner"]),
];
/// The feature that is not on by default, or the starter would wait for it.
const FEATURE: &str = "lamplight-demo/runner";
/// Lines of cargo that the progress line stands for.
const COVERED: [&str; 5] = [
    "Compiling",
    "Downloading",
    "Downloaded",
    "Finished",
    "Fresh",
];

/// Downloads and builds everything, and sends every step.
pub(super) fn build(processes: &Processes, events: &Sender<Event>) -> Result<()> {
    let plan = plan(processes, events)?;
    let _ = events.send(Event::Planned(plan));

    let mut command = cargo("build");
    for name in EXECUTABLES.iter().flat_map(|(_, names)| *names) {
        command.args(["--bin", name]);
    }
    command.arg("--message-format=json-render-diagnostics");
    run(processes, events, &mut command, "build", |line| {
        if let Some(finished) = finished(line) {
            let _ = events.send(finished);
        }
    })
}

/// Returns the crates of the build, which are downloaded then.
fn plan(processes: &Processes, events: &Sender<Event>) -> Result<Vec<Crate>> {
    let mut command = cargo("tree");
    command.args(["--edges", "normal,build", "--prefix", "none"]);
    command.args(["--format", "{p}"]);
    let mut lines = BTreeSet::new();
    run(processes, events, &mut command, "download", |line| {
        // A crate that stands in the tree more than once is marked.
        lines.insert(line.trim_end_matches(" (*)").to_owned());
    })?;
    let registries = registries();
    let crates = lines.iter().filter_map(|line| {
        let linked = EXECUTABLES
            .iter()
            .find(|(package, _)| line.split(' ').next() == Some(package));
        let executables = linked.map_or(0, |(_, names)| names.len());
        Crate::of_tree(line, executables, &registries)
    });
    Ok(crates.collect())
}

/// Returns the command of cargo, for the packages of the demo.
fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args([subcommand, "--features", FEATURE]);
    for (package, _) in EXECUTABLES {
        command.args(["--package", package]);
    }
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if std::io::stderr().is_terminal() {
        command.args(["--color", "always"]);
    }
    // `cargo run` sets these for the demo. Build scripts ask to run again when they change, and
    // with them half of the dependencies would be built twice.
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if ["CARGO_MANIFEST_", "CARGO_PKG_"]
            .iter()
            .any(|prefix| name_text.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs cargo to its end: `take` gets the lines of its standard output, and the events what else it has to say.
fn run(
    processes: &Processes,
    events: &Sender<Event>,
    command: &mut Command,
    doing: &str,
    mut take: impl FnMut(&str),
) -> Result<()> {
    let mut child = processes.spawn(command)?;
    let reader = report(&mut child, events.clone());
    each_line(child.stdout.take(), |line| take(&line));
    let status = processes.wait(&mut child).context("wait for cargo")?;
    // Its last lines say why it failed.
    let _ = reader.map(thread::JoinHandle::join);
    if status.success() {
        return Ok(());
    }
    Err(Error::new(format!(
        "the {doing} by cargo failed ({status})"
    )))
}

/// Sends what cargo writes to its standard error.
fn report(child: &mut Child, events: Sender<Event>) -> Option<thread::JoinHandle<()>> {
    let errors = child.stderr.take()?;
    let send = move || {
        each_line(Some(errors), |line| {
            let status = status(&line);
            let event = match COVERED.contains(&status.as_str()) {
                false => Event::Line(line),
                true if status == "Downloaded" => Event::Downloaded,
                true => return,
            };
            let _ = events.send(event);
        });
    };
    thread::Builder::new().name("cargo".into()).spawn(send).ok()
}

fn each_line(output: Option<impl Read>, mut take: impl FnMut(String)) {
    let lines = output.map(|output| BufReader::new(output).split(b'\n'));
    for line in lines.into_iter().flatten().map_while(io::Result::ok) {
        take(String::from_utf8_lossy(&line).into_owned());
    }
}

/// Returns the first word of a line, without its colors.
fn status(line: &str) -> String {
    let mut plain = String::new();
    let mut escaped = false;
    for character in line.chars() {
        match (escaped, character) {
            (false, '\u{1b}') => escaped = true,
            (false, other) => plain.push(other),
            (true, other) => escaped = other != 'm',
        }
    }
    plain
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Returns the event of a message of cargo, if it is of a crate that is built.
///
/// A parser of JSON would be built before anything else could be shown, for two members whose values need no
/// escapes.
fn finished(message: &str) -> Option<Event> {
    if !message.starts_with(r#"{"reason":"compiler-artifact""#)
        || message.contains(r#""kind":["custom-build"]"#)
    {
        return None;
    }
    let (_, rest) = message.split_once(r#""package_id":""#)?;
    let (id, rest) = rest.split_once('"')?;
    Some(Event::Finished {
        id: id.to_owned(),
        fresh: rest.contains(r#""fresh":true"#),
    })
}

/// Returns the folders into which cargo unpacks crates: one for each registry.
fn registries() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| {
            let home: OsString = std::env::var_os("HOME")?;
            Some(Path::new(&home).join(".cargo"))
        });
    let sources = home.map(|home| home.join("registry").join("src"));
    let folders = sources.and_then(|sources| std::fs::read_dir(sources).ok());
    folders
        .into_iter()
        .flatten()
        .flatten()
        .map(|folder| folder.path())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_there_is_a_crate_finished() {
        let message = |kind, fresh| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"registry+https://example.com/index#serde@1.0.0","target":{{"kind":["{kind}"],"name":"serde"}},"fresh":{fresh}}}"#
            )
        };
        for was_fresh in [true, false] {
            let Some(Event::Finished { id, fresh }) = finished(&message("lib", was_fresh)) else {
                panic!("a library is a crate")
            };
            assert_eq!(id, "registry+https://example.com/index#serde@1.0.0");
            assert_eq!(fresh, was_fresh);
        }
        assert!(finished(&message("custom-build", false)).is_none());
        assert!(finished(r#"{"reason":"build-finished","success":true}"#).is_none());
    }

    #[test]
    fn the_first_word_of_a_line_has_no_color() {
        assert_eq!(status("   Compiling serde v1.0.0"), "Compiling");
        assert_eq!(
            status("\u{1b}[1m\u{1b}[92m  Downloaded\u{1b}[0m serde v1.0.0"),
            "Downloaded"
        );
        assert_eq!(status("\u{1b}[1m\u{1b}[91merror\u{1b}[0m: no"), "error:");
        assert_eq!(status(""), "");
    }
}
