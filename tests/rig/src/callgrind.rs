//! Instructions that a program executes, counted by valgrind's callgrind: the same figure on a busy
//! machine as on an idle one.

use std::{
    io,
    process::{Command, Output},
};

/// Returns whether valgrind is installed.
pub fn is_installed() -> bool {
    let version = Command::new("valgrind").arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// Returns `command` below callgrind, with the same arguments and variables.
pub fn wrap(command: &Command) -> Command {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => valgrind.env(name, value),
            None => valgrind.env_remove(name),
        };
    }
    valgrind
}

/// Returns the instructions of all threads, from what a [wrapped](wrap) command has written.
///
/// # Errors
///
/// If callgrind has written no figure.
pub fn collected(output: &Output) -> io::Result<u64> {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
        .ok_or_else(|| io::Error::other(format!("callgrind wrote no figure: {text}")))
}

/// Returns the instructions of one repetition: those of `more` repetitions less those of `few`,
/// shared among the difference. `command` makes the command for a number of repetitions.
///
/// # Errors
///
/// If valgrind cannot be run or has written no figure.
pub fn difference(command: impl Fn(u64) -> Command, few: u64, more: u64) -> io::Result<f64> {
    let count = |repetitions| collected(&wrap(&command(repetitions)).output()?);
    let (few_cost, more_cost) = (count(few)?, count(more)?);
    Ok((more_cost as f64 - few_cost as f64) / (more - few) as f64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn output(stderr: &str) -> Output {
        Output {
            status: std::process::ExitStatus::default(),
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_vec(),
        }
    }

    #[test]
    fn the_figure_is_found_among_the_rest() {
        let written =
            "==7== Events    : Ir\n==7== Collected : 193427\n==7== I   refs:      193,427\n";
        assert_eq!(collected(&output(written)).unwrap(), 193_427);
        let error = collected(&output("==7== bad option")).unwrap_err();
        assert!(error.to_string().contains("bad option"));
    }

    #[test]
    fn a_wrapped_command_keeps_its_arguments_and_variables() {
        let mut command = Command::new("program");
        command.args(["--run", "4"]).env("A", "1").env_remove("B");
        let wrapped = wrap(&command);
        let arguments: Vec<_> = wrapped.get_args().collect();
        assert_eq!(arguments[2..], ["program", "--run", "4"]);
        assert_eq!(wrapped.get_envs().count(), 2);
    }
}
