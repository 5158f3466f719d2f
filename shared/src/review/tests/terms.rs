//! Tests: what the terms of a review refuse and count, whichever way it is tried.

use super::properties::review_and_version;
use crate::review::*;
use proptest::prelude::*;

fn json(text: &str) -> HashedJson {
    HashedJson::try_from(JsonText::parse(text.to_owned()).unwrap()).unwrap()
}

fn actor(id: &str) -> Actor {
    Actor { kind: ActorKind::Human, id: ActorId::parse(id).unwrap(), display_name: id.into() }
}

fn by(id: &str) -> CommandContext {
    in_group(id, &[])
}

fn in_group(id: &str, groups: &[&str]) -> CommandContext {
    CommandContext {
        actor: actor(id),
        at: review_and_version().0.created_at.plus_millis(1000),
        entry_id: crate::new_id::entry_id(),
        request: RequestDigest::of("", &[]),
        command_id: None,
        standing: standing(groups),
    }
}

fn standing(groups: &[&str]) -> Standing {
    Standing { groups: groups.iter().map(|it| GroupId::parse(it).unwrap()).collect(), ..Standing::default() }
}

fn admin(id: &str) -> CommandContext {
    CommandContext { standing: Standing { may_override: true, ..Standing::default() }, ..by(id) }
}

/// A review that the model `m` made and the program `runtime` opened.
fn opened(terms: Terms) -> Review {
    let (mut opening, context) = super::properties::opening();
    opening.author = Actor { kind: ActorKind::Model, ..actor("m") };
    opening.terms = terms;
    let runtime = Actor { kind: ActorKind::Agent, ..actor("runtime") };
    opening.open(&CommandContext { actor: runtime, ..context }).0
}

fn needs(required: u8, four_eyes: bool) -> Terms {
    let approvals = Approvals { required, four_eyes, given: vec![], made_by: vec![] };
    Terms { approvals: Some(approvals), ..Terms::default() }
}

fn assigned(groups: &[&str], actors: &[&str], enforce: bool) -> Terms {
    let groups = standing(groups).groups;
    let actors = actors.iter().map(|it| ActorId::parse(it).unwrap()).collect();
    Terms { assignment: Some(Assignment { groups, actors, enforce }), ..Terms::default() }
}

fn approval() -> DecisionRequest {
    DecisionRequest::Approve { edited_output: None, on_seq: None, effective_seq: None, reason: None }
}

fn approval_of(edited: Option<&str>, on: Option<u32>, effective: Option<u32>) -> DecisionRequest {
    DecisionRequest::Approve {
        edited_output: edited.map(json),
        on_seq: on.map(Seq),
        effective_seq: effective.map(Seq),
        reason: None,
    }
}

fn rejection() -> DecisionRequest {
    DecisionRequest::Reject { on_seq: None, reason: "no".into() }
}

fn escalation(to: &str) -> DecisionRequest {
    DecisionRequest::Escalate { on_seq: None, reason: "?".into(), escalate_to: to.into() }
}

fn correction(text: &str) -> Correction {
    Correction { snapshot: json(text), origin: Origin::HumanEdit, note: None }
}

