//! The browser of this machine's user.

use std::process::{Command, Stdio};

use crate::output::print_error;

/// Opens an address, or prints a warning.
pub(super) fn open(url: &str) {
    let (program, arguments): (_, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        // The empty text is the title; otherwise a quoted address would be taken as the title.
        ("cmd", &["/c", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    let opened = Command::new(program)
        .args(arguments)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match opened {
        // Waits for the process, so that no zombie remains.
        Ok(mut child) => {
            std::thread::spawn(move || child.wait());
        }
        Err(error) => print_error(&format!("warning: no browser opened ({program}: {error})")),
    }
}
