//! Spans in the standard output of a function.

use std::io::{BufRead as _, Read as _};

use lamplight_view::{read::Lines, server::Intake};

use crate::output::{print, print_error};

/// Maximum length of a parsed line: more than the log line of any flush.
const LONGEST: u64 = 64 << 20;

/// Adds the spans in the lines of standard input as they arrive, on a separate thread. All other
/// lines are passed through; invalid lines with spans are reported.
pub(super) fn follow(intake: Intake) {
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut lines = Lines::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            match input.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) => {
                    print_error(&format!("warning: standard input: {error}"));
                    return;
                }
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']);
            let request = lines.line(text);
            for problem in lines.problems() {
                print_error(&format!("warning: standard input, {problem}"));
            }
            let Some(request) = request else {
                if print(text).is_err() {
                    return;
                }
                continue;
            };
            if let Err(error) = intake.add(&request) {
                print_error(&format!("warning: not stored: {error}"));
            }
        }
    });
}
