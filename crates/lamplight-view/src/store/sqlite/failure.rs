//! Conversion of SQLite errors.

use rusqlite::{Error, ErrorCode};

use crate::store::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let remedy = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => {
                "The disk of the database is full: make room, and spans are taken again."
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "Another process has the database open: end it, or choose another file."
            }
            Some(ErrorCode::NotADatabase) => {
                return Self::Version("The file is no database: choose another one.".to_owned());
            }
            Some(ErrorCode::CannotOpen) => {
                "The database cannot be opened: see whether its folder exists and may be written to."
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                "The database must not be written to: see the permissions of the file and its folder."
            }
            Some(ErrorCode::DatabaseCorrupt) => {
                "The database is damaged: delete the file, and with it the traces in it."
            }
            Some(ErrorCode::SystemIoFailure) => {
                "The disk of the database failed: see whether it is full, or there at all."
            }
            Some(ErrorCode::OutOfMemory) => {
                "There is not enough memory for the database: let it hold fewer spans."
            }
            _ => return Self::Database(format!("The database failed: {error}.")),
        };
        Self::Database(format!("{remedy} ({error})"))
    }
}
