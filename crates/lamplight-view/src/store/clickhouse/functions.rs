//! Statistics of functions.

use std::cmp::Reverse;

use lamplight_semconv::lamplight;

use super::{
    ClickHouseStore,
    expression::{
        function, has_version, is_cold, is_failed, is_invocation, is_timeout, memory, number,
        version,
    },
    filter::Range,
    parameters::Parameters,
    rows::Row,
    span::{DURATION, START},
};
use crate::store::{Count, Function, StoreError, Window};

/// Number of parts of a window in [`Function::series`].
const PARTS: usize = 60;

/// Maximum number of functions.
const FUNCTIONS: usize = 2_000;

/// Percentiles by nearest rank: `quantileExact` takes the value at the floor of level times number,
/// so the levels are a little lower.
const PERCENTILES: &str = "quantilesExact(0.4999999999, 0.9499999999, 0.9899999999)";

/// Returns every function with its statistics.
pub(super) fn functions(
    store: &ClickHouseStore,
    window: Window,
) -> Result<Vec<Function>, StoreError> {
    let Some(range) = Range::of(window, None) else {
        return Ok(Vec::new());
    };
    let (from, length) = parts(store, window, range)?;
    let mut parameters = Parameters::default();
    let part = format!(
        "least(intDiv({START} - toInt64({}), toInt64({})), {})",
        parameters.count(from),
        parameters.count(length),
        PARTS - 1
    );
    let (init, held) = (
        number(lamplight::init::DURATION_MS),
        number(lamplight::previous_flush::DURATION_MS),
    );
    let (failed, cold) = (is_failed(), is_cold());
    let columns = [
        ("function", function()),
        ("invocations", "count()".to_owned()),
        ("errors", format!("countIf({failed})")),
        ("timeouts", format!("countIf({})", is_timeout())),
        ("cold_starts", format!("countIf({cold})")),
        ("percentiles", format!("{PERCENTILES}({DURATION})")),
        ("init", format!("toNullable(avgIf({init}, {cold}))")),
        ("held", format!("toNullable(avg({held}))")),
        (
            "memory",
            format!(
                "toNullable(argMaxIf({}, {START}, isNotNull({})))",
                memory(),
                memory()
            ),
        ),
        (
            "versions",
            format!("maxMapIf(map({}, {START}), {})", version(), has_version()),
        ),
        ("last", format!("max({START})")),
        ("series", format!("sumMap(map({part}, toUInt64(1)))")),
        (
            "failures",
            format!("sumMap(map({part}, toUInt64({failed})))"),
        ),
    ];
    let rest = format!(
        "FROM otel_traces WHERE {} AND {} GROUP BY function ORDER BY last DESC LIMIT {FUNCTIONS}",
        range.condition(&mut parameters),
        is_invocation()
    );
    let rows = store.client.rows(&columns, &rest, &parameters)?;
    let mut functions = store.client.all(&rows, read)?;
    functions.sort_by(|a, b| (Reverse(a.last), &a.name).cmp(&(Reverse(b.last), &b.name)));
    Ok(functions)
}

/// Returns the start and the length of equal parts of a window; a missing end is replaced by that of
/// all invocations in it.
fn parts(store: &ClickHouseStore, window: Window, range: Range) -> Result<(u64, u64), StoreError> {
    let (from, to) = match (window.from, window.to) {
        (Some(from), Some(to)) => (from, to),
        (from, to) => {
            let (first, last) = ends(store, range)?;
            (from.unwrap_or(first), to.unwrap_or(last.saturating_add(1)))
        }
    };
    let parts = u64::try_from(PARTS).unwrap_or(1);
    Ok((from, to.saturating_sub(from).div_ceil(parts).max(1)))
}

/// Returns the first and the last start of invocations in a range; zeros if there are none.
fn ends(store: &ClickHouseStore, range: Range) -> Result<(u64, u64), StoreError> {
    let mut parameters = Parameters::default();
    let columns = [
        ("first", format!("min({START})")),
        ("last", format!("max({START})")),
    ];
    let rest = format!(
        "FROM otel_traces WHERE {} AND {}",
        range.condition(&mut parameters),
        is_invocation()
    );
    let rows = store.client.rows(&columns, &rest, &parameters)?;
    let ends = store
        .client
        .all(&rows, |row| Some((row.time()?, row.time()?)))?;
    Ok(ends.first().copied().unwrap_or_default())
}

fn read(row: &mut Row<'_>) -> Option<Function> {
    let mut function = Function {
        name: row.text()?,
        invocations: row.count()?,
        errors: row.count()?,
        timeouts: row.count()?,
        cold_starts: row.count()?,
        ..Function::default()
    };
    let percentiles = row.list(Row::count)?;
    let of = |place: usize| percentiles.get(place).copied().unwrap_or_default();
    (function.p50, function.p95, function.p99) = (of(0), of(1), of(2));
    function.init_ms = row.number_or_null()?;
    function.flush_ms = row.number_or_null()?;
    function.memory = row.count_or_null()?;
    let mut versions = row.list(|row| Some((row.text()?, row.time()?)))?;
    versions.sort_by_key(|(_, last)| Reverse(*last));
    function.versions = versions.into_iter().map(|(version, _)| version).collect();
    function.last = row.time()?;
    function.series = vec![Count::default(); PARTS];
    let entry = |row: &mut Row<'_>| Some((usize::try_from(row.time()?).ok()?, row.count()?));
    for (place, number) in row.list(entry)? {
        if let Some(count) = function.series.get_mut(place) {
            count.invocations = number;
        }
    }
    for (place, number) in row.list(entry)? {
        if let Some(count) = function.series.get_mut(place) {
            count.errors = number;
        }
    }
    Some(function)
}
