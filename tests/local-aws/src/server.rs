//! A local AWS for the tests of one process.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
    time::{Duration, Instant},
};

use crate::{Error, install};

/// The timeout for the first healthy answer; half a second is usual.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Runs the server until its standard input ends: however this process ends, the server and the functions
/// that it started end too.
const RUN: &str = "import os, runpy, signal, sys, threading
os.setpgid(0, 0)
def end():
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)
threading.Thread(target=end, daemon=True).start()
runpy.run_module('ministack', run_name='__main__', alter_sys=True)";

/// A running local AWS. It ends, and its files are deleted, when the last test that uses it ends.
#[derive(Debug)]
pub struct LocalAws {
    process: Child,
    address: SocketAddr,
    data: PathBuf,
}

impl LocalAws {
    /// Returns the local AWS of this process, installed and started if necessary. All tests of the process
    /// share it: each uses unique names for its queues, topics and functions.
    ///
    /// # Panics
    ///
    /// Panics if it cannot be installed or started; the message says what is missing.
    #[must_use]
    #[expect(clippy::panic, reason = "a test says what is wrong by panicking")]
    pub fn shared() -> Arc<Self> {
        static RUNNING: Mutex<Weak<LocalAws>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(aws) = running.upgrade() {
            return aws;
        }
        let aws = match Self::start() {
            Ok(aws) => Arc::new(aws),
            Err(error) => panic!("{error}"),
        };
        *running = Arc::downgrade(&aws);
        aws
    }

    /// Returns its URL, `http://127.0.0.1:<port>`, which is the same for every service.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns its host and port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn start() -> Result<Self, Error> {
        // The demo uses the same place, so that one installation serves both.
        let python = install(&target().join("demo"), |command| Ok(command.output()?))?;
        let data = target()
            .join("tmp")
            .join(format!("local-aws-{}", std::process::id()));
        fs::create_dir_all(&data)?;
        let log = data.join("log");
        let output = File::create(&log)?;
        let address = free_address()?;
        let process = python
            .server(address.port(), &data)
            .args(["-c", RUN])
            .stdin(Stdio::piped())
            .stderr(output.try_clone()?)
            .stdout(output)
            .spawn()?;
        let mut aws = Self {
            process,
            address,
            data,
        };
        aws.wait_until_healthy(&log)?;
        Ok(aws)
    }

    fn wait_until_healthy(&mut self, log: &Path) -> Result<(), Error> {
        let deadline = Instant::now() + START_LIMIT;
        while !is_healthy(self.address) {
            let ended = self.process.try_wait()?;
            if ended.is_some() || Instant::now() >= deadline {
                let log = fs::read_to_string(log).unwrap_or_default();
                return Err(
                    format!("the local AWS did not start (ended: {ended:?}):\n{log}").into(),
                );
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        // The end of its standard input ends the server and its functions. Errors mean that it has already
        // ended.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}

fn is_healthy(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else {
        return false;
    };
    let request = "GET /_ministack/health HTTP/1.0\r\nHost: localhost\r\n\r\n";
    let mut answer = [0; 12];
    stream
        .set_read_timeout(Some(Duration::from_secs(2)))
        .is_ok()
        && stream.write_all(request.as_bytes()).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer.ends_with(b" 200")
}

/// Returns a port that was free a moment ago; if another process takes it first, the start fails visibly.
fn free_address() -> Result<SocketAddr, Error> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Returns Cargo's target folder, which contains the program of the test.
#[must_use]
pub fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    // Cargo writes the tag into a folder that it makes itself, and the other into any.
    let marks = ["CACHEDIR.TAG", ".rustc_info.json"];
    let folder = program
        .ancestors()
        .find(|folder| marks.iter().any(|mark| folder.join(mark).exists()));
    folder.map_or_else(std::env::temp_dir, Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_while_it_is_used_and_not_a_moment_longer() {
        let aws = LocalAws::shared();
        let (address, data) = (aws.address, aws.data.clone());
        assert!(is_healthy(address));
        assert_eq!(LocalAws::shared().address, address);
        drop(aws);
        assert!(!is_healthy(address));
        assert!(!data.exists());
    }
}
