//! The one list of the API's endpoints. The local gateway, the API's description, the function that answers unknown paths and the tests
//! take the endpoints from here.

use shared::api::{Endpoint, Route};

/// A list of crates as a list of their endpoints, in the order in which the documentation shows them.
macro_rules! endpoints {
    ($($endpoint:ident $(:: $name:ident)?),+ $(,)?) => {
        /// All endpoints.
        pub const ALL: &[Endpoint] = &[$(endpoints!(@ $endpoint $($name)?)),+];
        /// Their routes. It refers to no handler, so that a binary which routes does not carry them.
        pub const ROUTES: &[Route] = &[$(endpoints!(@ $endpoint $($name)?).route),+];
    };
    (@ $endpoint:ident) => { $endpoint::ENDPOINT };
    // A crate that answers several calls has several.
    (@ $endpoint:ident $name:ident) => { $endpoint::$name };
}

endpoints! {
    create_document,
    open,
    gate,
    list,
    get,
    claim,
    release,
    claim_next,
    edit,
    get_evidence,
    get_document,
    delete_document,
    get_version,
    page,
    page::WORDS,
    list_audit,
    assign,
    comment,
    decide,
    reopen,
    resume,
    get_decision,
    acknowledge,
    get_policy,
    put_policy,
    delete_policy,
    list_policy_audit,
    dry_run_policy,
    list_policies,
    create_webhook,
    list_webhooks,
    delete_webhook,
    enable_webhook,
    list_deliveries,
    rotate_webhook_secret,
    test_webhook,
    administration::LIST_MEMBERS,
    administration::GET_MEMBER,
    administration::CHANGE_MEMBER,
    administration::DISABLE_MEMBER,
    administration::ENABLE_MEMBER,
    administration::SET_AWAY,
    administration::END_AWAY,
    administration::CREATE_INVITE,
    administration::LIST_INVITES,
    administration::DELETE_INVITE,
    administration::LIST_GROUPS,
    administration::LIST_KEYS,
    administration::CREATE_KEY,
    administration::ROTATE_KEY,
    administration::REVOKE_KEY,
    administration::LIST_ADMINISTRATION,
    administration::GET_SIGN_IN,
    administration::SET_SIGN_IN,
    administration::PUT_ISSUER,
    administration::DELETE_ISSUER,
    administration::LIST_SUBSCRIPTIONS,
    administration::CREATE_SUBSCRIPTION,
    administration::GET_SUBSCRIPTION,
    administration::CHANGE_SUBSCRIPTION,
    administration::DELETE_SUBSCRIPTION,
    administration::TEST_SUBSCRIPTION,
}

/// The endpoint of a name.
pub fn named(name: &str) -> Option<&'static Endpoint> {
    ALL.iter().find(|endpoint| endpoint.name() == name)
}

/// The endpoint that takes a method and a path.
pub fn at(method: &str, path: &str) -> Option<&'static Endpoint> {
    let takes = |route: &Route| route.method == method && route.captures(path).is_some();
    ALL.iter().find(|endpoint| takes(&endpoint.route))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use shared::api::{Code, FieldSpec, Kind, Literal, Presence, Shape};
    use std::collections::BTreeSet;

    /// All objects and fields of a shape, nested ones included.
    fn walk(shape: &Shape, visit: &mut impl FnMut(&FieldSpec)) {
        walk_new(shape, visit, &mut BTreeSet::new());
    }

    /// An object may refer to itself: each is walked through once.
    fn walk_new(shape: &Shape, visit: &mut impl FnMut(&FieldSpec), known: &mut BTreeSet<&'static str>) {
        let mut fields = |specs: &[FieldSpec]| {
            for spec in specs {
                visit(spec);
                if let Kind::Object(object) | Kind::Objects { object, .. } | Kind::Named { object, .. } =
                    spec.kind
                    && known.insert(object.name)
                {
                    walk_new(&object.shape, &mut *visit, known);
                }
            }
        };
        match shape {
            Shape::Fields(specs) => fields(specs),
            Shape::Variants { tag, variants, .. } => {
                fields(&[*tag]);
                variants.iter().for_each(|variant| fields(variant.fields));
            }
        }
    }

    #[test]
    fn each_name_and_each_route_is_there_once() {
        let names: BTreeSet<&str> = ALL.iter().map(Endpoint::name).collect();
        let routes: BTreeSet<(&str, &str)> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
        assert_eq!((names.len(), routes.len()), (ALL.len(), ALL.len()));
        for endpoint in ALL {
            assert_eq!(endpoint.handler.path, endpoint.route.path);
            assert!(named(endpoint.name()).is_some_and(|found| found.route == endpoint.route));
        }
    }

    #[test]
    fn each_endpoint_says_what_there_is_to_say() {
        for endpoint in ALL {
            let name = endpoint.name();
            assert!(!endpoint.summary.is_empty() && !endpoint.summary.ends_with('.'), "{name}");
            assert!(endpoint.description.ends_with('.'), "{name}");
            assert!(!endpoint.answers.is_empty(), "{name}");
            assert_eq!(endpoint.body.is_some(), endpoint.example.is_some(), "{name}");
            for code in endpoint.errors {
                assert!(!Code::EVERY_CALL.contains(code), "{name}: every call can answer {code:?}");
            }
        }
    }

    #[test]
    fn each_field_is_described_and_its_default_is_valid() {
        let mut count = 0;
        let mut visit = |spec: &FieldSpec| {
            count += 1;
            assert!(!spec.about.is_empty(), "{}", spec.name);
            let valid = match (spec.kind, spec.presence) {
                (_, Presence::Required | Presence::Optional)
                | (Kind::Boolean, Presence::Default(Literal::Boolean(_))) => true,
                (Kind::Integer { min, max }, Presence::Default(Literal::Integer(number))) => {
                    (min..=max).contains(&number)
                }
                (Kind::Word(words), Presence::Default(Literal::Word(word))) => {
                    words.iter().any(|known| known.text == word)
                }
                _ => false,
            };
            assert!(valid, "{}: {:?}", spec.name, spec.presence);
        };
        for endpoint in ALL {
            endpoint.query.iter().for_each(&mut visit);
            endpoint.body.iter().for_each(|body| walk(&body.object.shape, &mut visit));
        }
        assert!(count > 40, "{count}");
    }

    #[test]
    fn each_word_of_a_tag_has_its_variant() {
        let check = |shape: &Shape| {
            let Shape::Variants { tag, variants, .. } = shape else { return };
            let Kind::Word(words) = tag.kind else { panic!("{} is no word", tag.name) };
            assert!(words.iter().copied().eq(variants.iter().map(|variant| variant.word)), "{}", tag.name);
        };
        for body in ALL.iter().filter_map(|endpoint| endpoint.body) {
            check(&body.object.shape);
            walk(&body.object.shape, &mut |spec| {
                if let Kind::Object(object) | Kind::Objects { object, .. } | Kind::Named { object, .. } =
                    spec.kind
                {
                    check(&object.shape);
                }
            });
        }
    }
}
