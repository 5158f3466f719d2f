"""The shapes of the API, generated from its OpenAPI description by `generate`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Optional, Union

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel

from ._base import Stamped


class AcknowledgeRequest(BaseModel):
    """
    The body of `acknowledge`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    decision_id: str
    """
    The decision that the run has: `decision.decision_id` of `GET …/decision`.
    """


class AssignRequest(BaseModel):
    """
    The body of `assign`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    actors: Optional[list[str]] = None
    """
    Ids of actors.
    """
    command_id: Optional[str] = None
    """
    Your name for this command. With it the call can be repeated at any time.
    """
    groups: Optional[list[str]] = None
    """
    Groups, as the organization's keys name them.
    """
    hand_over: Optional[bool] = False
    """
    Whether the caller's own claim ends with it. Another's stays.
    """
    reason: Optional[str] = None
    """
    Why.
    """
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class Assignment(BaseModel):
    """
    Who is to review it: members of any of the groups, and the actors.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    actors: list[str]
    """
    Ids of actors, at most 10.
    """
    enforce: bool
    """
    Whether others are refused; if not, it only sorts the queue and warns.
    """
    groups: list[str]
    """
    Groups, at most 10.
    """


class Author(BaseModel):
    """
    The author of an output.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    display_name: str
    """
    For people to read; not blank, without control characters.
    """
    id: str
    """
    Stable within the organization. An agent can only name itself.
    """
    kind: Union[Literal["model", "agent"], str]
    """
    What it is.

    `model`: The model that produced the output.

    `agent`: A program acting on somebody's behalf.
    """


class AwayView(BaseModel):
    """
    A member who is out of office.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    to: str
    """
    Who stands in: a member's id.
    """
    until: AwareDatetime
    """
    Until when.
    """


class BlockCount(BaseModel):
    """
    The counts of one rule.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    block_id: str
    """
    The rule's name: a block's id, or `*`.
    """
    held: int
    """
    How many would have been held.
    """
    looked_at: int
    """
    How many reviews were looked at.
    """
    not_fitting: int
    """
    How many the predicate cannot be asked of.
    """
    not_held: int
    """
    How many would not have been held.
    """


class ChangeMemberRequest(BaseModel):
    """
    The body of `change-member`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    groups: Optional[list[str]] = None
    """
    The groups, all of them.
    """
    roles: Optional[list[Literal["reviewer", "lead", "admin"]]] = None
    """
    The roles, all of them. Without one, a member reads.
    """
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class ChangeSubscriptionRequest(BaseModel):
    """
    The body of `change-subscription`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    channel: Literal["slack", "teams"]
    """
    Where it is sent.

    `slack`: An incoming webhook of Slack.

    `teams`: A workflow of Microsoft Teams that begins with a webhook.
    """
    digest_minutes: Optional[int] = None
    """
    After how many minutes what has gathered is sent as one message; by default each is sent at once.
    """
    events: list[
        Literal[
            "waiting",
            "assigned",
            "escalated",
            "due_soon",
            "overdue",
            "taken_over",
            "changed_after_approval",
            "mentioned",
            "resume_failed",
            "webhook_disabled",
        ]
    ]
    """
    What is told.
    """
    paused: Optional[bool] = False
    """
    Whether nothing is sent for now.
    """
    quiet_from: Optional[str] = None
    """
    From when nothing is sent, as `HH:MM`.
    """
    quiet_until: Optional[str] = None
    """
    Until when nothing is sent, as `HH:MM`: then what has gathered is, as one message.
    """
    time_zone: Optional[str] = None
    """
    The time zone of the quiet hours, by its IANA name.
    """
    url: Optional[str] = None
    """
    The channel's address: public, and https; for Slack at hooks.slack.com. No call shows it.
    """
    version_stamp: int
    """
    The `rev` that you last saw.
    """
    workflows: Optional[list[str]] = None
    """
    Of which workflows; all by default.
    """


class ClaimNextRequest(BaseModel):
    """
    The body of `claim-next`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    ttl_seconds: Optional[int] = 900
    """
    How long the claim holds.
    """
    workflow_id: Optional[str] = None
    """
    Only reviews of this workflow.
    """


class ClaimRequest(BaseModel):
    """
    The body of `claim`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    ttl_seconds: Optional[int] = 900
    """
    How long the claim holds.
    """
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class CommentRequest(BaseModel):
    """
    The body of `comment`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    command_id: Optional[str] = None
    """
    Your name for this command. With it the call can be repeated at any time.
    """
    mentions: Optional[list[str]] = None
    """
    Ids of members whom it mentions.
    """
    text: str
    """
    What is said.
    """


class CreateDocumentRequest(BaseModel):
    """
    The body of `create-document`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    filename: str
    """
    The file's name, without a path.
    """
    mime_type: str
    """
    Its media type, in lower case and without parameters.
    """
    sha256: str
    """
    The SHA-256 of the file, in hexadecimal and lower case.
    """
    size: int
    """
    Its size in bytes, at most 100 MiB.
    """


class CreateInviteRequest(BaseModel):
    """
    The body of `create-invite`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    email: Optional[str] = None
    """
    Only whoever has this address, verified by the issuer, can use the link.
    """
    groups: Optional[list[str]] = None
    """
    The groups, all of them.
    """
    roles: Optional[list[Literal["reviewer", "lead", "admin"]]] = None
    """
    The roles, all of them. Without one, a member reads.
    """


class CreateKeyRequest(BaseModel):
    """
    The body of `create-key`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    expires_in_days: Optional[int] = 365
    """
    When it ends.
    """
    groups: Optional[list[str]] = None
    """
    The groups, all of them.
    """
    id: str
    """
    The id of the actor: what audits name.
    """
    kind: Union[Literal["model", "agent", "human"], str]
    """
    What acts with it.
    """
    name: str
    """
    The actor's name, for people.
    """
    never_expires: Optional[bool] = False
    """
    It has no end, whatever `expires_in_days` says. Rotate it by hand then.
    """
    scopes: list[Literal["read", "review", "runtime", "admin"]]
    """
    What it may do.
    """


class CreateSubscriptionRequest(BaseModel):
    """
    The body of `create-subscription`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    channel: Literal["slack", "teams"]
    """
    Where it is sent.

    `slack`: An incoming webhook of Slack.

    `teams`: A workflow of Microsoft Teams that begins with a webhook.
    """
    digest_minutes: Optional[int] = None
    """
    After how many minutes what has gathered is sent as one message; by default each is sent at once.
    """
    events: list[
        Literal[
            "waiting",
            "assigned",
            "escalated",
            "due_soon",
            "overdue",
            "taken_over",
            "changed_after_approval",
            "mentioned",
            "resume_failed",
            "webhook_disabled",
        ]
    ]
    """
    What is told.
    """
    group: Optional[str] = None
    """
    The group that is told.
    """
    member: Optional[str] = None
    """
    The member who is told; by default the caller.
    """
    paused: Optional[bool] = False
    """
    Whether nothing is sent for now.
    """
    quiet_from: Optional[str] = None
    """
    From when nothing is sent, as `HH:MM`.
    """
    quiet_until: Optional[str] = None
    """
    Until when nothing is sent, as `HH:MM`: then what has gathered is, as one message.
    """
    time_zone: Optional[str] = None
    """
    The time zone of the quiet hours, by its IANA name.
    """
    url: Optional[str] = None
    """
    The channel's address: public, and https; for Slack at hooks.slack.com. No call shows it.
    """
    workflows: Optional[list[str]] = None
    """
    Of which workflows; all by default.
    """


