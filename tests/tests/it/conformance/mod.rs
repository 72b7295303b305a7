//! The published specifications, statement by statement: semantic conventions, specification, OTLP.
//!
//! There is one test per statement, named after its section. The declarations here also generate the table in
//! `CONFORMANCE.md` (see `table.rs`), which therefore contains exactly what is tested.

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
