//! The rules of a policy: their declaration, and how they are read and checked.

use gate::predicate::{self, PREDICATE};
use shared::api::{
    Content, Field, FieldErrors, Fields, Literal, MAX_SHORT_TEXT, Named, Nested, Object, Shape, ValueError,
    boolean, integer, integers, named_objects, object, one_of, text_of, texts,
};
use shared::review::{
    ActorId, ApprovalRule, Assignment, BlockId, DueRule, GroupId, JsonText, MAX_APPROVALS, MAX_ASSIGNEES,
    MAX_DISPLAY, MAX_DISPLAY_PATH, MAX_DUE_SECONDS, MAX_REMINDERS, OnOverdue, OutputCheck, OverdueAction,
    Policy, Priority, Rule, is_blank,
};
use shared::store::policy_to_json;

/// Most regular expressions of a policy: each is compiled when it is put, and a thousand of the largest would take longer than a call may.
const MAX_PATTERNS: usize = 100;

/// `blocks` of a body.
pub const BLOCKS: Field<Named> = Field::new(
    "blocks",
    "The rule of each block, by its id; `*` is for blocks without one of their own. At most 50, in at most 65,536 bytes of JSON.",
    named_objects(&RULE, Policy::MAX_BLOCKS),
);

/// A rule.
static RULE: Object = Object {
    name: "PolicyRule",
    about: "What a policy says of a block. Each part may be left out.",
    shape: Shape::Fields(&[
        PREDICATE.spec,
        PRIORITY.spec,
        ASSIGN.spec,
        DUE_IN_SECONDS.spec,
        REMIND_BEFORE_SECONDS.spec,
        ON_OVERDUE.spec,
        APPROVALS.spec,
        OUTPUT.spec,
        DISPLAY.spec,
    ]),
};

const PRIORITY: Field<Option<Priority>> = Field::new(
    "priority",
    "How urgent a review is where who opens it does not say; higher comes first.",
    integer(i32::MIN as i64..=i32::MAX as i64),
)
.optional();

const ASSIGN: Field<Option<Nested>> = Field::new(
    "assign",
    "Who is to review it.",
    object(&Object {
        name: "PolicyAssignment",
        about: "Who is to review: members of any of the groups, and the actors. At least one of them is named.",
        shape: Shape::Fields(&[GROUPS.spec, ACTORS.spec, ENFORCE.spec]),
    }),
)
.optional();
const GROUPS: Field<Option<Vec<String>>> =
    Field::new("groups", "Groups, as keys name them.", texts(MAX_ASSIGNEES, GroupId::MAX_LENGTH)).optional();
const ACTORS: Field<Option<Vec<String>>> =
    Field::new("actors", "Ids of actors.", texts(MAX_ASSIGNEES, ActorId::MAX_LENGTH)).optional();
const ENFORCE: Field<bool> = Field::new(
    "enforce",
    "Whether others are refused; if not, it only sorts the queue and warns.",
    boolean(),
)
.default(Literal::Boolean(false));

const DUE_IN_SECONDS: Field<Option<u32>> = Field::new(
    "due_in_seconds",
    "How long a review may take, from its opening: at most 366 days.",
    integer(1..=MAX_DUE_SECONDS as i64),
)
.optional();
const REMIND_BEFORE_SECONDS: Field<Option<Vec<u32>>> = Field::new(
    "remind_before_seconds",
    "How long before that reminders are sent; each is shorter than `due_in_seconds`.",
    integers(MAX_REMINDERS, 1..=MAX_DUE_SECONDS as i64),
)
.optional();
const ON_OVERDUE: Field<Option<Nested>> = Field::new(
    "on_overdue",
    "What happens when it is overdue; by default it is recorded, and stays open. Needs `due_in_seconds`.",
    object(&Object {
        name: "PolicyOverdue",
        about: "What happens to an overdue review.",
        shape: Shape::Fields(&[ACTION.spec, ESCALATE_TO.spec, REASON.spec]),
    }),
)
.optional();
const ACTION: Field<OverdueAction> = Field::new(
    "action",
    "What the policy does. It approves nothing that needs several approvals, four eyes or an output that fits its schema.",
    one_of(OverdueAction::WORDS),
);
const ESCALATE_TO: Field<Option<String>> = Field::new(
    "escalate_to",
    "To whom: required with `escalate`, and allowed with it alone.",
    text_of(1..=MAX_SHORT_TEXT, Content::NotBlank),
)
.optional();
/// Longest reason, in characters: a review's META has it.
const MAX_RULE_REASON: usize = 200;
const REASON: Field<Option<String>> = Field::new(
    "reason",
    "The reason that the decision gives: required with `reject`, and not allowed with `none`.",
    text_of(1..=MAX_RULE_REASON, Content::NotBlank),
)
.optional();

