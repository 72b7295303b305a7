//! Bar charts as SVG.

use std::fmt::Write;

/// A horizontal bar chart.
#[derive(Debug)]
pub(crate) struct Plot {
    /// The name of its file, without `.svg`.
    pub(crate) file: &'static str,
    pub(crate) title: &'static str,
    pub(crate) subtitle: &'static str,
    /// The unit after every number.
    pub(crate) unit: &'static str,
    pub(crate) bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug)]
pub(crate) struct Bar {
    label: String,
    value: f64,
}

impl Bar {
    pub(crate) fn new(label: impl Into<String>, value: f64) -> Self {
        Self {
            label: label.into(),
            value,
        }
    }
}

const WIDTH: f64 = 720.0;
const LABELS: f64 = 250.0;
const NUMBERS: f64 = 80.0;
const HEAD: f64 = 62.0;
const ROW: f64 = 30.0;

impl Plot {
    /// Returns the SVG. Bars of Lamplight are highlighted. It has its own background, so that it is readable
    /// on pages of any color.
    pub(crate) fn svg(&self) -> String {
        let height = HEAD + ROW * self.bars.len() as f64 + 12.0;
        let most = self
            .bars
            .iter()
            .map(|bar| bar.value)
            .fold(f64::MIN_POSITIVE, f64::max);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             font-family=\"system-ui, sans-serif\" role=\"img\" aria-label=\"{title}\">\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" rx=\"8\" fill=\"#ffffff\"/>\n\
             <text x=\"16\" y=\"28\" font-size=\"17\" font-weight=\"600\" fill=\"#1f2328\">{title}</text>\n\
             <text x=\"16\" y=\"48\" font-size=\"12\" fill=\"#59636e\">{subtitle}</text>\n",
            title = escape(self.title),
            subtitle = escape(self.subtitle),
        );
        for (index, bar) in self.bars.iter().enumerate() {
            let y = HEAD + ROW * index as f64;
            let width = (WIDTH - LABELS - NUMBERS) * (bar.value / most).max(0.0);
            let ours = bar.label.starts_with("Lamplight");
            let (color, weight) = if ours {
                ("#e8590c", "600")
            } else {
                ("#adb5bd", "400")
            };
            let _ = write!(
                svg,
                "<text x=\"{x}\" y=\"{text}\" font-size=\"13\" text-anchor=\"end\" font-weight=\"{weight}\" \
                 fill=\"#1f2328\">{label}</text>\n\
                 <rect x=\"{LABELS}\" y=\"{bar_y}\" width=\"{width:.1}\" height=\"18\" rx=\"3\" fill=\"{color}\"/>\n\
                 <text x=\"{number:.1}\" y=\"{text}\" font-size=\"13\" font-weight=\"{weight}\" \
                 fill=\"#1f2328\">{value}</text>\n",
                x = LABELS - 10.0,
                text = y + 18.0,
                label = escape(&bar.label.replace('`', "")),
                bar_y = y + 4.0,
                number = LABELS + width + 8.0,
                value = self.number(bar.value),
            );
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn number(&self, value: f64) -> String {
        let precision = if value >= 100.0 { 0 } else { 1 };
        format!("{value:.precision$} {}", self.unit)
            .trim_end()
            .to_owned()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
