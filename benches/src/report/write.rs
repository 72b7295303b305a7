//! The report as a file.

use std::{fmt::Write, time::Duration};

use crate::{
    bench::Bench,
    error::Result,
    machine, rivals,
    section::{Section, Table},
};

/// Writes `benches/REPORT.md` and its plots, or prints the sections if only some were selected.
pub(crate) fn report(bench: &Bench, sections: &[Section]) -> Result<()> {
    let (built, measured) = bench.took();
    if !bench.options.only.is_empty() && !bench.options.write {
        println!("{}{}", budgets(sections), bodies(sections));
        return Ok(());
    }
    let folder = bench.root.join("benches");
    let plots = folder.join("plots");
    std::fs::create_dir_all(&plots)?;
    let mut pictures = String::new();
    for plot in sections.iter().flat_map(|section| &section.plots) {
        std::fs::write(plots.join(format!("{}.svg", plot.file)), plot.svg())?;
        let _ = writeln!(pictures, "![{}](plots/{}.svg)\n", plot.title, plot.file);
    }
    let text = format!(
        "# Lamplight compared with its rivals\n\n{}\n{pictures}{}{}",
        head(bench, sections, measured),
        budgets(sections),
        bodies(sections)
    );
    let path = folder.join("REPORT.md");
    std::fs::write(&path, text)?;
    bench.say(format_args!(
        "built in {} s, measured in {} s: {}",
        built.as_secs(),
        measured.as_secs(),
        path.display()
    ));
    Ok(())
}

fn head(bench: &Bench, sections: &[Section], measured: Duration) -> String {
    let mut table = Table::of_text(&["", "version", "opentelemetry", "set up"]);
    let all = rivals::all(bench);
    for built in &all.built {
        let folder = built.rival.folder;
        table.row(&[
            format!("[`{folder}`](rivals/{folder})"),
            format!("{} {}", built.rival.package, built.version),
            built
                .opentelemetry
                .clone()
                .unwrap_or_else(|| "–".to_owned()),
            built.rival.setup.to_owned(),
        ]);
    }
    for (folder, reason) in &all.absent {
        let reason = format!(
            "not measured: {}",
            reason.lines().next().unwrap_or_default()
        );
        table.row(&[
            format!("[`{folder}`](rivals/{folder})"),
            reason,
            "–".to_owned(),
            String::new(),
        ]);
    }
    let options: Vec<String> = std::env::args().skip(1).filter(|it| it != "--").collect();
    let command = match options.join(" ") {
        none if none.is_empty() => "cargo bench-report".to_owned(),
        options => format!("cargo bench-report -- {options}"),
    };
    format!(
        "Made by `{command}` on {today} from commit {commit}, in {minutes:.0} minutes once built. \
         Method and instructions: [README](README.md).\n\n\
         {noise}\n\n\
         | | |\n\
         |---|---|\n\
         | machine | {hardware} |\n\
         | system | {system} |\n\
         | compiler | {compiler}, profile `release` |\n\
         | load at start and end | {load:.1}, {load_end:.1} |\n\n\
         {rivals}",
        today = machine::today(),
        noise = noise(sections),
        commit = machine::commit(&bench.root),
        minutes = (measured.as_secs_f64() / 60.0).ceil(),
        hardware = machine::hardware(),
        system = machine::system(),
        compiler = machine::compiler(),
        load = bench.load,
        load_end = machine::load(),
        rivals = table.finish(),
    )
}

/// Returns a statement on the noise of the measurements.
fn noise(sections: &[Section]) -> String {
    let texts = || sections.iter().map(|section| section.text.as_str());
    // Every spread is written as `median (least–most)`.
    let is_number = |before: &&str| before.ends_with(|last: char| last.is_ascii_digit());
    let spreads: usize = texts()
        .map(|text| text.split('–').filter(is_number).count())
        .sum();
    let noisy: usize = texts().map(|text| text.matches("| ~").count()).sum();
    if spreads == 0 {
        return String::new();
    }
    let verdict = if noisy * 4 > spreads {
        "**The machine had other work, so times are approximate. Counts are not affected.** "
    } else {
        ""
    };
    format!(
        "{verdict}Of {spreads} times and shares with a spread, {noisy} are marked with `~`: their \
         minimum and maximum differ by more than half the median."
    )
}

fn budgets(sections: &[Section]) -> String {
    let mut table = Table::of_text(&["what", "bound", "measured", "", "note"]);
    let mut any = false;
    for budget in sections.iter().flat_map(|section| &section.budgets) {
        any = true;
        table.row(&[
            budget.what,
            budget.bound,
            &budget.measured,
            if budget.met { "met" } else { "**missed**" },
            &budget.note,
        ]);
    }
    if !any {
        return String::new();
    }
    format!("## Budgets\n\n{}\n", table.finish())
}

fn bodies(sections: &[Section]) -> String {
    let mut text = String::new();
    for section in sections {
        let _ = write!(text, "## {}\n\n{}\n", section.title, section.text);
    }
    text
}
