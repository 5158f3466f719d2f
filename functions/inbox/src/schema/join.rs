//! Which subschemas apply to the same value, and which types they allow together. Each is looked at once; cycles end.

use super::read::Subschema;
use super::{Schema, Types};
use crate::document::Node;

/// A subschema that applies where another does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) id: usize,
    /// Whether it applies to each value that is not null: not if it is one of several.
    pub(super) is_sure: bool,
}

/// A subschema, and what applies along with it.
pub(super) fn members(subschemas: &[Subschema], id: usize) -> Box<[Member]> {
    let mut members = vec![Member { id, is_sure: true }];
    let mut next = 0;
    while let Some(Member { id, is_sure }) = members.get(next).copied() {
        next += 1;
        let of = &subschemas[id];
        let alternatives =
            || of.any.iter().copied().filter(|id| !is_null(&subschemas[*id])).take(Schema::MEMBERS);
        let is_only_one = alternatives().nth(1).is_none();
        let joined = of.reference.into_iter().chain(of.all.iter().copied()).map(|id| (id, is_sure));
        let found = joined.take(Schema::MEMBERS).chain(alternatives().map(|id| (id, is_sure && is_only_one)));
        for (id, is_sure) in found {
            if members.len() < Schema::MEMBERS && !members.iter().any(|member| member.id == id) {
                members.push(Member { id, is_sure });
            }
        }
    }
    members.into()
}

fn is_null(subschema: &Subschema) -> bool {
    subschema.types == Some(Types::NULL)
        || subschema.options.as_deref().is_some_and(|options| matches!(options, [Node::Null]))
}

/// The types that each subschema allows.
pub(super) fn types(subschemas: &[Subschema]) -> Vec<Types> {
    let mut known: Vec<Option<Types>> = vec![None; subschemas.len()];
    (0..subschemas.len()).map(|id| allowed(subschemas, &mut known, id, 0)).collect()
}

fn allowed(subschemas: &[Subschema], known: &mut [Option<Types>], id: usize, depth: usize) -> Types {
    /// Longer chains of references say nothing.
    const DEPTH: usize = 64;
    if let Some(types) = known[id] {
        return types;
    }
    if depth == DEPTH {
        return Types::ANY;
    }
    // What leads back here says nothing more.
    known[id] = Some(Types::ANY);
    let of = &subschemas[id];
    let mut types = of.types.unwrap_or(Types::ANY);
    if let Some(options) = &of.options {
        types = types.and(options.iter().fold(Types::NONE, |all, option| all.or(Types::of(option))));
    }
    for joined in of.reference.iter().chain(&of.all) {
        types = types.and(allowed(subschemas, known, *joined, depth + 1));
    }
    if !of.any.is_empty() {
        let any = of.any.iter().map(|id| allowed(subschemas, known, *id, depth + 1));
        types = types.and(any.fold(Types::NONE, Types::or));
    }
    known[id] = Some(types);
    types
}