class CreateWebhookRequest(BaseModel):
    """
    The body of `create-webhook`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    description: Optional[str] = None
    """
    For people to read.
    """
    events: Optional[
        list[
            Literal[
                "review.opened",
                "review.claimed",
                "review.released",
                "review.claim_expired",
                "review.version_appended",
                "review.decided",
                "review.escalated",
                "review.reopened",
                "review.document_deleted",
                "review.approval_given",
                "review.assigned",
                "review.due_soon",
                "review.overdue",
                "review.commented",
                "review.resume_failed",
            ]
        ]
    ] = None
    """
    The event types to send; all by default.
    """
    url: str
    """
    The URL to call: public, and https.
    """


class DecideRequestApproved(BaseModel):
    """
    The run resumes with the effective version.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    command_id: Optional[str] = None
    """
    Your name for this command. With it the call can be repeated at any time.
    """
    edited_output: Optional[dict[str, Any]] = None
    """
    A last correction, which is appended and approved in one write.
    """
    effective_seq: Optional[int] = None
    """
    The version that the workflow continues with; by default `on_seq`.
    """
    on_seq: Optional[int] = None
    """
    The version that you looked at; by default the newest.
    """
    reason: Optional[str] = None
    """
    Why.
    """
    verdict: Literal["approved"]
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class DecideRequestEscalated(BaseModel):
    """
    Somebody else should look; the review stays open.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    command_id: Optional[str] = None
    """
    Your name for this command. With it the call can be repeated at any time.
    """
    escalate_to: str
    """
    Who should look at it: the id or the display name of an actor, or a group, to whom it is assigned then; or any other text, unless the review is assigned and its policy enforces that.
    """
    on_seq: Optional[int] = None
    """
    The version that you looked at; by default the newest.
    """
    reason: str
    """
    Why.
    """
    verdict: Literal["escalated"]
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class DecideRequestRejected(BaseModel):
    """
    The run does not resume with this output.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    command_id: Optional[str] = None
    """
    Your name for this command. With it the call can be repeated at any time.
    """
    on_seq: Optional[int] = None
    """
    The version that you looked at; by default the newest.
    """
    reason: str
    """
    Why.
    """
    verdict: Literal["rejected"]
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class Delivery(BaseModel):
    """
    One attempt to deliver an event.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    attempt: int
    """
    The number of the attempt, from 1.
    """
    attempted_at: AwareDatetime
    """
    When it was made.
    """
    block_run_id: Optional[str] = None
    """
    The review; null for a test.
    """
    duration_ms: int
    """
    How long it took, in milliseconds.
    """
    error: Optional[str] = None
    """
    Why it failed; null if it did not.
    """
    event_id: str
    """
    The id of the event.
    """
    event_type: str
    """
    The type of the event.
    """
    http_status: Optional[int] = None
    """
    The HTTP status of the answer; null if there was none.
    """
    status: Union[Literal["delivered", "failed"], str]
    """
    Whether the receiver accepted it.
    """


class DocumentDeletion(BaseModel):
    """
    A document that was deleted, or is being deleted.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    deleted: bool
    """
    Whether nothing is left of its file and its pages.
    """
    document_id: str
    """
    The document.
    """
    more: bool
    """
    Whether there is more to do: call again.
    """
    reviews: int
    """
    In how many reviews this call has recorded it.
    """


class DocumentLabel(BaseModel):
    """
    What a review says of a document.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    filename: str
    """
    Its name, for people to read.
    """
    id: str
    """
    What the review calls it.
    """
    mime_type: str
    """
    Its media type, without parameters.
    """


class DocumentPlaceS3(BaseModel):
    """
    It is in an S3 bucket that this deployment may read.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    bucket: str
    """
    The bucket.
    """
    key: str
    """
    The object's key.
    """
    kind: Literal["s3"]
    version_id: Optional[str] = None
    """
    The object's version; by default the newest.
    """


class DocumentPlaceUpload(BaseModel):
    """
    It was uploaded to this deployment.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    document_id: str
    """
    The upload.
    """
    kind: Literal["upload"]


class DocumentSourceS3(BaseModel):
    """
    It is in an S3 bucket that this deployment may read.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    bucket: str
    """
    The bucket.
    """
    key: str
    """
    The object's key.
    """
    kind: Literal["s3"]
    version_id: Optional[str] = None
    """
    The object's version; null: the newest one.
    """


class DocumentSourceUpload(BaseModel):
    """
    It was uploaded to this deployment.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    document_id: str
    """
    The upload.
    """
    kind: Literal["upload"]


class EditRequest(BaseModel):
    """
    The body of `edit`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    command_id: Optional[str] = None
    """
    Your name for this command. With it the call can be repeated at any time.
    """
    note: Optional[str] = None
    """
    A note for readers of the version.
    """
    origin: Optional[Literal["human_edit", "agent_edit"]] = None
    """
    Who corrected it; by default the kind of the caller. A person can only send `human_edit`. From an agent it is always `agent_edit`.
    """
    snapshot: dict[str, Any]
    """
    The whole output.
    """
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class FieldError(BaseModel):
    """
    One thing wrong with a request.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    code: str
    """
    What kind of error.
    """
    loc: list[str]
    """
    Where: `path`, `query`, `header` or `body`, then the names below it.
    """
    message: str
    """
    What is wrong, for people to read.
    """


class Group(BaseModel):
    """
    A group, and who is in it.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    group: str
    """
    Its name.
    """
    keys: int
    """
    How many valid keys are in it.
    """
    members: int
    """
    How many active members are in it.
    """


class Groups(BaseModel):
    """
    The groups of an organization.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[Group]
    """
    The groups, by name.
    """


class Issuer(BaseModel):
    """
    An issuer of identities (OpenID Connect).
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    client_id: str
    """
    Who we are there.
    """
    email_domains: list[str]
    """
    The domains whose people `lets_in` means.
    """
    groups_claim: Optional[str] = None
    """
    The claim that lists somebody's groups.
    """
    has_client_secret: bool
    """
    Whether a secret is stored.
    """
    issuer_id: str
    """
    Its id: what paths call it.
    """
    lets_in: bool
    """
    Whether people whom nobody has invited become reviewers.
    """
    name: str
    """
    What people call it.
    """
    rev: int
    """
    The number of changes: the `version_stamp` of the next.
    """
    url: str
    """
    Its issuer URL.
    """


class MemberStampRequest(BaseModel):
    """
    The body of `disable-member` and of `enable-member`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class TriggeredBy(BaseModel):
    """
    Why the review is needed: any object with a `kind`, at most 4,096 bytes of JSON.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    kind: str
    """
    The kind of reason.
    """


class OutputViolation(BaseModel):
    """
    One thing in an output that does not fit its schema.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    message: str
    """
    What is wrong: "must be a number".
    """
    path: str
    """
    Where, as a JSON Pointer; empty for the whole output.
    """


class PageBox(BaseModel):
    """
    A part of a page, in fractions of its width and height, from the top left.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    height: float
    """
    Its height.
    """
    left: float
    """
    Its left side.
    """
    top: float
    """
    Its upper side.
    """
    width: float
    """
    Its width.
    """


class PolicyApprovals(BaseModel):
    """
    How many different actors must approve the same version.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    four_eyes: Optional[bool] = False
    """
    Whether who made a version may not approve it.
    """
    required: Optional[int] = 1
    """
    How many.
    """


class PolicyAssignment(BaseModel):
    """
    Who is to review: members of any of the groups, and the actors. At least one of them is named.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    actors: Optional[list[str]] = None
    """
    Ids of actors.
    """
    enforce: Optional[bool] = False
    """
    Whether others are refused; if not, it only sorts the queue and warns.
    """
    groups: Optional[list[str]] = None
    """
    Groups, as keys name them.
    """


class PolicyOutput(BaseModel):
    """
    What is required of an output that is approved.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    validation: Union[Literal["advise", "enforce"], str]
    """
    What happens to an approval of an output that breaks its schema. Without a schema nothing is checked.

    `advise`: It is approved; the answer names what does not fit.

    `enforce`: It is refused.
    """


class PolicyOverdue(BaseModel):
    """
    What happens to an overdue review.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    action: Union[Literal["none", "escalate", "reject", "approve"], str]
    """
    What the policy does. It approves nothing that needs several approvals, four eyes or an output that fits its schema.

    `none`: Nothing: it is recorded as overdue, and stays open.

    `escalate`: It is escalated.

    `reject`: It is rejected.

    `approve`: It is approved as it is.
    """
    escalate_to: Optional[str] = None
    """
    To whom: required with `escalate`, and allowed with it alone.
    """
    reason: Optional[str] = None
    """
    The reason that the decision gives: required with `reject`, and not allowed with `none`.
    """


class PolicyWarning(BaseModel):
    """
    What a put policy would lead to that is hardly meant.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    field: str
    """
    The field, as in the errors of a body.
    """
    message: str
    """
    What is wrong.
    """


class PredicateAlways(BaseModel):
    """
    It always fires.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["always"]


class PredicateAnyRequiredFieldNull(BaseModel):
    """
    A field that `json_schema` requires is missing, null, empty or blank. 0, false, [] and {} are answers.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["any_required_field_null"]


class PredicateAnySplitPagesLt(BaseModel):
    """
    A part has fewer pages than `min_pages`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["any_split_pages_lt"]
    min_pages: int
    """
    If a part has fewer it fires.
    """


class PredicateBoundaryConfidenceLt(BaseModel):
    """
    The likelihood of a part, or of one of its pages, is below `threshold`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["boundary_confidence_lt"]
    threshold: float
    """
    Below this it fires; compared as a decimal.
    """


class PredicateBranchIn(BaseModel):
    """
    The branch is one of `branches`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    branches: list[str]
    """
    The branches that are reviewed.
    """
    kind: Literal["branch_in"]


class PredicateCategoryIn(BaseModel):
    """
    The category is one of `categories`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    categories: list[str]
    """
    The categories that are reviewed.
    """
    kind: Literal["category_in"]


class PredicateConfidenceLt(BaseModel):
    """
    The block's likelihood is below `threshold`: of an extraction the lowest of all values, of a classification that of the category.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["confidence_lt"]
    threshold: float
    """
    Below this it fires; compared as a decimal.
    """


class PredicateFieldConfidenceLt(BaseModel):
    """
    The likelihood of the value at `path` is below `threshold`; of several values, and of what holds others, the lowest.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["field_confidence_lt"]
    path: str
    """
    The value: `$.invoice.total`, `invoice.total`, `data.invoice.total`, `lines.*.amount` for all elements, or a JSON Pointer.
    """
    threshold: float
    """
    Below this it fires; compared as a decimal.
    """


class PredicateSample(BaseModel):
    """
    So many percent of all runs, chosen by the run and the block: the same run always gets the same answer.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["sample"]
    percent: float
    """
    How many percent of all runs.
    """


