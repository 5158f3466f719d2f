//! The files that pages need: style, script and icon.

use crate::paths::HOME;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// A file that pages need; its path names its content.
pub(crate) struct Asset {
    pub(crate) path: String,
    pub(crate) content_type: &'static str,
    pub(crate) text: &'static str,
}

/// All of them.
pub(crate) struct Assets {
    pub(crate) style: Asset,
    /// Of the pane of documents.
    pub(crate) document_style: Asset,
    pub(crate) icon: Asset,
    /// The script: modules that import each other by name. The entry is the first.
    pub(crate) modules: Vec<Asset>,
    /// The modules that only a page with documents loads.
    pub(crate) viewer: Vec<Asset>,
}

/// The modules in `assets/desk/`; `desk.js` imports the others.
macro_rules! modules {
    ($($name:literal)*) => { [$(($name, include_str!(concat!("../../assets/desk/", $name, ".js")))),*] };
}

const MODULES: &[(&str, &str)] =
    &modules!["desk" "dom" "live" "claim" "save" "draft" "checks" "keys" "panes" "history" "queue" "cells"];

/// Those of the pane of documents; `source.js` joins it to the fields.
const VIEWER: &[(&str, &str)] = &modules![
    "source" "viewer" "pane_data" "sheets" "marks" "loupe" "pick" "hits" "scale" "failures" "finder" "places" "expected" "rank" "rows" "search"
    "labels" "numbers" "dates" "words"
];

impl Assets {
    /// The module that a page starts.
    pub(crate) fn entry(&self) -> &Asset {
        &self.modules[0]
    }

    /// The file at a path.
    pub(crate) fn at(&self, path: &str) -> Option<&Asset> {
        let files = [&self.style, &self.document_style, &self.icon];
        self.modules.iter().chain(&self.viewer).chain(files).find(|asset| asset.path == path)
    }
}

/// The first digits of a hash of some texts.
fn hash<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut sha = Sha256::new();
    texts.for_each(|text| sha.update(text));
    sha.finalize()[..6].iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn file(name: &str, kind: &str, content_type: &'static str, text: &'static str) -> Asset {
    let hash = hash(std::iter::once(text));
    Asset { path: format!("{HOME}/assets/{name}-{hash}.{kind}"), content_type, text }
}

/// All of them. The modules are in a folder that names the content of all: each finds the others beside it.
pub(crate) static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let folder = format!("{HOME}/assets/desk-{}", hash(MODULES.iter().chain(VIEWER).map(|(_, text)| *text)));
    let module = |&(name, text): &(&str, &'static str)| {
        let path = format!("{folder}/{name}.js");
        Asset { path, content_type: "text/javascript; charset=utf-8", text }
    };
    Assets {
        style: file("inbox", "css", "text/css; charset=utf-8", include_str!("../../assets/inbox.css")),
        icon: file("icon", "svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
        document_style: file(
            "document",
            "css",
            "text/css; charset=utf-8",
            include_str!("../../assets/document.css"),
        ),
        modules: MODULES.iter().map(module).collect(),
        viewer: VIEWER.iter().map(module).collect(),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_import_each_other_and_nothing_else() {
        for (modules, beside) in [(MODULES, [].as_slice()), (VIEWER, MODULES)] {
            for (name, text) in modules {
                for import in text.lines().filter(|line| line.starts_with("import ")) {
                    let from = import.split('"').nth(1).unwrap_or_default();
                    let known =
                        modules.iter().chain(beside).any(|(other, _)| from == format!("./{other}.js"));
                    assert!(known, "{name}: {import}");
                }
            }
        }
        let entry = ASSETS.entry();
        assert!(entry.path.ends_with("/desk.js") && ASSETS.at(&entry.path).is_some());
    }
}
