//! The predicate of a body: its declaration, and how it is read.

use shared::api::{
    Content, ExactNumber, Field, FieldErrors, Fields, Listed, Nested, Object, OfOthers, Shape, Variant,
    exact_fraction, integer, json_value, object, one_of, percent, some_objects, text_of, texts,
};
use shared::review::gate::{
    Bound, Condition, LogicalOperator, MAX_DEPTH, MAX_LEAF, MAX_PATH, MAX_PREDICATES, MAX_VALUE, Operator,
    PATH_PATTERN, Path, Predicate, PredicateKind, SubCondition,
};
use shared::review::{BlockType, JsonText};

/// The predicate of a body, or of a rule of a policy.
pub const PREDICATE: Field<Option<Nested>> = Field::new(
    "predicate",
    "When the output is held; by default what the workflow's policy says of the block. At most 50 predicates and conditions in all, nested at most 8 deep, in at most 16,384 bytes of JSON.",
    object(&PREDICATE_OBJECT),
)
.optional();

/// Names of categories or branches, and the longest.
const MAX_NAMES: usize = 100;
const MAX_NAME: usize = 256;

/// It holds lists of its own kind.
static PREDICATE_OBJECT: Object = Object {
    name: "Predicate",
    about: "When an output is held for review. A likelihood that is needed and was not sent counts as below every threshold; what \
        cannot be decided holds, too.",
    shape: Shape::Variants {
        tag: KIND.spec,
        variants: &[
            Variant { word: PredicateKind::Always.word(), fields: &[] },
            Variant { word: PredicateKind::ValidationFailed.word(), fields: &[] },
            Variant { word: PredicateKind::ConfidenceLt.word(), fields: &[THRESHOLD.spec] },
            Variant { word: PredicateKind::FieldConfidenceLt.word(), fields: &[PATH.spec, THRESHOLD.spec] },
            Variant { word: PredicateKind::AnyRequiredFieldNull.word(), fields: &[] },
            Variant { word: PredicateKind::CategoryIn.word(), fields: &[CATEGORIES.spec] },
            Variant { word: PredicateKind::TopMarginLt.word(), fields: &[MARGIN.spec] },
            Variant { word: PredicateKind::SplitCountNeq.word(), fields: &[EXPECTED.spec] },
            Variant { word: PredicateKind::AnySplitPagesLt.word(), fields: &[MIN_PAGES.spec] },
            Variant { word: PredicateKind::BoundaryConfidenceLt.word(), fields: &[THRESHOLD.spec] },
            Variant { word: PredicateKind::BranchIn.word(), fields: &[BRANCHES.spec] },
            Variant { word: PredicateKind::JsonCondition.word(), fields: &[CONDITION.spec] },
            Variant { word: PredicateKind::Sample.word(), fields: &[PERCENT.spec] },
            Variant { word: PredicateKind::AnyOf.word(), fields: &[predicates().spec] },
            Variant { word: PredicateKind::AllOf.word(), fields: &[predicates().spec] },
        ],
        of_others: OfOthers::Unknown,
    },
};
const KIND: Field<PredicateKind> = Field::new("kind", "What is asked.", one_of(PredicateKind::WORDS));
const THRESHOLD: Field<ExactNumber> =
    Field::new("threshold", "Below this it fires; compared as a decimal.", exact_fraction());
const PATH: Field<String> = Field::new(
    "path",
    "The value: `$.invoice.total`, `invoice.total`, `data.invoice.total`, `lines.*.amount` for all elements, or a JSON Pointer.",
    text_of(1..=MAX_PATH, Content::Pattern(PATH_PATTERN)),
);
const CATEGORIES: Field<Vec<String>> =
    Field::new("categories", "The categories that are reviewed.", texts(MAX_NAMES, MAX_NAME));
const MARGIN: Field<ExactNumber> =
    Field::new("margin", "If the likelihoods differ by less than this it fires.", exact_fraction());
const EXPECTED: Field<u32> =
    Field::new("expected", "How many parts there should be.", integer(0..=u32::MAX as i64));
const MIN_PAGES: Field<u32> =
    Field::new("min_pages", "If a part has fewer it fires.", integer(1..=u32::MAX as i64));
const BRANCHES: Field<Vec<String>> =
    Field::new("branches", "The branches that are reviewed.", texts(MAX_NAMES, MAX_NAME));
