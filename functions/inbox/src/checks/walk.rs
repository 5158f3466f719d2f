//! One walk through an output, in its order, that finds what is to be checked.

use super::adds_up;
use super::gate::Gate;
use super::likelihoods::{Below, Likelihoods};
use super::{Check, CheckKind, ToCheck, shown};
use crate::document::{Node, place_of, push_pointer};
use crate::form::anchor;
use crate::schema::{Rules, Schema};
use shared::review::Violation;
use std::collections::{HashMap, HashSet};

/// What is to be checked in `output`.
pub(super) fn to_check(
    output: &Node,
    schema: Option<&Schema>,
    likelihoods: &Likelihoods,
    gate: &Gate,
    violations: Vec<Violation>,
) -> ToCheck {
    let mut by_path: HashMap<String, Vec<Violation>> = HashMap::new();
    for violation in violations {
        by_path.entry(violation.path.clone()).or_default().push(violation);
    }
    let mut walk = Walk {
        likelihoods,
        gate,
        violations: by_path,
        sums: HashMap::new(),
        path: String::new(),
        trail: Vec::new(),
        found: ToCheck::default(),
    };
    let rules = schema.map(Schema::root).unwrap_or_default();
    walk.value(output, &rules, likelihoods.root(), None);
    let mut found = walk.found;
    tell_apart(&mut found.listed);
    found
}

struct Walk<'a> {
    likelihoods: &'a Likelihoods,
    gate: &'a Gate,
    violations: HashMap<String, Vec<Violation>>,
    /// What does not add up, by place.
    sums: HashMap<String, String>,
    path: String,
    /// How what the walk is in is called.
    trail: Vec<Step<'a>>,
    found: ToCheck,
}

/// One step into the output.
enum Step<'a> {
    Key(&'a str, Rules<'a>),
    /// From 0.
    Item(usize),
}

/// Why there is nothing where something is required.
#[derive(Clone, Copy)]
enum Missing {
    Absent,
    Null,
    Blank,
}

impl<'a> Walk<'a> {
    fn value(&mut self, node: &'a Node, rules: &Rules<'a>, below: Below<'a>, missing: Option<Missing>) {
        self.check(Some(node), below, missing);
        match node {
            Node::Object(entries) => self.entries(entries, rules, below),
            Node::List(items) => {
                self.add_up(items, below);
                for (index, item) in items.iter().enumerate() {
                    let (of_item, likelihood) = (rules.item(index), below.item(index));
                    self.inside(&index.to_string(), Step::Item(index), |walk| {
                        walk.value(item, &of_item, likelihood, None);
                    });
                }
            }
            _ => {}
        }
    }