fn given(review: &Review) -> Vec<&str> {
    let approvals = review.terms.approvals.as_ref().unwrap();
    approvals.given.iter().map(|it| it.actor.id.as_str()).collect()
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Refusal {
    outcome.unwrap_err()
}

#[test]
fn approvals_short_of_those_required_leave_a_review_open() {
    let review = opened(needs(3, false)).claim(TtlSeconds::default(), &by("dana")).unwrap();
    let one = review.decide(approval(), &by("dana")).unwrap().review;
    let decision = one.decisions.last().unwrap();
    assert_eq!((decision.verdict, decision.effective_seq), (Verdict::Approved, None));
    assert!(decision.is_partial() && !decision.is_final());
    assert_eq!((one.status, one.effective_seq, one.decided_at), (Status::AwaitingReview, None, None));
    assert_eq!((one.rev, one.recorded_claim(), one.decided_by()), (review.rev.next(), None, None));
    let two = one.decide(approval(), &by("ben")).unwrap().review;
    assert_eq!((given(&two), two.status), (vec!["dana", "ben"], Status::AwaitingReview));
    let three = two.decide(approval(), &by("eve")).unwrap().review;
    assert_eq!((three.status, three.effective_seq), (Status::Approved, Some(Seq(0))));
    assert!(three.decisions.last().unwrap().is_final());
    assert_eq!(three.decided_by().map(|actor| actor.id.as_str()), Some("eve"));
    assert_eq!(refusal(three.decide(approval(), &by("fay"))), Refusal::NotOpen);
}

#[test]
fn nobody_approves_a_version_twice_under_whatever_kind() {
    let one = opened(needs(2, false)).decide(approval(), &by("dana")).unwrap().review;
    assert_eq!(refusal(one.decide(approval(), &by("dana"))), Refusal::AlreadyApproved);
    let agent = CommandContext { actor: Actor { kind: ActorKind::Agent, ..actor("dana") }, ..by("dana") };
    assert_eq!(refusal(one.decide(approval(), &agent)), Refusal::AlreadyApproved);
    assert_eq!(refusal(one.decide(approval(), &admin("dana"))), Refusal::AlreadyApproved);
    // Two keys of one person, whose id was typed twice.
    assert_eq!(refusal(one.decide(approval(), &by("Dana"))), Refusal::AlreadyApproved);
    let own = opened(needs(1, true)).edit(correction("{}"), &by("dana")).unwrap().review;
    assert_eq!(refusal(own.decide(approval(), &by("DANA"))), Refusal::OwnVersion);
    // Nor after an escalation, a claim or an assignment, which are not new versions.
    let on = one.decide(escalation("legal"), &by("ben")).unwrap().review;
    let on = on.claim(TtlSeconds::default(), &by("dana")).unwrap();
    let on = on.assign(vec![], vec![actor("dana").id], None, false, &by("ben")).unwrap().review;
    assert_eq!(refusal(on.decide(approval(), &by("dana"))), Refusal::AlreadyApproved);
    assert_eq!(on.decide(approval(), &by("ben")).unwrap().review.status, Status::Approved);
}

#[test]
fn a_new_version_and_a_reopening_begin_without_approvals() {
    let one = opened(needs(2, false)).decide(approval(), &by("dana")).unwrap().review;
    let edited = one.edit(correction("{}"), &by("ben")).unwrap().review;
    assert!(given(&edited).is_empty());
    let superseded = one.supersede(correction("{}"), actor("m"), &by("runtime")).unwrap().review;
    assert!(given(&superseded).is_empty());
    // An approval with a correction is the first one of the new version.
    let corrected = one.decide(approval_of(Some("{}"), None, None), &by("ben")).unwrap();
    assert_eq!((given(&corrected.review), corrected.review.status), (vec!["ben"], Status::AwaitingReview));
    assert_eq!(corrected.review.decisions.last().unwrap().on_seq, Seq(1));
    let approved = corrected.review.decide(approval(), &by("dana")).unwrap().review;
    assert_eq!(approved.effective_seq, Some(Seq(1)));
    let reopened = approved.reopen(None, false, &by("dana")).unwrap().review;
    assert!(given(&reopened).is_empty());
    assert_eq!(reopened.decide(approval(), &by("dana")).unwrap().review.status, Status::AwaitingReview);
}

#[test]
fn where_several_approve_only_the_newest_version_can_be_approved() {
    let review = opened(needs(2, false)).edit(correction("{}"), &by("ben")).unwrap().review;
    let refused = |on, effective| refusal(review.decide(approval_of(None, on, effective), &by("dana")));
    let newest = Seq(1);
    assert_eq!(refused(Some(0), None), Refusal::NotNewestVersion { field: "on_seq", newest });
    assert_eq!(refused(Some(1), Some(0)), Refusal::NotNewestVersion { field: "effective_seq", newest });
    assert_eq!(refused(Some(2), None), Refusal::NoSuchVersion { field: "on_seq", newest });
    // With a correction, the correction is the newest one.
    let with = |on| review.decide(approval_of(Some("{}"), on, None), &by("dana"));
    assert_eq!(refusal(with(Some(1))), Refusal::NotNewestVersion { field: "on_seq", newest: Seq(2) });
    assert!(with(Some(2)).is_ok());
    // A rejection looks at any.
    let on = DecisionRequest::Reject { on_seq: Some(Seq(0)), reason: "no".into() };
    assert_eq!(review.decide(on, &by("dana")).unwrap().review.status, Status::Rejected);
}

#[test]
fn every_side_door_to_approving_ones_own_version_is_shut() {
    let review = opened(needs(1, true));
    let own = |review: &Review, context: &CommandContext| {
        assert_eq!(refusal(review.decide(approval(), context)), Refusal::OwnVersion);
        // Somebody else can.
        assert_eq!(review.decide(approval(), &by("eve")).unwrap().review.status, Status::Approved);
    };
    // Correct, then approve; correct while approving.
    let edited = review.edit(correction("{}"), &by("dana")).unwrap().review;
    own(&edited, &by("dana"));
    let at_once = review.decide(approval_of(Some("{}"), None, None), &by("dana"));
    assert_eq!(refusal(at_once), Refusal::OwnVersion);
    // As a program or an administrator of the same id, after a claim, after taking one over, after an escalation to oneself.
    let agent = CommandContext { actor: Actor { kind: ActorKind::Agent, ..actor("dana") }, ..by("dana") };
    own(&edited, &agent);
    own(&edited, &admin("dana"));
    let ttl = TtlSeconds::default();
    let taken = edited.claim(ttl, &by("ben")).unwrap().claim(ttl, &by("dana")).unwrap();
    own(&taken, &by("dana"));
    let to_self = Addressee::Actor(actor("dana").id);
    own(&edited.decide_to(escalation("dana"), Some(&to_self), &by("dana")).unwrap().review, &by("dana"));
    // Another version than the newest, which is one's own.
    for (on, effective) in [(Some(0), None), (Some(0), Some(1)), (Some(1), Some(0)), (None, Some(0))] {
        let refused = refusal(edited.decide(approval_of(None, on, effective), &by("dana")));
        assert!(matches!(refused, Refusal::NotNewestVersion { .. }), "{on:?} {effective:?}: {refused:?}");
    }
    // An earlier version brought back is made by who brings it back.
    let restored = edited
        .edit(Correction { origin: Origin::Revert, ..correction(r#"{"total":12.5}"#) }, &by("dana"))
        .unwrap()
        .review;
    own(&restored, &by("dana"));
    // As the run, with an output of a model: who sent it made it, too.
    let sent = review.supersede(correction("{}"), actor("m"), &by("dana")).unwrap();
    assert_eq!(sent.version.as_ref().unwrap().author, actor("m"));
    own(&sent.review, &by("dana"));
    own(&sent.review, &by("m"));
    own(&review, &by("runtime"));
    // Rejected, or approved by somebody else, and reopened.
    for request in [rejection(), approval()] {
        let decided = edited.decide(request, &by("eve")).unwrap().review;
        own(&decided.reopen(None, true, &by("dana")).unwrap().review, &by("dana"));
    }
    // What somebody else made since can be approved: both have seen it.
    let theirs = edited.edit(correction("{}"), &by("ben")).unwrap().review;
    assert_eq!(theirs.decide(approval(), &by("dana")).unwrap().review.status, Status::Approved);
}

#[test]
fn who_made_a_version_may_reject_and_escalate_it() {
    let review = opened(needs(2, true)).edit(correction("{}"), &by("dana")).unwrap().review;
    assert_eq!(review.decide(rejection(), &by("dana")).unwrap().review.status, Status::Rejected);
    assert!(review.decide(escalation("legal"), &by("dana")).is_ok());
}

#[test]
fn the_last_approval_supersedes_the_decision_before_the_reopening() {
    let first = opened(needs(2, false)).decide(rejection(), &by("dana")).unwrap().review;
    let id = first.decisions[0].decision_id.clone();
    let mut review = first.reopen(None, false, &by("dana")).unwrap().review;
    review = review.decide(approval(), &by("dana")).unwrap().review;
    // Of the decisions, the review keeps the last alone once its journal was full.
    review.decisions.drain(..review.decisions.len() - 1);
    review = review.edit(correction("{}"), &by("ben")).unwrap().review;
    for who in ["dana", "ben"] {
        review = review.decide(approval(), &by(who)).unwrap().review;
        review.decisions.drain(..review.decisions.len() - 1);
    }
    assert_eq!(review.status, Status::Approved);
    assert_eq!(review.decisions[0].supersedes_decision_id, Some(id));
}

#[test]
fn who_hands_over_ends_the_own_claim_and_no_other() {
    let review = opened(Terms::default()).claim(TtlSeconds::default(), &by("dana")).unwrap();
    let to_ben = || vec![actor("ben").id];
    let given = |review: &Review, hand_over, who: &str| {
        review.assign(vec![], to_ben(), Some("away".into()), hand_over, &by(who)).unwrap().review
    };
    let next = given(&review, true, "dana");
    assert_eq!((next.recorded_claim(), next.rev), (None, review.rev.next()), "one write, one entry");
    assert_eq!(next.journal.len(), review.journal.len() + 1);
    let is_said = |review: &Review| {
        let AuditEvent::Assigned { hands_over, .. } = review.journal.last().unwrap().event else { panic!() };
        hands_over
    };
    assert!(is_said(&next));
    for (hand_over, who) in [(false, "dana"), (true, "eve")] {
        let next = given(&review, hand_over, who);
        assert_eq!((next.recorded_claim(), is_said(&next)), (review.recorded_claim(), false), "{who}");
    }
}

#[test]
fn who_stands_in_works_on_what_is_assigned_to_the_other_and_counts_as_themselves() {
    let review = opened(assigned(&[], &["dana"], true));
    let stand_in = |who: &str| {
        let stands_in_for = vec![actor("dana").id];
        CommandContext { standing: Standing { stands_in_for, ..Standing::default() }, ..by(who) }
    };
    assert_eq!(refusal(review.claim(TtlSeconds::default(), &by("ben"))), Refusal::NotAssigned);
    let claimed = review.claim(TtlSeconds::default(), &stand_in("ben")).unwrap();
    assert_eq!(claimed.recorded_claim().unwrap().holder, actor("ben"));
    // Four eyes: who made the version does not approve it by standing in for somebody.
    let terms = Terms {
        approvals: Some(Approvals { required: 1, four_eyes: true, given: vec![], made_by: vec![] }),
        ..assigned(&[], &["dana"], true)
    };
    let edited = opened(terms).edit(correction("{}"), &stand_in("ben")).unwrap().review;
    assert!(edited.decide(approval(), &stand_in("ben")).is_err());
    // Whom the other stands in for is not the stand-in's.
    let other = CommandContext {
        standing: Standing { stands_in_for: vec![actor("ben").id], ..Standing::default() },
        ..by("eve")
    };
    assert_eq!(refusal(review.claim(TtlSeconds::default(), &other)), Refusal::NotAssigned);
}

#[test]
fn an_enforced_assignment_refuses_others_and_nobody_else() {
    let review = opened(assigned(&["finance"], &["dana"], true));
    let decided = review.decide(rejection(), &by("dana")).unwrap().review;
    let tries = |context: &CommandContext| {
        let assign = review.assign(vec![], vec![context.actor.id.clone()], None, false, context);
        [
            review.claim(TtlSeconds::default(), context).map(drop),
            review.edit(correction("{}"), context).map(drop),
            review.decide(approval(), context).map(drop),
            review.decide(approval_of(Some("{}"), None, None), context).map(drop),
            review.decide(rejection(), context).map(drop),
            review.decide(escalation("mallory"), context).map(drop),
            assign.map(drop),
            decided.reopen(None, true, context).map(drop),
        ]
    };
    for refused in [by("mallory"), in_group("mallory", &["sales"]), in_group("finance", &["Finance"])] {
        for outcome in tries(&refused) {
            assert_eq!(outcome, Err(Refusal::NotAssigned));
        }
    }
    for allowed in [by("dana"), in_group("ben", &["sales", "finance"]), admin("root")] {
        for outcome in tries(&allowed) {
            assert_eq!(outcome, Ok(()));
        }
    }
    // The run goes on, and a claim can be dropped.
    assert!(review.supersede(correction("{}"), actor("m"), &by("runtime")).is_ok());
    let claimed = review.claim(TtlSeconds::default(), &by("dana")).unwrap();
    assert!(claimed.release(&by("mallory")).is_some());
    // One that is not enforced refuses nobody.
    let advised = opened(assigned(&["finance"], &[], false));
    assert!(advised.decide(approval(), &by("mallory")).is_ok());
}

#[test]
fn no_more_groups_count_than_a_claim_can_name() {
    let groups: Vec<GroupId> = (0..200).map(|it| GroupId::parse(&format!("g{it}")).unwrap()).collect();
    assert_eq!(Standing::new(groups.clone(), true).groups, groups[..MAX_GROUPS]);
    let few = groups[..MAX_GROUPS].to_vec();
    assert_eq!(Standing::new(few.clone(), false), Standing { groups: few, ..Standing::default() });
}

#[test]
fn an_assignment_is_an_entry_and_stays_enforced() {
    let review = opened(assigned(&["finance"], &[], true));
    let finance = in_group("dana", &["finance"]);
    let legal = vec![GroupId::parse("legal").unwrap()];
    let next = review.assign(legal.clone(), vec![], Some("why".into()), false, &finance).unwrap().review;
    assert_eq!(next.terms, assigned(&["legal"], &[], true));
    assert_eq!((next.rev, next.status), (review.rev.next(), Status::AwaitingReview));
    let event =
        AuditEvent::Assigned { groups: legal, actors: vec![], reason: Some("why".into()), hands_over: false };
    assert_eq!(next.last_entry().unwrap().event, event);
    assert_eq!(refusal(next.assign(vec![], vec![], None, false, &finance)), Refusal::NotAssigned);
    // To nobody: then only who may override it.
    let nobody = review.assign(vec![], vec![], None, false, &finance).unwrap().review;
    assert_eq!(nobody.terms, assigned(&[], &[], true));
    assert_eq!(refusal(nobody.claim(TtlSeconds::default(), &finance)), Refusal::NotAssigned);
    assert!(nobody.claim(TtlSeconds::default(), &admin("root")).is_ok());
    // One that is not enforced is gone.
    let plain =
        opened(assigned(&["finance"], &[], false)).assign(vec![], vec![], None, false, &by("ben")).unwrap();
    assert_eq!(plain.review.terms, Terms::default());
    let decided = review.decide(rejection(), &finance).unwrap().review;
    assert_eq!(refusal(decided.assign(vec![], vec![], None, false, &finance)), Refusal::NotOpen);
}

#[test]
fn an_escalation_assigns_to_a_known_addressee() {
    let group = Addressee::Group(GroupId::parse("legal").unwrap());
    let person = Addressee::Actor(actor("eve").id);
    for (terms, enforce) in [(Terms::default(), false), (assigned(&[], &["dana"], true), true)] {
        let review = opened(terms.clone());
        let escalated = |to: &Addressee| review.decide_to(escalation("x"), Some(to), &by("dana"));
        assert_eq!(escalated(&group).unwrap().review.terms, assigned(&["legal"], &[], enforce));
        let one = escalated(&person).unwrap().review;
        assert_eq!(one.terms, assigned(&[], &["eve"], enforce));
        assert_eq!((one.journal.len(), one.escalated_to.as_deref()), (2, Some("x")));
        if enforce {
            assert_eq!(refusal(escalated(&Addressee::Unknown)), Refusal::UnknownAddressee);
        } else {
            assert_eq!(escalated(&Addressee::Unknown).unwrap().review.terms, terms);
        }
    }
}

#[test]
fn claim_next_keeps_a_review_for_those_who_can_do_something_about_it() {
    let of =
        |review: &Review, context: &CommandContext| review.reserved_for(&context.actor, &context.standing);
    let advised = opened(assigned(&["finance"], &[], false));
    assert_eq!(of(&advised, &in_group("dana", &["finance"])), Reserved::No);
    assert_eq!(of(&advised, &by("dana")), Reserved::ForAnother);
    let enforced = opened(assigned(&["finance"], &[], true));
    assert_eq!(of(&enforced, &in_group("dana", &["finance"])), Reserved::No);
    assert_eq!(of(&enforced, &by("dana")), Reserved::NotForActor);
    assert_eq!(of(&enforced, &admin("root")), Reserved::ForAnother);
    // Approved, or made where others must approve.
    let one = opened(needs(2, false)).decide(approval(), &by("dana")).unwrap().review;
    assert_eq!((of(&one, &by("dana")), of(&one, &by("ben"))), (Reserved::NotForActor, Reserved::No));
    let made = opened(needs(1, true)).edit(correction("{}"), &by("dana")).unwrap().review;
    assert_eq!((of(&made, &by("dana")), of(&made, &by("ben"))), (Reserved::NotForActor, Reserved::No));
    let made = opened(needs(2, false)).edit(correction("{}"), &by("dana")).unwrap().review;
    assert_eq!(of(&made, &by("dana")), Reserved::No);
    // Escalated to a group: its members, but not who escalated it.
    let to_group = opened(Terms::default()).decide(escalation(" Legal"), &by("dana")).unwrap().review;
    assert_eq!(of(&to_group, &in_group("ben", &["legal"])), Reserved::No);
    assert_eq!(of(&to_group, &in_group("dana", &["legal"])), Reserved::NotForActor);
    assert_eq!(of(&to_group, &by("ben")), Reserved::ForAnother);
}

#[test]
fn versions_end_where_approvals_that_decided_nothing_would_pile_up() {
    let mut review = opened(needs(2, false));
    let mut count = 0;
    let refused = loop {
        let written = review.decide(approval_of(Some("{}"), None, None), &by("dana")).unwrap();
        if let Err(refusal) = written.within_limits(&[]) {
            break refusal;
        }
        review = written.review;
        count += 1;
    };
    assert_eq!((refused, count), (Refusal::TooManyApprovals, MAX_UNFINISHED_APPROVALS));
    let last = review.decide(approval(), &by("ben")).unwrap();
    assert_eq!((last.within_limits(&[]), last.review.status), (Ok(()), Status::Approved));
    let older = review.decisions.split_off(1);
    let edited = |review: &Review| review.edit(correction("{}"), &by("dana")).unwrap();
    assert_eq!(edited(&review).within_limits(&older), Ok(()));
    let more = [older.clone(), older[..1].to_vec()].concat();
    assert_eq!(edited(&review).within_limits(&more), Err(Refusal::TooManyApprovals));
}

/// One thing that may be tried; `who` is one of [`PEOPLE`].
#[derive(Clone, Copy, Debug)]
enum Try {
    Claim,
    Edit,
    Supersede,
    Approve { edited: bool, on: Option<u32> },
    Reject,
    Escalate { to: usize },
    Reopen,
    Assign { to: u8 },
}

const PEOPLE: [&str; 4] = ["dana", "ben", "eve", "m"];

fn tries() -> impl Strategy<Value = Vec<(usize, bool, Try)>> {
    let what = prop_oneof![
        2 => Just(Try::Claim),
        3 => Just(Try::Edit),
        1 => Just(Try::Supersede),
        8 => (prop::bool::weighted(0.2), prop::option::weighted(0.2, 0..3_u32))
            .prop_map(|(edited, on)| Try::Approve { edited, on }),
        1 => Just(Try::Reject),
        1 => (0..4_usize).prop_map(|to| Try::Escalate { to }),
        2 => Just(Try::Reopen),
        1 => (0..16_u8).prop_map(|to| Try::Assign { to }),
    ];
    prop::collection::vec((0..PEOPLE.len(), prop::bool::weighted(0.1), what), 0..60)
}

fn attempt(review: &Review, who: usize, may_override: bool, what: Try) -> Result<Review, Refusal> {
    let standing = Standing { may_override, ..Standing::default() };
    let context = CommandContext { standing, ..by(PEOPLE[who]) };
    let written = match what {
        Try::Claim => return review.claim(TtlSeconds::default(), &context),
        Try::Edit => review.edit(correction("{}"), &context),
        Try::Supersede => review.supersede(correction("{}"), actor("m"), &context),
        Try::Approve { edited, on } => review.decide(approval_of(edited.then_some("{}"), on, None), &context),
        Try::Reject => review.decide(rejection(), &context),
        Try::Escalate { to } => {
            let to = Addressee::Actor(actor(PEOPLE[to]).id);
            review.decide_to(escalation("x"), Some(&to), &context)
        }
        Try::Reopen => review.reopen(None, true, &context),
        Try::Assign { to } => {
            let ids = (0..PEOPLE.len()).filter(|who| to & (1 << who) != 0).map(|who| actor(PEOPLE[who]).id);
            review.assign(Vec::new(), ids.collect(), None, false, &context)
        }
    };
    written.map(|written| written.review)
}

proptest! {
    /// By a second account of it, kept beside: who made the newest version, who has approved it since, who may work on it.
    #[test]
    fn no_sequence_approves_by_fewer_or_by_the_wrong_people(
        required in 1..4_u8, four_eyes: bool, enforce: bool, to in 0..16_u8, tries in tries(),
    ) {
        let members = |to: u8| -> Vec<&str> {
            (0..PEOPLE.len()).filter(|who| to & (1 << who) != 0).map(|who| PEOPLE[who]).collect()
        };
        let mut terms = needs(required, four_eyes);
        terms.assignment = assigned(&[], &members(to), enforce).assignment;
        let mut review = opened(terms);
        let (mut makers, mut approved, mut allowed) = (vec!["m", "runtime"], Vec::new(), members(to));
        for (who, may_override, what) in tries {
            let Ok(next) = attempt(&review, who, may_override, what) else { continue };
            let id = PEOPLE[who];
            let may_work = !enforce || may_override || allowed.contains(&id) || matches!(what, Try::Supersede);
            prop_assert!(may_work, "{id} may not do {what:?}");
            prop_assert_eq!(next.rev, review.rev.next());
            match what {
                Try::Edit => (makers, approved) = (vec![id], vec![]),
                Try::Supersede => (makers, approved) = (vec!["m", id], vec![]),
                Try::Approve { edited, .. } => {
                    if edited {
                        (makers, approved) = (vec![id], vec![]);
                    }
                    prop_assert!(!approved.contains(&id), "{id} has approved it before");
                    prop_assert!(!(four_eyes && makers.contains(&id)), "{id} has made it");
                    approved.push(id);
                    let is_enough = approved.len() >= usize::from(required);
                    prop_assert_eq!(next.status == Status::Approved, is_enough);
                    prop_assert_eq!(next.effective_seq, is_enough.then_some(next.head_seq));
                }
                Try::Reopen => approved = vec![],
                Try::Escalate { to } => allowed = vec![PEOPLE[to]],
                Try::Assign { to } => allowed = members(to),
                Try::Claim | Try::Reject => {}
            }
            prop_assert_eq!(given(&next), approved.clone());
            review = next;
        }
    }
}
