//! Whether reviews followed their terms: each from its opening on, entry by entry, by the rule of the policy that it opened under.
//!
//! Nobody works on what is enforced for others; an approval is by somebody who has neither made the version nor approved it, and it decides
//! exactly when it is the last one needed; a policy acts once each time that a review waits, not before it is due, and as its rule says.

use crate::checker::{appended, decision, entries, is_by, list, run};
use crate::driver::{ACTORS, GROUPS};
use crate::history::{Operation, Outcome};
use serde_json::{Value, json};

/// Whether the product wrote an entry by itself, following a policy.
pub(crate) fn is_by_policy(entry: &Value) -> bool {
    entry["actor"]["id"] == "holdpoint"
}

/// Everything that is wrong, each in one sentence.
pub(crate) fn check(history: &[Operation], overlays: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    for overlay in overlays {
        let mut sentences = Vec::new();
        let rule = rule(history, overlay, &mut sentences);
        let mut terms = Terms::of(&rule);
        for entry in entries(overlay) {
            terms.follow(entry, overlay, &mut sentences);
        }
        terms.compare(overlay, &mut sentences);
        wrong.extend(sentences.into_iter().map(|sentence| format!("{}: {sentence}", run(overlay))));
    }
    wrong
}

/// The rule of the policy that a review opened under, as its priority tells. That policy was there at some time during the openings that may
/// have been the one.
fn rule(history: &[Operation], overlay: &Value, wrong: &mut Vec<String>) -> Value {
    let Some(opening) = entries(overlay).first() else { return Value::Null };
    let policies = || history.iter().filter(|it| it.call == "policy");
    if policies().next().is_none() {
        return Value::Null;
    }
    let openings = || history.iter().filter(|it| it.call == "open" && is_by(it, opening, overlay));
    let openings = || openings().filter(|it| it.run.as_deref() == Some(run(overlay)));
    let start = openings().map(|it| it.start).min().unwrap_or_default();
    let unknown = |it: &Operation| it.outcome == Outcome::Unknown;
    let end = openings().map(|it| if unknown(it) { u64::MAX } else { it.end }).max().unwrap_or(u64::MAX);
    let priority = &opening["detail"]["priority"];
    let put = policies().find(|it| it.rule.as_ref().is_some_and(|rule| rule["priority"] == *priority));
    let refused = |it: &Operation| it.outcome == Outcome::Refused && it.attempts == 1;
    if put.is_none() && *priority != 0 || put.is_some_and(|put| refused(put) || put.start > end) {
        wrong.push(format!("it opened under the policy {priority}, which there was not"));
    }
    let stamp = put.and_then(|put| put.stamp);
    let later = policies().find(|it| it.outcome == Outcome::Done && it.end < start && it.stamp > stamp);
    if let Some(later) = later {
        wrong.push(format!("it opened under the policy {priority} when {} had replaced it", later.op));
    }
    put.and_then(|put| put.rule.clone()).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn millis(time: &Value) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text(time)).map_or(0, |time| time.timestamp_millis())
}

/// The terms of a review after some of its entries.
struct Terms<'a> {
    rule: &'a Value,
    assigned: Option<(Vec<String>, Vec<String>)>,
    made_by: String,
    given: Vec<String>,
    /// When it is due, while it waits.
    due: Option<i64>,
    /// When it was due last, or is.
    due_at: Option<i64>,
    reminded: usize,
    overdue: bool,
    acted: bool,
    /// The event before.
    before: String,
}

impl<'a> Terms<'a> {
    fn of(rule: &'a Value) -> Self {
        let words = |name: &str| list(&rule["assign"][name]).iter().map(|it| text(it).to_owned()).collect();
        Self {
            rule,
            assigned: rule["assign"].is_object().then(|| (words("groups"), words("actors"))),
            made_by: String::new(),
            given: Vec::new(),
            due: None,
            due_at: None,
            reminded: 0,
            overdue: false,
            acted: false,
            before: String::new(),
        }
    }

    fn required(&self) -> Option<u64> {
        self.rule["approvals"]["required"].as_u64()
    }

    fn enforces(&self) -> bool {
        self.rule["assign"]["enforce"] == true
    }

