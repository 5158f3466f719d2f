//! The desk: pages of documents against `pdftoppm` and pdf.js, and a whole review by keyboard in a browser.
//!
//! Ours is the release build of `page`: one child process for each page, which parses the document anew, finds the words and encodes
//! the picture. The three take turns on each document. The browser's part is `bench/desk/*.mjs`.

use crate::report::{Report, Table, ratio, whole};
use page::child::Renderer;
use page::job::{Format, Job, Picture};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;
use tests::rie;

/// Width of the pictures, in pixels.
const WIDTH: u32 = 1200;

struct Document {
    name: String,
    path: PathBuf,
    bytes: Arc<[u8]>,
    pages: u32,
}

pub(crate) fn suite(folder: &Path, rounds: usize) -> Report {
    rie::must(Command::new("cargo").args(["build", "--release", "-p", "page"]));
    let renderer = Renderer::of(rie::target().join("release/page"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let documents = documents(folder, &renderer, &runtime);
    let mut report = Report::new("desk");
    let mut table = Table::new(
        "The first page, at 1,200 pixels",
        &[
            "document",
            "ours / pdftoppm",
            "ours with words / pdftoppm and pdftotext",
            "pdf.js / ours",
            "KB of ours",
            "KB as PNG",
        ],
    );
    let browser = in_the_browser(&documents, rounds);
    let (mut first_pages, mut with_words, mut in_pdfjs) = (Vec::new(), Vec::new(), Vec::new());
    for document in &documents {
        let (mut ours, mut poppler, mut word_finder) = (Vec::new(), Vec::new(), Vec::new());
        let mut kilobytes = 0.0;
        for _ in 0..rounds {
            let started = Instant::now();
            let made = runtime.block_on(renderer.render(document.bytes.clone(), &job(1))).unwrap();
            ours.push(started.elapsed().as_secs_f64());
            kilobytes = made.picture.map_or(0, |bytes| bytes.len()) as f64 / 1000.0;
            poppler.push(timed(pdftoppm(&document.path, 1)));
            word_finder.push(timed(
                Command::new("pdftotext").args(["-bbox", "-f", "1", "-l", "1"]).arg(&document.path).arg("-"),
            ));
        }
        let (ours, poppler, finding) = (median(ours), median(poppler), median(word_finder));
        let pdfjs = browser.iter().find(|row| row["name"] == document.name.as_str());
        let pdfjs = pdfjs.and_then(|row| row["seconds"].as_f64()).unwrap_or(f64::NAN);
        let png = pdftoppm(&document.path, 1).output().unwrap().stdout.len() as f64 / 1000.0;
        first_pages.push(ours / poppler);
        with_words.push(ours / (poppler + finding));
        in_pdfjs.push(pdfjs / ours);
        table.row([
            document.name.as_str().into(),
            ratio(ours / poppler),
            ratio(ours / (poppler + finding)),
            ratio(pdfjs / ours),
            whole(kilobytes),
            whole(png),
        ]);
    }
    table.row([
        "median".into(),
        ratio(median(first_pages)),
        ratio(median(with_words)),
        ratio(median(in_pdfjs)),
        "".into(),
        "".into(),
    ]);
    report.text(
        "Ours is one child process for each page: it makes the picture (lossless WebP) and the words. \
         `pdftoppm` makes a PNG, `pdftotext -bbox` the words. pdf.js runs in Chromium, its worker warm, and has the file in memory.",
    );
    report.table(table);
    report.table(all_pages(&documents, &renderer, &runtime));
    report.table(by_keyboard());
    report
}

fn documents(folder: &Path, renderer: &Renderer, runtime: &tokio::runtime::Runtime) -> Vec<Document> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "pdf"));
    paths.sort();
    let readable = |path: PathBuf| {
        let bytes: Arc<[u8]> = fs::read(&path).unwrap().into();
        let first = runtime.block_on(renderer.render(bytes.clone(), &job(1))).ok()?;
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Some(Document { name, path, bytes, pages: first.page.pages })
    };
    paths.into_iter().filter_map(readable).collect()
}

fn job(page: u32) -> Job {
    let picture = Some(Picture { width: WIDTH, format: Format::Webp });
    Job { page, mime_type: "application/pdf".into(), picture }
}

fn pdftoppm(path: &Path, page: u32) -> Command {
    let mut command = Command::new("pdftoppm");
    let (page, width) = (page.to_string(), WIDTH.to_string());
    command.args(["-png", "-f", &page, "-l", &page, "-scale-to-x", &width, "-scale-to-y", "-1"]).arg(path);
    command.stderr(Stdio::null());
    command
}

fn timed(mut command: impl std::borrow::BorrowMut<Command>) -> f64 {
    let started = Instant::now();
    assert!(command.borrow_mut().output().unwrap().status.success());
    started.elapsed().as_secs_f64()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// Pages a second, one page after the other, each by a process of its own.
fn all_pages(documents: &[Document], renderer: &Renderer, runtime: &tokio::runtime::Runtime) -> Table {
    let mut table =
        Table::new("All pages, one process a page", &["", "pages", "ours, pages a second / pdftoppm's"]);
    let (mut ours, mut poppler, mut pages) = (0.0, 0.0, 0);
    for document in documents {
        for page in 1..=document.pages {
            let started = Instant::now();
            runtime.block_on(renderer.render(document.bytes.clone(), &job(page))).unwrap();
            ours += started.elapsed().as_secs_f64();
            poppler += timed(pdftoppm(&document.path, page));
            pages += 1;
        }
    }
    table.row([
        format!("{} documents", documents.len()).into(),
        whole(f64::from(pages)),
        ratio(poppler / ours),
    ]);
    table
}

fn node(script: &str, arguments: &[&str]) -> Option<Vec<Value>> {
    let output = Command::new("bench/desk/run")
        .arg(script)
        .args(arguments)
        .current_dir(rie::workspace())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        eprintln!("{script}: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

fn in_the_browser(documents: &[Document], rounds: usize) -> Vec<Value> {
    let rounds = rounds.to_string();
    let mut arguments = vec![rounds.as_str()];
    arguments.extend(documents.iter().map(|document| document.path.to_str().unwrap()));
    node("pdfjs.mjs", &arguments).unwrap_or_default()
}

/// What one review takes, from "Start reviewing" to the next review shown.
fn by_keyboard() -> Table {
    let mut table = Table::new("A review by keyboard, in Chromium against the embedded product", &["", ""]);
    for row in node("review.mjs", &[]).unwrap_or_default() {
        table.row([row["what"].as_str().unwrap().into(), row["value"].to_string().into()]);
    }
    table
}
