//! The trace SDK, resources and propagators: `spec:trace/`, `spec:resource/`, `spec:context/`.

use crate::statement::statements;

statements! {}
