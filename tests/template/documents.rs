//! The pages that people read: what they link to is there.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use std::collections::HashSet;
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
fn every_promise_in_the_readmes_table_has_its_proof() {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let (_, proof) = readme.split_once("\n## Proof\n").unwrap();
    let (proof, _) = proof.split_once("\n## ").unwrap();
    let rows: Vec<&str> = proof.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 10);
    for row in rows {
        assert!(!links(row.rsplit(" | ").next().unwrap()).is_empty(), "{row}");
    }
}