    fn lets_work(&self, actor: &str) -> bool {
        let belongs = |group: &String| GROUPS.iter().any(|(member, of)| *member == actor && of == group);
        let names = |(groups, actors): &(Vec<String>, Vec<String>)| {
            actors.iter().any(|it| it == actor) || groups.iter().any(belongs)
        };
        !self.enforces() || self.assigned.as_ref().is_some_and(names)
    }

    fn assign(&mut self, groups: Vec<String>, actors: Vec<String>) {
        let to_nobody = groups.is_empty() && actors.is_empty() && !self.enforces();
        self.assigned = (!to_nobody).then_some((groups, actors));
    }

    /// It waits from then on.
    fn wait(&mut self, entry: &Value) {
        let seconds = self.rule["due_in_seconds"].as_i64();
        self.due = seconds.map(|seconds| millis(&entry["at"]) + 1000 * seconds);
        self.due_at = self.due;
        (self.reminded, self.overdue, self.acted) = (0, false, false);
        self.given.clear();
    }

    fn follow(&mut self, entry: &Value, overlay: &Value, wrong: &mut Vec<String>) {
        let (event, actor) = (text(&entry["event"]), text(&entry["actor"]["id"]));
        let is_work =
            ["claimed", "version_appended", "decision_submitted", "assigned", "reopened"].contains(&event);
        if is_work && !is_by_policy(entry) && !self.lets_work(actor) {
            let to = &self.assigned;
            wrong.push(format!("{actor} is not of those it is assigned to ({to:?}): {entry}"));
        }
        if event == "overlay_created" || appended(entry).is_some() {
            actor.clone_into(&mut self.made_by);
            self.given.clear();
        }
        match event {
            "overlay_created" | "reopened" => self.wait(entry),
            "assigned" => {
                let words =
                    |name: &str| list(&entry["detail"][name]).iter().map(|it| text(it).to_owned()).collect();
                self.assign(words("groups"), words("actors"));
            }
            "due_soon" | "overdue" => self.pass(entry, wrong),
            "decision_submitted" => self.decide(entry, decision(entry, overlay), wrong),
            _ => {}
        }
        event.clone_into(&mut self.before);
    }

    /// A reminder, or that it is overdue.
    fn pass(&mut self, entry: &Value, wrong: &mut Vec<String>) {
        let at = millis(&entry["at"]);
        let is_due = entry["event"] == "overdue";
        let in_time = self.due.is_some_and(|due| (at >= due) == is_due);
        let reminders = list(&self.rule["remind_before_seconds"]).len();
        if !in_time || self.overdue || !is_by_policy(entry) || (!is_due && self.reminded == reminders) {
            wrong.push(format!("it was not time for that, or no longer (due {:?}): {entry}", self.due));
        }
        (self.overdue, self.reminded) = (is_due, self.reminded + usize::from(!is_due));
    }

    fn decide(&mut self, entry: &Value, decision: &Value, wrong: &mut Vec<String>) {
        let actor = text(&entry["actor"]["id"]);
        let verdict = text(&decision["verdict"]);
        if is_by_policy(entry) {
            let action = match text(&self.rule["on_overdue"]["action"]) {
                "escalate" => "escalated",
                "reject" => "rejected",
                "approve" => "approved",
                _ => "",
            };
            if self.before != "overdue" || self.acted || action != verdict {
                wrong.push(format!("the policy may {action:?} once, when it is overdue: {entry}"));
            }
            self.acted = true;
        }
        let is_final = match verdict {
            "approved" => !decision["effective_seq"].is_null(),
            verdict => verdict == "rejected",
        };
        match (verdict, self.required()) {
            ("approved", Some(required)) => {
                if self.rule["approvals"]["four_eyes"] == true && self.made_by == actor {
                    wrong.push(format!("{actor} has approved what they made: {entry}"));
                }
                if self.given.iter().any(|it| it == actor) {
                    wrong.push(format!("the approval of {actor} counts twice: {entry}"));
                }
                self.given.push(actor.to_owned());
                let given = self.given.len();
                if is_final != (given as u64 >= required) {
                    wrong.push(format!(
                        "{given} of {required} have approved, and it is decided: {is_final}: {entry}"
                    ));
                }
            }
            ("approved", None) if !is_final => wrong.push(format!("one approval is enough: {entry}")),
            ("escalated", _) => self.escalate(entry, text(&decision["escalate_to"]), wrong),
            _ => {}
        }
        if is_final {
            self.due = None;
        }
    }

