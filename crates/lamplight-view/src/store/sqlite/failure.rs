//! Conversion of SQLite errors.

use rusqlite::{Error, ErrorCode};

use crate::store::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let remedy = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => {
                "The disk of the database is full: free some space, and spans are accepted again."
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "Another process has the database open: end it, or choose another file."
            }
            Some(ErrorCode::NotADatabase) => {
                return Self::Version("The file is not a database: choose another one.".to_owned());
            }
            Some(ErrorCode::CannotOpen) => {
                "The database cannot be opened: check that its folder exists and is writable."
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                "The database is read-only: check the permissions of the file and its folder."
            }
            Some(ErrorCode::DatabaseCorrupt) => {
                "The database is damaged: delete the file, including its traces."
            }
            Some(ErrorCode::SystemIoFailure) => {
                "The disk of the database failed: check that it is present and not full."
            }
            Some(ErrorCode::OutOfMemory) => {
                "There is not enough memory for the database: reduce the number of spans."
            }
            _ => return Self::Database(format!("The database failed: {error}.")),
        };
        Self::Database(format!("{remedy} ({error})"))
    }
}
