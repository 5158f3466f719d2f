#![no_main]
//! A snapshot as a form, read as a browser does. The input is a snapshot, a NUL, a form that is sent back, and, each after another
//! NUL, a JSON Schema and likelihoods.
//!
//! - Every tag and every attribute is one of ours, quoted, and closed: no text of a snapshot can open one.
//! - An unchanged form, sent by a browser, is the same snapshot, digit for digit.
//! - What is typed into a field arrives, or is reported as wrong.
//! - Merging with the base version changes nothing, whatever was sent.

use holdpoint_fuzz::html::controls;
use inbox::fuzzing::by_schema;
use libfuzzer_sys::fuzz_target;
use shared::review::{HashedJson, JsonText};

fuzz_target!(|text: &str| {
    let mut parts = text.splitn(4, '\0');
    let mut part = || parts.next().unwrap_or_default();
    let (snapshot, typed, schema, likelihoods) = (part(), part(), part(), part());
    let form = |snapshot: &str, typed| by_schema(snapshot, typed, schema, likelihoods);
    // Only a snapshot with a canonical hash is stored.
    let stored = JsonText::parse(snapshot.to_owned()).ok().and_then(|text| HashedJson::try_from(text).ok());
    let Some(stored) = stored else { return };
    let snapshot = stored.text.as_str();
    let untouched = form(snapshot, vec![]).expect("what is stored can be shown");
    assert_eq!(untouched.read.as_deref(), Some(&*untouched.snapshot));
    let same = |text: &str| {
        HashedJson::try_from(JsonText::parse(text.to_owned()).unwrap()).unwrap().hash == stored.hash
    };
    assert!(same(&untouched.snapshot), "it is understood as it is");

    let fields = controls(&untouched.html);
    let sent = form(snapshot, fields.clone()).expect("it could be shown before");
    assert_eq!(sent.read, untouched.read, "what was not touched stays");
    assert_eq!((sent.merged, sent.differences), (untouched.read.clone(), 0));

    // Into one field, chosen by the text's length.
    let leaves: Vec<usize> = (0..fields.len()).filter(|index| fields[*index].0.starts_with('f')).collect();
    if let Some(index) = leaves.get(text.len() % leaves.len().max(1)) {
        let mut fields = fields;
        let field = &mut fields[*index];
        field.1 = if field.1 == "41" { "42" } else { "41" }.into();
        let sent = form(snapshot, fields).expect("it could be shown before");
        assert!(sent.read != untouched.read, "what was typed is lost");
    }

    let typed = form_urlencoded::parse(typed.as_bytes()).into_owned().collect();
    let sent = form(snapshot, typed).expect("it could be shown before");
    controls(&sent.html);
    // JSON that was typed may have its keys in another order, which is no difference; or no canonical hash, and then it is refused.
    let hash = |text: &Option<String>| {
        let text = JsonText::parse(text.clone()?).expect("what is read is JSON");
        HashedJson::try_from(text).ok().map(|it| it.hash)
    };
    if let Some(read) = hash(&sent.read) {
        assert_eq!(hash(&sent.merged), Some(read), "nobody else changed anything");
        assert!(sent.differences > 0 || read == stored.hash, "a difference that is not shown");
        assert!(sent.differences == 0 || sent.read != untouched.read, "a difference that is none");
    }
});
