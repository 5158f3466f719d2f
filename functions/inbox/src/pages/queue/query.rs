//! What the queue's address asks for.

use crate::pages::labels::slug;
use crate::paths::{self, HOME};
use crate::session::Viewer;
use shared::api::{Call, FieldErrors};
use shared::review::{Status, WorkflowId};
use shared::store::{Cursor, QueueFilter};

/// Longest text that is searched for.
const TEXT: usize = 200;

/// Which reviews are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Open,
    Mine,
    /// Open, and assigned to the viewer or a group of theirs.
    Assigned,
    /// Open, and escalated to the viewer.
    Escalated,
    /// Approved or rejected.
    Decided(Status),
}

/// The order of the rows of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// As the queue is: most urgent first, decided ones newest first.
    Queue,
    Longest,
    Newest,
}

impl Sort {
    pub(super) const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Queue, "", "Hottest first"),
        (Self::Longest, "longest", "Longest waiting"),
        (Self::Newest, "newest", "Newest first"),
    ];

    pub(super) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(sort, ..)| *sort == self).map_or("", |(_, word, _)| word)
    }
}

/// What the address asks for.
pub(super) struct QueueQuery {
    pub(super) filter: QueueFilter,
    pub(super) tab: Tab,
    pub(super) workflow: String,
    /// The kind of `triggered_by`.
    pub(super) reason: String,
    /// What is searched for.
    pub(super) text: String,
    pub(super) sort: Sort,
    /// Of decided ones, those that the viewer decided.
    pub(super) by_me: bool,
    pub(super) cursor: Option<Cursor>,
    /// What was asked for and does not exist: the page says so.
    pub(super) fault: Option<&'static str>,
    /// Only the part that changes by itself.
    pub(super) part: bool,
    /// The next review was asked for, and there was none.
    pub(super) none_free: bool,
}

impl QueueQuery {
    pub(super) fn of(call: &Call, viewer: &Viewer<'_>) -> Self {
        let organization = viewer.caller.organization.clone();
        let mut query = Self {
            filter: QueueFilter {
                organization,
                workflow: None,
                status: None,
                claimed_by: None,
                overdue: false,
                assigned: None,
            },
            tab: Tab::Open,
            workflow: String::new(),
            reason: String::new(),
            text: String::new(),
            sort: Sort::Queue,
            by_me: false,
            cursor: None,
            fault: None,
            part: false,
            none_free: false,
        };
        let known = [
            "status",
            "workflow_id",
            "mine",
            "assigned",
            "escalated",
            "overdue",
            "reason",
            "q",
            "sort",
            "cursor",
            "part",
            "done",
        ];
        let (mut mine, mut assigned, mut escalated) = (false, false, false);
        let (mut status, mut cursor) = (Status::AwaitingReview, None);
        for (name, value) in call.query(&known, &mut FieldErrors::new()) {
            let text: String = value.trim().chars().take(TEXT).collect();
            match name.as_str() {
                "status" => status = status_of(&value),
                "workflow_id" => query.workflow = text,
                "mine" => mine = value == "1",
                "assigned" => assigned = value == "1",
                "escalated" => escalated = value == "1",
                "overdue" => query.filter.overdue = value == "1",
                "reason" => query.reason = text,
                "q" => query.text = text,
                "sort" => {
                    let sort = Sort::ALL.iter().find(|(_, word, _)| *word == value);
                    query.sort = sort.map_or(Sort::Queue, |(sort, ..)| *sort);
                }
                "cursor" => cursor = Some(value),
                "done" => query.none_free = value == "none-free",
                _ => query.part = true,
            }
        }
        query.tab = match status {
            Status::AwaitingReview if mine => Tab::Mine,
            Status::AwaitingReview if assigned => Tab::Assigned,
            Status::AwaitingReview if escalated => Tab::Escalated,
            Status::AwaitingReview => Tab::Open,
            decided => Tab::Decided(decided),
        };
        query.by_me = mine && status != Status::AwaitingReview;
        query.settle(viewer, cursor)
    }

    /// With its filter.
    fn settle(mut self, viewer: &Viewer<'_>, cursor: Option<String>) -> Self {
        self.filter.status = Some(self.status());
        self.filter.overdue &= !self.is_decided();
        if self.tab == Tab::Mine || self.by_me {
            self.filter.claimed_by = Some(viewer.caller.actor.clone());
        }
        if self.tab == Tab::Assigned {
            self.filter.assigned = Some((viewer.caller.actor.clone(), viewer.caller.standing.clone()));
        }
        if !self.workflow.is_empty() {
            self.filter.workflow = WorkflowId::parse(&self.workflow).ok();
            if self.filter.workflow.is_none() {
                self.fault = Some("There is no such workflow id; all workflows are shown.");
                self.workflow.clear();
            }
        }
        if let Some(text) = cursor {
            match Cursor::decode(&text, &self.filter) {
                Ok(cursor) => self.cursor = Some(cursor),
                Err(_) => self.fault = Some("That page is gone; this is the first one."),
            }
        }
        self
    }

    pub(super) const fn status(&self) -> Status {
        match self.tab {
            Tab::Decided(status) => status,
            Tab::Open | Tab::Mine | Tab::Assigned | Tab::Escalated => Status::AwaitingReview,
        }
    }

    pub(super) const fn is_decided(&self) -> bool {
        matches!(self.tab, Tab::Decided(_))
    }

    /// Whether only some rows of those that were loaded are shown.
    pub(super) fn narrows(&self) -> bool {
        !self.reason.is_empty() || !self.text.is_empty()
    }

    /// The address of this queue.
    pub(super) fn address(&self) -> String {
        let cursor = self.cursor.as_ref().map(|cursor| cursor.encode(&self.filter));
        self.at(self.tab, self.by_me, cursor.as_deref())
    }

    /// The address of another tab or page of this queue, with the same filters.
    pub(super) fn at(&self, tab: Tab, by_me: bool, cursor: Option<&str>) -> String {
        let given = |name: &'static str, value: &'static str, is: bool| is.then_some((name, value));
        let some = |name, text: &'_ str| (!text.is_empty()).then(|| (name, text.to_owned()));
        let status = match tab {
            Tab::Decided(status) => Some(("status", slug(status))),
            _ => None,
        };
        let filters = [
            some("workflow_id", &self.workflow),
            some("reason", &self.reason),
            some("q", &self.text),
            some("sort", self.sort.word()),
        ];
        let [workflow, reason, text, sort] =
            filters.each_ref().map(|it| it.as_ref().map(|(name, text)| (*name, text.as_str())));
        paths::with_query(
            HOME,
            [
                status,
                given("mine", "1", tab == Tab::Mine || by_me),
                given("assigned", "1", tab == Tab::Assigned),
                given("escalated", "1", tab == Tab::Escalated),
                given("overdue", "1", self.filter.overdue && !matches!(tab, Tab::Decided(_))),
                workflow,
                reason,
                text,
                sort,
                cursor.map(|cursor| ("cursor", cursor)),
            ],
        )
    }
}

fn status_of(text: &str) -> Status {
    let decided = [Status::Approved, Status::Rejected].into_iter().find(|status| slug(*status) == text);
    // `decided`: those that were approved come first.
    decided.unwrap_or(if text == "decided" { Status::Approved } else { Status::AwaitingReview })
}
