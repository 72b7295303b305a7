//! Messaging: `messaging/messaging-spans.md` and what it says of single systems.

use crate::statement::statements;

statements! {}
