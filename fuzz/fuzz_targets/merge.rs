#![no_main]
//! Two people's changes to one document. The input is three documents with NULs between them: what both began with, mine, theirs.
//!
//! - A patch makes what it was made of.
//! - Who changes nothing changes nothing: `merge(base, x, base)` is x, and so is `merge(base, base, x)`; the same change of both is one.
//! - Whatever is merged can be shown as a form.

use inbox::fuzzing::merging;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut documents = text.splitn(3, '\0');
    if let (Some(base), Some(mine), Some(theirs)) = (documents.next(), documents.next(), documents.next()) {
        merging(base, mine, theirs);
    }
});
