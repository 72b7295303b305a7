//! The processes that the demo starts, each of which is certain to end.
//!
//! Each child leads its own process group, so ending the group also ends what the child started:
//! the functions are children of the local AWS. Groups are ended by id, on drop (which includes a
//! panic that unwinds) and on SIGINT, SIGTERM and SIGHUP.

use std::{
    io,
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, Once, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::error::{Context, Error, Result};

/// Pause between two looks at a state that cannot be waited for.
pub(crate) const POLL: Duration = Duration::from_millis(50);
/// Time for a group to end after SIGTERM, before it gets SIGKILL.
const GRACE: Duration = Duration::from_secs(3);

/// The registries a signal has to end.
static LIVE: Mutex<Vec<Weak<Registry>>> = Mutex::new(Vec::new());

/// Set by the first signal; the watching thread then ends everything and the process.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The process groups started through it; all of them are ended when it is dropped.
#[derive(Debug)]
pub(crate) struct Processes {
    registry: Arc<Registry>,
}

#[derive(Debug, Default)]
struct Registry {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    groups: Vec<Pid>,
    /// Set by a signal: from then on nothing new may start.
    ended: bool,
}

impl Processes {
    /// Returns an empty registry that signals end too.
    pub(crate) fn new() -> Result<Self> {
        static WATCH: Once = Once::new();
        let mut watching = Ok(());
        WATCH.call_once(|| watching = watch_signals());
        watching.context("watch for signals")?;

        let registry = Arc::new(Registry::default());
        lock(&LIVE).push(Arc::downgrade(&registry));
        Ok(Self { registry })
    }

    /// Starts `command` as the leader of a new process group.
    pub(crate) fn spawn(&self, command: &mut Command) -> Result<Child> {
        // Held over the start: a signal must find either no process or a recorded one.
        let mut state = lock(&self.registry.state);
        if state.ended {
            return Err(Error::new("interrupted"));
        }
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .process_group(0)
            .spawn()
            .context(format!("start {program}"))?;
        state.groups.extend(group_of(child.id()));
        Ok(child)
    }

    /// Waits until `child` has ended.
    pub(crate) fn wait(&self, child: &mut Child) -> io::Result<ExitStatus> {
        let status = child.wait();
        if let Some(group) = group_of(child.id()) {
            self.forget(group);
        }
        status
    }

    /// Ends every process. From then on none can be started.
    pub(crate) fn end(&self) {
        self.registry.end();
    }

    /// Runs `command` to its end and returns its output; ends it after `limit`.
    pub(crate) fn output(&self, command: &mut Command, limit: Duration) -> Result<Output> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let program = command.get_program().to_string_lossy().into_owned();
        let child = self.spawn(command)?;
        let group = group_of(child.id());
        let reader = thread::spawn(move || child.wait_with_output());
        let deadline = Instant::now() + limit;
        while !reader.is_finished() {
            if Instant::now() >= deadline {
                if let Some(group) = group {
                    end_groups(&[group]);
                }
                return Err(Error::new(format!(
                    "{program} did not end within {} s",
                    limit.as_secs()
                )));
            }
            thread::sleep(POLL);
        }
        let output = reader
            .join()
            .map_err(|_| Error::new(format!("read the output of {program}")))?;
        if let Some(group) = group {
            self.forget(group);
        }
        output.context(format!("run {program}"))
    }

    /// Leaves the group of `child` running when the registry is dropped.
    #[cfg(feature = "runner")]
    pub(crate) fn keep(&self, child: &Child) {
        if let Some(group) = group_of(child.id()) {
            self.forget(group);
        }
    }

    fn forget(&self, group: Pid) {
        lock(&self.registry.state)
            .groups
            .retain(|known| *known != group);
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.registry.end();
        lock(&LIVE).retain(|registry| {
            registry.strong_count() > 0 && !registry.ptr_eq(&Arc::downgrade(&self.registry))
        });
    }
}

impl Registry {
    fn end(&self) {
        // Held to the end: whoever calls second returns only when everything has ended.
        let mut state = lock(&self.state);
        state.ended = true;
        end_groups(&std::mem::take(&mut state.groups));
    }
}

/// Lets a signal have the last word: what failed because of it is not worth a message.
pub(crate) fn yield_to_signal() {
    if INTERRUPTED.load(Ordering::SeqCst) {
        thread::sleep(GRACE * 2);
    }
}

/// Returns whether there is a process with this id.
#[cfg(feature = "runner")]
pub(crate) fn is_alive(id: u32) -> bool {
    group_of(id).is_some_and(|id| rustix::process::test_kill_process(id).is_ok())
}

/// Ends the process group led by `leader`, as recorded by an earlier run.
#[cfg(feature = "runner")]
pub(crate) fn end_group(leader: u32) {
    if let Some(group) = group_of(leader) {
        end_groups(&[group]);
    }
}

fn end_groups(groups: &[Pid]) {
    // An error means the group is gone already, which is what is wanted.
    for group in groups {
        let _ = kill_process_group(*group, Signal::TERM);
    }
    let deadline = Instant::now() + GRACE;
    let alive = |group: &Pid| test_kill_process_group(*group).is_ok();
    while groups.iter().any(alive) && Instant::now() < deadline {
        // A child that nobody waits for would stay in its group as a zombie.
        for group in groups {
            let _ = rustix::process::waitpid(Some(*group), rustix::process::WaitOptions::NOHANG);
        }
        thread::sleep(POLL);
    }
    for group in groups.iter().filter(|group| alive(group)) {
        let _ = kill_process_group(*group, Signal::KILL);
    }
}

fn watch_signals() -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            if let Some(signal) = signals.forever().next() {
                INTERRUPTED.store(true, Ordering::SeqCst);
                eprintln!("\ninterrupted, ending what was started");
                let live: Vec<_> = lock(&LIVE).iter().filter_map(Weak::upgrade).collect();
                for registry in live {
                    registry.end();
                }
                // The shell's convention for "ended by a signal".
                std::process::exit(128 + signal);
            }
        })?;
    Ok(())
}

fn group_of(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}

/// The state behind these locks is valid after every step, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
