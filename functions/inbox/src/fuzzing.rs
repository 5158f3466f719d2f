//! What `fuzz/` needs of what is private here; built with the feature `fuzzing` alone.

use crate::checks::{Guide, Texts};
use crate::compare::changes::Changes;
use crate::compare::{Patch, diff, merge};
use crate::document::Node;
use crate::fields::{Aids, Fields};
use crate::form::{SubmittedForm, ValueError, read_with_reasons};

/// A snapshot as a form.
pub struct Form {
    /// The snapshot as it was understood.
    pub snapshot: String,
    /// The fields, with what was typed.
    pub html: String,
    /// What was typed, as a snapshot; none if something is wrong with it.
    pub read: Option<String>,
    /// The same, put onto the snapshot it was made from.
    pub merged: Option<String>,
    /// How many differences people are shown.
    pub differences: usize,
}

/// Shows a snapshot as a form into which `typed` was typed, and reads that; none if it is no JSON.
pub fn form(snapshot: &str, typed: Vec<(String, String)>) -> Option<Form> {
    guided(snapshot, typed, Texts::default())
}

/// As [`form`], by a schema and by likelihoods.
pub fn by_schema(
    snapshot: &str,
    typed: Vec<(String, String)>,
    schema: &str,
    likelihoods: &str,
) -> Option<Form> {
    let texts = Texts { json_schema: Some(schema), likelihoods: Some(likelihoods), ..Texts::default() };
    guided(snapshot, typed, texts)
}

fn guided(snapshot: &str, typed: Vec<(String, String)>, texts: Texts<'_>) -> Option<Form> {
    let base = Node::parse(snapshot).ok()?;
    let guide = Guide::of(&base, snapshot, texts);
    let sent = SubmittedForm::new(typed);
    let (mine, wrong) = match read_with_reasons(&base, &sent) {
        Ok((mine, _)) => (Some(mine), ValueError::new()),
        Err(wrong) => (None, wrong),
    };
    let patch = Patch::Same;
    let fields = Fields {
        base: &base,
        patch: &patch,
        model: None,
        sent: Some(&sent),
        wrong: &wrong,
        editable: true,
        raw: "",
        aids: Aids { guide: Some(&guide), path: Some(""), ..Aids::default() },
    };
    let html = fields.html().into_string();
    let merged = mine.clone().map(|mine| merge(&base, mine, &Patch::Same, &base).apply(&base).compact());
    let differences = mine.as_ref().map_or(0, |mine| Changes::of(&base, mine).listed.len());
    let read = mine.map(|mine| mine.apply(&base).compact());
    Some(Form { snapshot: base.compact(), html, read, merged, differences })
}

/// Two people's changes to a document.
pub struct Merged {
    /// The newest version.
    pub theirs: String,
    /// The form of that, with my changes on top; none if a form cannot show them.
    pub html: Option<String>,
    /// Both.
    pub merged: String,
}

/// Merges two people's changes; none if one of the documents is no JSON.
///
/// # Panics
/// If a law of merging does not hold.
pub fn merging(base: &str, mine: &str, theirs: &str) -> Option<Merged> {
    let [base, mine, theirs] = [base, mine, theirs].map(|text| Node::parse(text).ok());
    let (base, mine, theirs) = (base?, mine?, theirs?);
    let (to_mine, to_theirs) = (diff(&base, &mine), diff(&base, &theirs));
    let same = |one: &Node, other: &Node| diff(one, other) == Patch::Same;
    assert!(same(&to_mine.apply(&base), &mine), "a patch makes what it was made of");
    assert_eq!(merge(&base, to_mine.clone(), &Patch::Same, &base), to_mine, "nobody else changed anything");
    assert_eq!(merge(&base, Patch::Same, &to_theirs, &theirs), Patch::Same, "I changed nothing");
    assert!(
        same(&merge(&base, to_mine.clone(), &to_mine, &mine).apply(&mine), &mine),
        "both changed the same"
    );
    let merged = merge(&base, to_mine, &to_theirs, &theirs);
    assert!(Changes::asked(&theirs, &merged).listed.len() <= merged.questions());
    let html = merged.fits_a_form().then(|| {
        let wrong = ValueError::new();
        let fields = Fields {
            base: &theirs,
            patch: &merged,
            model: Some(&base),
            sent: None,
            wrong: &wrong,
            editable: true,
            raw: "",
            aids: Aids::default(),
        };
        fields.html().into_string()
    });
    Some(Merged { theirs: theirs.compact(), html, merged: merged.apply(&theirs).compact() })
}
