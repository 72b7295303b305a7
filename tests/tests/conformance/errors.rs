//! Errors and exceptions: `general/recording-errors.md`, `exceptions/`.

use crate::statement::statements;

statements! {}
