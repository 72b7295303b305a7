//! The browser of whoever sits at this machine.

use std::process::{Command, Stdio};

use crate::output::print_error;

/// Opens an address, or says that it cannot.
pub(super) fn open(url: &str) {
    let (program, arguments): (_, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        // The empty text is a title, which an address in quotes would be taken for.
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
        // It is waited for, so that no dead process stays behind.
        Ok(mut child) => {
            std::thread::spawn(move || child.wait());
        }
        Err(error) => print_error(&format!("warning: no browser opened ({program}: {error})")),
    }
}
