//! Progress on standard error: on a terminal one line that is replaced, elsewhere a line every 15 seconds.

use std::{
    io::IsTerminal,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use super::{
    Event,
    plan::{Progress, Rough},
};
use crate::error::{Error, Result};

/// Pause between two writings of the line on a terminal, which replaces it.
const ANEW: Duration = Duration::from_millis(250);
/// Pause between two lines anywhere else.
const ADDED: Duration = Duration::from_secs(15);
/// Time that a piece of work goes on before it gets a line.
const WORTH: Duration = Duration::from_secs(1);

/// The state of the work, as it is shown.
#[derive(Debug)]
pub(super) struct Screen {
    is_terminal: bool,
    /// Time at which the line is due.
    due: Instant,
    /// The line behind which the cursor of the terminal stands.
    drawn: String,
    downloaded: usize,
    building: Option<Progress>,
    built: bool,
    installed: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            is_terminal: std::io::stderr().is_terminal(),
            due: Instant::now() + WORTH,
            drawn: String::new(),
            downloaded: 0,
            building: None,
            built: false,
            installed: false,
        }
    }
}

impl Screen {
    /// Shows what happens until everything is done, or something fails.
    pub(super) fn show(mut self, events: &Receiver<Event>) -> Result<()> {
        let outcome = loop {
            match events.recv_timeout(ANEW) {
                Ok(Event::Failed(error)) => break Err(error),
                Ok(event) => self.take(event, Instant::now()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    break Err(Error::new("a thread of the demo ended early"));
                }
            }
            if self.built && self.installed {
                break Ok(());
            }
            let now = Instant::now();
            if now >= self.due {
                self.draw(self.text(now));
                self.due = now + if self.is_terminal { ANEW } else { ADDED };
            }
        };
        self.clear();
        outcome
    }

    fn take(&mut self, event: Event, now: Instant) {
        match event {
            Event::Downloaded => self.downloaded += 1,
            Event::Planned(crates) => {
                self.building = Some(Progress::new(crates, now));
                self.due = now + WORTH;
            }
            Event::Finished { id, fresh } => {
                if let Some(building) = &mut self.building {
                    building.finish(&id, fresh, now);
                }
            }
            Event::Line(line) => self.print(&line),
            Event::Built => {
                self.built = true;
                self.due = now + WORTH;
                let built = self
                    .building
                    .as_ref()
                    .map(|building| (building.built(), building.age(now)));
                if let Some((crates @ 1.., took)) = built {
                    self.print(&format!("demo: built {crates} crates in {}", Rough(took)));
                }
            }
            Event::Installed => self.installed = true,
            Event::Failed(_) => {}
        }
    }

    fn text(&self, now: Instant) -> String {
        match (&self.building, self.downloaded) {
            _ if self.built => "installing the local AWS".to_owned(),
            (Some(building), _) => building.line(now),
            (None, 0) => "looking up what is to be built".to_owned(),
            (None, crates) => format!("downloading: {crates} crates so far"),
        }
    }

    /// Writes the line that the next one replaces.
    fn draw(&mut self, text: String) {
        if !self.is_terminal {
            eprintln!("demo: {text}");
        } else if self.drawn != text {
            self.clear();
            eprint!("demo: {text}");
            self.drawn = text;
        }
    }

    /// Writes a line that stays.
    fn print(&mut self, line: &str) {
        self.clear();
        eprintln!("{line}");
    }

    fn clear(&mut self) {
        if !std::mem::take(&mut self.drawn).is_empty() {
            // To the beginning of the line, and all of it away.
            eprint!("\r\x1b[2K");
        }
    }
}