class PredicateSplitCountNeq(BaseModel):
    """
    The document was split into another number of parts than `expected`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    expected: int
    """
    How many parts there should be.
    """
    kind: Literal["split_count_neq"]


class PredicateTopMarginLt(BaseModel):
    """
    The likelihoods of the first and the second choice differ by less than `margin`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["top_margin_lt"]
    margin: float
    """
    If the likelihoods differ by less than this it fires.
    """


class PredicateValidationFailed(BaseModel):
    """
    The output does not fit `json_schema`. It fires, too, without a schema, and where checking would be too much work.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["validation_failed"]


class PutIssuerRequest(BaseModel):
    """
    The body of `put-issuer`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    client_id: str
    """
    Who we are there.
    """
    client_secret: Optional[str] = None
    """
    Our secret there. No call shows it.
    """
    email_domains: Optional[list[str]] = None
    """
    The domains whose people `lets_in` means.
    """
    groups_claim: Optional[str] = None
    """
    The claim that lists somebody's groups.
    """
    has_client_secret: Optional[bool] = True
    """
    Whether there is to be a secret; with false, the stored one is forgotten.
    """
    lets_in: Optional[bool] = False
    """
    Whether people whom nobody has invited become reviewers, if their verified e-mail address is in one of the domains.
    """
    name: str
    """
    What people call it.
    """
    url: str
    """
    Its issuer URL, exactly as its metadata says it. Public, and https.
    """
    version_stamp: Optional[int] = None
    """
    The `rev` that you last saw.
    """


class ReleaseRequest(BaseModel):
    """
    The body of `release`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class ReopenRequest(BaseModel):
    """
    The body of `reopen`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    command_id: Optional[str] = None
    """
    Your name for this command. With it the call can be repeated at any time.
    """
    force: Optional[bool] = False
    """
    Reopen it even if the decision has been delivered to the run. The run is not undone.
    """
    reason: Optional[str] = None
    """
    Why.
    """
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class ResumeRequest(BaseModel):
    """
    The body of `resume`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class ResumeTargetPoll(BaseModel):
    """
    No call: the run reads `GET …/decision`, and acknowledges the decision.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["poll"]


class ResumeTargetStepFunctions(BaseModel):
    """
    An AWS Step Functions task that waits for its token.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["step_functions"]
    task_token: str
    """
    The task's token.
    """


class ResumeTargetWebhook(BaseModel):
    """
    A URL that is called.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["webhook"]
    signing_secret: Optional[str] = None
    """
    The secret that signs the call (Standard Webhooks): `whsec_` and the base64 of 24 to 64 bytes.
    """
    url: str
    """
    The URL to call: public, and https.
    """


class RotateKeyRequest(BaseModel):
    """
    The body of `rotate-key`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    keep_old_for_hours: Optional[int] = 0
    """
    For how long the old key stays valid.
    """


class SetAwayRequest(BaseModel):
    """
    The body of `set-away`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    days: int
    """
    For how many days from now.
    """
    to: str
    """
    Who stands in: the id of another active member who may review.
    """


class SetSignInRequest(BaseModel):
    """
    The body of `set-sign-in`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    api_key_sign_in: bool
    """
    Whether an API key signs in at the inbox.
    """
    version_stamp: int
    """
    The `rev` that you last saw.
    """


class SignIn(BaseModel):
    """
    How people sign in.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    api_key_sign_in: bool
    """
    Whether an API key signs in at the inbox.
    """
    issuers: list[Issuer]
    """
    The issuers, by their ids.
    """
    rev: int
    """
    The number of changes of `api_key_sign_in`: the `version_stamp` of the next. Issuers have their own.
    """


class SubCondition(BaseModel):
    """
    A condition on one value, or on all elements of a list. A value of another type than the operator compares meets it; so does a likelihood that was not sent, unless it is asked whether it is there.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    operator: Union[
        Literal[
            "exists",
            "does_not_exist",
            "is_empty",
            "is_not_empty",
            "is_equal_to",
            "is_not_equal_to",
            "contains",
            "starts_with",
            "ends_with",
            "matches_regex",
            "is_true",
            "is_false",
            "is_greater_than",
            "is_less_than",
            "is_greater_than_or_equal_to",
            "is_less_than_or_equal_to",
            "length_equal_to",
            "length_greater_than",
            "length_less_than",
            "is_after",
            "is_before",
            "is_after_or_equal_to",
            "is_before_or_equal_to",
        ],
        str,
    ]
    """
    How it is compared.

    `exists`: There is a value, null included.

    `does_not_exist`: There is none.

    `is_empty`: It is missing, null, blank, [] or {}.

    `is_not_empty`: It is none of these.

    `is_equal_to`: It is the same: numbers as numbers, objects whatever the order of their keys.

    `is_not_equal_to`: It is another, or missing.

    `contains`: A text holds this text, a list this value, an object this key.

    `starts_with`: A text begins so.

    `ends_with`: A text ends so.

    `matches_regex`: A part of the text has this form: a regular expression of Rust's crate `regex`.

    `is_true`: It is true.

    `is_false`: It is false.

    `is_greater_than`: The number is greater.

    `is_less_than`: The number is less.

    `is_greater_than_or_equal_to`: The number is greater, or the same.

    `is_less_than_or_equal_to`: The number is less, or the same.

    `length_equal_to`: A text has so many characters, a list so many elements, an object so many keys.

    `length_greater_than`: It has more.

    `length_less_than`: It has fewer.

    `is_after`: The date is later.

    `is_before`: The date is earlier.

    `is_after_or_equal_to`: The date is later, or the same.

    `is_before_or_equal_to`: The date is earlier, or the same.
    """
    path: str
    """
    The value: a path as in `field_confidence_lt`, such as `data.invoice.total`; or `likelihoods.invoice.total`, its likelihood.
    """
    value: Optional[Union[str, float, bool, list[Any], dict[str, Any]]] = None
    """
    What it is compared with, in at most 1,024 bytes of JSON; absent where the operator compares with nothing.
    """


class TestDelivery(BaseModel):
    """
    A test delivery that will be sent.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    asked_at: AwareDatetime
    """
    When it was requested.
    """
    event_id: str
    """
    The id of its event: the deliveries show it.
    """
    event_type: Literal["webhook.test"]
    """
    The type of its event.
    """


class TestMessage(BaseModel):
    """
    A test message that will be sent.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    asked_at: AwareDatetime
    """
    When it was asked for: an earlier time if one was still to be sent.
    """


class UploadRequest(BaseModel):
    """
    The request that uploads a document.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    expires_at: AwareDatetime
    """
    When the URL ends to be valid.
    """
    headers: dict[str, str]
    """
    Its headers, all of which must be sent as they are.
    """
    method: Literal["PUT"]
    """
    Its method.
    """
    url: str
    """
    Its URL, which is secret: whoever has it can upload this one file.
    """


class Word(BaseModel):
    """
    A word and where it stands.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    box: list[float]
    """
    Left, top, width and height as parts of the page's width and height, from its top left corner.
    """
    text: str
    """
    As it is written.
    """


class Actor(BaseModel):
    """
    Who authored a version, a decision, a claim or an audit entry.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    display_name: str
    """
    For people to read, 1 to 200 characters.
    """
    id: str
    """
    Stable within the organization.
    """
    kind: Union[Literal["model", "agent", "human"], str]
    """
    What it is.
    """


class AdministrationEntry(BaseModel):
    """
    An entry of the audit.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    action: str
    """
    What was done, as a word. There will be others.
    """
    actor: Actor
    """
    Who did it.
    """
    at: AwareDatetime
    """
    When.
    """
    detail: Any
    """
    What changed, as an object that depends on the action; null if the action says it all.
    """
    entry_id: str
    """
    Its id; ids ascend with time.
    """
    target: str
    """
    To whom or what: an id.
    """


class AdministrationLog(BaseModel):
    """
    A page of the audit.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[AdministrationEntry]
    """
    The entries, the newest first.
    """
    next_cursor: Optional[str] = None
    """
    Where the next page starts; null on the last.
    """


class ApiKey(BaseModel):
    """
    An API key. The key itself is shown only when it is made.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    actor: Actor
    """
    Who acts with it.
    """
    created_at: AwareDatetime
    """
    When it was made.
    """
    created_by: Optional[Actor] = None
    """
    Who made or rotated it; null for keys from before this was noted.
    """
    expires_at: Optional[AwareDatetime] = None
    """
    When it ends; null if it does not.
    """
    groups: list[str]
    """
    The groups that its actor belongs to.
    """
    key_id: str
    """
    What it is called: in lists, logs and audits.
    """
    last_used_at: Optional[AwareDatetime] = None
    """
    When it was last used, to the day; null if it never was.
    """
    revoked_at: Optional[AwareDatetime] = None
    """
    When it was revoked.
    """
    scopes: list[str]
    """
    What it may do.
    """
    status: Union[Literal["active", "expired", "revoked"], str]
    """
    Whether it works.
    """


class ApiKeys(BaseModel):
    """
    The keys of an organization.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[ApiKey]
    """
    The keys.
    """


