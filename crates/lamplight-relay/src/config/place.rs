//! The location of the configuration.

use std::{
    fs,
    io::{ErrorKind, Read as _},
    path::{Path, PathBuf},
};

use crate::config::{Config, ConfigError};

/// The environment variable that contains the configuration, or the path of its file.
pub const CONFIG_VARIABLE: &str = "LAMPLIGHT_RELAY_CONFIG";

/// Maximum size of a configuration, in bytes.
const MOST: u64 = 1 << 20;

/// Reads the configuration of this process.
///
/// Its location is `path` if given, else the value of [`CONFIG_VARIABLE`], else `relay.toml` in the
/// folder of the function (`LAMBDA_TASK_ROOT`) or the working directory. The variable contains the
/// configuration itself if its value has a line break or a `=`, and a path otherwise.
///
/// # Errors
///
/// Returns an error if there is no configuration, or if it has faults.
pub fn find(path: Option<&Path>, variable: Variable<'_>) -> Result<Config, ConfigError> {
    find_with(path, variable, Config::read)
}

/// Reads the configuration of this process for a relay that receives its records from its caller.
/// Works like [`find`], but ignores [`[source]`](Config::read_for_batches).
///
/// # Errors
///
/// Returns an error if there is no configuration, or if it has faults.
pub fn find_for_batches(
    path: Option<&Path>,
    variable: Variable<'_>,
) -> Result<Config, ConfigError> {
    find_with(path, variable, Config::read_for_batches)
}

/// Returns the value of an environment variable.
type Variable<'v> = &'v dyn Fn(&str) -> Option<String>;

type Read = fn(&str, &str, Variable<'_>) -> Result<Config, ConfigError>;

fn find_with(
    path: Option<&Path>,
    variable: Variable<'_>,
    read: Read,
) -> Result<Config, ConfigError> {
    if let Some(path) = path {
        return file(path, variable, read);
    }
    if let Some(value) = variable(CONFIG_VARIABLE).filter(|value| !value.trim().is_empty()) {
        let is_text = value.contains(['\n', '=']);
        return if is_text {
            read(CONFIG_VARIABLE, &value, variable)
        } else {
            file(Path::new(value.trim()), variable, read)
        };
    }
    let root = variable("LAMBDA_TASK_ROOT").map(PathBuf::from);
    file(&root.unwrap_or_default().join("relay.toml"), variable, read)
}

fn file(path: &Path, variable: Variable<'_>, read: Read) -> Result<Config, ConfigError> {
    let name = path.display().to_string();
    let mut text = String::new();
    let got = fs::File::open(path).and_then(|file| file.take(MOST + 1).read_to_string(&mut text));
    let (problem, remedy) = match got {
        Ok(_) if text.len() as u64 <= MOST => return read(&name, &text, variable),
        Ok(_) => (
            "is larger than 1 MiB".to_owned(),
            "use the file of the relay's configuration",
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => (
            "does not exist".to_owned(),
            "set its path with `--config`, or its path or content in LAMPLIGHT_RELAY_CONFIG",
        ),
        Err(error) => (
            format!("cannot be read: {error}"),
            "use a text file that the relay may read",
        ),
    };
    Err(ConfigError::unread(&name, problem, remedy))
}
