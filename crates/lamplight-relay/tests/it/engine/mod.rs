//! The engine as a whole: what it promises, whatever is read in which order and wherever it is killed.

mod late;
mod memory;
mod process;
mod promises;
mod records;
