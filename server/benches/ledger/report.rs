//! The table for people and the line for programs.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::audit::Asked;

struct Row {
    what: String,
    ledger: String,
    reference: String,
    ratio: f64,
    target: Option<(char, f64)>,
}

/// Every figure of a run.
pub(crate) struct Report {
    rows: Vec<Row>,
    figures: Map<String, Value>,
    filled_events: u64,
}

impl Report {
    pub(crate) fn new(filled_events: u64) -> Self {
        let mut figures = Map::new();
        figures.insert("filledEvents".to_owned(), json!(filled_events));
        Self {
            rows: Vec::new(),
            figures,
            filled_events,
        }
    }

    pub(crate) fn callers(&mut self, callers: usize, raw: f64, append: f64, read: f64) {
        let target = match callers {
            1 => Some(0.8),
            32 => Some(2.0),
            256 => Some(3.0),
            _ => None,
        };
        self.row(
            &format!("append, {callers} callers"),
            &format!("append{callers}"),
            ("events/s", append),
            ("INSERT", raw),
            target.map(|target| ('≥', target)),
        );
        self.row(
            &format!("logged read, {callers} callers"),
            &format!("read{callers}"),
            ("reads/s", read),
            ("append", append),
            Some(('≥', 0.8)),
        );
    }

    pub(crate) fn cpu(&mut self, callers: usize, raw: f64, append: f64, read: f64) {
        self.row(
            &format!("processor time, {callers} callers"),
            &format!("cpuMicros{callers}"),
            ("µs an event", append),
            ("INSERT", raw),
            (callers == 32).then_some(('≤', 0.4)),
        );
        self.figures
            .insert(format!("cpuMicrosRead{callers}"), json!(rounded(read)));
    }

    pub(crate) fn bulk(&mut self, copy: f64, append: f64) {
        self.row(
            "bulk append, 100 events a call",
            "bulk",
            ("events/s", append),
            ("COPY", copy),
            Some(('≥', 0.4)),
        );
    }

    pub(crate) fn import(&mut self, append: f64, import: f64) {
        self.row(
            "import of a log, 20000 events",
            "import",
            ("events/s", import),
            ("bulk append", append),
            None,
        );
    }

    /// The first answer after a start.
    pub(crate) fn first_question(&mut self, small: f64, large: f64) {
        let smaller = format!("at {}", self.filled_events / 10);
        self.row(
            "the first question after a start",
            "auditFirst",
            ("ms", large),
            (&smaller, small),
            None,
        );
    }

    /// An auditor's question: its median against that in a ledger of a tenth of the size, and the slowest of a hundred
    /// against what is promised.
    pub(crate) fn question(
        &mut self,
        (name, key): (&str, &str),
        asked: Asked,
        small: f64,
        large: f64,
        slow: f64,
    ) {
        let smaller = format!("at {}", self.filled_events / 10);
        let (what, ratio) = match asked {
            Asked::First => (
                format!("{name}, at {} events", self.filled_events),
                format!("{key}Median"),
            ),
            Asked::Again => (format!("{name}, asked again"), format!("{key}Again")),
        };
        self.row(
            &what,
            &ratio,
            ("ms", large),
            (&smaller, small),
            Some(('≤', 1.3)),
        );
        if asked == Asked::Again {
            return;
        }
        self.row(
            &format!("{name}, the median"),
            &format!("{key}MedianPromised"),
            ("ms", large),
            ("promised", 25.0),
            Some(('≤', 1.0)),
        );
        self.row(
            &format!("{name}, the slowest of a hundred"),
            &format!("{key}Slowest"),
            ("ms", slow),
            ("promised", 100.0),
            Some(('≤', 1.0)),
        );
    }

    /// The memory that an export takes at its highest.
    pub(crate) fn export_memory(&mut self, format: &str, small: f64, large: f64) {
        let what = format!(
            "memory of an export as {format}, {} events",
            self.filled_events
        );
        let smaller = format!("{} events", self.filled_events / 10);
        self.row(
            &what,
            &format!("exportMemory-{format}"),
            ("MiB", large),
            (&smaller, small),
            Some(('≤', 1.3)),
        );
    }

    /// The memory that an import takes at its highest, of a log and of one of ten times as many cases.
    pub(crate) fn import_memory(&mut self, cases: usize, small: f64, large: f64) {
        self.row(
            &format!("memory of an import of {} cases", cases * 10),
            "importMemory",
            ("MiB", large),
            (&format!("{cases} cases"), small),
            Some(('≤', 1.3)),
        );
    }

    pub(crate) fn rebuild(&mut self, events: u64, copy: f64, rebuild: f64) {
        let what = format!("all read models anew, from {events} events");
        self.row(
            &what,
            "rebuild",
            ("events/s", rebuild),
            ("COPY TO", copy),
            None,
        );
    }

    pub(crate) fn latency(&mut self, small: f64, large: f64) {
        let what = format!("append at {} events", self.filled_events);
        self.row(
            &what,
            "latencyMicrosGrown",
            ("µs", large),
            ("at 10000", small),
            Some(('≤', 1.2)),
        );
    }

    pub(crate) fn verification(&mut self, copy: f64, verify: f64) {
        let what = format!("verification of {} events", self.filled_events);
        self.row(
            &what,
            "verify",
            ("events/s", verify),
            ("COPY TO", copy),
            Some(('≥', 0.5)),
        );
    }

    fn row(
        &mut self,
        what: &str,
        key: &str,
        (unit, ledger): (&str, f64),
        (reference_name, reference): (&str, f64),
        target: Option<(char, f64)>,
    ) {
        let ratio = ledger / reference;
        self.figures.insert(key.to_owned(), json!(rounded(ledger)));
        self.figures
            .insert(format!("{key}Reference"), json!(rounded(reference)));
        self.figures.insert(
            format!("{key}Ratio"),
            json!((ratio * 1_000.0).round() / 1_000.0),
        );
        self.rows.push(Row {
            what: what.to_owned(),
            ledger: format!("{} {unit}", digits(ledger)),
            reference: format!("{} ({reference_name})", digits(reference)),
            ratio,
            target,
        });
    }

    pub(crate) fn to_json(&self) -> String {
        Value::Object(self.figures.clone()).to_string()
    }
}

/// Without decimals where they say nothing.
fn digits(value: f64) -> String {
    if value.abs() < 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | the ledger | reference | ratio | target | |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for row in &self.rows {
            let (target, verdict) = match row.target {
                None => (String::new(), ""),
                Some((sign, target)) => {
                    let reached = if sign == '≥' {
                        row.ratio >= target
                    } else {
                        row.ratio <= target
                    };
                    (
                        format!("{sign} {target}"),
                        if reached { "reached" } else { "missed" },
                    )
                }
            };
            writeln!(
                f,
                "| {} | {} | {} | {:.2} | {target} | {verdict} |",
                row.what, row.ledger, row.reference, row.ratio
            )?;
        }
        Ok(())
    }
}
