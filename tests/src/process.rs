//! The function's process: its log, its freezing and its end.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    thread::JoinHandle,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::sync::watch;

use crate::expect;

/// A process that ends when this is dropped, frozen or not.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: watch::Sender<Log>,
    readers: Vec<JoinHandle<()>>,
}

/// The output of a function, line by line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Log {
    /// Lines of standard output.
    pub stdout: Vec<String>,
    /// Lines of standard error.
    pub stderr: Vec<String>,
}

impl Log {
    /// Returns all lines but one: other packages of the workspace turn the feature `tracing` on, and a
    /// function with it and without its layer logs a hint.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let lines = self.stdout.iter().chain(&self.stderr);
        lines
            .map(String::as_str)
            .filter(|line| !line.contains("its layer is in no subscriber"))
    }
}

impl Process {
    pub(crate) fn spawn(program: &str, variables: &BTreeMap<String, String>) -> Self {
        let mut child = Command::new(program)
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (log, _) = watch::channel(Log::default());
        let stdout = child.stdout.take().unwrap();
        let stderr = child.stderr.take().unwrap();
        let readers = vec![
            read(stdout, log.clone(), |log| &mut log.stdout),
            read(stderr, log.clone(), |log| &mut log.stderr),
        ];
        Self {
            child,
            log,
            readers,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn log(&self) -> watch::Receiver<Log> {
        self.log.subscribe()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill(Pid::from_raw(id), signal).unwrap();
    }

    /// Waits for the process to end by itself.
    pub(crate) async fn exit(mut self) -> (ExitStatus, Log) {
        let wait = tokio::task::spawn_blocking(move || {
            let status = self.child.wait().unwrap();
            (status, self.end())
        });
        expect("the process ends", wait).await.unwrap()
    }

    /// Ends the process, and returns its output.
    pub(crate) fn end(mut self) -> Log {
        self.kill();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        self.log.borrow().clone()
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn read(
    pipe: impl Read + Send + 'static,
    log: watch::Sender<Log>,
    of: fn(&mut Log) -> &mut Vec<String>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            log.send_modify(|log| of(log).push(line));
        }
    })
}