    fn escalate(&mut self, entry: &Value, to: &str, wrong: &mut Vec<String>) {
        let to_owned = || vec![to.to_owned()];
        if is_by_policy(entry) {
            // To whichever of the two there is; and only what was assigned.
            if self.assigned.is_some() {
                self.assign(to_owned(), to_owned());
            }
        } else if ACTORS.contains(&to) {
            self.assign(Vec::new(), to_owned());
        } else if GROUPS.iter().any(|(_, group)| *group == to) {
            self.assign(to_owned(), Vec::new());
        } else if self.enforces() {
            wrong.push(format!("nobody knows {to}, and nobody else may work on it: {entry}"));
        }
    }

    /// What an overlay shows of its terms is what its entries led to.
    fn compare(&self, overlay: &Value, wrong: &mut Vec<String>) {
        let assigned = self.assigned.as_ref().map(
            |(groups, actors)| json!({ "groups": groups, "actors": actors, "enforce": self.enforces() }),
        );
        if overlay["assigned_to"] != json!(assigned) {
            wrong.push(format!("it is assigned to {}, its entries say {assigned:?}", overlay["assigned_to"]));
        }
        if overlay["due_at"].as_str().map(|_| millis(&overlay["due_at"])) != self.due_at {
            wrong.push(format!("it is due at {}, its entries say {:?}", overlay["due_at"], self.due_at));
        }
        let approvals = &overlay["approvals"];
        let given: Vec<&str> = list(&approvals["given"]).iter().map(|it| text(&it["actor"]["id"])).collect();
        let four_eyes = self.required().map(|_| &self.rule["approvals"]["four_eyes"]);
        let rule = (approvals["required"].as_u64(), approvals["four_eyes"].as_bool());
        if rule != (self.required(), four_eyes.and_then(Value::as_bool))
            || self.required().is_some() && given != self.given
        {
            wrong.push(format!("its approvals are {approvals}, its entries say {:?}", self.given));
        }
    }
}

/// How often each mechanism was met.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    policies: usize,
    reviews_with_terms: usize,
    assigned: usize,
    not_assigned: usize,
    own_version: usize,
    partial_approvals: usize,
    reminders: usize,
    policy_decisions: usize,
}

impl Followed {
    pub(crate) fn of(history: &[Operation], overlays: &[Value]) -> Self {
        let code = |code: &str| history.iter().filter(|it| it.code.as_deref() == Some(code)).count();
        let events = |event: &str| {
            overlays.iter().flat_map(entries).filter(|entry| entry["event"] == event).collect::<Vec<_>>()
        };
        let decisions = overlays.iter().flat_map(|it| list(&it["decisions"]));
        let is_partial = |it: &&Value| it["verdict"] == "approved" && it["effective_seq"].is_null();
        let has_terms =
            |it: &&Value| ["approvals", "assigned_to", "due_at"].iter().any(|name| !it[*name].is_null());
        let put = |it: &&Operation| it.call == "policy" && it.outcome == Outcome::Done;
        Self {
            policies: history.iter().filter(put).count(),
            reviews_with_terms: overlays.iter().filter(has_terms).count(),
            assigned: events("assigned").len(),
            not_assigned: code("not_assigned"),
            own_version: code("own_version"),
            partial_approvals: decisions.filter(is_partial).count(),
            reminders: events("due_soon").len(),
            policy_decisions: events("decision_submitted").into_iter().filter(|it| is_by_policy(it)).count(),
        }
    }

    /// A check that finds nothing because nothing happened is none. Which rules reviews open under is chance, and so is how much is done in the
    /// time there is: of what two mechanisms leave, there is something by one.
    pub(crate) fn assert_there_was_some_of_all(&self) {
        let counted = self.partial_approvals + self.not_assigned + self.own_version;
        let in_time = self.reminders + self.policy_decisions;
        let counts = [self.policies, self.reviews_with_terms, self.assigned, counted, in_time];
        assert!(counts.iter().all(|count| *count > 0), "{self:?}");
    }
}
