//! Properties of the pure transitions: no sequence of them breaks what a review promises.

use crate::review::*;
use proptest::prelude::*;

/// One thing that may be tried.
#[derive(Clone, Copy, Debug)]
enum Step {
    Claim {
        who: usize,
        ttl_seconds: i64,
    },
    Release {
        who: usize,
    },
    /// The sweep comes by.
    Expire,
    DeleteDocument,
    Comment {
        who: usize,
    },
    /// Time passes; clocks of different machines may also step back a little.
    Wait {
        millis: i64,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..3_usize, 30..120_i64).prop_map(|(who, ttl_seconds)| Step::Claim { who, ttl_seconds }),
        2 => (0..3_usize).prop_map(|who| Step::Release { who }),
        2 => Just(Step::Expire),
        1 => Just(Step::DeleteDocument),
        1 => (0..3_usize).prop_map(|who| Step::Comment { who }),
        3 => (-2_000..90_000_i64).prop_map(|millis| Step::Wait { millis }),
    ];
    prop::collection::vec(step, 0..60)
}

/// All kinds of what comes with an output, nothing included.
pub(crate) fn evidences() -> impl Strategy<Value = Evidence> {
    let json = |texts: &'static [&'static str]| {
        prop::option::of(prop::sample::select(texts).prop_map(|text| JsonText::parse(text.into()).unwrap()))
    };
    let source = prop_oneof![
        "[a-z0-9]{1,9}".prop_map(|id| DocumentSource::Upload { document_id: UploadId::parse(&id).unwrap() }),
        ("[a-z]{3,9}", "[ -~é]{1,9}", prop::option::of("[a-z0-9]{1,9}"))
            .prop_map(|(bucket, key, version_id)| DocumentSource::S3 { bucket, key, version_id }),
    ];
    let document = ("[a-z]{1,9}", "[ -.0-~é–]{1,20}", source).prop_map(|(id, filename, source)| Document {
        id: DocumentId::parse(&id).unwrap(),
        filename,
        mime_type: "application/pdf".into(),
        source,
    });
    let texts = (
        json(&["{}", r#"{"type": "object"}"#]),
        json(&["{}", r#"{"a":1e-1}"#]),
        json(&["{}", r#"{"a":{"value":1.0 ,"source":null}}"#]),
        json(&[r#"[{"path":"/a"}]"#, r#"[ {"path" : "/é","page":1} ]"#]),
        json(&[r#"[{"kind":"always"}]"#]),
    );
    (prop::collection::vec(document, 0..3), texts).prop_map(|(documents, texts)| {
        let (json_schema, likelihoods, sources, evidence, evaluation) = texts;
        Evidence { documents, json_schema, likelihoods, sources, evidence, evaluation }
    })
}

/// Reviews with all kinds of pasts.
pub(crate) fn histories() -> impl Strategy<Value = Review> {
    (steps(), evidences()).prop_map(|(steps, evidence)| {
        let mut world = World::new();
        world.review.documents = evidence.labels();
        world.review.has_schema = evidence.has_schema();
        world.review.has_evidence = evidence.has_evidence();
        for step in steps {
            world.take(step);
        }
        world.review
    })
}

/// A review, the time, and by the simplest of means what should be true of it.
struct World {
    review: Review,
    now: Timestamp,
    writes: u64,
    entries: usize,
    claim: Option<Claim>,
}

/// A review as it was opened, and its version 0.
pub(crate) fn review_and_version() -> (Review, OutputVersion) {
    let (opening, context) = opening();
    opening.open(&context)
}

pub(crate) fn opening() -> (Opening, CommandContext) {
    let now = Timestamp::from_millis(1_778_662_500_000);
    let json = |text: &str| HashedJson::try_from(JsonText::parse(text.to_owned()).unwrap()).unwrap();
    let opening = Opening {
        id: ReviewId {
            organization: OrganizationId::parse("org").unwrap(),
            run: RunId::parse("run").unwrap(),
            block: BlockId::parse("block").unwrap(),
        },
        workflow_id: WorkflowId::parse("wf").unwrap(),
        workflow_version_id: WorkflowVersionId::parse("wfv").unwrap(),
        block_type: BlockType::Extract,
        triggered_by: json(r#"{"kind":"always"}"#),
        snapshot: json(r#"{"total":12.5}"#),
        author: actor(0),
        priority: Priority(3),
        resume: None,
        evidence: Evidence::default(),
        terms: Terms::default(),
        priority_of_policy: None,
        display: Vec::new(),
    };
    let mut context = context(0, now, "open");
    context.request = opening.digest();
    (opening, context)
}

impl World {
    fn new() -> Self {
        let (review, _) = review_and_version();
        let now = review.created_at;
        Self { review, now, writes: 0, entries: 1, claim: None }
    }

    fn standing(&self) -> Option<Claim> {
        self.claim.clone().filter(|claim| self.now < claim.expires_at)
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Claim { who, ttl_seconds } => {
                let ttl = TtlSeconds::parse(ttl_seconds).unwrap();
                let next = self.review.claim(ttl, &context(who, self.now, "claim")).unwrap();
                let mine = self.standing().filter(|claim| claim.holder == actor(who));
                let claimed_at = mine.map_or(self.now, |claim| claim.claimed_at);
                self.claim = Some(Claim { holder: actor(who), claimed_at, expires_at: self.now.plus(ttl) });
                self.wrote(next, 1);
            }
            Step::Release { who } => {
                let next = self.review.release(&context(who, self.now, "release"));
                assert_eq!(next.is_some(), self.standing().is_some());
                if let Some(next) = next {
                    self.claim = None;
                    self.wrote(next, 1);
                }
            }
            Step::Expire => {
                let next = self.review.expire(&context(0, self.now, "expire"));
                assert_eq!(next.is_some(), self.claim.is_some() && self.standing().is_none());
                if let Some(next) = next {
                    self.claim = None;
                    self.wrote(next, 0);
                }
            }
            Step::DeleteDocument => {
                let name = DocumentId::parse("invoice").unwrap();
                let next =
                    self.review.with_deleted_document(vec![name], &context(1, self.now, "delete-document"));
                self.wrote(next, 0);
            }
            Step::Comment { who } => {
                let context = context(who, self.now, "comment");
                let mentions = vec![context.actor.id.clone()];
                let next =
                    self.review.comment(CommentText::parse("Why?".into()).unwrap(), mentions, &context);
                self.wrote(next.unwrap(), 0);
            }
            Step::Wait { millis } => self.now = self.now.plus_millis(millis),
        }
    }

    fn wrote(&mut self, next: Review, revs: u64) {
        self.writes += revs;
        self.entries += 1;
        self.review = next;
    }

    fn check(&self) {
        let review = &self.review;
        assert_eq!(review.rev, Rev(self.writes), "rev is the number of mutating writes");
        assert_eq!(review.journal.len(), self.entries, "every write is one entry");
        assert_eq!(review.recorded_claim(), self.claim.as_ref());
        assert_eq!(review.claim_at(self.now), self.standing().as_ref());
        let mut rev = Rev(0);
        for entry in &review.journal[1..] {
            assert_eq!(entry.rev_observed, rev, "the audit is complete and ordered");
            rev = entry.rev_result().unwrap_or(rev);
        }
        assert_eq!(rev, review.rev);
    }
}

fn actor(who: usize) -> Actor {
    let id = ActorId::parse(["dana", "ben", "agent"][who]).unwrap();
    Actor { kind: ActorKind::Human, display_name: id.to_string(), id }
}

pub(crate) fn context(who: usize, at: Timestamp, call: &str) -> CommandContext {
    let request = RequestDigest::of(call, &[&at.millis().to_be_bytes()]);
    CommandContext {
        actor: actor(who),
        at,
        entry_id: crate::new_id::entry_id(),
        request,
        command_id: None,
        standing: Standing::default(),
    }
}

proptest! {
    #[test]
    fn no_sequence_of_claims_and_releases_breaks_a_review(steps in steps()) {
        let mut world = World::new();
        world.check();
        for step in steps {
            world.take(step);
            world.check();
        }
    }

    #[test]
    fn an_entry_says_from_whom_a_claim_was_taken_exactly_when_it_was(review in histories()) {
        let mut before: Option<Claim> = None;
        for entry in &review.journal {
            match &entry.event {
                AuditEvent::Claimed { expires_at, kind } => {
                    let standing = before.as_ref().filter(|claim| claim.is_active_at(entry.at));
                    let expected = match standing {
                        None => ClaimKind::Fresh,
                        Some(claim) if claim.holder == entry.actor => ClaimKind::Renewed,
                        Some(claim) => ClaimKind::TookOver(claim.holder.clone()),
                    };
                    prop_assert_eq!(kind, &expected);
                    let claimed_at = match (standing, kind) {
                        (Some(claim), ClaimKind::Renewed) => claim.claimed_at,
                        _ => entry.at,
                    };
                    before = Some(Claim { holder: entry.actor.clone(), claimed_at, expires_at: *expires_at });
                }
                AuditEvent::Released { holder } | AuditEvent::ClaimExpired { holder } => {
                    prop_assert_eq!(Some(holder), before.as_ref().map(|claim| &claim.holder));
                    before = None;
                }
                _ => {}
            }
        }
    }

    /// A stamp is current, or it is a replay of the last write, or it is refused: there is no fourth way.
    #[test]
    fn only_the_last_write_can_be_replayed_and_only_by_who_made_it(review in histories(), who in 0..3_usize) {
        let last = review.journal.iter().rev().find(|entry| entry.rev_result().is_some()).unwrap().clone();
        for stamp in (0..=review.rev.0 + 1).map(Rev) {
            let mut context = context(who, last.at, "claim");
            context.request = last.request;
            let replay = stamp.next() == review.rev && last.actor == context.actor && review.rev > Rev(0);
            let expected = if stamp == review.rev {
                Ok(StampCheck::Current)
            } else if replay {
                Ok(StampCheck::Replay)
            } else {
                Err(Refusal::VersionConflict)
            };
            prop_assert_eq!(review.check_stamp(stamp, &context, &[]), expected);
            context.request = RequestDigest::of("something else", &[]);
            prop_assert_ne!(review.check_stamp(stamp, &context, &[]), Ok(StampCheck::Replay));
        }
    }
}

#[test]
fn a_decided_review_cannot_be_claimed() {
    let mut review = World::new().review;
    review.status = Status::Approved;
    let ttl = TtlSeconds::default();
    assert_eq!(review.claim(ttl, &context(0, review.created_at, "claim")), Err(Refusal::NotOpen));
}
