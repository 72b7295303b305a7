//! The table of a request or an answer.

use crate::service::arn::name_in;

/// Returns the name of a table that is named by it or by its ARN.
pub(super) fn name(named: &str) -> &str {
    let name = name_in(named, ":table/");
    name.split('/').next().unwrap_or(name)
}
