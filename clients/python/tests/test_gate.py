"""The gate and its documents."""

import pytest
from support import PDF, Faults, lost_answer

from holdpoint import errors

ALWAYS = {"kind": "always"}
NEVER = {"kind": "field_confidence_lt", "path": "total", "threshold": 0.5}


@pytest.fixture
def invoice(tmp_path):
    path = tmp_path / "Rechnung Nr. 7 (Kopie).pdf"
    path.write_bytes(PDF)
    return path


def gate(client, names, predicate=ALWAYS, **more):
    more = {"snapshot": {"total": 12.5}, "likelihoods": {"total": 0.71}, **more}
    return client.gate(run_id=names[0], block_id="extract", workflow_id=names[1], predicate=predicate, **more)


def test_a_document_goes_with_the_review_and_comes_back(connect, names, invoice):
    seen = Faults()
    held = gate(connect("runtime", seen), names, documents=[invoice])
    name = held.overlay.documents[0].id
    assert held.overlay.documents[0].filename == invoice.name
    assert connect("dana").reviews.document(names[0], "extract", name) == PDF
    keys = ["api-key" in request.headers for request in seen.seen]
    # Evaluated, announced, sent without the key, opened.
    assert [request.method for request in seen.seen] == ["POST", "POST", "PUT", "POST"] and keys == [True, True, False, True]


def test_what_passes_is_not_uploaded(connect, names, invoice):
    seen = Faults()
    assert gate(connect("runtime", seen), names, NEVER, documents=[invoice]) is None
    assert [request.url.path for request in seen.seen] == ["/v1/workflows/gate"]


def test_after_a_crash_the_same_document_is_the_same_review(connect, names, invoice):
    first = gate(connect("runtime"), names, documents=[invoice])
    again = gate(connect("runtime"), names, documents=[invoice])
    assert again.overlay.created_at == first.overlay.created_at and again.overlay.rev == 0
    other = invoice.with_name("other.pdf")
    other.write_bytes(PDF + b"\n")
    with pytest.raises(errors.ReviewExistsError) as error:
        gate(connect("runtime"), names, documents=[other])
    assert error.value.differs == ["documents"]
    # Another output, too, is never passed over.
    with pytest.raises(errors.ReviewExistsError):
        gate(connect("runtime"), names, documents=[invoice], snapshot={"total": 13})


def test_each_lost_answer_is_asked_for_again(connect, names, invoice):
    for lost in range(4):
        run = (f"{names[0]}-{lost}", names[1])
        held = gate(connect("runtime", Faults({lost: lost_answer})), run, documents=[invoice])
        assert held.overlay.rev == 0 and len(held.overlay.versions) == 1
        assert connect("dana").reviews.document(run[0], "extract", held.overlay.documents[0].id) == PDF


def test_the_raw_gate_and_open(connect, names):
    reviews = connect("runtime").reviews
    content = {"workflow_id": names[1], "workflow_version_id": "1", "block_type": "extract", "snapshot": {"total": 1}}
    gated = reviews.gate(names[0], "extract", **content, predicate=ALWAYS, dry_run=True)
    assert gated.held and gated.overlay is None and gated.evaluation[0].kind == "always"
    overlay = reviews.open(names[0], "extract", **content, triggered_by=ALWAYS)
    assert overlay.rev == 0 and reviews.open(names[0], "extract", **content, triggered_by=ALWAYS).created_at == overlay.created_at
