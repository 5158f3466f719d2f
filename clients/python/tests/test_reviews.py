"""The published client's calls, and the others, against the product."""

import inspect

import pytest

from holdpoint import AsyncHoldpoint, Holdpoint, errors


def test_the_lines_of_the_seed_page(connect, held):
    run = held()
    client = connect("dana")
    overlay = client.workflows.runs.reviews.get(run, "extract")
    overlay = client.workflows.runs.reviews.claim(run, "extract", version_stamp=overlay.version_stamp)
    assert overlay.claim.holder.display_name == "Dana"
    assert overlay.id == f"{run}:extract"


# What `client.workflows.reviews` of retab 0.0.142 takes.
PUBLISHED = {
    "list": "workflow_id status mine limit",
    "get": "run_id block_id",
    "approve": "run_id block_id version_stamp edited_output on_seq effective_seq command_id",
    "reject": "run_id block_id version_stamp reason command_id",
    "escalate": "run_id block_id version_stamp reason escalate_to command_id",
    "edit": "run_id block_id snapshot version_stamp origin note command_id",
    "claim": "run_id block_id version_stamp ttl_seconds",
    "release": "run_id block_id version_stamp",
    "wait_for": "run_id block_id timeout poll_interval",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_has_the_published_clients_names(connect, name):
    kind = (Holdpoint if connect.flavour == "sync" else AsyncHoldpoint)("hp_x").workflows.reviews
    parameters = inspect.signature(getattr(kind, name)).parameters
    assert set(PUBLISHED[name].split()) <= set(parameters)
    positional = [each for each, parameter in parameters.items() if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    assert positional == (PUBLISHED[name].split() if name == "list" else ["run_id", "block_id"])


def test_a_review_from_claim_to_reopening(connect, held, names):
    run = held()
    reviews = connect("dana").workflows.reviews
    overlay = reviews.wait_for(run, "extract", timeout=5, poll_interval=0.1)
    overlay = reviews.claim(run, "extract", version_stamp=overlay.version_stamp, ttl_seconds=60)
    overlay = reviews.edit(run, "extract", snapshot={"total": 13}, version_stamp=overlay.version_stamp, note="As printed")
    overlay = reviews.release(run, "extract", version_stamp=overlay.version_stamp)
    assert overlay.claim is None
    decided = reviews.escalate(run, "extract", version_stamp=overlay.rev, reason="Above my limit", escalate_to="cfo")
    assert decided.overlay.escalated_to == "cfo"
    decided = reviews.approve(run, "extract", version_stamp=decided.overlay.rev, command_id="approve-1")
    assert (decided.submission_status, decided.overlay.effective_seq) == ("accepted", 1)
    again = reviews.approve(run, "extract", version_stamp=decided.overlay.rev - 1, command_id="approve-1")
    assert again.submission_status.startswith("already_")
    overlay = reviews.reopen(run, "extract", version_stamp=decided.overlay.rev, reason="Wrong", force=True)
    assert overlay.status == "awaiting_review"
    decided = reviews.reject(run, "extract", version_stamp=overlay.rev, reason="No invoice")
    assert decided.overlay.status == "rejected"
    for replayed in (False, True):
        said = reviews.comment(run, "extract", text="Ask for the invoice.", command_id="comment-1")
        assert (said.comments, said.rev, said.replayed) == (1, decided.overlay.rev, replayed)
    with pytest.raises(errors.ConflictError) as error:
        reviews.resume(run, "extract", version_stamp=decided.overlay.rev)
    assert error.value.code == "nothing_to_resume"
    events = [entry.event for entry in reviews.audit(run, "extract")]
    assert events[-1] == "overlay_created" and events.count("decision_submitted") == 3
    assert reviews.version(run, "extract", 1).snapshot == {"total": 13}
    page = reviews.list(names[1], status="all", limit=10)
    assert [row.workflow_run_id for row in page.data] == [run] and not page.has_more


def test_assignment_and_claim_next(connect, held, names):
    run = held()
    dana = connect("dana").reviews
    overlay = dana.assign(run, "extract", version_stamp=0, actors=["ben"], reason="His supplier")
    assert overlay.assigned_to.actors == ["ben"]
    claimed = claim_next(dana, names[1])
    assert claimed.workflow_run_id == run
    assert dana.claim_next(names[1]) is None


def claim_next(reviews, workflow):
    for _ in range(100):
        found = reviews.claim_next(workflow)
        if found:
            return found
    raise AssertionError("never in the queue")


def test_a_stale_stamp_says_what_has_changed(connect, held):
    run = held()
    connect("ben").reviews.claim(run, "extract", version_stamp=0)
    connect("ben").reviews.edit(run, "extract", snapshot={"total": 99}, version_stamp=1)
    with pytest.raises(errors.VersionConflictError) as error:
        connect("dana").reviews.approve(run, "extract", version_stamp=0)
    assert error.value.rev == 2
    assert [(entry.event, entry.actor.id) for entry in error.value.changes] == [("claimed", "ben"), ("version_appended", "ben")]
    assert error.value.claim.holder.id == "ben"
    assert "version_appended by Ben" in str(error.value)


@pytest.mark.parametrize(
    ("who", "act", "kind", "code"),
    [
        ("dana", lambda r, run: r.get("none", "extract"), errors.NotFoundError, "review_not_found"),
        ("agent", lambda r, run: r.claim(run, "extract", version_stamp=0), errors.ForbiddenError, "forbidden"),
        ("dana", lambda r, run: r.claim(run, "extract", version_stamp=-1, ttl_seconds=1), errors.InvalidError, "validation_error"),
        ("dana", lambda r, run: r.reject(run, "extract", version_stamp=0, reason=" "), errors.InvalidError, "validation_error"),
        ("dana", lambda r, run: r.reopen(run, "extract", version_stamp=0), errors.ConflictError, "review_not_decided"),
        ("agent", lambda r, run: r.acknowledge(run, "extract", "none"), errors.DecisionSupersededError, "decision_superseded"),
    ],
)
def test_errors_are_typed(connect, held, who, act, kind, code):
    run = held()
    with pytest.raises(kind) as error:
        act(connect(who).reviews, run)
    assert error.value.code == code and error.value.request_id
    if kind is errors.InvalidError:
        assert error.value.errors[0]["loc"][0] == "body" and error.value.errors[0]["loc"][-1] in str(error.value)


def test_a_command_id_of_another_request(connect, held):
    run = held()
    reviews = connect("dana").reviews
    reviews.edit(run, "extract", snapshot={"total": 1}, version_stamp=0, command_id="edit-1")
    with pytest.raises(errors.CommandIdReusedError):
        reviews.edit(run, "extract", snapshot={"total": 2}, version_stamp=1, command_id="edit-1")
    reviews.approve(run, "extract", version_stamp=1)
    with pytest.raises(errors.ReviewNotOpenError):
        reviews.edit(run, "extract", snapshot={"total": 2}, version_stamp=2)


def test_a_wrong_key(connect, product):
    product.keys["stranger"] = "hp_" + "x" * 40
    with pytest.raises(errors.UnauthenticatedError) as error:
        connect("stranger").reviews.list()
    assert "xxx" not in str(error.value)


def test_policies(connect, names):
    policies = connect("admin").policies
    rule = {"predicate": {"kind": "field_confidence_lt", "path": "total", "threshold": 0.9}}
    assert policies.dry_run(names[1], blocks={"*": rule}).looked_at == 0
    policy = policies.put(names[1], blocks={"*": rule}, version_stamp=0)
    assert policies.get(names[1]).rev == policy.rev and not policy.warnings
    with pytest.raises(errors.VersionConflictError) as error:
        policies.put(names[1], blocks={"*": {}}, version_stamp=9)
    assert error.value.rev == policy.rev
    hp = connect("runtime")
    passes = hp.gate(run_id=names[0], block_id="extract", workflow_id=names[1], snapshot={"total": 1}, likelihoods={"total": 0.95})
    held = hp.gate(run_id=names[0], block_id="extract", workflow_id=names[1], snapshot={"total": 1}, likelihoods={"total": 0.5})
    assert passes is None and held.overlay.triggered_by["kind"] == "field_confidence_lt"
    assert names[1] in [each.workflow_id for each in policies.list().data]
    assert len(policies.audit(names[1]).data) == 1
    policies.delete(names[1], version_stamp=policy.rev)
    with pytest.raises(errors.NotFoundError):
        policies.get(names[1])