class Approval(BaseModel):
    """
    An approval of one of several people.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    actor: Actor
    """
    Who approved.
    """
    at: AwareDatetime
    """
    When.
    """
    on_seq: int
    """
    The version.
    """


class Approvals(BaseModel):
    """
    How many must approve the newest version, and who has approved it so far.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    four_eyes: bool
    """
    Whether who made a version may not approve it.
    """
    given: list[Approval]
    """
    The approvals of the newest version so far. A new version begins without any.
    """
    required: int
    """
    How many different actors must approve: 1 to 5.
    """


class AuditDetail(BaseModel):
    """
    The wire's `detail` of one event. Fields that do not apply are left out.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    actors: Optional[list[str]] = None
    """
    The actors that it was assigned to.
    """
    appended_seq: Optional[int] = None
    attempted: Optional[str] = None
    """
    The call that was rejected because its stamp was stale.
    """
    command_id: Optional[str] = None
    decision_id: Optional[str] = None
    documents: Optional[list[str]] = None
    """
    The review's names of the document that was deleted.
    """
    due_at: Optional[AwareDatetime] = None
    """
    When it is due.
    """
    effective_seq: Optional[int] = None
    expires_at: Optional[AwareDatetime] = None
    forced: Optional[bool] = None
    groups: Optional[list[str]] = None
    """
    The groups that it was assigned to.
    """
    handed_over: Optional[bool] = None
    """
    An assignment that ended the actor's own claim: it was handed over.
    """
    holder: Optional[Actor] = None
    mentions: Optional[list[str]] = None
    """
    The members whom a comment mentions.
    """
    on_seq: Optional[int] = None
    origin: Optional[Union[Literal["model_output", "human_edit", "agent_edit", "revert"], str]] = None
    priority: Optional[int] = None
    reason: Optional[str] = None
    renewed: Optional[bool] = None
    rev: Optional[int] = None
    """
    The `rev` that a rejected stale write met.
    """
    seq: Optional[int] = None
    text: Optional[str] = None
    """
    The text of a comment.
    """
    took_over_from: Optional[Actor] = None
    verdict: Optional[Union[Literal["approved", "rejected", "escalated"], str]] = None


class AuditEntry(BaseModel):
    """
    One row of the audit trail, in the wire's form.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    action: Union[
        Literal[
            "gate_fired",
            "claimed",
            "released",
            "claim_expired",
            "version_added",
            "decision_made",
            "reopened",
            "document_deleted",
            "assigned",
            "due_soon",
            "overdue",
            "commented",
            "stale_write_rejected",
        ],
        str,
    ]
    """
    The same, in the words of the reference's specification.
    """
    actor: Actor
    """
    Who did it.
    """
    at: AwareDatetime
    """
    When.
    """
    detail: AuditDetail
    """
    Fields of this event.
    """
    entry_id: str
    """
    Stable and unique.
    """
    event: Union[
        Literal[
            "overlay_created",
            "claimed",
            "released",
            "claim_expired",
            "version_appended",
            "decision_submitted",
            "reopened",
            "document_deleted",
            "assigned",
            "due_soon",
            "overdue",
            "commented",
            "stale_write_rejected",
        ],
        str,
    ]
    """
    What happened.
    """
    rev_observed: int
    """
    The `rev` that it was done on.
    """
    rev_result: Optional[int] = None
    """
    The `rev` that it led to; null if the `rev` did not advance.
    """


class AuditPage(BaseModel):
    """
    One page of a review's audit trail.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[AuditEntry]
    """
    The entries, newest first. A rejected stale write is placed at the `rev` that it was made on.
    """
    has_more: bool
    """
    Whether there are older ones.
    """
    next_cursor: Optional[str] = None
    """
    The `cursor` of the next page; null on the last page.
    """


class Claim(BaseModel):
    """
    The claim on a review: who works on it, and until when.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    claimed_at: AwareDatetime
    """
    When it was taken; a renewal does not change it.
    """
    expires_at: AwareDatetime
    """
    When it expires; at this instant it is no longer active.
    """
    holder: Actor
    """
    The actor who holds it.
    """


class Comment(BaseModel):
    """
    A comment that was added.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    block_id: str
    """
    The block.
    """
    comments: int
    """
    How many comments the review has.
    """
    mentions: list[str]
    """
    The members whom it mentions.
    """
    replayed: bool
    """
    Whether an earlier attempt of this call had added it.
    """
    rev: int
    """
    The review's `rev`, which a comment leaves as it is.
    """
    text: str
    """
    What was said.
    """
    workflow_run_id: str
    """
    The run.
    """


class ConflictDetails(BaseModel):
    """
    The details of `version_conflict`.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    changes: list[AuditEntry]
    """
    The audit entries since then, newest last, as far as they are kept in the review.
    """
    claim: Optional[Claim] = None
    """
    The active claim; null if there is none.
    """
    head_seq: int
    """
    The newest version.
    """
    rev: int
    """
    The current `rev`.
    """
    status: Union[Literal["awaiting_review", "approved", "rejected"], str]
    """
    The status of the review.
    """
    version_stamp: int
    """
    The `version_stamp` that was sent.
    """


class CreatedApiKey(BaseModel):
    """
    An API key that was just made.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    actor: Actor
    """
    Who acts with it.
    """
    created_at: AwareDatetime
    """
    When it was made.
    """
    created_by: Optional[Actor] = None
    """
    Who made or rotated it; null for keys from before this was noted.
    """
    expires_at: Optional[AwareDatetime] = None
    """
    When it ends; null if it does not.
    """
    groups: list[str]
    """
    The groups that its actor belongs to.
    """
    key: str
    """
    The key. No other call shows it.
    """
    key_id: str
    """
    What it is called: in lists, logs and audits.
    """
    last_used_at: Optional[AwareDatetime] = None
    """
    When it was last used, to the day; null if it never was.
    """
    revoked_at: Optional[AwareDatetime] = None
    """
    When it was revoked.
    """
    scopes: list[str]
    """
    What it may do.
    """
    status: Union[Literal["active", "expired", "revoked"], str]
    """
    Whether it works.
    """


class CreatedInvite(BaseModel):
    """
    An invite with its link.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    created_at: AwareDatetime
    """
    When it was made.
    """
    email: Optional[str] = None
    """
    The address that whoever uses it must have.
    """
    expires_at: AwareDatetime
    """
    When it ends.
    """
    groups: list[str]
    """
    The groups that it gives.
    """
    invite_id: str
    """
    Its id.
    """
    link: str
    """
    The link to pass on. No other call shows it.
    """
    made_by: Actor
    """
    Who made it.
    """
    roles: list[Union[Literal["reviewer", "lead", "admin"], str]]
    """
    The roles that it gives.
    """


class CreatedWebhook(BaseModel):
    """
    A webhook with its new secret.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    created_at: AwareDatetime
    """
    When it was created.
    """
    created_by: Actor
    """
    Who created it.
    """
    description: Optional[str] = None
    """
    For people to read.
    """
    disabled_at: Optional[AwareDatetime] = None
    """
    When it was disabled.
    """
    disabled_reason: Optional[str] = None
    """
    Why it was disabled.
    """
    events: list[str]
    """
    The event types that it gets; an empty list means all.
    """
    failing_since: Optional[AwareDatetime] = None
    """
    Since when all deliveries have failed.
    """
    signing_secret: str
    """
    The secret that deliveries are signed with (Standard Webhooks). No other call shows it.
    """
    status: Union[Literal["enabled", "disabled"], str]
    """
    Whether it gets events.
    """
    url: str
    """
    The URL that events are posted to.
    """
    webhook_id: str
    """
    Its id.
    """


class DecideRequest(RootModel[Union[DecideRequestApproved, DecideRequestRejected, DecideRequestEscalated]]):
    model_config = ConfigDict(
        populate_by_name=True,
    )
    root: Annotated[
        Union[DecideRequestApproved, DecideRequestRejected, DecideRequestEscalated],
        Field(discriminator="verdict"),
    ]
    """
    A decision. Each verdict has fields of its own.
    """


class Decision(BaseModel):
    """
    One verdict.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    decided_at: AwareDatetime
    """
    When it was made.
    """
    decided_by: Actor
    """
    Who decided.
    """
    decision_id: str
    """
    Stable and unique.
    """
    effective_seq: Optional[int] = None
    """
    The version that downstream consumes; approvals only. Null for an approval short of those required.
    """
    escalate_to: Optional[str] = None
    """
    The addressee; escalations only.
    """
    on_seq: int
    """
    The version that was reviewed.
    """
    reason: Optional[str] = None
    """
    Why.
    """
    supersedes_decision_id: Optional[str] = None
    """
    The decision it replaces after a reopening.
    """
    verdict: Union[Literal["approved", "rejected", "escalated"], str]
    """
    What was decided.
    """


