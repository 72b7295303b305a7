//! Logs and spans of `tracing`, and what is said where its layer is missing. The programs are like
//! those of the crate `lamplight`; they are here because features of a workspace are those of all,
//! and not every function of the workspace is to have `tracing`.

#[allow(dead_code, reason = "programs there need more of it")]
#[path = "../../../../crates/lamplight/tests/front/lambda.rs"]
mod lambda;
mod logs;
mod mistakes;
mod programs;
