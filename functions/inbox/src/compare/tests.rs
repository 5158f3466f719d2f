//! What merging must hold, by example and for random documents.

use super::changes::Changes;
use super::ids::Ids;
use super::merge::Merging;
use super::{Entry, Patch, Row, Rows, diff, merge, patch};
use crate::document::Node;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn node(text: &str) -> Node {
    Node::parse(text).unwrap()
}

/// The merged document, and how many values the reader is asked about.
fn merged(base: &str, mine: &str, theirs: &str) -> (String, usize) {
    let (base, mine, head) = (node(base), node(mine), node(theirs));
    let merged = merge(&base, diff(&base, &mine), &diff(&base, &head), &head);
    (merged.apply(&head).compact(), merged.questions())
}

fn rows(names: &[(&str, u32)]) -> String {
    let rows: Vec<String> =
        names.iter().map(|(name, n)| format!(r#"{{"name":"{name}","n":{n},"unit":"pc"}}"#)).collect();
    format!(r#"{{"items":[{}]}}"#, rows.join(","))
}

const ABCD: [(&str, u32); 4] = [("a", 1), ("b", 2), ("c", 3), ("d", 4)];

#[test]
fn rows_are_merged_by_content_and_not_by_position() {
    let mine = rows(&[("a", 1), ("b", 2), ("c", 33), ("d", 4)]);
    let theirs = rows(&[("a", 1), ("c", 3), ("d", 4)]);
    assert_eq!(merged(&rows(&ABCD), &mine, &theirs), (rows(&[("a", 1), ("c", 33), ("d", 4)]), 0));
}

#[test]
fn both_deletions_hold_and_both_added_rows_stand() {
    let (without_a, without_d) = (rows(&ABCD[1..]), rows(&ABCD[..3]));
    assert_eq!(merged(&rows(&ABCD), &without_d, &without_a), (rows(&ABCD[1..3]), 0));
    let with = |name: &'static str| rows(&[ABCD.to_vec(), vec![(name, 9)]].concat());
    let both = rows(&[ABCD.to_vec(), vec![("theirs", 9), ("mine", 9)]].concat());
    assert_eq!(merged(&rows(&ABCD), &with("mine"), &with("theirs")), (both, 0));
    // Who added the same row added it once.
    assert_eq!(merged(&rows(&ABCD), &with("same"), &with("same")), (with("same"), 0));
}

#[test]
fn a_row_removed_by_one_and_changed_by_the_other_is_asked_about() {
    let (without_c, with_33) =
        (rows(&[ABCD[0], ABCD[1], ABCD[3]]), rows(&[ABCD[0], ABCD[1], ("c", 33), ABCD[3]]));
    // Mine stands, where it stood.
    assert_eq!(merged(&rows(&ABCD), &with_33, &without_c), (with_33.clone(), 1));
    assert_eq!(merged(&rows(&ABCD), &without_c, &with_33), (without_c.clone(), 1));
    let (base, head) = (node(&rows(&ABCD)), node(&without_c));
    let mine = merge(&base, diff(&base, &node(&with_33)), &diff(&base, &head), &head);
    let asked = Changes::asked(&head, &mine).listed;
    assert_eq!((asked.len(), asked[0].place.as_str(), asked[0].before), (1, "Items › 3", None));
    assert!(mine.fits_a_form());
}

#[test]
fn a_value_that_both_changed_is_asked_about_once() {
    let (mine, theirs) =
        (rows(&[("a", 1), ("b", 20), ("c", 3), ("d", 4)]), rows(&[("b", 21), ("c", 3), ("d", 4)]));
    assert_eq!(merged(&rows(&ABCD), &mine, &theirs), (rows(&[("b", 20), ("c", 3), ("d", 4)]), 1));
    let (base, head) = (node(&rows(&ABCD)), node(&theirs));
    let merged = merge(&base, diff(&base, &node(&mine)), &diff(&base, &head), &head);
    let asked = Changes::asked(&head, &merged).listed;
    let (before, after) = (asked[0].before.map(Node::compact), asked[0].after.map(Node::compact));
    assert_eq!((asked.len(), asked[0].place.as_str()), (1, "Items › 1 › N"));
    assert_eq!((before.as_deref(), after.as_deref()), (Some("21"), Some("20")));
}

#[test]
fn an_unsure_match_of_rows_is_asked_about() {
    // Nothing says that the row is the same one, but that it stands alone where the other stood.
    let merged =
        merged(r#"[1,{"sku":"a","n":1},2]"#, r#"[1,{"sku":"a","n":7},2]"#, r#"[1,{"sku":"z","n":1},2]"#);
    assert_eq!(merged, (r#"[1,{"sku":"z","n":7},2]"#.to_owned(), 1));
}

#[test]
fn changes_to_the_entries_of_one_object_are_merged() {
    let base = r#"{"a":1,"b":2.50,"c":{"d":3,"e":1}}"#;
    assert_eq!(
        merged(base, r#"{"a":1,"b":2,"c":{"d":3,"e":9}}"#, r#"{"a":0,"b":2.50,"c":{"d":4,"e":1}}"#).1,
        0
    );
    assert_eq!(
        merged(base, r#"{"a":1,"b":2.5,"c":{"d":3,"e":1}}"#, r#"{"a":0,"b":2.50,"c":{"d":4,"e":1}}"#),
        (r#"{"a":0,"b":2.5,"c":{"d":4,"e":1}}"#.to_owned(), 0)
    );
    // What they took out and I changed comes back, and is asked; and the other way round.
    assert_eq!(
        merged(base, r#"{"a":1,"b":2.50,"c":{"d":3,"e":9}}"#, r#"{"a":1,"b":2.50}"#),
        (r#"{"a":1,"b":2.50,"c":{"d":3,"e":9}}"#.to_owned(), 1)
    );
    assert_eq!(merged(base, r#"{"a":1,"b":2.50}"#, r#"{"a":1,"b":2.50,"c":{"d":4,"e":1}}"#).1, 1);
    assert_eq!(merged(base, r#"{"a":1,"c":{"d":3,"e":1}}"#, r#"{"a":1,"c":{"d":3,"e":1}}"#).1, 0);
    assert_eq!(merged("{}", r#"{"x":1}"#, r#"{"x":2}"#), (r#"{"x":1}"#.to_owned(), 1));
    assert_eq!(merged("{}", r#"{"x":1}"#, r#"{"y":2}"#), (r#"{"y":2,"x":1}"#.to_owned(), 0));
}

#[test]
fn changes_to_a_list_of_single_values_are_merged() {
    assert_eq!(merged("[1,2,3,4]", "[1,2,3,4,5]", "[0,1,2,4]"), ("[0,1,2,4,5]".to_owned(), 0));
    assert_eq!(merged("[1,2,3]", "[1,9,3]", "[1,2,3,4]"), ("[1,9,3,4]".to_owned(), 0));
    assert_eq!(merged("[1,2,3]", "[1,9,3]", "[1,8,3]"), ("[1,9,3]".to_owned(), 1));
    assert_eq!(merged("[1,2,3]", "[3,2,1]", "[1,2,3,4]").1, 1);
}

#[test]
fn differences_are_listed_by_value_and_by_row() {
    let (before, after) = (node(&rows(&ABCD)), node(&rows(&ABCD[1..])));
    let patch = diff(&before, &after);
    let told: Vec<(String, bool)> =
        Changes::of(&before, &patch).listed.into_iter().map(|it| (it.place, it.after.is_none())).collect();
    let expected = ["Items › 1 › Name", "Items › 1 › N", "Items › 1 › Unit"].map(|it| (it.to_owned(), true));
    assert_eq!(told, expected);
    let many = node(&format!("[{}1]", "1,".repeat(999)));
    let none = node("[]");
    let patch = diff(&none, &many);
    let changes = Changes::of(&none, &patch);
    assert_eq!((changes.listed.len(), changes.more), (500, 500));
}

#[test]
fn a_row_that_was_moved_is_a_difference() {
    let (before, after) = (node("[1,2,3]"), node("[3,1,2]"));
    let patch = diff(&before, &after);
    let told: Vec<(String, Option<usize>)> =
        Changes::of(&before, &patch).listed.into_iter().map(|it| (it.place, it.moved_from)).collect();
    assert_eq!(told, [("2".to_owned(), Some(0)), ("3".to_owned(), Some(1))]);
}

#[test]
fn a_place_in_words_is_short() {
    let deep = (0..100).fold("1".to_owned(), |inner, _| format!(r#"{{"{}":{inner}}}"#, "k".repeat(5000)));
    let (before, after) = (node(&deep.replace('1', "2")), node(&deep));
    let patch = diff(&before, &after);
    assert!(Changes::of(&before, &patch).listed[0].place.chars().count() < 1000);
}

fn steps(base: &Node, mine: &Node, theirs: &Node) -> usize {
    let work = |one, other| {
        let mut ids = Ids::of([one, other]);
        let patch = patch::diff(&mut ids, one, other);
        (patch, ids.steps)
    };
    let ((mine, one), (patch, other)) = (work(base, mine), work(base, theirs));
    let merging = Merging::default();
    merging.combine(base, mine, &patch, theirs, false);
    one + other + merging.steps.get()
}

/// What documents of a size look like: what both began with, mine, theirs.
type Documents<'a> = Box<dyn Fn(usize) -> [Node; 3] + 'a>;

#[test]
fn work_is_linear_in_the_documents() {
    let list = |count: usize, row: &dyn Fn(usize) -> String| {
        node(&format!("[{}]", (0..count).map(row).collect::<Vec<_>>().join(",")))
    };
    let object = |count: usize, value: usize| {
        let entries: Vec<String> = (0..count).map(|key| format!(r#""k{key}":{}"#, key * value)).collect();
        node(&format!("{{{}}}", entries.join(",")))
    };
    let cases: [(&str, Documents<'_>); 6] = [
        ("keys", Box::new(|n| [object(n, 1), object(n, 2), object(n, 3)])),
        (
            "all rows changed",
            Box::new(|n| {
                [1, 2, 3].map(|it| list(n, &|row| format!(r#"{{"a":{row},"b":{it},"c":{}}}"#, row % 7)))
            }),
        ),
        (
            "no row like another",
            Box::new(|n| [1, 2, 3].map(|it| list(n, &|row| format!(r#"{{"a":"{it}-{row}"}}"#)))),
        ),
        (
            "all rows the same",
            Box::new(|n| [0, 1, 2].map(|it| list(n + it, &|_| r#"{"a":1,"b":null}"#.into()))),
        ),
        (
            "turned round",
            Box::new(|n| {
                [
                    list(n, &|row| row.to_string()),
                    list(n, &|row| (n - row).to_string()),
                    list(n, &|row| (row % 2).to_string()),
                ]
            }),
        ),
        (
            "deep",
            Box::new(|n| {
                [1, 2, 3].map(|it| {
                    node(&format!("{}{}{}{}", "[".repeat(120), "1,".repeat(n), it, "]".repeat(120)))
                })
            }),
        ),
    ];
    for (name, documents) in cases {
        let [small, large] = [1000, 8000].map(|count| {
            let [base, mine, theirs] = documents(count);
            steps(&base, &mine, &theirs)
        });
        assert!(large <= 9 * small + 10_000, "{name}: {small}, {large}");
        assert!(small <= 120_000, "{name}: {small}");
    }
}

/// Any document, of few different values, so that rows are often alike.
fn any_node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Node::Null),
        any::<bool>().prop_map(Node::Bool),
        (0..4u8).prop_map(|number| Node::Number(number.to_string())),
        "[ab]{0,2}".prop_map(Node::Text),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Node::List),
            prop::collection::btree_map("[abc]{1,2}", inner, 0..5)
                .prop_map(|entries| Node::Object(entries.into_iter().collect())),
        ]
    })
}

/// The same with its keys sorted: their order is none of the document's content.
fn sorted(node: &Node) -> Node {
    match node {
        Node::List(items) => Node::List(items.iter().map(sorted).collect()),
        Node::Object(entries) => {
            let sorted: BTreeMap<String, Node> =
                entries.iter().map(|(key, value)| (key.clone(), self::sorted(value))).collect();
            Node::Object(sorted.into_iter().collect())
        }
        leaf => leaf.clone(),
    }
}

/// What one person does to an invoice of so many rows.
#[derive(Clone, Debug)]
struct Edits {
    /// By field: its new value.
    fields: BTreeMap<usize, u32>,
    /// By row and column: its new value.
    cells: BTreeMap<(usize, usize), u32>,
    taken_out: Vec<usize>,
    added: Vec<u32>,
}

const FIELDS: usize = 6;
const ROWS: usize = 8;
const COLUMNS: usize = 4;

/// Two people's edits, of different fields, rows and cells.
fn apart() -> impl Strategy<Value = (Edits, Edits)> {
    let who = prop::collection::vec(0..3u8, FIELDS);
    // Of each row: nobody, mine, theirs, each another cell, mine or theirs takes it out.
    let rows = prop::collection::vec(0..6u8, ROWS);
    (who, rows, 0..3usize, 0..3usize).prop_map(|(who, rows, mine_added, theirs_added)| {
        let edits = |me: u8, value: u32, added: usize| Edits {
            fields: (0..FIELDS).filter(|field| who[*field] == me).map(|field| (field, value)).collect(),
            cells: (0..ROWS)
                .filter(|row| rows[*row] == me || rows[*row] == 3)
                .map(|row| ((row, usize::from(me)), value))
                .collect(),
            taken_out: (0..ROWS).filter(|row| rows[*row] == me + 3).collect(),
            added: (0..added).map(|it| value + u32::try_from(it).unwrap()).collect(),
        };
        (edits(1, 1000, mine_added), edits(2, 2000, theirs_added))
    })
}

/// An invoice after some edits: first theirs, so that what they added stands before what I did.
fn invoice(edits: &[&Edits]) -> Node {
    let number = |value: u32| Node::Number(format!("{value}.0"));
    let at = |base: u32, found: Option<&u32>| number(found.copied().unwrap_or(base));
    let mut entries: Vec<(String, Node)> = (0..FIELDS)
        .map(|field| {
            let changed = edits.iter().find_map(|edits| edits.fields.get(&field));
            (format!("field_{field}"), at(0, changed))
        })
        .collect();
    let kept = (0..ROWS).filter(|row| !edits.iter().any(|edits| edits.taken_out.contains(row)));
    let row = |cells: Vec<Node>| {
        Node::Object(
            cells.into_iter().enumerate().map(|(column, cell)| (format!("column_{column}"), cell)).collect(),
        )
    };
    let mut rows: Vec<Node> = kept
        .map(|place| {
            let cell = |column: usize| {
                let base = if column == 0 { u32::try_from(place).unwrap() } else { 1 };
                at(base, edits.iter().find_map(|edits| edits.cells.get(&(place, column))))
            };
            row((0..COLUMNS).map(cell).collect())
        })
        .collect();
    rows.extend(edits.iter().flat_map(|edits| &edits.added).map(|value| row(vec![number(*value)])));
    entries.push(("rows".into(), Node::List(rows)));
    Node::Object(entries)
}

/// Edits as a form knows them: which row each row was.
fn typed(edits: &Edits) -> Patch {
    let number = |value: u32| Node::Number(format!("{value}.0"));
    let change = |value: u32| Entry::Changed(Patch::set(number(value)));
    let kept = (0..ROWS).filter(|row| !edits.taken_out.contains(row)).map(|row| {
        let cells = edits.cells.iter().filter(|((at, _), _)| *at == row);
        let cells = cells.map(|((_, column), value)| (format!("column_{column}"), change(*value)));
        Row::Kept { from: row, is_sure: true, patch: Patch::object(cells.collect()) }
    });
    let new = edits.added.iter().map(|value| {
        let value = Node::Object(vec![("column_0".into(), number(*value))]);
        Row::New { value, asked: false }
    });
    let rows = Rows { rows: kept.chain(new).collect(), ..Rows::default() };
    let fields = edits.fields.iter().map(|(field, value)| (format!("field_{field}"), change(*value)));
    let rows = match Patch::list(rows, ROWS) {
        Patch::Same => None,
        rows => Some(("rows".to_owned(), Entry::Changed(rows))),
    };
    Patch::object(fields.chain(rows).collect())
}

proptest! {
    #[test]
    fn a_patch_makes_what_it_was_made_of((old, new) in (any_node(), any_node())) {
        let patch = diff(&old, &new);
        prop_assert_eq!(sorted(&patch.apply(&old)), sorted(&new));
        prop_assert_eq!(patch == Patch::Same, sorted(&old) == sorted(&new));
        prop_assert_eq!(patch.questions(), 0);
        // No difference is hidden, none is made up.
        prop_assert_eq!(Changes::of(&old, &patch).is_empty(), patch == Patch::Same);
    }

    #[test]
    fn merging_without_changes_changes_nothing((base, other) in (any_node(), any_node())) {
        let patch = diff(&base, &other);
        prop_assert_eq!(merge(&base, Patch::Same, &patch, &other), Patch::Same);
        prop_assert_eq!(merge(&base, patch.clone(), &Patch::Same, &base), patch.clone());
        // The same change of both is none.
        prop_assert_eq!(sorted(&merge(&base, patch.clone(), &patch, &other).apply(&other)), sorted(&other));
    }

    #[test]
    fn merging_never_fails((base, mine, theirs) in (any_node(), any_node(), any_node())) {
        let merged = merge(&base, diff(&base, &mine), &diff(&base, &theirs), &theirs);
        let made = merged.apply(&theirs);
        prop_assert_eq!(Changes::asked(&theirs, &merged).listed.len(), merged.questions());
        prop_assert_eq!(diff(&theirs, &made) == Patch::Same, sorted(&theirs) == sorted(&made));
    }

    #[test]
    fn edits_of_different_rows_and_fields_are_both_there_and_nothing_else((mine, theirs) in apart()) {
        let (base, head) = (invoice(&[]), invoice(&[&theirs]));
        let merged = merge(&base, typed(&mine), &diff(&base, &head), &head);
        prop_assert_eq!(merged.apply(&head), invoice(&[&theirs, &mine]));
        prop_assert_eq!(merged.questions(), 0);
    }

    #[test]
    fn a_value_that_both_edit_is_one_question((mine, theirs) in apart(), fields in prop::collection::vec(0..FIELDS, 0..3)) {
        let (mut mine, mut theirs) = (mine, theirs);
        let fields: std::collections::BTreeSet<usize> = fields.into_iter().collect();
        for field in &fields {
            mine.fields.insert(*field, 1000);
            theirs.fields.insert(*field, 2000);
        }
        let (base, head) = (invoice(&[]), invoice(&[&theirs]));
        let merged = merge(&base, typed(&mine), &diff(&base, &head), &head);
        prop_assert_eq!(merged.apply(&head), invoice(&[&mine, &theirs]).clone_with_rows_of(&invoice(&[&theirs, &mine])));
        let asked = Changes::asked(&head, &merged).listed;
        prop_assert_eq!(asked.len(), fields.len());
        for change in asked {
            prop_assert_eq!(change.before, Some(&Node::Number("2000.0".into())));
            prop_assert_eq!(change.after, Some(&Node::Number("1000.0".into())));
        }
    }
}

impl Node {
    /// The fields of one invoice, the rows of another.
    fn clone_with_rows_of(&self, other: &Self) -> Self {
        let (Self::Object(fields), Self::Object(rows)) = (self, other) else { panic!("two invoices") };
        Self::Object(fields[..FIELDS].iter().chain(&rows[FIELDS..]).cloned().collect())
    }
}
