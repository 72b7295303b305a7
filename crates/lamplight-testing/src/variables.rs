//! The environment variables of a function, while it is set up.

use std::net::SocketAddr;

use lambda_runtime::Config;

/// Sets the variables of a function, and no others that Lamplight or the runtime reads, while `set_up`
/// runs.
///
/// Variables belong to the whole process, so one function is set up at a time.
pub(crate) fn with<R>(
    config: &Config,
    region: &str,
    api: SocketAddr,
    snapstart: bool,
    given: &[(String, String)],
    set_up: impl FnOnce() -> R,
) -> R {
    let of_the_machine = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut variables: Vec<(String, Option<String>)> = of_the_machine
        .filter(|name| is_read(name))
        .map(|name| (name, None))
        .collect();
    let initialization = if snapstart { "snap-start" } else { "on-demand" };
    let own = [
        ("AWS_LAMBDA_RUNTIME_API", api.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", config.function_name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", config.version.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", config.memory.to_string()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", config.log_group.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", config.log_stream.clone()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", initialization.to_owned()),
        ("AWS_REGION", region.to_owned()),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    for (name, value) in own.into_iter().chain(given.iter().cloned()) {
        // Each once, or what was there before would not be restored.
        variables.retain(|(known, _)| *known != name);
        variables.push((name, Some(value)));
    }
    temp_env::with_vars(variables, set_up)
}

/// Returns whether the set-up of a function depends on this variable.
fn is_read(name: &str) -> bool {
    ["AWS_LAMBDA_", "LAMPLIGHT_", "OTEL_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}
