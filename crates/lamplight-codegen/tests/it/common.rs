//! Registries made on the spot.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use lamplight_codegen::{Error, Registry};

/// A folder of this test run's own.
pub(crate) fn scratch(name: &str) -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("{name}-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes `files` into a folder of their own.
pub(crate) fn folder(files: &[(&str, &str)]) -> PathBuf {
    let folder = scratch("registry");
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

pub(crate) fn load(files: &[(&str, &str)]) -> Result<Registry, Error> {
    let folder = folder(files);
    let result = Registry::load(&folder);
    fs::remove_dir_all(&folder).unwrap();
    result
}

/// A registry of one file in the newer form.
pub(crate) fn v2(text: &str) -> Result<Registry, Error> {
    load(&[(
        "registry.yaml",
        &format!("file_format: definition/2\n{text}"),
    )])
}