class Deliveries(BaseModel):
    """
    The latest delivery attempts of a webhook.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[Delivery]
    """
    The attempts, newest first.
    """


class DisabledMember(BaseModel):
    """
    A member who was disabled.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    actor: Actor
    """
    Who acts when they are signed in; `actor.id` is the id in paths.
    """
    away: Optional[AwayView] = None
    """
    Until when they are out of office, and who stands in. What has ended may still stand here.
    """
    claims_released: int
    """
    How many claims of the member's were released.
    """
    created_at: AwareDatetime
    """
    When they became a member.
    """
    disabled_at: Optional[AwareDatetime] = None
    """
    When they were disabled.
    """
    email: Optional[str] = None
    """
    Their e-mail address, if the issuer has verified it.
    """
    groups: list[str]
    """
    The groups that they belong to.
    """
    last_seen_at: Optional[AwareDatetime] = None
    """
    When they last signed in.
    """
    rev: int
    """
    The number of changes: the `version_stamp` of the next.
    """
    roles: list[Union[Literal["reviewer", "lead", "admin"], str]]
    """
    What they may do.
    """
    status: Union[Literal["active", "disabled"], str]
    """
    Whether they may sign in.
    """


class DocumentUpload(BaseModel):
    """
    A document that can be uploaded.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    document_id: str
    """
    What `source.document_id` of a review's document says.
    """
    upload: UploadRequest
    """
    The request that uploads it.
    """


class Evaluation(BaseModel):
    """
    What one predicate, or one condition in it, was found to be.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    actual: Any
    """
    What was there: a number, a word or the beginning of a text. Of a list or an object only how large it is. Null where nothing
    was there.
    """
    count: Optional[int] = None
    """
    How many values are as `outcome` says, as far as they were counted; absent where it is about no value.
    """
    detail: Optional[str] = None
    """
    What does not fit the schema at `place`, in words that follow the name of the field; absent elsewhere.
    """
    evaluations: list[Evaluation]
    """
    What it is made of: predicates of `any_of` and `all_of`, conditions of `json_condition`.
    """
    expected: Any
    """
    What it was compared with; null where there is nothing to compare with.
    """
    fired: bool
    """
    Whether it fired.
    """
    kind: str
    """
    The kind of the predicate; `condition` for one condition of a `json_condition`.
    """
    operator: Optional[str] = None
    """
    How the value was compared; null where nothing is compared.
    """
    outcome: Optional[
        Union[
            Literal[
                "met",
                "not_met",
                "missing",
                "no_value",
                "empty",
                "not_sent",
                "not_known",
                "not_comparable",
                "too_much_work",
            ],
            str,
        ]
    ] = None
    """
    What came of it, in one word; absent in what was stored before there were such words.
    """
    path: Optional[str] = None
    """
    Which value it is about: a path as it was given, or a JSON Pointer into the output where the predicate names none; null where
    it is about no single value.
    """
    place: Optional[str] = None
    """
    The value that decided, as a JSON Pointer into the output: of several values the first, or the lowest. Absent where there is no
    such value.
    """
    reason: str
    """
    Why, in words. It holds parts of the output: it is for people, and nothing should be read out of it.
    """


class EventData(BaseModel):
    """
    Ids, the actor, the rev and pointers; never a snapshot.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    actor: Optional[Actor] = None
    """
    Who did it; null if nobody did.
    """
    block_id: str
    """
    The block whose output is reviewed.
    """
    block_run_id: str
    """
    `workflow_run_id:block_id`.
    """
    block_type: Union[Literal["extract", "classifier", "split", "conditional"], str]
    """
    What kind of block it is.
    """
    detail: dict[str, Any]
    """
    Fields of this type of event.
    """
    effective_seq: Optional[int] = None
    """
    The version that downstream consumes; null unless approved.
    """
    entry_id: Optional[str] = None
    """
    The audit entry; null if there is none.
    """
    escalated_to: Optional[str] = None
    """
    To whom it was escalated.
    """
    head_seq: int
    """
    The newest version.
    """
    organization_id: str
    """
    The organization.
    """
    priority: int
    """
    How urgent it is.
    """
    rev_observed: int
    """
    The `rev` that it was done on.
    """
    rev_result: Optional[int] = None
    """
    The `rev` that it led to; null if the `rev` did not advance.
    """
    review_url: str
    """
    Where to read the review.
    """
    sequence: int
    """
    The entry's place in the review's audit, from 0. The events of one review come in this order.
    """
    status: Union[Literal["awaiting_review", "approved", "rejected"], str]
    """
    The review's status after the event.
    """
    workflow_id: str
    """
    The workflow.
    """
    workflow_run_id: str
    """
    The workflow run that is held.
    """
    workflow_version_id: str
    """
    The workflow's version.
    """


class EvidenceEntry(BaseModel):
    """
    Where a value stands and how likely it is.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    box: Optional[PageBox] = None
    """
    Where on the page.
    """
    confidence: Optional[float] = None
    """
    How likely the value is.
    """
    document_id: Optional[str] = None
    """
    The `id` of one of the `documents`.
    """
    page: Optional[int] = None
    """
    The page, from 1.
    """
    path: str
    """
    The value: a JSON Pointer into the output.
    """
    text: Optional[str] = None
    """
    What the document says there.
    """


class Example(BaseModel):
    """
    One review that was looked at.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    block_id: str
    """
    The block.
    """
    held: bool
    """
    Whether its output would have been held.
    """
    reason: str
    """
    Why, in words.
    """
    status: Union[Literal["awaiting_review", "approved", "rejected"], str]
    """
    The status of the review.
    """
    workflow_run_id: str
    """
    The workflow run.
    """


class GateCondition(BaseModel):
    """
    A condition on values of the output and on their likelihoods.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    logical_operator: Union[Literal["and", "or"], str]
    """
    Whether all must be met, or one.

    `and`: All must be met.

    `or`: One must be met.
    """
    sub_conditions: list[SubCondition]
    """
    The conditions.
    """


class Invite(BaseModel):
    """
    An invite.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    created_at: AwareDatetime
    """
    When it was made.
    """
    email: Optional[str] = None
    """
    The address that whoever uses it must have.
    """
    expires_at: AwareDatetime
    """
    When it ends.
    """
    groups: list[str]
    """
    The groups that it gives.
    """
    invite_id: str
    """
    Its id.
    """
    made_by: Actor
    """
    Who made it.
    """
    roles: list[Union[Literal["reviewer", "lead", "admin"], str]]
    """
    The roles that it gives.
    """


class Invites(BaseModel):
    """
    The invites of an organization.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[Invite]
    """
    The invites, the newest first.
    """


class Member(BaseModel):
    """
    A member.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    actor: Actor
    """
    Who acts when they are signed in; `actor.id` is the id in paths.
    """
    away: Optional[AwayView] = None
    """
    Until when they are out of office, and who stands in. What has ended may still stand here.
    """
    created_at: AwareDatetime
    """
    When they became a member.
    """
    disabled_at: Optional[AwareDatetime] = None
    """
    When they were disabled.
    """
    email: Optional[str] = None
    """
    Their e-mail address, if the issuer has verified it.
    """
    groups: list[str]
    """
    The groups that they belong to.
    """
    last_seen_at: Optional[AwareDatetime] = None
    """
    When they last signed in.
    """
    rev: int
    """
    The number of changes: the `version_stamp` of the next.
    """
    roles: list[Union[Literal["reviewer", "lead", "admin"], str]]
    """
    What they may do.
    """
    status: Union[Literal["active", "disabled"], str]
    """
    Whether they may sign in.
    """


class Members(BaseModel):
    """
    A page of members.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[Member]
    """
    The members.
    """
    next_cursor: Optional[str] = None
    """
    Where the next page starts; null on the last.
    """


class OutputVersion(BaseModel):
    """
    One immutable snapshot of the block's output.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    author: Actor
    """
    Who made it.
    """
    content_sha256: str
    """
    SHA-256 of the snapshot's RFC 8785 form.
    """
    created_at: AwareDatetime
    """
    When it was made.
    """
    note: Optional[str] = None
    """
    The author's note.
    """
    origin: Union[Literal["model_output", "human_edit", "agent_edit", "revert"], str]
    """
    How it was made.
    """
    parent_seq: Optional[int] = None
    """
    The version that it was made from; none for the model's own.
    """
    seq: int
    """
    Its number.
    """
    snapshot: dict[str, Any]
    """
    The output, as the JSON text that was received.
    """


class Page(BaseModel):
    """
    One page.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    has_text: bool
    """
    Whether it has text that can be searched.
    """
    height: float
    """
    Its height as it is shown.
    """
    page: int
    """
    Which page, from 1.
    """
    pages: int
    """
    How many pages the document has; at most `crate::limits::PAGES` can be asked for.
    """
    warnings: list[
        Union[
            Literal[
                "form_values_not_drawn",
                "fonts_missing",
                "images_not_drawn",
                "annotations_not_drawn",
                "words_left_out",
            ],
            str,
        ]
    ]
    """
    What a reader of its picture must know.
    """
    width: float
    """
    Its width as it is shown: of a PDF in points, of a picture in pixels.
    """
    words: list[Word]
    """
    Its words, in the order in which the file has them.
    """


