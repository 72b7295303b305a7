//! Progress of a run, on standard error.

/// Prints a line about what is going on.
macro_rules! progress {
    ($($text:tt)*) => { eprintln!("demo: {}", format_args!($($text)*)) };
}
pub(crate) use progress;
