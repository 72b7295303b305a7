//! Errors of the server.

use std::{error::Error, fmt};

/// Bytes of a message that are kept.
const MESSAGE_LIMIT: usize = 1024;

/// An answer of the server that is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerError {
    /// Status of HTTP.
    pub status: u16,
    /// Code of the exception, such as 60 for `UNKNOWN_TABLE`; 0 where the answer has none.
    pub code: u32,
    /// Message, on one line and cut to a kilobyte.
    pub message: String,
}

/// The reaction that an error calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server is busy, out of memory, or restarting: the same request may succeed later.
    Busy,
    /// The disk of the server is full.
    DiskFull,
    /// The database or a table does not exist.
    NoTable,
    /// The table has other columns, or columns of types that the values cannot be cast to.
    SchemaDiffers,
    /// The user does not exist, the password is wrong, or a grant is missing.
    Denied,
    /// The request is larger than the server, or something before it, accepts.
    TooLarge,
    /// No server of ClickHouse answers at that address.
    NotClickHouse,
    /// The server does not accept the values of these rows.
    Refused,
    /// Any other fault of the server.
    Other,
}

impl ServerError {
    /// Returns the error in an answer, or `None` for a success.
    ///
    /// `code` is the header `X-ClickHouse-Exception-Code`, and `body` as much of the answer as was read. A
    /// server that meets an error after it has begun to answer has to report it in a body of status 200,
    /// which is recognized.
    #[must_use]
    pub fn of(status: u16, code: Option<&str>, body: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(body);
        let in_text = code_in(&text);
        let is_late_error = status == 200 && text.contains("DB::Exception") && in_text.is_some();
        if (200..300).contains(&status) && code.is_none() && !is_late_error {
            return None;
        }
        let code = code.and_then(|code| code.trim().parse().ok()).or(in_text);
        Some(Self {
            status,
            code: code.unwrap_or_default(),
            message: one_line(&text),
        })
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self.code {
            // The names are in `ErrorCodes.cpp` of ClickHouse; also `SELECT * FROM system.errors`.
            // A block with rows of too many days, of which each needs a part of its own.
            252 if self.message.contains("Too many partitions") => ErrorKind::TooLarge,
            159 | 160 | 201 | 202 | 203 | 209 | 210 | 225 | 236 | 241 | 242 | 252 | 285 | 286
            | 319 | 364 | 394 | 439 | 999 => ErrorKind::Busy,
            243 => ErrorKind::DiskFull,
            60 | 81 | 218 => ErrorKind::NoTable,
            8 | 10 | 16 | 20 | 44 | 47 | 50 | 53 | 70 => ErrorKind::SchemaDiffers,
            164 | 192 | 193 | 194 | 195 | 291 | 492 | 497 | 516 => ErrorKind::Denied,
            158 | 307 => ErrorKind::TooLarge,
            // The message names the column; every block fails until the table has another type.
            _ if self.message.contains("hile converting column") => ErrorKind::SchemaDiffers,
            // Values that no column can hold, or that a constraint forbids.
            6
            | 25..=27
            | 33
            | 38
            | 41
            | 69
            | 72
            | 117
            | 128
            | 131
            | 190
            | 321
            | 349
            | 407
            | 469
            | 691 => ErrorKind::Refused,
            0 => match self.status {
                413 => ErrorKind::TooLarge,
                401 | 403 => ErrorKind::Denied,
                408 | 429 | 500..=599 => ErrorKind::Busy,
                _ => ErrorKind::NotClickHouse,
            },
            _ => ErrorKind::Other,
        }
    }

