//! Figures of the page on costs are those of the report.

use std::collections::BTreeSet;

use lamplight_guide::page;

/// Rows of the page, and what the report calls them.
const ROWS: [(&str, &str); 6] = [
    ("no telemetry", "bare"),
    ("exporter `kinesis`", "Lamplight, Kinesis"),
    ("exporter `otlp` over HTTP", "Lamplight, OTLP"),
    ("exporter `otlp`", "Lamplight, OTLP"),
    ("spans recorded and dropped", "Lamplight, no-op"),
    (
        "exporter `kinesis`, [small profile](deploy.md#a-smaller-binary)",
        "Lamplight, Kinesis, profile `lambda`",
    ),
];

/// Returns the numbers in a text. Thousands are apart in the report, and have commas on the page.
fn numbers(text: &str) -> BTreeSet<String> {
    let letters: Vec<char> = text.chars().collect();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| letters.get(at))
            .is_some_and(char::is_ascii_digit)
    };
    let mut joined = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let is_between = is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
        match letter {
            ',' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' if is_between => {}
            letter => joined.push(*letter),
        }
    }
    let parts = joined.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    parts
        .filter(|it| it.starts_with(|first: char| first.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

fn first_cell(row: &str) -> &str {
    row.trim_start_matches('|')
        .split('|')
        .next()
        .unwrap_or_default()
        .trim()
}

#[test]
fn measured_times_are_those_of_the_report() {
    let (cost, report) = (
        page("docs/guide/cost.md").unwrap(),
        page("benches/REPORT.md").unwrap(),
    );
    let (measured, _) = cost.split_once("## Money").unwrap();
    let mut compared = 0;
    for row in measured
        .lines()
        .filter(|it| it.starts_with("| ") && !it.starts_with("| |"))
    {
        let name = first_cell(row);
        let (_, there) = ROWS
            .iter()
            .find(|(here, _)| *here == name)
            .unwrap_or_else(|| panic!("{name}"));
        let said: BTreeSet<_> = report
            .lines()
            .filter(|it| first_cell(it) == *there)
            .flat_map(|it| it.split('|').skip(2))
            .flat_map(numbers)
            .collect();
        for cell in row.split('|').skip(2) {
            for number in numbers(cell) {
                compared += 1;
                assert!(
                    said.contains(&number),
                    "{name}: {number} is not in the report: {said:?}"
                );
            }
        }
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn sizes_are_those_of_the_report() {
    let (cost, report) = (
        page("docs/guide/cost.md").unwrap(),
        page("benches/REPORT.md").unwrap(),
    );
    let (_, money) = cost.split_once("## Money").unwrap();
    let (money, report) = (numbers(money), numbers(&report));
    for size in ["1296703", "1894", "1583", "1136", "118", "91"] {
        assert!(money.contains(size), "{size} is not on the page");
        assert!(report.contains(size), "{size} is not in the report");
    }
}
