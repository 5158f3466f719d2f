#![no_main]
//! Two people's changes to one document. The input is three documents with NULs between them: what both began with, mine, theirs.
//!
//! - A patch makes what it was made of.
//! - Who changes nothing changes nothing: `merge(base, x, base)` is x, and so is `merge(base, base, x)`; the same change of both is one.
//! - What the form shows after a merge is what it saves.

use holdpoint_fuzz::html::controls;
use inbox::fuzzing::{form, merging};
use libfuzzer_sys::fuzz_target;
use shared::review::{HashedJson, JsonText};

fuzz_target!(|text: &str| {
    let mut documents = text.splitn(3, '\0');
    if let (Some(base), Some(mine), Some(theirs)) = (documents.next(), documents.next(), documents.next()) {
        let Some(merged) = merging(base, mine, theirs) else { return };
        // Only what has a hash is ever stored, and then no key comes twice.
        let is_stored = |text: &str| {
            JsonText::parse(text.to_owned()).is_ok_and(|text| HashedJson::try_from(text).is_ok())
        };
        if let Some(html) = merged.html.filter(|_| [base, mine, theirs].into_iter().all(is_stored)) {
            let saved = form(&merged.theirs, controls(&html)).expect("it was shown").read;
            // New keys may come in another order, which is no difference.
            let hash = |text: &str| {
                let text = JsonText::parse(text.to_owned()).expect("it is JSON");
                HashedJson::try_from(text).expect("its numbers were stored before").hash
            };
            assert_eq!(
                saved.as_deref().map(hash),
                Some(hash(&merged.merged)),
                "what the page shows is what it saves"
            );
        }
    }
});
