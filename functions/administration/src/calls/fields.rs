//! Fields that several of the calls take.

use shared::api::{Call, Field, FieldErrors, Fields, ValueError, any_of, texts_or_none};
use shared::review::{GroupId, MAX_GROUPS};
use shared::store::Role;

/// `roles` of a member.
pub(crate) const ROLES: Field<Option<Vec<Role>>> =
    Field::new("roles", "The roles, all of them. Without one, a member reads.", any_of(Role::WORDS))
        .optional();

/// `groups` of a member or a key.
pub(crate) const GROUPS: Field<Option<Vec<String>>> =
    Field::new("groups", "The groups, all of them.", texts_or_none(MAX_GROUPS, GroupId::MAX_LENGTH))
        .optional();

/// Reads [`GROUPS`].
pub(crate) fn read_groups(body: &mut Fields<'_, '_>) -> Option<Vec<GroupId>> {
    body.read_then(&GROUPS, |texts| parse_groups(&texts.unwrap_or_default()))
}

/// Groups by their names, each once, sorted.
pub(crate) fn parse_groups(texts: &[String]) -> Result<Vec<GroupId>, ValueError> {
    let parse = |text: &String| {
        let invalid = |error| ValueError::new("invalid_identifier", format!("{text}: {error}"));
        GroupId::parse(text).map_err(invalid)
    };
    let mut groups: Vec<GroupId> = texts.iter().map(parse).collect::<Result<_, _>>()?;
    groups.sort();
    groups.dedup();
    Ok(groups)
}

/// A parameter of the path as it is; empty if it cannot be read. What has no such id is not found.
pub(crate) fn named(call: &Call, parameter: &'static str) -> String {
    let parse = |text: &str| Ok::<_, std::convert::Infallible>(text.to_owned());
    call.path_parameter(parameter, parse, &mut FieldErrors::new()).unwrap_or_default()
}
