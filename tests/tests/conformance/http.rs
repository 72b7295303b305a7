//! HTTP servers: `http/http-spans.md`.

use crate::statement::statements;

statements! {}
