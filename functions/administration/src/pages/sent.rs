//! What the forms hold.

use crate::calls::fields::parse_groups;
use inbox::common::SubmittedForm;
use shared::api::{Error, FieldErrors, ValueError};
use shared::review::GroupId;
use shared::store::{Role, Scope};

/// The roles whose boxes are ticked.
pub(super) fn roles(form: &SubmittedForm) -> Vec<Role> {
    let is_ticked = |role: &Role| form.get(&format!("role_{}", role.as_str())).is_some();
    Role::ALL.iter().copied().filter(is_ticked).collect()
}

/// The scopes whose boxes are ticked: at least one.
pub(super) fn scopes(form: &SubmittedForm) -> Result<Vec<Scope>, Error> {
    let is_ticked = |scope: &Scope| form.get(&format!("scope_{}", scope.as_str())).is_some();
    let scopes: Vec<Scope> = Scope::ALL.into_iter().filter(is_ticked).collect();
    if scopes.is_empty() {
        return Err(invalid("scopes", &ValueError::new("out_of_range", "must be at least one")));
    }
    Ok(scopes)
}

/// The groups that were typed, with commas or spaces between them.
pub(super) fn groups(form: &SubmittedForm) -> Result<Vec<GroupId>, Error> {
    let typed = form.get("groups").unwrap_or_default();
    let names: Vec<String> = typed
        .split(|letter: char| letter == ',' || letter.is_whitespace())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if names.len() > shared::review::MAX_GROUPS {
        let message = format!("must be at most {}", shared::review::MAX_GROUPS);
        return Err(invalid("groups", &ValueError::new("out_of_range", message)));
    }
    parse_groups(&names).map_err(|error| invalid("groups", &error))
}

/// The `rev` that the page showed.
pub(super) fn stamp(form: &SubmittedForm) -> Result<u64, Error> {
    let stamp = form.get("version_stamp").and_then(|text| text.parse().ok());
    stamp.ok_or_else(|| {
        invalid("version_stamp", &ValueError::new("missing", "is missing: load the page again"))
    })
}

/// What is wrong with one field.
pub(super) fn invalid(field: &str, error: &ValueError) -> Error {
    let mut errors = FieldErrors::new();
    errors.add(["body", field], error.code, error.message.clone());
    Error::Invalid(errors)
}
