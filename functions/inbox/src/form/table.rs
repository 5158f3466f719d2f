//! Lists that are shown as tables.

use super::kinds::Kind;
use crate::document::Node;
use std::collections::HashMap;

/// A column of a list that is shown as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column<'a> {
    pub(crate) name: &'a str,
    /// What a null in it would be: what its neighbours are.
    pub(crate) kind: Kind,
    /// Whether it holds texts that want room.
    pub(crate) is_long: bool,
}

/// Columns of a table at most; it scrolls.
pub(crate) const COLUMNS: usize = 40;

/// The columns of a list that is shown as a table: it holds nothing but objects, of single values, with few names in all.
pub(crate) fn columns(items: &[Node]) -> Option<Vec<Column<'_>>> {
    let mut columns: Vec<Column<'_>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for item in items {
        let Node::Object(entries) = item else { return None };
        for (name, value) in entries {
            let kind = Kind::of(value)?;
            let place = *places.entry(name).or_insert_with(|| {
                columns.push(Column { name, kind: Kind::Null, is_long: false });
                columns.len() - 1
            });
            if columns.len() > COLUMNS {
                return None;
            }
            let column = &mut columns[place];
            if column.kind == Kind::Null {
                column.kind = if kind == Kind::Escaped { Kind::Text } else { kind };
            }
            column.is_long |= matches!(value, Node::Text(text) if text.chars().nth(16).is_some());
        }
    }
    (!columns.is_empty()).then_some(columns)
}

/// What a null among single values would be.
pub(crate) fn kind_beside(items: &[Node]) -> Kind {
    let kind = items.iter().filter_map(Kind::of).find(|kind| *kind != Kind::Null);
    kind.map_or(Kind::Null, |kind| if kind == Kind::Escaped { Kind::Text } else { kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_forty_columns_at_most() {
        let row = |columns: usize| {
            let fields: Vec<String> = (0..columns).map(|number| format!(r#""{number}": 1"#)).collect();
            Node::parse(&format!("{{{}}}", fields.join(","))).unwrap()
        };
        assert_eq!(columns(&[row(40), row(3)]).map(|names| names.len()), Some(40));
        assert_eq!(columns(&[row(41)]), None);
        assert_eq!((columns(&[]), columns(&[Node::Null])), (None, None));
    }

    #[test]
    fn a_column_is_what_its_first_value_is() {
        let items = Node::parse(r#"[{"a":null,"b":null},{"a":1,"b":null,"c":"x\u0000"}]"#).unwrap();
        let Node::List(items) = items else { panic!("a list") };
        let kinds: Vec<Kind> = columns(&items).unwrap().iter().map(|column| column.kind).collect();
        assert_eq!(kinds, [Kind::Number, Kind::Null, Kind::Text]);
    }
}