class PolicyChange(BaseModel):
    """
    One change of a policy.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    actor: Actor
    """
    Who.
    """
    at: AwareDatetime
    """
    When.
    """
    blocks: Optional[dict[str, Any]] = None
    """
    The rules after it; null where the policy was deleted.
    """
    rev: int
    """
    The policy's `rev` after it.
    """


class PolicyConflictDetails(BaseModel):
    """
    The details of `version_conflict` of a policy.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    exists: bool
    """
    Whether there is a policy; not if it was deleted, or never was.
    """
    rev: int
    """
    The current `rev`; 0 if the workflow never had a policy.
    """
    updated_at: Optional[AwareDatetime] = None
    """
    When it was last changed.
    """
    updated_by: Optional[Actor] = None
    """
    By whom.
    """
    version_stamp: int
    """
    The `version_stamp` that was sent.
    """


class PolicyEntry(BaseModel):
    """
    A workflow that has a policy.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    rev: int
    """
    Its policy's `rev`.
    """
    rules: int
    """
    How many rules it has.
    """
    updated_at: AwareDatetime
    """
    When it was last changed.
    """
    updated_by: Actor
    """
    By whom.
    """
    workflow_id: str
    """
    The workflow.
    """


class PredicateJsonCondition(BaseModel):
    """
    The `condition` is met by the output, or by the likelihoods.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    condition: GateCondition
    """
    The condition.
    """
    kind: Literal["json_condition"]


class Resume(BaseModel):
    """
    The callback of a review and its delivery state.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    attempts: int
    """
    How often delivery of the current decision was attempted.
    """
    last_error: Optional[str] = None
    """
    Why the last attempt failed.
    """
    status: Union[Literal["pending", "resumed", "failed"], str]
    """
    State of the delivery.
    """
    target: str
    """
    The target: `step_functions`, `poll`, or the origin of a webhook's URL. Never the token or the whole URL.
    """


class ResumePayload(BaseModel):
    """
    The decision of a review, for the run that waits for it.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    block_id: str
    """
    The block whose output was reviewed.
    """
    content_sha256: Optional[str] = None
    """
    SHA-256 of that version's RFC 8785 form.
    """
    decided_by: Actor
    """
    Who decided. The policy itself, where a review was overdue, is the agent `holdpoint`.
    """
    decision_id: str
    """
    Which decision it is; acknowledged by this id.
    """
    effective_seq: Optional[int] = None
    """
    The version that downstream consumes; null unless approved.
    """
    organization_id: str
    """
    The organization.
    """
    reason: Optional[str] = None
    """
    Why.
    """
    snapshot: Optional[dict[str, Any]] = None
    """
    That version, digit for digit; null unless approved, and where it is too large for a call.
    """
    snapshot_url: Optional[str] = None
    """
    Where to read that version, where it is too large for a call.
    """
    verdict: Union[Literal["approved", "rejected", "escalated"], str]
    """
    What was decided: `approved` or `rejected`.
    """
    workflow_id: str
    """
    The workflow.
    """
    workflow_run_id: str
    """
    The workflow run that is held.
    """
    workflow_version_id: str
    """
    The version of the workflow that resumes.
    """


class RunDecision(BaseModel):
    """
    The status and the decision of a review, for the run that waits for it.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    decision: Optional[ResumePayload] = None
    """
    The current decision; null while the review awaits one.
    """
    resume: Optional[Resume] = None
    """
    How the decision is delivered; null when no run waits.
    """
    rev: int
    """
    Its `rev`.
    """
    status: Union[Literal["awaiting_review", "approved", "rejected"], str]
    """
    The status of the review.
    """


class Subscription(BaseModel):
    """
    A subscription to notifications.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    channel: Union[Literal["slack", "teams"], str]
    """
    Where it is sent.
    """
    created_at: AwareDatetime
    """
    When it was made.
    """
    created_by: Actor
    """
    By whom.
    """
    digest_minutes: Optional[int] = None
    """
    After how many minutes what has gathered is sent; null for each at once.
    """
    events: list[
        Union[
            Literal[
                "waiting",
                "assigned",
                "escalated",
                "due_soon",
                "overdue",
                "taken_over",
                "changed_after_approval",
                "mentioned",
                "resume_failed",
                "webhook_disabled",
            ],
            str,
        ]
    ]
    """
    What is told.
    """
    failing_since: Optional[AwareDatetime] = None
    """
    Since when every message has failed, if the last one did.
    """
    group: Optional[str] = None
    """
    The group that is told, if it is one.
    """
    host: str
    """
    The host of the channel's address, of which no more is shown.
    """
    last_error: Optional[str] = None
    """
    What the last message failed for.
    """
    member: Optional[str] = None
    """
    The member who is told, if it is one.
    """
    paused: bool
    """
    Whether nothing is sent for now.
    """
    quiet_from: Optional[str] = None
    """
    From when nothing is sent, as `HH:MM`.
    """
    quiet_until: Optional[str] = None
    """
    Until when nothing is sent, as `HH:MM`.
    """
    rev: int
    """
    The number of changes: the `version_stamp` of the next.
    """
    subscription_id: str
    """
    Its id.
    """
    time_zone: Optional[str] = None
    """
    The time zone of the quiet hours.
    """
    workflows: list[str]
    """
    Of which workflows; empty means all.
    """


class Subscriptions(BaseModel):
    """
    Subscriptions.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[Subscription]
    """
    The subscriptions.
    """


class Webhook(BaseModel):
    """
    A webhook. Its secret is shown only when it is created or rotated.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    created_at: AwareDatetime
    """
    When it was created.
    """
    created_by: Actor
    """
    Who created it.
    """
    description: Optional[str] = None
    """
    For people to read.
    """
    disabled_at: Optional[AwareDatetime] = None
    """
    When it was disabled.
    """
    disabled_reason: Optional[str] = None
    """
    Why it was disabled.
    """
    events: list[str]
    """
    The event types that it gets; an empty list means all.
    """
    failing_since: Optional[AwareDatetime] = None
    """
    Since when all deliveries have failed.
    """
    status: Union[Literal["enabled", "disabled"], str]
    """
    Whether it gets events.
    """
    url: str
    """
    The URL that events are posted to.
    """
    webhook_id: str
    """
    Its id.
    """


class Webhooks(BaseModel):
    """
    An organization's webhooks.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[Webhook]
    """
    The organization's webhooks.
    """


class Acknowledged(BaseModel):
    """
    The answer to an acknowledgement.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    resume: Optional[Resume] = None
    """
    How the decision is delivered; its status is `resumed`.
    """
    rev: int
    """
    Its `rev`; acknowledging does not advance it.
    """
    status: Union[Literal["awaiting_review", "approved", "rejected"], str]
    """
    The status of the review.
    """


class Document(BaseModel):
    """
    A document that a review's output was read from. It never changes.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    filename: str
    """
    Its name, for people to read.
    """
    id: str
    """
    What the review calls it.
    """
    mime_type: str
    """
    Its media type, without parameters.
    """
    source: Annotated[Union[DocumentSourceUpload, DocumentSourceS3], Field(discriminator="kind")]
    """
    Where it is.
    """


class DocumentGiven(BaseModel):
    """
    A document that an output was read from.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    filename: str
    """
    The file's name, without a path.
    """
    id: str
    """
    Your name for the document in this review.
    """
    mime_type: str
    """
    Its media type, in lower case and without parameters.
    """
    source: Annotated[Union[DocumentPlaceUpload, DocumentPlaceS3], Field(discriminator="kind")]
    """
    Where the document is.
    """


class DryRun(BaseModel):
    """
    What a policy would have held.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    by_block: list[BlockCount]
    """
    The same for each rule that applied, by its name in the policy.
    """
    examples: list[Example]
    """
    Some of those that would have been held, and some that would not: at most 10 each, the newest first.
    """
    held: int
    """
    How many outputs would have been held.
    """
    is_complete: bool
    """
    Whether all were looked at that were to be; if not, time ran out.
    """
    looked_at: int
    """
    How many reviews were looked at.
    """
    not_fitting: int
    """
    How many outputs the predicate cannot be asked of: `gate` would answer 422.
    """
    not_held: int
    """
    How many would not have been held.
    """
    without_predicate: int
    """
    How many blocks have a rule without a predicate, or no rule: there the caller of `gate` or `open` decides.
    """


class Event(BaseModel):
    """
    The body of an event, in the form that Standard Webhooks recommends (`type`, `timestamp`, `data`), with the id for targets that
    have no header for it.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: EventData
    """
    The review, and its state after the event.
    """
    id: str
    """
    Identifies duplicates: the same event always has the same id. Also sent as `webhook-id`.
    """
    timestamp: AwareDatetime
    """
    When it happened.
    """
    type: str
    """
    What happened.
    """


