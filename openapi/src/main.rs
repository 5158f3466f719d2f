//! `cargo run -p openapi`: writes what the function `docs` serves.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/docs");
    let document = openapi::document();
    std::fs::write(folder.join("openapi.json"), format!("{document:#}\n"))?;
    std::fs::write(folder.join("docs.html"), openapi::page(&document))
}
