//! Start of the demo: what the runner needs is installed and built at the same time.

mod build;
mod plan;
mod screen;

use std::{
    os::unix::process::CommandExt,
    path::PathBuf,
    process::Command,
    sync::{
        Arc,
        mpsc::{self, Sender},
    },
    thread,
};

use crate::{
    INSTALL_LIMIT,
    error::{Context, Error, Result},
    options::Options,
    processes::{self, Processes},
};
use plan::Crate;
use screen::Screen;

/// A step of the work behind the screen.
#[derive(Debug)]
enum Event {
    /// A crate was downloaded.
    Downloaded,
    /// The crates to build.
    Planned(Vec<Crate>),
    /// A crate is built; `fresh` if it was before.
    Finished { id: String, fresh: bool },
    /// Something to be read, such as an error of the compiler.
    Line(String),
    /// Everything is built.
    Built,
    /// The local AWS is installed.
    Installed,
    /// The work cannot go on.
    Failed(Error),
}

/// Installs the local AWS and builds the functions and the runner, then becomes the runner.
pub fn start() -> Result<()> {
    let processes = Arc::new(Processes::new()?);
    let outcome = prepare(&processes);
    processes.end();
    if outcome.is_err() {
        processes::yield_to_signal();
    }
    outcome?;
    let runner = runner()?;
    // Does not return: the runner takes the place of this process.
    let error = Command::new(&runner)
        .args(std::env::args_os().skip(1))
        .exec();
    Err(error).context(format!("start {}", runner.display()))
}

/// Returns when all of it is there, or as soon as a part of it fails.
fn prepare(processes: &Arc<Processes>) -> Result<()> {
    let (events, received) = mpsc::channel();
    let install = {
        let (processes, folder) = (processes.clone(), Options::default().dir);
        move || {
            lamplight_local_aws::install(&folder, |command| {
                Ok(processes.output(command, INSTALL_LIMIT)?)
            })
            .context("install the local AWS")
            .map(|_| Event::Installed)
        }
    };
    let build = {
        let (processes, events) = (processes.clone(), events.clone());
        move || build::build(&processes, &events).map(|()| Event::Built)
    };
    work("install", events.clone(), install)?;
    work("build", events, build)?;
    Screen::default().show(&received)
}

/// Does a part of the work on a thread of its own and sends how it ended.
fn work(
    name: &str,
    events: Sender<Event>,
    part: impl FnOnce() -> Result<Event> + Send + 'static,
) -> Result<()> {
    let builder = thread::Builder::new().name(name.to_owned());
    let started = builder.spawn(move || {
        // Nobody listens any more where the other part has failed.
        let _ = events.send(part().unwrap_or_else(Event::Failed));
    });
    started
        .map(drop)
        .context(format!("start a thread to {name}"))
}

/// Returns the path of the runner, which cargo puts beside this program.
fn runner() -> Result<PathBuf> {
    let starter = std::env::current_exe().context("find this program")?;
    Ok(starter.with_file_name("runner"))
}
