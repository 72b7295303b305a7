//! Where the configuration is.

use std::{
    fs,
    io::{ErrorKind, Read as _},
    path::{Path, PathBuf},
};

use crate::config::{Config, ConfigError};

/// The variable that has the configuration, or the path of its file.
pub const CONFIG_VARIABLE: &str = "LAMPLIGHT_RELAY_CONFIG";

/// Most bytes of a configuration.
const MOST: u64 = 1 << 20;

/// Reads the configuration of this process: the file at `path`; else what [`CONFIG_VARIABLE`] has, which
/// is the text where it has a line break or a `=`, and a path where not; else `relay.toml` in the folder
/// of the function (`LAMBDA_TASK_ROOT`), or here.
///
/// # Errors
///
/// Where there is none, or something is wrong with it.
pub fn find(
    path: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, ConfigError> {
    if let Some(path) = path {
        return file(path, variable);
    }
    if let Some(value) = variable(CONFIG_VARIABLE).filter(|value| !value.trim().is_empty()) {
        let is_text = value.contains(['\n', '=']);
        return if is_text {
            Config::read(CONFIG_VARIABLE, &value, variable)
        } else {
            file(Path::new(value.trim()), variable)
        };
    }
    let root = variable("LAMBDA_TASK_ROOT").map(PathBuf::from);
    file(&root.unwrap_or_default().join("relay.toml"), variable)
}

fn file(path: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
    let name = path.display().to_string();
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(MOST + 1).read_to_string(&mut text));
    let (problem, remedy) = match read {
        Ok(_) if text.len() as u64 <= MOST => return Config::read(&name, &text, variable),
        Ok(_) => (
            "has more than 1 MiB".to_owned(),
            "give the file of the relay's configuration",
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => (
            "is not there".to_owned(),
            "give its path with `--config`, or path or text in LAMPLIGHT_RELAY_CONFIG",
        ),
        Err(error) => (
            format!("cannot be read: {error}"),
            "give a file of text that the relay may read",
        ),
    };
    Err(ConfigError::unread(&name, problem, remedy))
}
