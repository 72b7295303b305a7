//! Calls to AWS: `cloud-providers/aws-sdk.md`, `database/`, `rpc/`, what a send, a receive and a settle record.

use crate::statement::statements;

statements! {}
