//! Reports of a suite's results: Markdown for people and JSON for programs, in `docs/bench/`.

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;
use tests::rie;

/// A suite's results, in reading order.
pub(crate) struct Report {
    suite: &'static str,
    parts: Vec<Part>,
}

enum Part {
    Text(String),
    Table(Table),
    Picture { file: String, says: String },
}

/// A table with a title.
pub(crate) struct Table {
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
pub(crate) enum Cell {
    Text(String),
    /// A number, and how many of its decimals are shown.
    Number(f64, usize),
}

/// A number with two decimals: ratios.
pub(crate) const fn ratio(number: f64) -> Cell {
    Cell::Number(number, 2)
}

/// Capacity units, which come in halves.
pub(crate) const fn units(number: f64) -> Cell {
    Cell::Number(number, 1)
}

/// A number without decimals.
pub(crate) const fn whole(number: f64) -> Cell {
    Cell::Number(number, 0)
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Number(count as f64, 0)
    }
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number, decimals) => thousands(&format!("{number:.decimals$}")),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Number(number, decimals) => json!(format!("{number:.decimals$}").parse::<f64>().ok()),
        }
    }
}

/// The longest line of a paragraph, in characters; a page's lines may have 150 (`tests/template/documents.rs`).
const LINE: usize = 120;

/// A paragraph in lines of at most [`LINE`] characters, unless a word is longer.
fn wrapped(paragraph: &str) -> String {
    let (mut text, mut length) = (String::new(), 0);
    for word in paragraph.split_whitespace() {
        let characters = word.chars().count();
        if length > 0 && length + 1 + characters > LINE {
            text.push('\n');
            length = 0;
        } else if length > 0 {
            text.push(' ');
            length += 1;
        }
        text += word;
        length += characters;
    }
    text
}

/// A number's text with commas between thousands.
pub(crate) fn thousands(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let digits = whole.len();
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (digits - place).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

impl Table {
    pub(crate) fn new(title: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Self { title: title.to_owned(), columns, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let row: Vec<Cell> = cells.into_iter().collect();
        assert_eq!(row.len(), self.columns.len(), "{}", self.title);
        self.rows.push(row);
    }

    fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = format!("## {}\n\n", self.title);
        text += &line(self.columns.clone());
        let _ = writeln!(text, "|{}", "---|".repeat(self.columns.len()));
        self.rows.iter().for_each(|row| text += &line(row.iter().map(Cell::text).collect()));
        text
    }

    fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| row.iter().map(Cell::json).collect::<Vec<_>>());
        json!({ "title": self.title, "columns": self.columns, "rows": rows.collect::<Vec<_>>() })
    }
}

impl Report {
    pub(crate) const fn new(suite: &'static str) -> Self {
        Self { suite, parts: Vec::new() }
    }

    pub(crate) fn text(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Text(text.into()));
    }

    pub(crate) fn table(&mut self, table: Table) {
        self.parts.push(Part::Table(table));
    }

    /// A picture, `{suite}-{name}.svg`, and what it shows, for those who cannot see it.
    pub(crate) fn picture(&mut self, name: &str, says: &str, svg: &str) {
        let file = format!("{}-{name}.svg", self.suite);
        std::fs::create_dir_all(folder()).unwrap();
        std::fs::write(folder().join(&file), svg).unwrap();
        self.parts.push(Part::Picture { file, says: says.to_owned() });
    }

    /// Prints its tables, and writes nothing.
    pub(crate) fn print(self) {
        for part in &self.parts {
            if let Part::Table(table) = part {
                println!("{}", table.markdown());
            }
        }
    }

    /// Prints it and writes it down.
    pub(crate) fn save(self) {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let command = format!("cargo run --release -p bench -- {}", arguments.join(" "));
        let date = chrono::Utc::now().date_naive().to_string();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let machine = format!("{cores} cores of {}", std::env::consts::ARCH);
        let mut text = format!("# Bench: {}\n\n`{command}`, {date}, {machine}.\n", self.suite);
        for part in &self.parts {
            let _ = match part {
                Part::Text(said) => write!(text, "\n{}\n", wrapped(said)),
                Part::Table(table) => write!(text, "\n{}", table.markdown()),
                Part::Picture { file, says } => write!(text, "\n![{says}]({file})\n"),
            };
        }
        let of = |part: &Part| match part {
            Part::Text(said) => json!({ "text": said }),
            Part::Table(table) => json!({ "table": table.json() }),
            Part::Picture { file, .. } => json!({ "picture": file }),
        };
        let parts: Vec<Value> = self.parts.iter().map(of).collect();
        let value = json!({
            "suite": self.suite, "command": command, "date": date, "machine": machine, "parts": parts,
        });
        print!("{text}");
        std::fs::create_dir_all(folder()).unwrap();
        std::fs::write(folder().join(format!("{}.md", self.suite)), text).unwrap();
        let json = serde_json::to_string_pretty(&value).unwrap() + "\n";
        std::fs::write(folder().join(format!("{}.json", self.suite)), json).unwrap();
    }
}

fn folder() -> PathBuf {
    rie::workspace().join("docs/bench")
}