const APPROVALS: Field<Option<Nested>> = Field::new(
    "approvals",
    "How many must approve.",
    object(&Object {
        name: "PolicyApprovals",
        about: "How many different actors must approve the same version.",
        shape: Shape::Fields(&[REQUIRED.spec, FOUR_EYES.spec]),
    }),
)
.optional();
const REQUIRED: Field<u32> =
    Field::new("required", "How many.", integer(1..=MAX_APPROVALS as i64)).default(Literal::Integer(1));
const FOUR_EYES: Field<bool> =
    Field::new("four_eyes", "Whether who made a version may not approve it.", boolean())
        .default(Literal::Boolean(false));

const OUTPUT: Field<Option<Nested>> = Field::new(
    "output",
    "What is required of an output that is approved.",
    object(&Object {
        name: "PolicyOutput",
        about: "What is required of an output that is approved.",
        shape: Shape::Fields(&[VALIDATION.spec]),
    }),
)
.optional();
const VALIDATION: Field<OutputCheck> = Field::new(
    "validation",
    "What happens to an approval of an output that breaks its schema. Without a schema nothing is checked.",
    one_of(OutputCheck::WORDS),
);

const DISPLAY: Field<Option<Vec<String>>> = Field::new(
    "display",
    "What names a review in the queue: paths in its output, such as `seller.name`.",
    texts(MAX_DISPLAY, MAX_DISPLAY_PATH),
)
.optional();

/// Reads [`BLOCKS`].
pub fn read(body: &mut Fields<'_, '_>) -> Option<Policy> {
    let is_block = |name: &str| {
        let parsed = BlockId::parse(name).map(drop);
        parsed.map_err(|error| ValueError::new("invalid_identifier", error.to_string()))
    };
    let mut patterns = MAX_PATTERNS;
    let blocks = body.named(&BLOCKS, is_block, |_, fields| rule(fields, &mut patterns))?;
    let policy = Policy { blocks: blocks.into_iter().collect() };
    // The canonical form can be longer than what came: its defaults are written out.
    let size = policy_to_json(&policy).map_or(0, |text| text.as_str().len());
    if size > Policy::MAX_BYTES {
        let message = format!("must be at most {} bytes of JSON, not {size}", Policy::MAX_BYTES);
        body.reject(BLOCKS.spec.name, "out_of_range", message);
        return None;
    }
    Some(policy)
}

/// What [`from_text`] reads: the rules alone.
static ALONE: Object =
    Object { name: "PolicyBlocks", about: "The rules of a policy.", shape: Shape::Fields(&[BLOCKS.spec]) };

/// Reads rules by block as a person has written them: `{"*": {…}}`.
///
/// # Errors
/// All that is wrong with them, each with its place below `blocks`.
pub fn from_text(text: &str) -> Result<Policy, FieldErrors> {
    let mut errors = FieldErrors::new();
    if text.len() > Policy::MAX_BYTES {
        let message = format!("must be at most {} bytes of JSON, not {}", Policy::MAX_BYTES, text.len());
        errors.add([BLOCKS.spec.name], "out_of_range", message);
        return errors.finish(None);
    }
    // By itself first: where it is broken is said in its own lines.
    let whole = JsonText::parse(text.trim().to_owned())
        .and_then(|blocks| JsonText::parse(format!("{{\"{}\":{}}}", BLOCKS.spec.name, blocks.as_str())));
    let policy = match whole {
        Ok(whole) => Fields::of_text(&whole, &ALONE, &[], &mut errors, read),
        Err(error) => {
            errors.add([BLOCKS.spec.name], "invalid_json", format!("is not valid JSON: {error}"));
            None
        }
    };
    errors.finish(policy)
}

/// Reads a rule. The type of its block is not known: a predicate that does not fit it is found by the gate.
fn rule(fields: &mut Fields<'_, '_>, patterns: &mut usize) -> Option<Rule> {
    let predicate = predicate::read_within(None, fields, patterns);
    let priority = fields.read(&PRIORITY);
    let assignment = fields.object(&ASSIGN, assignment);
    let due = due(fields);
    let approvals = fields.object(&APPROVALS, |it| {
        let (required, four_eyes) = (it.read(&REQUIRED), it.read(&FOUR_EYES));
        Some(ApprovalRule { required: u8::try_from(required?).ok()?, four_eyes: four_eyes? })
    });
    let output = fields.object(&OUTPUT, |it| it.read(&VALIDATION));
    let display = fields.read_then(&DISPLAY, |paths| {
        if paths.iter().flatten().any(|it| is_blank(it)) {
            return Err(ValueError::new("invalid_value", "must have no blank path"));
        }
        Ok(paths.unwrap_or_default())
    });
    let rule = Rule {
        predicate: predicate?.map(|it| JsonText::parse(it.json())).transpose().ok()?,
        priority: priority?,
        assignment: assignment?,
        due: due?,
        approvals: approvals?,
        output: output?,
        display: display?,
    };
    if rule.approves_unseen() {
        let message = "must not approve by itself what needs several approvals, four eyes, or an output that fits its schema";
        fields.reject(ON_OVERDUE.spec.name, "not_allowed", message);
        return None;
    }
    Some(rule)
}

