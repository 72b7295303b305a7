//! The published texts, statement by statement: semantic conventions, specification, OTLP.
//!
//! One test a statement, named after its section. What is declared here is also the table in
//! `CONFORMANCE.md` (see `table.rs`), which therefore says what was tested and nothing else.

#[path = "../../../../crates/lamplight-aws-sdk/tests/it/common.rs"]
mod calls;
#[path = "../../../../crates/lamplight-lambda/tests/it/common.rs"]
mod function;
mod recorded;
#[path = "../../../../crates/lamplight-propagation/tests/requests/mod.rs"]
mod requests;
mod statement;
mod table;

mod aws_sdk;
mod environment;
mod errors;
mod faas;
mod http;
mod http_client;
mod messaging;
mod otlp;
mod sdk;
