//! Files of lines.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use lamplight_internal::sync::lock;

/// The handling of a full file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenFull {
    /// Nothing more is written.
    Refuse,
    /// It is renamed to `name.1`, `name.1` to `name.2`, up to this number.
    Rotate(u32),
}

/// A file to which lines are appended atomically: all of them, or none.
#[derive(Debug, Clone)]
pub(super) struct LineFile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    max_bytes: u64,
    when_full: WhenFull,
    is_synced: bool,
    /// The file and its length.
    open: Mutex<Option<(File, u64)>>,
}

impl LineFile {
    pub(super) fn new(path: &Path, max_bytes: u64, when_full: WhenFull, is_synced: bool) -> Self {
        Self(Arc::new(Inner {
            path: path.to_owned(),
            max_bytes,
            when_full,
            is_synced,
            open: Mutex::new(None),
        }))
    }

    /// Appends lines, each with its line break, on a thread that may block.
    pub(super) async fn append(&self, lines: Vec<u8>) -> io::Result<()> {
        let file = self.0.clone();
        tokio::task::spawn_blocking(move || file.append(&lines))
            .await
            .unwrap_or_else(|_| Err(io::Error::other("the writing thread has ended")))
    }
}

impl Inner {
    fn append(&self, lines: &[u8]) -> io::Result<()> {
        let mut open = lock(&self.open);
        let more = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        let (mut file, mut length) = match open.take() {
            Some(open) => open,
            None => self.open()?,
        };
        if length > 0 && length.saturating_add(more) > self.max_bytes {
            match self.when_full {
                WhenFull::Refuse => {
                    // The file is closed, so that the next append notices if it was emptied.
                    let full = format!("{} is full: {} bytes", self.path.display(), length);
                    return Err(io::Error::new(io::ErrorKind::StorageFull, full));
                }
                WhenFull::Rotate(kept) => {
                    drop(file);
                    self.rotate(kept)?;
                    (file, length) = self.open()?;
                }
            }
        }
        let written = file.write_all(lines).and_then(|()| match self.is_synced {
            true => file.sync_data(),
            false => Ok(()),
        });
        if let Err(error) = written {
            // A partial line would corrupt the next one. If it cannot be removed, the next opening
            // terminates it.
            if file.set_len(length).is_ok() {
                *open = Some((file, length));
            }
            return Err(error);
        }
        *open = Some((file, length.saturating_add(more)));
        Ok(())
    }

    /// Opens the file, and terminates a line that a crash may have left incomplete.
    fn open(&self) -> io::Result<(File, u64)> {
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(&self.path)?;
        let length = file.metadata()?.len();
        if length == 0 {
            return Ok((file, 0));
        }
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last == *b"\n" {
            return Ok((file, length));
        }
        file.write_all(b"\n")?;
        Ok((file, length + 1))
    }

    fn rotate(&self, kept: u32) -> io::Result<()> {
        let numbered = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        for number in (1..kept).rev() {
            match std::fs::rename(numbered(number), numbered(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        match kept {
            0 => std::fs::remove_file(&self.path),
            _ => std::fs::rename(&self.path, numbered(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("relay-lines-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        path
    }

    fn read(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap_or_default()
    }

    #[tokio::test]
    async fn a_file_that_is_full_is_renamed_and_the_oldest_goes() {
        let path = path("rotate");
        let file = LineFile::new(&path, 10, WhenFull::Rotate(2), false);
        for line in ["1111111\n", "2222222\n", "3333333\n", "4444444\n"] {
            file.append(line.into()).await.unwrap();
        }
        let numbered = |number| PathBuf::from(format!("{}.{number}", path.display()));
        assert_eq!(read(&path), "4444444\n");
        assert_eq!(read(&numbered(1)), "3333333\n");
        assert_eq!(read(&numbered(2)), "2222222\n");
        assert!(!numbered(3).exists());
        for path in [path.clone(), numbered(1), numbered(2)] {
            std::fs::remove_file(path).unwrap();
        }
    }

    #[tokio::test]
    async fn a_bound_is_a_bound() {
        let path = path("bound");
        let file = LineFile::new(&path, 10, WhenFull::Refuse, true);
        file.append(b"1111111\n".to_vec()).await.unwrap();
        let error = file.append(b"2222222\n".to_vec()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        file.append(b"3\n".to_vec()).await.unwrap();
        assert_eq!(read(&path), "1111111\n3\n");
        std::fs::remove_file(path).unwrap();
    }

    #[tokio::test]
    async fn a_line_that_a_crash_left_open_spoils_no_other() {
        let path = path("torn");
        std::fs::write(&path, "whole\nhal").unwrap();
        let file = LineFile::new(&path, 1_000, WhenFull::Refuse, true);
        file.append(b"next\n".to_vec()).await.unwrap();
        assert_eq!(read(&path), "whole\nhal\nnext\n");
        std::fs::remove_file(path).unwrap();
    }

    #[tokio::test]
    async fn a_folder_that_is_missing_is_an_error_until_it_is_there() {
        let folder = path("folder");
        let _ = std::fs::remove_dir_all(&folder);
        let path = folder.join("lines");
        let file = LineFile::new(&path, 1_000, WhenFull::Refuse, true);
        assert!(file.append(b"a\n".to_vec()).await.is_err());
        std::fs::create_dir(&folder).unwrap();
        file.append(b"a\n".to_vec()).await.unwrap();
        assert_eq!(read(&path), "a\n");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