fn assignment(fields: &mut Fields<'_, '_>) -> Option<Assignment> {
    let groups = ids(fields, &GROUPS, GroupId::parse);
    let actors = ids(fields, &ACTORS, ActorId::parse);
    let enforce = fields.read(&ENFORCE);
    let assignment = Assignment { groups: groups?, actors: actors?, enforce: enforce? };
    if assignment.groups.is_empty() && assignment.actors.is_empty() {
        fields.reject(GROUPS.spec.name, "missing", "groups or actors are required: somebody must be named");
        return None;
    }
    if let Some(message) = Assignment::excess(&assignment.groups, &assignment.actors) {
        fields.reject(GROUPS.spec.name, "out_of_range", message);
        return None;
    }
    Some(assignment)
}

/// A list of identifiers, each once.
fn ids<T: PartialEq, E: std::fmt::Display>(
    fields: &mut Fields<'_, '_>,
    field: &Field<Option<Vec<String>>>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Option<Vec<T>> {
    fields.read_then(field, |texts| {
        let mut ids = Vec::new();
        for text in texts.into_iter().flatten() {
            let id =
                parse(&text).map_err(|error| ValueError::new("invalid_identifier", error.to_string()))?;
            if ids.contains(&id) {
                return Err(ValueError::new("duplicate_field", "must name each one once"));
            }
            ids.push(id);
        }
        Ok(ids)
    })
}

/// The deadline, with what happens before and after it.
#[allow(clippy::option_option)] // wrong, absent, there
fn due(fields: &mut Fields<'_, '_>) -> Option<Option<DueRule>> {
    let due_in_seconds = fields.read(&DUE_IN_SECONDS);
    let reminders = fields.read(&REMIND_BEFORE_SECONDS);
    let on_overdue = fields.object(&ON_OVERDUE, on_overdue);
    let Some(due_in_seconds) = due_in_seconds? else {
        let mut is_sound = true;
        let (reminders, on_overdue) = (reminders?, on_overdue?);
        for (name, is_there) in [
            (REMIND_BEFORE_SECONDS.spec.name, reminders.is_some()),
            (ON_OVERDUE.spec.name, on_overdue.is_some()),
        ] {
            if is_there {
                is_sound = false;
                fields.reject(name, "not_allowed", "needs due_in_seconds: without it nothing is ever due");
            }
        }
        return is_sound.then_some(None);
    };
    let remind_before_seconds = reminders?.unwrap_or_default();
    if remind_before_seconds.iter().any(|before| *before >= due_in_seconds) {
        let message = format!("must be shorter than due_in_seconds, which is {due_in_seconds}");
        fields.reject(REMIND_BEFORE_SECONDS.spec.name, "out_of_range", message);
        return None;
    }
    let on_overdue = on_overdue?.unwrap_or_default();
    Some(Some(DueRule { due_in_seconds, remind_before_seconds, on_overdue }))
}

fn on_overdue(fields: &mut Fields<'_, '_>) -> Option<OnOverdue> {
    let action = fields.read(&ACTION);
    let (escalate_to, reason) = (fields.read(&ESCALATE_TO), fields.read(&REASON));
    let (action, escalate_to, reason) = (action?, escalate_to?, reason?);
    let word = action.as_str();
    let mut is_sound = true;
    let mut fault = |name: &str, code, message: String| {
        is_sound = false;
        fields.reject(name, code, message);
    };
    match (action == OverdueAction::Escalate, escalate_to.is_some()) {
        (true, false) => {
            fault(ESCALATE_TO.spec.name, "missing", format!("escalate_to is required with {word}"));
        }
        (false, true) => fault(ESCALATE_TO.spec.name, "not_allowed", format!("is not allowed with {word}")),
        _ => {}
    }
    match action {
        OverdueAction::Reject if reason.is_none() => {
            fault(REASON.spec.name, "missing", format!("reason is required with {word}"));
        }
        OverdueAction::None if reason.is_some() => {
            fault(REASON.spec.name, "not_allowed", format!("is not allowed with {word}"));
        }
        _ => {}
    }
    is_sound.then_some(OnOverdue { action, escalate_to, reason })
}