class Evidence(BaseModel):
    """
    What came with a review's output.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    documents: list[Document]
    """
    The documents that the output was read from.
    """
    evaluation: list[Evaluation]
    """
    What the gate found: why the review is there. Empty unless `gate` opened it.
    """
    evidence: list[EvidenceEntry]
    """
    Where values stand and how likely they are, as a list.
    """
    json_schema: Optional[dict[str, Any]] = None
    """
    The JSON Schema of the output; null if none was given.
    """
    likelihoods: Optional[dict[str, Any]] = None
    """
    How likely each value is; null if it was not given.
    """
    sources: Optional[dict[str, Any]] = None
    """
    Where each value stands; null if it was not given.
    """


class OpenRequest(BaseModel):
    """
    The body of `open`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    author: Optional[Author] = None
    """
    Who made the output: by default an unnamed model. An agent can only name itself.
    """
    block_id: str
    """
    The block whose output is to be reviewed.
    """
    block_type: Union[Literal["extract", "classifier", "split", "conditional"], str]
    """
    The kind of block.
    """
    documents: Optional[list[DocumentGiven]] = None
    """
    The documents that the output was read from; their ids, file names and media types together are at most 4,096 bytes.
    """
    evidence: Optional[list[EvidenceEntry]] = None
    """
    Where values stand and how likely they are, as a list: for outputs without likelihoods and sources of their own shape.
    """
    if_exists: Optional[Union[Literal["reject", "adopt", "supersede"], str]] = "reject"
    """
    What the call does if the run and block already have a review with other content.
    """
    json_schema: Optional[dict[str, Any]] = None
    """
    The JSON Schema of the output, 2020-12 or draft 7, at most 262,144 bytes. It refers to nothing outside itself.
    """
    likelihoods: Optional[dict[str, Any]] = None
    """
    How likely each value is: it mirrors the output, with numbers from 0 to 1, or null.
    """
    priority: Optional[int] = None
    """
    How urgent it is; higher comes first. By default what the workflow's policy says of the block, else 0.
    """
    resume: Optional[Union[ResumeTargetStepFunctions, ResumeTargetWebhook, ResumeTargetPoll]] = None
    """
    How the waiting run gets the decision; by default it gets none.
    """
    run_id: str
    """
    The workflow run that is held.
    """
    snapshot: dict[str, Any]
    """
    The whole output.
    """
    sources: Optional[dict[str, Any]] = None
    """
    Where each value stands: it mirrors the output, with `{value, source: {content, anchor}}` for each value. An anchor is `{kind, …}`; one of the kind `pdf_bbox` or `image_bbox` has a `page` from 1, and `left`, `top`, `width` and `height` from 0 to 1, measured from the top left.
    """
    triggered_by: TriggeredBy
    """
    Why the review is needed: any object with a `kind`, at most 4,096 bytes of JSON.
    """
    workflow_id: str
    """
    The workflow.
    """
    workflow_version_id: str
    """
    The workflow's version.
    """


class Overlay(Stamped):
    """
    Everything about one review.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    id: Annotated[str, Field(alias="_id")]
    """
    The same as `block_run_id`.
    """
    approvals: Optional[Approvals] = None
    """
    How many must approve it, and who has; absent if one decision is enough.
    """
    assigned_to: Optional[Assignment] = None
    """
    Who is to review it; absent if it is assigned to nobody.
    """
    audit: list[AuditEntry]
    """
    The audit trail, oldest first: its newest 200 entries.
    """
    audit_truncated: Optional[bool] = None
    """
    True if `audit` leaves out older entries, which `GET …/audit` lists.
    """
    awaiting_since: AwareDatetime
    """
    Since when it has awaited review.
    """
    block_id: str
    """
    The block whose output is reviewed.
    """
    block_run_id: str
    """
    `workflow_run_id:block_id`.
    """
    block_type: Union[Literal["extract", "classifier", "split", "conditional"], str]
    """
    What kind of block it is.
    """
    claim: Optional[Claim] = None
    """
    The active claim; null if there is none.
    """
    created_at: AwareDatetime
    """
    When it was opened.
    """
    decided_at: Optional[AwareDatetime] = None
    """
    When it was decided; null while it awaits review.
    """
    decisions: list[Decision]
    """
    All decisions, oldest first.
    """
    documents: Optional[list[DocumentLabel]] = None
    """
    The documents that its output was read from; absent if there are none.
    """
    due_at: Optional[AwareDatetime] = None
    """
    When it is due; absent if it has no deadline.
    """
    effective_seq: Optional[int] = None
    """
    The version that downstream consumes; null until approved.
    """
    escalated_to: Optional[str] = None
    """
    The addressee of the last escalation.
    """
    has_evaluation: Optional[bool] = None
    """
    True if the gate held it by a predicate, whose evaluation `GET …/evidence` answers; else absent.
    """
    has_evidence: Optional[bool] = None
    """
    True if it came with likelihoods, sources or evidence, which `GET …/evidence` answers; else absent.
    """
    has_schema: Optional[bool] = None
    """
    True if it came with the schema of its output, which `GET …/evidence` answers; else absent.
    """
    head_seq: int
    """
    The newest version.
    """
    organization_id: str
    """
    The organization it belongs to.
    """
    priority: int
    """
    How urgent it is.
    """
    resume: Optional[Resume] = None
    """
    How the decision is delivered; null when no run waits.
    """
    rev: int
    """
    What the next change must echo as `version_stamp`.
    """
    status: Union[Literal["awaiting_review", "approved", "rejected"], str]
    """
    The status of the review.
    """
    title: Optional[str] = None
    """
    What names it, by its policy's `display`: values of its first output; absent if there are none.
    """
    triggered_by: dict[str, Any]
    """
    Why the review is needed, as it was given.
    """
    updated_at: AwareDatetime
    """
    When it last changed.
    """
    versions: list[OutputVersion]
    """
    All versions, the model's output first.
    """
    workflow_id: str
    """
    The workflow.
    """
    workflow_run_id: str
    """
    The workflow run that is held.
    """
    workflow_version_id: str
    """
    The workflow's version.
    """


class Policies(BaseModel):
    """
    A page of the workflows that have a policy.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[PolicyEntry]
    """
    The workflows, by id.
    """
    has_more: bool
    """
    Whether there are more.
    """
    next_cursor: Optional[str] = None
    """
    The `cursor` of the next page: its last workflow; null on the last page.
    """


class PolicyAudit(BaseModel):
    """
    A page of a policy's audit.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[PolicyChange]
    """
    The changes, newest first.
    """
    has_more: bool
    """
    Whether there are older ones.
    """
    next_cursor: Optional[str] = None
    """
    The `cursor` of the next page; null on the last page.
    """


class QueueRow(Stamped):
    """
    One row of the queue: a review without its versions, decisions and audit trail.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    id: Annotated[str, Field(alias="_id")]
    """
    The same as `block_run_id`.
    """
    approvals: Optional[Approvals] = None
    """
    How many must approve it, and who has; absent if one decision is enough.
    """
    assigned_to: Optional[Assignment] = None
    """
    Who is to review it; absent if it is assigned to nobody.
    """
    awaiting_since: AwareDatetime
    """
    Since when it has awaited review.
    """
    block_id: str
    """
    The block whose output is reviewed.
    """
    block_run_id: str
    """
    `workflow_run_id:block_id`.
    """
    block_type: Union[Literal["extract", "classifier", "split", "conditional"], str]
    """
    What kind of block it is.
    """
    claim: Optional[Claim] = None
    """
    The active claim; null if there is none.
    """
    created_at: AwareDatetime
    """
    When it was opened.
    """
    decided_at: Optional[AwareDatetime] = None
    """
    When it was decided; null while it awaits review.
    """
    documents: Optional[list[DocumentLabel]] = None
    """
    The documents that its output was read from; absent if there are none.
    """
    due_at: Optional[AwareDatetime] = None
    """
    When it is due; absent if it has no deadline.
    """
    effective_seq: Optional[int] = None
    """
    The version that downstream consumes; null until approved.
    """
    escalated_to: Optional[str] = None
    """
    The addressee of the last escalation.
    """
    has_evaluation: Optional[bool] = None
    """
    True if the gate held it by a predicate, whose evaluation `GET …/evidence` answers; else absent.
    """
    has_evidence: Optional[bool] = None
    """
    True if it came with likelihoods, sources or evidence, which `GET …/evidence` answers; else absent.
    """
    has_schema: Optional[bool] = None
    """
    True if it came with the schema of its output, which `GET …/evidence` answers; else absent.
    """
    head_seq: int
    """
    The newest version.
    """
    organization_id: str
    """
    The organization it belongs to.
    """
    priority: int
    """
    How urgent it is.
    """
    resume: Optional[Resume] = None
    """
    How the decision is delivered; null when no run waits.
    """
    rev: int
    """
    What the next change must echo as `version_stamp`.
    """
    status: Union[Literal["awaiting_review", "approved", "rejected"], str]
    """
    The status of the review.
    """
    title: Optional[str] = None
    """
    What names it, by its policy's `display`: values of its first output; absent if there are none.
    """
    triggered_by: dict[str, Any]
    """
    Why the review is needed, as it was given.
    """
    updated_at: AwareDatetime
    """
    When it last changed.
    """
    workflow_id: str
    """
    The workflow.
    """
    workflow_run_id: str
    """
    The workflow run that is held.
    """
    workflow_version_id: str
    """
    The workflow's version.
    """