    /// Notes which rows of a list do not add up, each at the cell that is likeliest wrong.
    fn add_up(&mut self, items: &'a [Node], below: Below<'a>) {
        for fault in adds_up::faults(items) {
            let Node::Object(entries) = &items[fault.row] else { continue };
            let likelihoods = below.item(fault.row).entries();
            let place = |key: &str| {
                let mut path = self.path.clone();
                push_pointer(&mut path, &fault.row.to_string());
                push_pointer(&mut path, key);
                path
            };
            let likelihood = |key: &str| {
                let node = entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)?;
                self.likelihoods.at(&place(key), node, likelihoods.key(key))
            };
            // Of equals the last.
            let doubted = fault.keys.iter().rev().map(|key| (*key, likelihood(key).unwrap_or(1.0)));
            let worst = doubted.reduce(|worst, other| if other.1 < worst.1 { other } else { worst });
            if let Some((key, _)) = worst {
                let path = place(key);
                self.sums.insert(path, fault.text);
            }
        }
    }

    fn entries(&mut self, entries: &'a [(String, Node)], rules: &Rules<'a>, below: Below<'a>) {
        let likelihoods = below.entries();
        for (key, value) in entries {
            let (of_key, likelihood) = (rules.key(key), likelihoods.key(key));
            let missing = match value {
                Node::Null if of_key.forbids_null() => Some(Missing::Null),
                Node::Text(text) if text.trim().is_empty() => Some(Missing::Blank),
                _ => None,
            };
            let missing = missing.filter(|_| rules.requires(key));
            self.inside(key, Step::Key(key, of_key.clone()), |walk| {
                walk.value(value, &of_key, likelihood, missing);
            });
        }
        let there: HashSet<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        for key in rules.required() {
            if !there.contains(key) {
                self.inside(key, Step::Key(key, rules.key(key)), |walk| {
                    walk.check(None, Below::default(), Some(Missing::Absent));
                });
            }
        }
        let named = self.gate.named.keys().filter_map(|path| {
            let (parent, key) = path.rsplit_once('/')?;
            let key = key.replace("~1", "/").replace("~0", "~");
            (parent == self.path && !there.contains(key.as_str()) && !rules.requires(&key)).then_some(path)
        });
        let named: Vec<&'a String> = named.collect();
        for path in named {
            let before = std::mem::replace(&mut self.path, path.clone());
            let key = path.rsplit('/').next().unwrap_or_default();
            self.trail.push(Step::Key(key, rules.key(key)));
            self.check(None, Below::default(), None);
            self.trail.pop();
            self.path = before;
        }
    }

    fn inside(&mut self, key: &str, step: Step<'a>, walk: impl FnOnce(&mut Self)) {
        let before = self.path.len();
        push_pointer(&mut self.path, key);
        self.trail.push(step);
        walk(self);
        self.trail.pop();
        self.path.truncate(before);
    }

    /// Notes what is to be checked of the value at this place.
    fn check(&mut self, node: Option<&Node>, below: Below<'_>, missing: Option<Missing>) {
        let gate = self.gate;
        let named = gate.named.get(&self.path);
        let likelihood = node.and_then(|node| self.likelihoods.at(&self.path, node, below));
        let likelihood = likelihood.or(named.copied().flatten());
        let is_doubtful = likelihood.is_some_and(|it| it < gate.threshold);
        let violations = self.violations.remove(&self.path).unwrap_or_default();
        // Where nothing is, it is of no use to say what it is not.
        let violations = violations.into_iter().filter(|it| !it.is_missing && missing.is_none());
        let mut faults: Vec<String> = violations.map(|it| it.text).collect();
        let sum = self.sums.remove(&self.path);
        let does_not_add_up = sum.is_some();
        let is_fit = faults.is_empty();
        faults.extend(sum);
        let kind = match (missing, is_fit, is_doubtful, named) {
            (Some(_), ..) => CheckKind::Missing,
            (None, false, ..) => CheckKind::Schema,
            (None, true, true, _) => CheckKind::Likelihood,
            (None, true, false, _) if does_not_add_up => CheckKind::Sum,
            (None, true, false, Some(_)) => CheckKind::Gate,
            (None, true, false, None) => return,
        };
        // A condition on a value says nothing of how likely the value is.
        let likelihood = if kind == CheckKind::Gate { named.copied().flatten() } else { likelihood };
        if self.found.listed.len() == ToCheck::LISTED {
            self.found.more += 1;
            return;
        }
        faults.truncate(3);
        faults.extend(missing.map(|missing| {
            match missing {
                Missing::Absent => "is required, and missing",
                Missing::Null => "is required, and has no value",
                Missing::Blank => "is required, and empty",
            }
            .to_owned()
        }));
        let label = self.label();
        let doubt = likelihood.filter(|_| is_doubtful).map(|it| {
            format!("{} is below {}", shown(it, gate.threshold), shown(gate.threshold, gate.threshold))
        });
        let fault = (!faults.is_empty()).then(|| faults.join("; "));
        let text = match (&fault, doubt) {
            (Some(fault), Some(doubt)) => format!("{label}: {fault}; {doubt}"),
            (Some(fault), None) => format!("{label}: {fault}"),
            (None, Some(doubt)) => format!("{label} {doubt}"),
            (None, None) if node.is_none() => format!("{label}: named by the gate, and missing"),
            (None, None) => format!("{label}: named by the gate"),
        };
        self.found.by_path.insert(self.path.clone(), self.found.listed.len());
        let path = place_of(&self.path);
        let id = anchor(&format!("f{path}"));
        self.found.listed.push(Check { path, id, label, kind, text, fault, likelihood });
    }

    /// What the value at this place is called: its own label; of an item, with the list's and its number.
    fn label(&self) -> String {
        let mut label = String::new();
        let from = self.trail.iter().rposition(|step| matches!(step, Step::Item(_)));
        // The list that the innermost item is in is named before it.
        let from = from.map_or(self.trail.len().saturating_sub(1), |item| {
            self.trail[..item].iter().rposition(|step| matches!(step, Step::Key(..))).unwrap_or(item)
        });
        for step in &self.trail[from..] {
            match step {
                Step::Key(key, rules) if label.is_empty() => label = rules.label(key),
                Step::Key(key, rules) => label = format!("{label}, {}", rules.label(key)),
                Step::Item(index) => label = format!("{label} {}", index + 1),
            }
        }
        let label = crate::document::key_label::short(label.trim(), 200);
        if label.is_empty() { "Output".into() } else { label }
    }
}

/// Where two labels are the same, what each is in is named before it.
fn tell_apart(checks: &mut [Check]) {
    let mut times: HashMap<String, usize> = HashMap::new();
    for check in checks.iter() {
        *times.entry(check.label.clone()).or_default() += 1;
    }
    for check in checks.iter_mut().filter(|check| times.get(&check.label).is_some_and(|count| *count > 1)) {
        let parent = check.path.rsplit('/').nth(1).filter(|parent| !parent.is_empty());
        let is_item = parent.is_none_or(|parent| parent.bytes().all(|byte| byte.is_ascii_digit()));
        if let Some(parent) = parent.filter(|_| !is_item) {
            let parent = parent.replace("~1", "/").replace("~0", "~");
            let label = format!("{}, {}", crate::document::key_label::key_label(&parent), check.label);
            check.text = check.text.replacen(&check.label, &label, 1);
            check.label = label;
        }
    }
}
