//! Which rows are found, and how surely.

use super::*;

fn aligned(old: &str, new: &str) -> Vec<Option<(usize, bool)>> {
    let (old, new) = (Node::parse(old).unwrap(), Node::parse(new).unwrap());
    let mut ids = Ids::of([&old, &new]);
    let (Node::List(old), Node::List(new)) = (&old, &new) else { panic!("two lists") };
    align(&mut ids, old, new).into_iter().map(|it| it.map(|it| (it.from, it.is_sure))).collect()
}

#[test]
fn equal_rows_are_found_wherever_they_stand() {
    let sure = |from: usize| Some((from, true));
    assert_eq!(aligned("[1,2,3,4]", "[1,3,4]"), [sure(0), sure(2), sure(3)]);
    assert_eq!(aligned("[1,2,3]", "[3,1,2]"), [sure(2), sure(0), sure(1)]);
    assert_eq!(aligned("[1,1]", "[1,1,1]"), [sure(0), sure(1), None]);
    assert_eq!(aligned("[]", "[1]"), [None]);
}

#[test]
fn a_row_that_changed_is_found_by_what_stayed() {
    let old =
        r#"[{"sku":"a","n":1,"unit":"pc"},{"sku":"b","n":1,"unit":"pc"},{"sku":"c","n":2,"unit":"kg"}]"#;
    let new = r#"[{"sku":"z","n":9,"unit":"m"},{"sku":"c","n":2,"unit":"g"},{"sku":"b","n":1,"unit":"m"}]"#;
    let found = aligned(old, new);
    assert_eq!((found[1], found[2]), (Some((2, true)), Some((1, true))));
}

#[test]
fn a_row_is_found_by_its_name_however_much_of_it_changed() {
    let old = r#"[{"sku":"a","n":1},{"sku":"b","n":2},{"sku":"c","n":3}]"#;
    assert_eq!(aligned(old, r#"[{"sku":"b","n":20},{"sku":"c","n":3}]"#), [Some((1, true)), Some((2, true))]);
    let old = r#"[{"id":1,"desc":"Bolt","qty":1},{"id":2,"desc":"Nut","qty":2}]"#;
    assert_eq!(aligned(old, r#"[{"id":2,"desc":"Nut M8","qty":4}]"#), [Some((1, true))]);
    // Two names that lead to two rows are no name.
    let swapped = aligned(old, r#"[{"id":1,"desc":"Nut","qty":7},{"id":3,"desc":"Pin","qty":9}]"#);
    assert!(swapped.iter().flatten().all(|(_, is_sure)| !is_sure), "{swapped:?}");
    // What is not each row's own is no name.
    let old = r#"[{"sku":"a","n":1},{"sku":"a","n":2},{"sku":"c","n":3}]"#;
    assert_eq!(aligned(old, r#"[{"sku":"a","n":9},{"sku":"c","n":3}]"#)[0], None);
}

#[test]
fn another_row_with_the_same_numbers_is_a_guess() {
    let old = r#"[{"id":"a","desc":"Bolt","qty":1,"unit":"pc","price":4},{"id":"b","desc":"Nut","qty":2,"unit":"kg","price":7}]"#;
    let replaced = r#"[{"id":"a","desc":"Bolt","qty":1,"unit":"pc","price":4},{"id":"e","desc":"Pin","qty":2,"unit":"kg","price":7}]"#;
    assert_eq!(aligned(old, replaced), [Some((0, true)), Some((1, false))]);
    // A number that changed leaves it the same row; so does a text that does not tell rows apart.
    let changed = replaced.replace(r#""id":"e","desc":"Pin","qty":2"#, r#""id":"b","desc":"Nut","qty":3"#);
    assert_eq!(aligned(old, &changed), [Some((0, true)), Some((1, true))]);
    let units = old.replace(r#""unit":"kg""#, r#""unit":"pc""#);
    let other_unit = units.replace(r#""qty":2,"unit":"pc""#, r#""qty":2,"unit":"kg""#);
    assert_eq!(aligned(&units, &other_unit), [Some((0, true)), Some((1, true))]);
}

#[test]
fn a_row_matched_by_its_place_alone_is_a_guess() {
    assert_eq!(aligned(r#"[1,{"n":1},3]"#, r#"[1,{"n":2},3]"#)[1], Some((1, false)));
    assert_eq!(aligned("[1,2,3]", "[1,7,8,3]"), [Some((0, true)), None, None, Some((2, true))]);
    // Half of it is not most of it.
    assert_eq!(aligned(r#"[{"a":1,"b":1}]"#, r#"[{"a":1,"b":2}]"#), [Some((0, false))]);
}
