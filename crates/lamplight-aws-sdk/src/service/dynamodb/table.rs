//! The table of a request or a response.

use crate::service::arn::name_in;

/// Returns the name of a table that is given by name or by ARN.
pub(super) fn name(named: &str) -> &str {
    let name = name_in(named, ":table/");
    name.split('/').next().unwrap_or(name)
}
