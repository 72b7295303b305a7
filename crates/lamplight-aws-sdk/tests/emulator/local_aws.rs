//! An AWS on loopback for the tests of one process: `ministack` from PyPI.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;

/// The release the tests were written against.
const PACKAGE: &str = "ministack==1.5.33";
/// Longest wait for the first healthy answer; half a second is usual.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Settings of the caller that the server must not see.
const FOREIGN: [&str; 5] = ["AWS_", "LAMBDA_", "MINISTACK_", "PYTHON", "_X_AMZN"];
/// Runs the server until its standard input ends: however this process ends, the server does too.
const RUN: &str = "import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
runpy.run_module('ministack', run_name='__main__', alter_sys=True)";

/// A running local AWS. It ends when the last test that uses it does.
#[derive(Debug)]
pub(crate) struct LocalAws {
    process: Child,
    address: SocketAddr,
    data: PathBuf,
}

impl LocalAws {
    /// The one of this process, installed and started if it is not running.
    /// Panics with what is missing when it cannot be.
    pub(crate) fn shared() -> Arc<Self> {
        static RUNNING: Mutex<Weak<LocalAws>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(aws) = running.upgrade() {
            return aws;
        }
        let aws = Arc::new(Self::start());
        *running = Arc::downgrade(&aws);
        aws
    }

    /// A configuration whose clients talk to it, over the HTTP client Lamplight gives.
    pub(crate) fn config(&self) -> SdkConfig {
        lamplight_aws_sdk::sdk_config()
            .into_builder()
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "test", "test", None, None, "tests",
            )))
            .endpoint_url(format!("http://{}", self.address))
            .region(Region::new("us-east-1"))
            .build()
    }

    fn start() -> Self {
        let folder = target().join("demo");
        let mut command = install(&folder);
        let data = target()
            .join("tmp")
            .join(format!("local-aws-{}", std::process::id()));
        must(
            fs::create_dir_all(&data),
            "create a folder for the local AWS",
        );
        let log = data.join("log");
        let output = must(File::create(&log), "create the log of the local AWS");
        let errors = must(output.try_clone(), "share the log of the local AWS");
        let address = free_address();
        for (name, _) in std::env::vars_os() {
            if FOREIGN
                .iter()
                .any(|prefix| name.to_string_lossy().starts_with(prefix))
            {
                command.env_remove(&name);
            }
        }
        let process = command
            .args(["-c", RUN])
            .env("GATEWAY_PORT", address.port().to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("S3_DATA_DIR", &data)
            .env("TMPDIR", &data)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .spawn();
        let process = must(process, "start the local AWS");
        let mut aws = Self {
            process,
            address,
            data,
        };
        aws.wait_until_healthy(&log);
        aws
    }

    fn wait_until_healthy(&mut self, log: &Path) {
        let deadline = Instant::now() + START_LIMIT;
        while !is_healthy(self.address) {
            let ended = self.process.try_wait().ok().flatten();
            if ended.is_some() || Instant::now() >= deadline {
                let log = fs::read_to_string(log).unwrap_or_default();
                panic!("the local AWS did not start (ended: {ended:?}):\n{log}");
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        // Errors mean that it has ended already.
        let _ = self.process.kill();
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

/// A port that was free a moment ago; if another process takes it first, the start fails visibly.
fn free_address() -> SocketAddr {
    let listener = must(
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)),
        "find a free port",
    );
    must(listener.local_addr(), "find a free port")
}

/// Cargo's target folder, which holds this program.
fn target() -> PathBuf {
    let program = must(std::env::current_exe(), "find the running program");
    let folder = program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists());
    folder.map_or_else(std::env::temp_dir, Path::to_owned)
}

/// The interpreter that has [`PACKAGE`], which is installed below `folder` first if it is not
/// there. The demo of the event broker keeps it in the same place, in the same way.
fn install(folder: &Path) -> Command {
    must(
        fs::create_dir_all(folder),
        "create a folder for Python packages",
    );
    let lock = must(
        File::create(folder.join("install.lock")),
        "lock the installation",
    );
    must(lock.lock(), "wait for another installation");

    let home = folder.join(PACKAGE.replace("==", "-"));
    let interpreter = home.join("bin").join("python");
    match fs::read_to_string(home.join("complete")).as_deref() {
        Ok("environment") => return Command::new(interpreter),
        Ok("packages") => {
            let mut command = Command::new("python3");
            command.env("PYTHONPATH", home.join("packages"));
            return command;
        }
        _ => {}
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&home));
    let pip = [
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--quiet",
        PACKAGE,
    ];
    run(Command::new(&interpreter).args(pip));
    must(
        fs::write(home.join("complete"), "environment"),
        "note that the installation is complete",
    );
    Command::new(interpreter)
}

fn run(command: &mut Command) {
    let output = must(command.output(), "run `python3`, which the local AWS needs");
    assert!(
        output.status.success(),
        "could not install {PACKAGE}; it needs access to PyPI and Python 3.10 or newer as `python3` \
         with `venv` and `pip`: {command:?}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn must<T, E: std::fmt::Display>(result: Result<T, E>, what: &str) -> T {
    result.unwrap_or_else(|error| panic!("cannot {what}: {error}"))
}