const PERCENT: Field<ExactNumber> = Field::new("percent", "How many percent of all runs.", percent());
/// No constant: it would have to be known before what it refers to.
const fn predicates() -> Field<Listed> {
    Field::new("predicates", "The predicates.", some_objects(&PREDICATE_OBJECT, MAX_PREDICATES))
}
const CONDITION: Field<Nested> = Field::new(
    "condition",
    "The condition.",
    object(&Object {
        name: "GateCondition",
        about: "A condition on values of the output and on their likelihoods.",
        shape: Shape::Fields(&[LOGICAL_OPERATOR.spec, SUB_CONDITIONS.spec]),
    }),
);
const LOGICAL_OPERATOR: Field<LogicalOperator> =
    Field::new("logical_operator", "Whether all must be met, or one.", one_of(LogicalOperator::WORDS));
const SUB_CONDITIONS: Field<Listed> = Field::new(
    "sub_conditions",
    "The conditions.",
    some_objects(
        &Object {
            name: "SubCondition",
            about: "A condition on one value, or on all elements of a list. A value of another type than the operator compares meets it; \
                so does a likelihood that was not sent, unless it is asked whether it is there.",
            shape: Shape::Fields(&[CONDITION_PATH.spec, OPERATOR.spec, VALUE.spec]),
        },
        MAX_PREDICATES,
    ),
);
const CONDITION_PATH: Field<String> = Field::new(
    "path",
    "The value: a path as in `field_confidence_lt`, such as `data.invoice.total`; or `likelihoods.invoice.total`, its likelihood.",
    text_of(1..=MAX_PATH, Content::Pattern(PATH_PATTERN)),
);
const OPERATOR: Field<Operator> = Field::new("operator", "How it is compared.", one_of(Operator::WORDS));
const VALUE: Field<Option<JsonText>> = Field::new(
    "value",
    "What it is compared with, in at most 1,024 bytes of JSON; absent where the operator compares with nothing.",
    json_value(MAX_VALUE),
)
.optional();

/// Longest predicate in all, in bytes of JSON.
const MAX_BYTES: usize = 16 * 1024;

/// Reads the predicate of a body, or of a rule, whose block's type is not known: `Some(None)` where it is absent. `None` after an error.
#[allow(clippy::option_option)] // wrong, absent, there
pub fn read(block: Option<BlockType>, body: &mut Fields<'_, '_>) -> Option<Option<Predicate>> {
    read_within(block, body, &mut { MAX_PREDICATES })
}

/// As [`read`], where `patterns` says how many regular expressions may still be compiled: it becomes less by those of this predicate.
#[allow(clippy::option_option)] // wrong, absent, there
pub fn read_within(
    block: Option<BlockType>,
    body: &mut Fields<'_, '_>,
    patterns: &mut usize,
) -> Option<Option<Predicate>> {
    let mut reader = Reader { block, count: 0, patterns };
    let Some(predicate) = body.object(&PREDICATE, |predicate| reader.predicate(predicate, 1))? else {
        return Some(None);
    };
    let size = predicate.json().len();
    if size > MAX_BYTES {
        let message = format!("must be at most {MAX_BYTES} bytes of JSON in all, not {size}");
        body.reject("predicate", "out_of_range", message);
        return None;
    }
    Some(Some(predicate))
}

/// The predicate of a policy's rule, for a block of that type.
///
/// # Errors
/// What is wrong with it for such a block, at the place of a body's `predicate`.
pub fn of_policy(block: BlockType, text: &JsonText) -> Result<Predicate, FieldErrors> {
    let mut errors = FieldErrors::new();
    let mut patterns = MAX_PREDICATES;
    let mut reader = Reader { block: Some(block), count: 0, patterns: &mut patterns };
    let loc = ["body", PREDICATE.spec.name];
    let predicate =
        Fields::of_text(text, &PREDICATE_OBJECT, &loc, &mut errors, |fields| reader.predicate(fields, 1));
    errors.finish(predicate)
}

/// Reads predicates, and counts them.
struct Reader<'p> {
    block: Option<BlockType>,
    count: usize,
    /// How many regular expressions may still be compiled.
    patterns: &'p mut usize,
}

