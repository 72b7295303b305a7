//! Variables: `spec:configuration/sdk-environment-variables.md`, `spec:protocol/exporter.md`.

use crate::statement::statements;

statements! {}
