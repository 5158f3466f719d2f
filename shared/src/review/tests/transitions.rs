//! Tests: what each transition does, field by field.

use super::properties::review_and_version;
use crate::review::*;
use serde_json::{Value, json};

fn json_text(text: &str) -> HashedJson {
    HashedJson::try_from(JsonText::parse(text.to_owned()).unwrap()).unwrap()
}

fn actor(kind: ActorKind, id: &str) -> Actor {
    Actor { kind, id: ActorId::parse(id).unwrap(), display_name: id.into() }
}

/// Dana does something, a second after the review came to be.
fn context(call: &str) -> CommandContext {
    let (review, _) = review_and_version();
    CommandContext {
        actor: actor(ActorKind::Human, "dana"),
        at: review.created_at.plus_millis(1000),
        entry_id: crate::new_id::entry_id(),
        request: RequestDigest::of(call, &[]),
        command_id: None,
        standing: Standing::default(),
    }
}

fn called(call: &str, command: &str) -> CommandContext {
    CommandContext { command_id: Some(CommandId::parse(command).unwrap()), ..context(call) }
}

fn open() -> Review {
    review_and_version().0
}

fn correction() -> Correction {
    Correction { snapshot: json_text(r#"{"total":13}"#), origin: Origin::HumanEdit, note: Some("n".into()) }
}

fn approval(edited_output: Option<HashedJson>) -> DecisionRequest {
    DecisionRequest::Approve { edited_output, on_seq: None, effective_seq: None, reason: None }
}

fn rejection() -> DecisionRequest {
    DecisionRequest::Reject { on_seq: None, reason: "no".into() }
}

/// The last entry as the wire has it: its word, its detail and the `rev` it led to.
fn wire(review: &Review) -> (String, Value, Value) {
    let entry = serde_json::to_value(review.last_entry().unwrap()).unwrap();
    let place = AuditEvent::WORDS.iter().position(|word| entry["event"] == *word).unwrap();
    assert_eq!(entry["action"], AuditEvent::ACTIONS[place]);
    (entry["event"].as_str().unwrap().to_owned(), entry["detail"].clone(), entry["rev_result"].clone())
}

#[test]
fn each_event_says_its_word_and_what_there_is_to_say() {
    let review = open();
    assert_eq!(wire(&review), ("overlay_created".into(), json!({"priority": 3}), json!(0)));

    let ttl = TtlSeconds::parse(60).unwrap();
    let claimed = review.claim(ttl, &called("claim", "c-1")).unwrap();
    let end = context("claim").at.plus(ttl);
    let detail = json!({"expires_at": end, "command_id": "c-1"});
    assert_eq!(wire(&claimed), ("claimed".into(), detail, json!(1)));
    let renewed = claimed.claim(ttl, &context("claim")).unwrap();
    assert_eq!(wire(&renewed).1, json!({"expires_at": end, "renewed": true}));
    let ben = CommandContext { actor: actor(ActorKind::Human, "ben"), ..context("claim") };
    let taken = claimed.claim(ttl, &ben).unwrap();
    let dana = context("claim").actor;
    assert_eq!(wire(&taken).1, json!({"expires_at": end, "took_over_from": dana}));

    let released = claimed.release(&ben).unwrap();
    assert_eq!(wire(&released), ("released".into(), json!({"holder": dana}), json!(2)));
    let expired = claimed.expire(&CommandContext { at: end, ..ben.clone() }).unwrap();
    assert_eq!(wire(&expired), ("claim_expired".into(), json!({"holder": dana}), Value::Null));
    assert_eq!((expired.rev, expired.updated_at), (claimed.rev, end));
    assert!(claimed.expire(&CommandContext { at: end.plus_millis(-1), ..ben }).is_none());

    let names = ["invoice", "scan"].map(|name| DocumentId::parse(name).unwrap());
    let gone = claimed.with_deleted_document(names.to_vec(), &context("delete-document"));
    let detail = json!({"documents": ["invoice", "scan"]});
    assert_eq!(wire(&gone), ("document_deleted".into(), detail, Value::Null));
    assert_eq!((gone.rev, &gone.claim), (claimed.rev, &claimed.claim));

    let edited = review.edit(correction(), &context("edit")).unwrap().review;
    let detail = json!({"seq": 1, "origin": "human_edit"});
    assert_eq!(wire(&edited), ("version_appended".into(), detail, json!(1)));

    let decided = edited.decide(approval(Some(json_text("{}"))), &context("approve")).unwrap().review;
    let detail = json!({"decision_id": decided.decisions[0].decision_id, "verdict": "approved", "on_seq": 2,
        "effective_seq": 2, "appended_seq": 2});
    assert_eq!(wire(&decided), ("decision_submitted".into(), detail, json!(2)));

    let reopened = decided.reopen(Some("r".into()), false, &context("reopen")).unwrap().review;
    assert_eq!(wire(&reopened), ("reopened".into(), json!({"reason": "r"}), json!(3)));
}

#[test]
fn a_correction_is_the_next_version_on_top_of_the_newest() {
    let Written { review, version } = open().edit(correction(), &context("edit")).unwrap();
    let version = version.unwrap();
    assert_eq!((version.seq, version.parent_seq, review.head_seq), (Seq(1), Some(Seq(0)), Seq(1)));
    assert_eq!((version.origin, version.note.as_deref()), (Origin::HumanEdit, Some("n")));
    assert_eq!((version.author, version.created_at), (context("edit").actor, context("edit").at));
    assert_eq!(version.content_sha256, correction().snapshot.hash);
    assert_eq!((review.status, review.rev), (Status::AwaitingReview, Rev(1)));
    let decided = review.decide(rejection(), &context("reject")).unwrap().review;
    assert_eq!(decided.edit(correction(), &context("edit")).unwrap_err(), Refusal::NotOpen);
}

#[test]
fn an_approval_takes_the_newest_version_unless_told() {
    let edited = open().edit(correction(), &context("edit")).unwrap().review;
    let claimed = edited.claim(TtlSeconds::default(), &context("claim")).unwrap();
    let context = context("approve");
    let Written { review, version } = claimed.decide(approval(None), &context).unwrap();
    assert!(version.is_none() && review.recorded_claim().is_none());
    assert_eq!((review.status, review.effective_seq), (Status::Approved, Some(Seq(1))));
    assert_eq!(review.decided_at, Some(context.at));
    let decision = &review.decisions[0];
    assert_eq!(decision.decision_id, context.entry_id.to_string());
    assert_eq!((decision.verdict, decision.on_seq), (Verdict::Approved, Seq(1)));
    assert_eq!((&decision.decided_by, decision.decided_at), (&context.actor, context.at));
    assert_eq!((&decision.reason, &decision.supersedes_decision_id), (&None, &None));

    let told = |on: u32, effective: Option<u32>| DecisionRequest::Approve {
        edited_output: None,
        on_seq: Some(Seq(on)),
        effective_seq: effective.map(Seq),
        reason: Some("why".into()),
    };
    let decision =
        |request| edited.decide(request, &context).map(|written| written.review.decisions[0].clone());
    let one = decision(told(0, None)).unwrap();
    assert_eq!((one.on_seq, one.effective_seq, one.reason.as_deref()), (Seq(0), Some(Seq(0)), Some("why")));
    let other = decision(told(1, Some(0))).unwrap();
    assert_eq!((other.on_seq, other.effective_seq), (Seq(1), Some(Seq(0))));
    let missing = |field| Refusal::NoSuchVersion { field, newest: Seq(1) };
    assert_eq!(decision(told(2, None)), Err(missing("on_seq")));
    assert_eq!(decision(told(1, Some(2))), Err(missing("effective_seq")));
}

#[test]
fn a_correction_that_comes_with_an_approval_is_called_by_who_made_it() {
    let origins = [
        (ActorKind::Agent, Origin::AgentEdit),
        (ActorKind::Human, Origin::HumanEdit),
        (ActorKind::Model, Origin::HumanEdit),
    ];
    for (kind, origin) in origins {
        let context = CommandContext { actor: actor(kind, "who"), ..context("approve") };
        let written = open().decide(approval(Some(json_text("{}"))), &context).unwrap();
        let version = written.version.unwrap();
        assert_eq!((version.origin, version.note), (origin, None));
        assert_eq!((written.review.head_seq, written.review.effective_seq), (Seq(1), Some(Seq(1))));
    }
}

#[test]
fn a_rejection_has_no_version_and_an_escalation_stays_open() {
    let rejected = open().decide(rejection(), &context("reject")).unwrap().review;
    assert_eq!((rejected.status, rejected.effective_seq), (Status::Rejected, None));
    assert_eq!(rejected.decided_at, Some(context("reject").at));
    assert_eq!(rejected.decisions[0].reason.as_deref(), Some("no"));
    assert_eq!(rejected.decisions[0].verdict, Verdict::Rejected);
    assert_eq!(rejected.decide(rejection(), &context("reject")).unwrap_err(), Refusal::NotOpen);

    let request =
        DecisionRequest::Escalate { on_seq: None, reason: "hm".into(), escalate_to: "legal".into() };
    let escalated = open().decide(request, &context("escalate")).unwrap().review;
    assert_eq!((escalated.status, escalated.decided_at), (Status::AwaitingReview, None));
    assert_eq!((escalated.priority, escalated.escalated_to.as_deref()), (Priority(13), Some("legal")));
    assert_eq!(wire(&escalated).1["priority"], json!(13));
    let decision = &escalated.decisions[0];
    assert_eq!((decision.verdict, decision.escalate_to.as_deref()), (Verdict::Escalated, Some("legal")));
    assert_eq!(decision.reason.as_deref(), Some("hm"));
    // It was not terminal: there is nothing to supersede.
    let approved = escalated.decide(approval(None), &context("approve")).unwrap().review;
    assert_eq!(approved.decisions[1].supersedes_decision_id, None);
    // An escalation in between does not hide what a reopening put in question.
    let reopened = approved.reopen(None, false, &context("reopen")).unwrap().review;
    let request =
        DecisionRequest::Escalate { on_seq: None, reason: "hm".into(), escalate_to: "legal".into() };
    let escalated = reopened.decide(request, &context("again")).unwrap().review;
    let rejected = escalated.decide(rejection(), &context("reject")).unwrap().review;
    let superseded = rejected.decisions.last().unwrap().supersedes_decision_id.as_ref();
    assert_eq!(superseded, Some(&approved.decisions[1].decision_id));
}

#[test]
fn what_is_reopened_waits_from_now_on_and_its_next_decision_supersedes_the_last() {
    assert_eq!(open().reopen(None, true, &context("reopen")).unwrap_err(), Refusal::NotDecided);
    let approved = open().decide(approval(None), &context("approve")).unwrap().review;
    let later = CommandContext { at: context("").at.plus_millis(5), ..context("reopen") };
    let reopened = approved.reopen(None, false, &later).unwrap().review;
    assert_eq!((reopened.status, reopened.awaiting_since), (Status::AwaitingReview, later.at));
    assert_eq!((reopened.decided_at, reopened.effective_seq), (None, None));
    let again = reopened.decide(rejection(), &context("reject")).unwrap().review;
    assert_eq!(again.decisions[1].supersedes_decision_id.as_ref(), Some(&again.decisions[0].decision_id));
}

#[test]
fn a_review_whose_run_may_have_been_told_is_reopened_by_force_alone() {
    let mut approved = open().decide(approval(None), &context("approve")).unwrap().review;
    approved.resume = Some(Resume { in_doubt: true, ..Resume::pending("somebody".into()) });
    assert_eq!(approved.reopen(None, false, &context("reopen")).unwrap_err(), Refusal::AlreadyResumed);
    let forced = approved.reopen(None, true, &context("reopen")).unwrap().review;
    assert_eq!(wire(&forced).1, json!({"forced": true}));
    approved.resume = Some(Resume::pending("somebody".into()));
    let reopened = approved.reopen(None, true, &context("reopen")).unwrap().review;
    assert_eq!(wire(&reopened).1, json!({}));
    assert_eq!(reopened.resume.unwrap().target, "somebody");
}

#[test]
fn who_waits_is_told_of_a_decision_and_of_nothing_before() {
    let mut review = open();
    let now = context("").at;
    review.resume = Some(Resume::pending("somebody".into()));
    assert_eq!((review.begin_resume(now), review.next_resume()), (None, None));
    let mut decided = review.decide(rejection(), &context("reject")).unwrap().review;
    assert_eq!(decided.next_resume(), Some(Timestamp::default()));
    let trying = decided.begin_resume(now).unwrap();
    decided.resume = Some(trying.clone());
    assert_eq!(decided.next_resume(), Some(now.plus_millis(Resume::TRY_MILLIS)));
    decided.resume = Some(trying.end(Delivery::Done, None));
    assert_eq!((decided.begin_resume(now), decided.next_resume()), (None, None));
}

#[test]
fn changes_since_a_stamp_are_the_writes_it_has_not_seen() {
    let claimed = open().claim(TtlSeconds::default(), &context("claim")).unwrap();
    let end = claimed.recorded_claim().unwrap().expires_at;
    let expired = claimed.expire(&CommandContext { at: end, ..context("sweep") }).unwrap();
    let changes = |stamp| -> Vec<String> {
        let events = expired.changes_since(Rev(stamp)).map(|entry| serde_json::to_value(entry).unwrap());
        events.map(|entry| entry["event"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(changes(0), ["claimed", "claim_expired"]);
    assert_eq!(changes(1), ["claim_expired"]);
    assert!(changes(2).is_empty());
}

#[test]
fn a_command_is_one_request_of_one_actor_whatever_the_stamp() {
    let command = called("claim", "c-1");
    let review = open().claim(TtlSeconds::default(), &command).unwrap();
    let review = review.claim(TtlSeconds::default(), &context("claim")).unwrap();
    let standing =
        |context: &CommandContext, older: &[AuditEntry]| review.check_stamp(Rev(0), context, older);
    // The very same try, and another one of the same command.
    assert_eq!(standing(&command, &[]), Ok(StampCheck::Own));
    assert_eq!(standing(&called("claim", "c-1"), &[]), Ok(StampCheck::Replay));
    assert_eq!(standing(&called("edit", "c-1"), &[]), Err(Refusal::CommandIdReused));
    assert_eq!(standing(&called("claim", "c-2"), &[]), Err(Refusal::VersionConflict));
    let ben = CommandContext { actor: actor(ActorKind::Human, "ben"), ..called("claim", "c-1") };
    assert_eq!(standing(&ben, &[]), Err(Refusal::VersionConflict));
    // A request with a command id is no replay of one without.
    let one = review.check_stamp(Rev(1), &called("claim", "c-2"), &[]);
    assert_eq!(one, Err(Refusal::VersionConflict));
    assert_eq!(review.check_stamp(Rev(1), &context("claim"), &[]), Ok(StampCheck::Replay));

    // What has left the journal counts, too.
    let mut short = review.clone();
    let older: Vec<AuditEntry> = short.journal.drain(..2).collect();
    assert_eq!(short.check_stamp(Rev(0), &called("claim", "c-1"), &older), Ok(StampCheck::Replay));
    assert_eq!(short.command(&called("claim", "c-1"), &older), older.last());
    assert_eq!(short.command(&called("claim", "c-1"), &[]), None);
}

#[test]
fn an_expiry_recorded_since_does_not_hide_the_last_write() {
    let claimed = open().claim(TtlSeconds::default(), &context("claim")).unwrap();
    let end = claimed.recorded_claim().unwrap().expires_at;
    let expired = claimed.expire(&CommandContext { at: end, ..context("sweep") }).unwrap();
    assert_eq!(expired.check_stamp(Rev(0), &context("claim"), &[]), Ok(StampCheck::Replay));
    assert_eq!(expired.check_stamp(Rev(1), &context("claim"), &[]), Ok(StampCheck::Current));
}

#[test]
fn parameters_of_a_request_are_told_apart_by_their_lengths() {
    let of = |parts: &[&[u8]]| RequestDigest::of("call", parts);
    assert_eq!(of(&[b"ab", b"c"]), of(&[b"ab", b"c"]));
    assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
    assert_ne!(of(&[b"abc"]), of(&[b"abc", b""]));
    assert_ne!(of(&[]), RequestDigest::of("other", &[]));
}

#[test]
fn a_claim_is_ended_for_its_holder_by_decisions_and_others_and_by_nothing_else() {
    let ttl = TtlSeconds::parse(60).unwrap();
    let ben = CommandContext { actor: actor(ActorKind::Human, "ben"), ..context("claim") };
    let claimed = open().claim(ttl, &context("claim")).unwrap();
    let ended = |next: &Review| next.claim_ended_since(&claimed);
    let dana = claimed.claim.clone();
    let late = CommandContext { at: context("claim").at.plus(ttl), ..ben.clone() };

    assert_eq!(ended(&claimed.claim(ttl, &ben).unwrap()), dana);
    assert_eq!(ended(&claimed.claim(ttl, &late).unwrap()), dana, "it had run out, unrecorded");
    assert_eq!(ended(&claimed.release(&ben).unwrap()), dana);
    assert_eq!(ended(&claimed.decide(rejection(), &context("decide")).unwrap().review), dana);

    assert_eq!(ended(&claimed.claim(ttl, &context("claim")).unwrap()), None);
    assert_eq!(ended(&claimed.release(&context("release")).unwrap()), None);
    assert_eq!(ended(&claimed.edit(correction(), &ben).unwrap().review), None);
    assert_eq!(ended(&claimed.expire(&late).unwrap()), None);
    assert_eq!(claimed.claim_ended_since(&open()), None);
}

#[test]
fn an_escalated_review_is_kept_for_its_addressee_and_from_who_escalated_it() {
    let (dana, ben) = (actor(ActorKind::Human, "dana"), actor(ActorKind::Human, "ben"));
    let named = Actor { display_name: "Ben Okafor".into(), ..ben.clone() };
    let escalate = |review: &Review, by: &Actor, to: &str| {
        let context = CommandContext { actor: by.clone(), ..context("decide") };
        let request = DecisionRequest::Escalate { on_seq: None, reason: "?".into(), escalate_to: to.into() };
        review.decide(request, &context).unwrap().review
    };
    let review = open();
    assert_eq!(review.reserved_for(&dana, &Standing::default()), Reserved::No);
    for to in ["ben", " BEN ", "ben okafor"] {
        let escalated = escalate(&review, &dana, to);
        assert_eq!(escalated.reserved_for(&named, &Standing::default()), Reserved::No, "{to}");
        assert_eq!(escalated.reserved_for(&dana, &Standing::default()), Reserved::NotForActor, "{to}");
        assert_eq!(
            escalated.reserved_for(&actor(ActorKind::Agent, "x"), &Standing::default()),
            Reserved::ForAnother,
            "{to}"
        );
    }
    // To oneself; on to somebody else; to the same one again, which makes it no more urgent.
    let escalated = escalate(&review, &dana, "Dana");
    assert_eq!(escalated.reserved_for(&dana, &Standing::default()), Reserved::No);
    assert_eq!(escalated.priority.0, review.priority.0 + ESCALATION_STEP);
    let again = escalate(&escalated, &ben, " dana");
    assert_eq!(
        (again.priority, again.reserved_for(&ben, &Standing::default())),
        (escalated.priority, Reserved::NotForActor)
    );
    let on = escalate(&again, &dana, "legal");
    assert_eq!(on.priority.0, escalated.priority.0 + ESCALATION_STEP);
    assert_eq!(
        (on.reserved_for(&ben, &Standing::default()), on.reserved_for(&dana, &Standing::default())),
        (Reserved::ForAnother, Reserved::NotForActor)
    );
    // A decision ends it.
    let decided = on.decide(rejection(), &context("decide")).unwrap().review;
    assert_eq!(decided.reserved_for(&dana, &Standing::default()), Reserved::No);
    assert_eq!(decided.decided_by().map(|decider| decider.id.as_str()), Some("dana"));
    assert_eq!(on.decided_by(), None);
}

/// A retried opening is recognized by its digest, which is stored: were it another in a new release, a retry would be a 409.
#[test]
fn the_digest_of_an_opening_stays_the_same_over_releases() {
    let digest = super::properties::review_and_version().0.opened_as.0;
    assert_eq!(digest, [103, 109, 50, 229, 12, 89, 137, 193]);
    // With all that can come with an output.
    let (opening, _) = super::properties::opening();
    let text = |text: &str| Some(JsonText::parse(text.into()).unwrap());
    let document = |id: &str, source| Document {
        id: DocumentId::parse(id).unwrap(),
        filename: "a.pdf".into(),
        mime_type: "application/pdf".into(),
        source,
    };
    let upload = DocumentSource::Upload { document_id: UploadId::parse("doc_1").unwrap() };
    let object =
        DocumentSource::S3 { bucket: "bucket".into(), key: "key".into(), version_id: Some("v".into()) };
    let evidence = Evidence {
        documents: vec![document("a", upload), document("b", object)],
        json_schema: text("{}"),
        likelihoods: text(r#"{"total":0.5}"#),
        sources: text(r#"{"total":null}"#),
        evidence: text(r#"[{"path":"/total"}]"#),
        ..Evidence::default()
    };
    let digest = Opening { evidence, ..opening }.digest().0;
    assert_eq!(digest, [132, 135, 17, 143, 146, 192, 228, 210]);
    // The places of these variants are part of it.
    let blocks = [BlockType::Extract, BlockType::Classifier, BlockType::Split, BlockType::Conditional];
    assert_eq!(blocks.map(|block| block as u8), [0, 1, 2, 3]);
    let authors = [ActorKind::Model, ActorKind::Agent, ActorKind::Human];
    assert_eq!(authors.map(|kind| kind as u8), [0, 1, 2]);
}