impl Reader<'_> {
    fn predicate(&mut self, fields: &mut Fields<'_, '_>, depth: usize) -> Option<Predicate> {
        if !self.has_room(fields, "kind") {
            return None;
        }
        if depth > MAX_DEPTH {
            fields.reject("kind", "out_of_range", format!("is nested deeper than {MAX_DEPTH} predicates"));
            return None;
        }
        let Some(kind) = fields.choose(&KIND) else {
            fields.check_the_rest();
            return None;
        };
        if let Some(block) = self.block.filter(|block| !kind.is_for(*block)) {
            let message =
                format!("{} cannot be asked of a block of the type {}", kind.as_str(), block.as_str());
            fields.reject("kind", "not_allowed", message);
        }
        let predicate = match kind {
            PredicateKind::Always => Predicate::Always,
            PredicateKind::ValidationFailed => Predicate::ValidationFailed,
            PredicateKind::ConfidenceLt => Predicate::ConfidenceLt { threshold: bound(fields, &THRESHOLD)? },
            PredicateKind::FieldConfidenceLt => {
                let (path, threshold) = (path(fields, &PATH), bound(fields, &THRESHOLD));
                Predicate::FieldConfidenceLt { path: path?, threshold: threshold? }
            }
            PredicateKind::AnyRequiredFieldNull => Predicate::AnyRequiredFieldNull,
            PredicateKind::CategoryIn => Predicate::CategoryIn { categories: fields.read(&CATEGORIES)? },
            PredicateKind::TopMarginLt => Predicate::TopMarginLt { margin: bound(fields, &MARGIN)? },
            PredicateKind::SplitCountNeq => Predicate::SplitCountNeq { expected: fields.read(&EXPECTED)? },
            PredicateKind::AnySplitPagesLt => {
                Predicate::AnySplitPagesLt { min_pages: fields.read(&MIN_PAGES)? }
            }
            PredicateKind::BoundaryConfidenceLt => {
                Predicate::BoundaryConfidenceLt { threshold: bound(fields, &THRESHOLD)? }
            }
            PredicateKind::BranchIn => Predicate::BranchIn { branches: fields.read(&BRANCHES)? },
            PredicateKind::JsonCondition => {
                Predicate::JsonCondition(fields.required_object(&CONDITION, |it| self.condition(it))?)
            }
            PredicateKind::Sample => Predicate::Sample { percent: bound(fields, &PERCENT)? },
            PredicateKind::AnyOf | PredicateKind::AllOf => {
                let inner = fields.required_list(&predicates(), |it| self.predicate(it, depth + 1))?.items;
                if kind == PredicateKind::AnyOf { Predicate::AnyOf(inner) } else { Predicate::AllOf(inner) }
            }
        };
        if predicate.inner().is_empty() && predicate.json().len() > MAX_LEAF {
            let message = format!("is a predicate of more than {MAX_LEAF} bytes of JSON");
            fields.reject("kind", "out_of_range", message);
            return None;
        }
        Some(predicate)
    }

    fn condition(&mut self, fields: &mut Fields<'_, '_>) -> Option<Condition> {
        let logical_operator = fields.read(&LOGICAL_OPERATOR);
        let sub_conditions = fields.required_list(&SUB_CONDITIONS, |it| {
            // None is compiled that would be too many.
            if self.has_room(it, "path") {
                return sub_condition(it, self.patterns);
            }
            it.leave_the_rest();
            None
        });
        Some(Condition { logical_operator: logical_operator?, sub_conditions: sub_conditions?.items })
    }

    /// Whether there may be one more. It is said once that there may not.
    fn has_room(&mut self, fields: &mut Fields<'_, '_>, name: &str) -> bool {
        self.count += 1;
        if self.count == MAX_PREDICATES + 1 {
            let message = format!("there can be at most {MAX_PREDICATES} predicates and conditions in all");
            fields.reject(name, "out_of_range", message);
        }
        self.count <= MAX_PREDICATES
    }
}

fn sub_condition(fields: &mut Fields<'_, '_>, patterns: &mut usize) -> Option<SubCondition> {
    let path = path(fields, &CONDITION_PATH);
    let (operator, value) = (fields.read(&OPERATOR), fields.read(&VALUE));
    let (operator, value) = (operator?, value?);
    if operator.takes_value() && value.is_none() {
        fields.reject("value", "missing", format!("value is required with {}", operator.as_str()));
        return None;
    }
    if !operator.takes_value() && value.is_some() {
        fields.reject("value", "not_allowed", format!("is not allowed with {}", operator.as_str()));
        return None;
    }
    if let Some(error) = value.as_ref().and_then(|value| value.content_hash().err()) {
        fields.reject("value", "invalid_value", error.to_string());
        return None;
    }
    if operator == Operator::MatchesRegex {
        let Some(left) = patterns.checked_sub(1) else {
            fields.reject("operator", "out_of_range", "is one regular expression too many".to_owned());
            return None;
        };
        *patterns = left;
    }
    let condition = SubCondition::new(path?, operator, value.as_ref().map(JsonText::as_str));
    condition.map_err(|fault| fields.reject("value", "invalid_value", fault)).ok()
}

fn path(fields: &mut Fields<'_, '_>, field: &Field<String>) -> Option<Path> {
    let text = fields.read(field)?;
    Path::parse(&text).map_err(|fault| fields.reject(field.spec.name, "invalid_value", fault)).ok()
}

fn bound(fields: &mut Fields<'_, '_>, field: &Field<ExactNumber>) -> Option<Bound> {
    Bound::parse(&fields.read(field)?.0)
}
