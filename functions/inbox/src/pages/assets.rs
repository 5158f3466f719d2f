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

impl Asset {
    fn new(name: &str, kind: &str, content_type: &'static str, text: &'static str) -> Self {
        let hash = Sha256::digest(text);
        let hash = hash[..6].iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        Self { path: format!("{HOME}/assets/{name}-{hash}.{kind}"), content_type, text }
    }
}

/// All of them.
pub(crate) static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        Asset::new("inbox", "css", "text/css; charset=utf-8", include_str!("../../assets/inbox.css")),
        Asset::new("inbox", "js", "text/javascript; charset=utf-8", include_str!("../../assets/inbox.js")),
        Asset::new("icon", "svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
    ]
});
