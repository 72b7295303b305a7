//! The arguments of `lamplight serve`.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

use lamplight_view::{
    server::{OTLP_PORT, Settings, Token},
    store,
};
use lexopt::prelude::{Long, Short, Value, ValueExt as _};

pub(super) const USAGE: &str = "\
usage: lamplight serve [OPTIONS] [FILE|-]...

Shows traces on a local web page as they arrive: over OTLP/HTTP on port 4318, from Kinesis streams, from
files, and from the lines that a function writes to its standard output (`-`), which are passed through.
Files may have any format that `lamplight traces` reads; with `-`, each line is read on its own.

  --port PORT        port of the page (default: any free port; the address is printed)
  --open             opens the page in a browser
  --otlp-port PORT   port of OTLP/HTTP (default: 4318)
  --no-otlp          disables OTLP
  --stream NAME      reads a Kinesis stream; can be repeated. Region and credentials come from the AWS SDK's
                     default chain: variables, profiles, single sign-on. AWS_ENDPOINT_URL_KINESIS sets
                     another endpoint
  --since TIME       time span of streams to read: the last 30s, 15m, 2h or 1d (default: 15m)
  --db FILE          keeps spans in an SQLite file (default: in memory)
  --clickhouse URL   shows the tables otel_traces of ClickHouse, and adds spans to them:
                     http://host:8123/database. User and password are in CLICKHOUSE_USER and
                     CLICKHOUSE_PASSWORD, or before the host: user:password@
  --clickhouse-create
                     creates the database and the tables that do not exist
  --max-spans N      maximum number of spans; older traces are dropped first (default: 1000000)
  --max-age TIME     maximum time for which spans are kept (default: 7d)
  --listen ADDRESS   an interface other than 127.0.0.1; requires --token
  --token TEXT       the token required to view pages and to send spans; it is in the printed address, and
                     senders set OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TEXT";

#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) files: Vec<PathBuf>,
    pub(super) streams: Vec<String>,
    pub(super) since: Option<Duration>,
    pub(super) db: Option<PathBuf>,
    pub(super) clickhouse: Option<String>,
    pub(super) clickhouse_create: bool,
    pub(super) open: bool,
    pub(super) help: bool,
    port: u16,
    otlp_port: Option<u16>,
    no_otlp: bool,
    listen: Option<IpAddr>,
    token: Option<Token>,
    max_spans: Option<u64>,
    max_age: Option<Duration>,
}

impl Arguments {
    pub(super) fn read(mut parser: lexopt::Parser) -> Result<Self, String> {
        let mut read = Self::default();
        let said = |error: lexopt::Error| error.to_string();
        while let Some(argument) = parser.next().map_err(said)? {
            let value = |parser: &mut lexopt::Parser| {
                let value = parser.value().and_then(|it| it.string());
                value.map_err(said)
            };
            match argument {
                Value(file) => read.files.push(file.into()),
                Long("port") => read.port = number(&value(&mut parser)?, "--port")?,
                Long("otlp-port") => {
                    read.otlp_port = Some(number(&value(&mut parser)?, "--otlp-port")?);
                }
                Long("no-otlp") => read.no_otlp = true,
                Long("open") => read.open = true,
                Long("stream") => read.streams.push(stream(&value(&mut parser)?)?),
                Long("since") => read.since = Some(time(&value(&mut parser)?, "--since")?),
                Long("db") => {
                    let file = PathBuf::from(parser.value().map_err(said)?);
                    if file.as_os_str().is_empty() {
                        return Err("--db takes the name of a file".to_owned());
                    }
                    read.db = Some(file);
                }
                Long("clickhouse") => read.clickhouse = Some(clickhouse(&value(&mut parser)?)?),
                Long("clickhouse-create") => read.clickhouse_create = true,
                Long("max-spans") => {
                    read.max_spans = Some(number(&value(&mut parser)?, "--max-spans")?);
                }
                Long("max-age") => read.max_age = Some(time(&value(&mut parser)?, "--max-age")?),
                Long("listen") => {
                    let text = value(&mut parser)?;
                    let address = text.trim_matches(['[', ']']).parse();
                    read.listen = Some(address.map_err(|_| {
                        format!("--listen takes an IP address such as 0.0.0.0 or ::1, not `{text}`")
                    })?);
                }
                Long("token") => {
                    let token = Token::new(&value(&mut parser)?);
                    read.token = Some(
                        token
                            .ok_or("--token takes at least 8 letters, digits and any of - _ . ~")?,
                    );
                }
                Short('h') | Long("help") => read.help = true,
                other => return Err(said(other.unexpected())),
            }
        }
        if read.files.iter().filter(|it| it.as_os_str() == "-").count() > 1 {
            return Err("- is given twice, but there is only one standard input".to_owned());
        }
        read.checked()
    }

    /// Returns the arguments, or an error if some exclude each other.
    fn checked(self) -> Result<Self, String> {
        let conflicting = [
            ("--db", self.db.is_some()),
            ("--max-spans", self.max_spans.is_some()),
            ("--max-age", self.max_age.is_some()),
        ];
        let conflict = conflicting.iter().find(|(_, is_given)| *is_given);
        match (&self.clickhouse, conflict) {
            (Some(_), Some((option, _))) => Err(format!(
                "{option} is for spans in SQLite: leave out {option} or --clickhouse"
            )),
            (None, _) if self.clickhouse_create => {
                Err("--clickhouse-create needs --clickhouse URL".to_owned())
            }
            _ => Ok(self),
        }
    }

    /// Returns the settings of the server.
    pub(super) fn server(&self) -> Settings {
        let mut settings = Settings::default();
        settings.listen = self.listen.unwrap_or(Ipv4Addr::LOCALHOST.into());
        settings.port = self.port;
        settings.otlp_port = (!self.no_otlp).then(|| self.otlp_port.unwrap_or(OTLP_PORT));
        settings.token = self.token.clone();
        settings
    }

    /// Returns the settings of the store.
    pub(super) fn store(&self) -> store::Settings {
        let mut settings = store::Settings::default();
        if let Some(most) = self.max_spans {
            settings.max_spans = most;
        }
        if let Some(age) = self.max_age {
            settings.max_age = age;
        }
        settings
    }
}

fn number<T: std::str::FromStr>(text: &str, option: &str) -> Result<T, String> {
    let number = text.parse();
    number.map_err(|_| format!("{option} cannot be `{text}`"))
}

/// Returns the name of a stream; for an ARN, its last part.
fn stream(text: &str) -> Result<String, String> {
    if cfg!(not(feature = "kinesis")) {
        return Err("this build reads no streams: build it with the feature `kinesis`".to_owned());
    }
    let name = text.rsplit('/').next().unwrap_or(text);
    match name.is_empty() {
        true => Err("--stream takes the name or ARN of a stream".to_owned()),
        false => Ok(name.to_owned()),
    }
}

/// Returns the address of ClickHouse, which is not checked yet.
fn clickhouse(text: &str) -> Result<String, String> {
    if cfg!(not(feature = "clickhouse")) {
        let error = "this build reads no ClickHouse: build it with the feature `clickhouse`";
        return Err(error.to_owned());
    }
    Ok(text.to_owned())
}

/// Parses a duration such as `30s`, `15m`, `2h` or `1d`.
fn time(text: &str, option: &str) -> Result<Duration, String> {
    let wrong = || format!("{option} cannot be `{text}`: write 30s, 15m, 2h or 1d");
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = number.checked_mul(seconds).ok_or_else(wrong)?;
    Ok(Duration::from_secs(seconds))
}
