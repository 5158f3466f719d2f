//! The pages that people read: what they link to is there, they are short, and README names every route.

use endpoints::ALL;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::rie::workspace;

/// All Markdown of the project.
fn pages() -> Vec<PathBuf> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "*.md"]).current_dir(workspace());
    let listed = git.output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let pages: Vec<_> = String::from_utf8(listed.stdout).unwrap().lines().map(PathBuf::from).collect();
    assert!(pages.len() > 5, "{pages:?}");
    pages
}

fn read(page: &str) -> String {
    std::fs::read_to_string(workspace().join(page)).unwrap()
}

fn links(text: &str) -> Vec<String> {
    let links = Parser::new(text).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.to_string()),
        _ => None,
    });
    links.collect()
}

/// Headings as GitHub names them in links.
fn anchors(text: &str) -> HashSet<String> {
    let (mut anchors, mut heading) = (HashSet::new(), None);
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => heading.iter_mut().for_each(|heading| *heading += &text),
            Event::End(TagEnd::Heading(_)) => {
                let kept = heading.take().unwrap_or_default().to_lowercase().replace(' ', "-");
                anchors
                    .insert(kept.chars().filter(|it| it.is_alphanumeric() || "-_".contains(*it)).collect());
            }
            _ => {}
        }
    }
    anchors
}

fn leads_somewhere(page: &Path, text: &str, link: &str) -> bool {
    if link.contains("://") {
        return true;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = workspace().join(page).with_file_name(path);
    match (path, anchor) {
        ("", Some(anchor)) => anchors(text).contains(anchor),
        (_, None) => target.exists(),
        (_, Some(anchor)) => {
            std::fs::read_to_string(target).is_ok_and(|text| anchors(&text).contains(anchor))
        }
    }
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let mut lost = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(workspace().join(&page)).unwrap();
        let links = links(&text).into_iter().filter(|link| !leads_somewhere(&page, &text, link));
        lost.extend(links.map(|link| format!("{}: {link}", page.display())));
    }
    assert!(lost.is_empty(), "{lost:#?}");
    assert!(!leads_somewhere(Path::new("README.md"), "# One", "#two"));
    assert!(!leads_somewhere(Path::new("README.md"), "", "no-such-file.md"));
}

#[test]
fn every_promise_has_its_proof() {
    let text = read("docs/guarantees.md");
    let (mut in_proofs, mut row, mut rows) = (false, None, 0);
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => in_proofs = false,
            Event::Text(text) if &*text == "Proofs" => in_proofs = true,
            Event::Start(Tag::TableRow) if in_proofs => (row, rows) = (Some(0), rows + 1),
            Event::Start(Tag::Link { .. }) => row = row.map(|links| links + 1),
            Event::End(TagEnd::TableRow) => {
                assert_ne!(row.take(), Some(0), "row {rows} of the proofs has no link");
            }
            _ => {}
        }
    }
    assert!(rows > 30, "{rows}");
}

#[test]
fn the_first_pages_are_short() {
    for (page, limit) in [("README.md", 8_192), ("ARCHITECTURE.md", 12_800)] {
        let bytes = read(page).len();
        assert!(bytes <= limit, "{page} has {bytes} bytes; {limit} are the limit");
    }
}

/// Longest line of a page, in characters.
const LINE_LIMIT: usize = 150;

#[test]
fn no_line_of_a_page_is_long() {
    let mut long = Vec::new();
    for page in &pages() {
        let text = std::fs::read_to_string(workspace().join(page)).unwrap();
        let lines = text.lines().enumerate().filter(|(_, line)| line.chars().count() > LINE_LIMIT);
        long.extend(lines.map(|(index, _)| format!("{}:{}", page.display(), index + 1)));
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn the_tables_of_calls_name_every_route_once_and_no_other() {
    // Those of administration are in a page of their own.
    let pages = [read("README.md"), read("docs/people.md")];
    let rows = pages.iter().flat_map(|page| {
        let (_, calls) = page.split_once("\n## Calls\n").unwrap();
        let calls = calls.split_once("\n## ").map_or(calls, |(calls, _)| calls);
        calls.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next())
    });
    let rows: Vec<&str> = rows.collect();
    let named: BTreeSet<&str> = rows.iter().copied().collect();
    assert_eq!(named.len(), rows.len());
    let routes: Vec<String> =
        ALL.iter().map(|endpoint| format!("{} {}", endpoint.route.method, endpoint.route.path)).collect();
    assert_eq!(named, routes.iter().map(String::as_str).collect());
}