    /// Returns the advice for whoever runs the server.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self.kind() {
            ErrorKind::Busy | ErrorKind::Other => "it is tried again",
            ErrorKind::DiskFull => "make room on its disk, or keep rows for fewer days",
            ErrorKind::NoTable => {
                "create the tables: `lamplight-relay clickhouse schema` prints the statements"
            }
            ErrorKind::SchemaDiffers => {
                "compare the table with what `lamplight-relay clickhouse schema` prints"
            }
            ErrorKind::Denied => {
                "check user and password, and grant INSERT on the tables (and CREATE, if they are to be created)"
            }
            ErrorKind::TooLarge => "send fewer rows at once",
            ErrorKind::NotClickHouse => "check the URL: it has to be the HTTP port of ClickHouse",
            ErrorKind::Refused => "the rows are not sent again",
        }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "HTTP {}: {}; {}",
            self.status,
            self.message,
            self.remedy()
        )
    }
}

impl Error for ServerError {}

/// Returns the number behind `Code: `, with which every exception begins.
fn code_in(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("Code: ")?;
    let digits = rest.split(|it: char| !it.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Returns the first part of a text, without line breaks and other controls.
fn one_line(text: &str) -> String {
    let ends = (0..=MESSAGE_LIMIT).rev();
    let mut cuts = ends.filter_map(|end| text.split_at_checked(end));
    let (head, rest) = match cuts.next() {
        Some(cut) if text.len() > MESSAGE_LIMIT => cut,
        _ => (text, ""),
    };
    let words = head.split(|it: char| it.is_whitespace() || it.is_control());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let mut line = words.join(" ");
    if !rest.is_empty() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_an_error_by_its_status_its_header_or_its_text() {
        assert_eq!(ServerError::of(200, None, b""), None);
        assert_eq!(ServerError::of(200, None, b"Code: 5 apples"), None);
        let late = b"1\t2\nCode: 241. DB::Exception: Memory limit\n(total) exceeded";
        let late = ServerError::of(200, None, late).unwrap();
        assert_eq!((late.code, late.kind()), (241, ErrorKind::Busy));
        assert!(!late.message.contains('\n'));
        let by_header = ServerError::of(500, Some("252"), b"Too many parts").unwrap();
        assert_eq!(by_header.kind(), ErrorKind::Busy);
        for (status, body, kind) in [
            (
                404,
                "Code: 60. DB::Exception: Table t does not exist",
                ErrorKind::NoTable,
            ),
            (
                400,
                "Code: 16. DB::Exception: No such column Duration",
                ErrorKind::SchemaDiffers,
            ),
            (
                403,
                "Code: 516. DB::Exception: me: Authentication failed",
                ErrorKind::Denied,
            ),
            (
                500,
                "Code: 243. DB::Exception: Cannot reserve 1.00 MiB",
                ErrorKind::DiskFull,
            ),
            (
                500,
                "Code: 117. DB::Exception: Incorrect data",
                ErrorKind::Refused,
            ),
            (
                500,
                "Code: 252. DB::Exception: Too many partitions for single INSERT block (more than 100)",
                ErrorKind::TooLarge,
            ),
            (
                500,
                "Code: 252. DB::Exception: Too many parts (3001) in all partitions in total",
                ErrorKind::Busy,
            ),
            (
                500,
                "Code: 164. DB::Exception: Cannot execute query in readonly mode",
                ErrorKind::Denied,
            ),
            (
                500,
                "Code: 6. DB::Exception: Cannot parse text: while converting column \"ScopeVersion\" from \
                 type String to type UInt8",
                ErrorKind::SchemaDiffers,
            ),
            (
                500,
                "Code: 49. DB::Exception: Logical error",
                ErrorKind::Other,
            ),
            (413, "<html>", ErrorKind::TooLarge),
            (404, "<html>not here", ErrorKind::NotClickHouse),
            (502, "<html>bad gateway", ErrorKind::Busy),
            (301, "", ErrorKind::NotClickHouse),
        ] {
            let error = ServerError::of(status, None, body.as_bytes()).unwrap();
            assert_eq!(error.kind(), kind, "{error}");
        }
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let body = "é".repeat(5000);
        let error = ServerError::of(500, None, body.as_bytes()).unwrap();
        assert_eq!(error.message.chars().count(), MESSAGE_LIMIT / 2 + 1);
    }
}