class Decided(BaseModel):
    """
    The answer to a decision (client: `SubmitDecisionResponse`).
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    overlay: Overlay
    """
    The review after the decision.
    """
    submission_status: Union[Literal["accepted", "already_applied", "already_received"], str]
    """
    `accepted` the first time. For a repeated request: `already_received` while the decision is not yet delivered to the run, else
    `already_applied`.
    """
    warnings: Optional[list[OutputViolation]] = None
    """
    What in the approved output does not fit its schema, where the policy asks that this be said; else absent. At most 100.
    """


class Gated(BaseModel):
    """
    The answer to `gate`.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    evaluation: list[Evaluation]
    """
    What each predicate was found to be.
    """
    held: bool
    """
    Whether the output is held for review.
    """
    overlay: Optional[Overlay] = None
    """
    The review; null where the output is not held, and in a dry run.
    """


class QueuePage(BaseModel):
    """
    One page of the queue.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    data: list[QueueRow]
    """
    The rows, in the order of the queue.
    """
    has_more: bool
    """
    Whether there are more.
    """
    next_cursor: Optional[str] = None
    """
    The `cursor` of the next page, for the same filter; null on the last page.
    """


class DryRunRequest(BaseModel):
    """
    The body of `dry-run-policy`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    blocks: dict[str, PolicyRule]
    """
    The rule of each block, by its id; `*` is for blocks without one of their own. At most 50, in at most 65,536 bytes of JSON.
    """
    limit: Optional[int] = 200
    """
    How many reviews are looked at, at most.
    """


class GateRequest(BaseModel):
    """
    The body of `gate`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    author: Optional[Author] = None
    """
    Who made the output: by default an unnamed model. An agent can only name itself.
    """
    block_id: str
    """
    The block whose output is to be reviewed.
    """
    block_type: Union[Literal["extract", "classifier", "split", "conditional"], str]
    """
    The kind of block.
    """
    documents: Optional[list[DocumentGiven]] = None
    """
    The documents that the output was read from; their ids, file names and media types together are at most 4,096 bytes.
    """
    dry_run: Optional[bool] = False
    """
    Evaluates, and opens no review: `held` says whether one would have been opened.
    """
    evidence: Optional[list[EvidenceEntry]] = None
    """
    Where values stand and how likely they are, as a list: for outputs without likelihoods and sources of their own shape.
    """
    if_exists: Optional[Union[Literal["reject", "adopt", "supersede"], str]] = "reject"
    """
    What the call does if the run and block already have a review with other content.
    """
    json_schema: Optional[dict[str, Any]] = None
    """
    The JSON Schema of the output, 2020-12 or draft 7, at most 262,144 bytes. It refers to nothing outside itself.
    """
    likelihoods: Optional[dict[str, Any]] = None
    """
    How likely each value is: it mirrors the output, with numbers from 0 to 1, or null.
    """
    predicate: Optional[
        Union[
            PredicateAlways,
            PredicateValidationFailed,
            PredicateConfidenceLt,
            PredicateFieldConfidenceLt,
            PredicateAnyRequiredFieldNull,
            PredicateCategoryIn,
            PredicateTopMarginLt,
            PredicateSplitCountNeq,
            PredicateAnySplitPagesLt,
            PredicateBoundaryConfidenceLt,
            PredicateBranchIn,
            PredicateJsonCondition,
            PredicateSample,
            PredicateAnyOf,
            PredicateAllOf,
        ]
    ] = None
    """
    When the output is held; by default what the workflow's policy says of the block. At most 50 predicates and conditions in all, nested at most 8 deep, in at most 16,384 bytes of JSON.
    """
    priority: Optional[int] = None
    """
    How urgent it is; higher comes first. By default what the workflow's policy says of the block, else 0.
    """
    resume: Optional[Union[ResumeTargetStepFunctions, ResumeTargetWebhook, ResumeTargetPoll]] = None
    """
    How the waiting run gets the decision; by default it gets none.
    """
    run_id: str
    """
    The workflow run that is held.
    """
    snapshot: dict[str, Any]
    """
    The whole output.
    """
    sources: Optional[dict[str, Any]] = None
    """
    Where each value stands: it mirrors the output, with `{value, source: {content, anchor}}` for each value. An anchor is `{kind, …}`; one of the kind `pdf_bbox` or `image_bbox` has a `page` from 1, and `left`, `top`, `width` and `height` from 0 to 1, measured from the top left.
    """
    workflow_id: str
    """
    The workflow.
    """
    workflow_version_id: str
    """
    The workflow's version.
    """


class Policy(BaseModel):
    """
    A workflow's policy.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    blocks: dict[str, PolicyRule]
    """
    The rules, by block; `*` is for blocks without one of their own.
    """
    rev: int
    """
    The number of its changes: what the next one must echo as `version_stamp`.
    """
    updated_at: AwareDatetime
    """
    When it was last changed.
    """
    updated_by: Actor
    """
    By whom.
    """
    workflow_id: str
    """
    The workflow.
    """


class PolicyRule(BaseModel):
    """
    What a policy says of a block. Each part may be left out.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    approvals: Optional[PolicyApprovals] = None
    """
    How many must approve.
    """
    assign: Optional[PolicyAssignment] = None
    """
    Who is to review it.
    """
    display: Optional[list[str]] = None
    """
    What names a review in the queue: paths in its output, such as `seller.name`.
    """
    due_in_seconds: Optional[int] = None
    """
    How long a review may take, from its opening: at most 366 days.
    """
    on_overdue: Optional[PolicyOverdue] = None
    """
    What happens when it is overdue; by default it is recorded, and stays open. Needs `due_in_seconds`.
    """
    output: Optional[PolicyOutput] = None
    """
    What is required of an output that is approved.
    """
    predicate: Optional[
        Union[
            PredicateAlways,
            PredicateValidationFailed,
            PredicateConfidenceLt,
            PredicateFieldConfidenceLt,
            PredicateAnyRequiredFieldNull,
            PredicateCategoryIn,
            PredicateTopMarginLt,
            PredicateSplitCountNeq,
            PredicateAnySplitPagesLt,
            PredicateBoundaryConfidenceLt,
            PredicateBranchIn,
            PredicateJsonCondition,
            PredicateSample,
            PredicateAnyOf,
            PredicateAllOf,
        ]
    ] = None
    """
    When the output is held; by default what the workflow's policy says of the block. At most 50 predicates and conditions in all, nested at most 8 deep, in at most 16,384 bytes of JSON.
    """
    priority: Optional[int] = None
    """
    How urgent a review is where who opens it does not say; higher comes first.
    """
    remind_before_seconds: Optional[list[int]] = None
    """
    How long before that reminders are sent; each is shorter than `due_in_seconds`.
    """


class PredicateAllOf(BaseModel):
    """
    All of `predicates` fire.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["all_of"]
    predicates: list[
        Union[
            PredicateAlways,
            PredicateValidationFailed,
            PredicateConfidenceLt,
            PredicateFieldConfidenceLt,
            PredicateAnyRequiredFieldNull,
            PredicateCategoryIn,
            PredicateTopMarginLt,
            PredicateSplitCountNeq,
            PredicateAnySplitPagesLt,
            PredicateBoundaryConfidenceLt,
            PredicateBranchIn,
            PredicateJsonCondition,
            PredicateSample,
            PredicateAnyOf,
            PredicateAllOf,
        ]
    ]
    """
    The predicates.
    """


class PredicateAnyOf(BaseModel):
    """
    At least one of `predicates` fires.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    kind: Literal["any_of"]
    predicates: list[
        Union[
            PredicateAlways,
            PredicateValidationFailed,
            PredicateConfidenceLt,
            PredicateFieldConfidenceLt,
            PredicateAnyRequiredFieldNull,
            PredicateCategoryIn,
            PredicateTopMarginLt,
            PredicateSplitCountNeq,
            PredicateAnySplitPagesLt,
            PredicateBoundaryConfidenceLt,
            PredicateBranchIn,
            PredicateJsonCondition,
            PredicateSample,
            PredicateAnyOf,
            PredicateAllOf,
        ]
    ]
    """
    The predicates.
    """


class PutPolicyAnswer(BaseModel):
    """
    What `put-policy` answers with.
    """

    model_config = ConfigDict(
        populate_by_name=True,
    )
    blocks: dict[str, PolicyRule]
    """
    The rules, by block; `*` is for blocks without one of their own.
    """
    rev: int
    """
    The number of its changes: what the next one must echo as `version_stamp`.
    """
    updated_at: AwareDatetime
    """
    When it was last changed.
    """
    updated_by: Actor
    """
    By whom.
    """
    warnings: Optional[list[PolicyWarning]] = None
    """
    What would lead to reviews that nobody can work on; left out if nothing does.
    """
    workflow_id: str
    """
    The workflow.
    """


class PutPolicyRequest(BaseModel):
    """
    The body of `put-policy`.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
    )
    blocks: dict[str, PolicyRule]
    """
    The rule of each block, by its id; `*` is for blocks without one of their own. At most 50, in at most 65,536 bytes of JSON.
    """
    version_stamp: int
    """
    The `rev` that you last saw.
    """


Evaluation.model_rebuild()
DryRunRequest.model_rebuild()
GateRequest.model_rebuild()
Policy.model_rebuild()
PolicyRule.model_rebuild()
PredicateAllOf.model_rebuild()
PredicateAnyOf.model_rebuild()
