//! Logs and spans of `tracing`, and the report about a missing layer. The programs are like those of the
//! crate `lamplight`; they are here because features are unified within a workspace, and not every function
//! of the workspace may have `tracing`.

#[allow(dead_code, reason = "programs there need more of it")]
#[path = "../../../../crates/lamplight/tests/front/lambda.rs"]
mod lambda;
mod logs;
mod mistakes;
mod programs;
