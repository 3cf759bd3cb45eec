"""Codes on a complaint: listed or not, on its side, and beside what is there."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from clinic.models import AuditEvent
from patients.catalogue import icd10
from patients.models import Complaint, Diagnosis
from patients.triage import code_checks, diagnoses
from patients.triage.diagnoses import diagnose, revise_diagnosis
from tests import factories

pytestmark = pytest.mark.django_db


def refusal(field, act, *args, **fields):
    with pytest.raises(ValidationError) as caught:
        act(*args, **fields)
    (error,) = caught.value.error_dict[field]
    return error


def test_a_diagnosis_pins_wording_release_and_side(complaint, physician):
    made = diagnose(complaint, by=physician, code="m5416", role="contributing")
    assert (made.code, made.side, made.is_listed) == ("M54.16", "left", True)
    assert made.title == "Radiculopathy, lumbar region"
    assert made.release == icd10.release()
    assert AuditEvent.objects.get(action="diagnosis.recorded").facts == {
        "code": "M54.16",
        "side": "left",
        "is_listed": True,
        "role": "contributing",
        "certainty": "suspected",
        "is_unrelated": False,
    }


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("G57.5", "G57.5 is only a heading; choose a code below it"),
        ("M54", "M54 is only a heading"),
        ("M51.36", "only a heading"),
        ("M54.1612345", "is not written like a code"),
        ("sciatica", "is not written like a code"),
        ("M54.16; --", "is not written like a code"),
        ("", "is not written like a code"),
    ],
)
def test_a_code_that_cannot_be_recorded_says_why(complaint, physician, code, reason):
    error = refusal("code", diagnose, complaint, by=physician, code=code)
    assert reason in error.message
    assert not Diagnosis.objects.exists()


def test_a_code_that_our_list_lacks_is_kept_and_marked(complaint, physician):
    made = diagnose(complaint, by=physician, code="z99.99x", title=" Of another book ")
    assert (made.code, made.title) == ("Z99.99X", "Of another book")
    assert (made.is_listed, made.release) == (False, "")
    assert code_checks.warnings(made) == [
        "Z99.99X is not in our list: nobody has checked it."
    ]
    assert str(diagnose(complaint, by=physician, code="Z99.9Y")) == "Z99.9Y"


def test_seven_characters_and_the_dot_fit(complaint, physician):
    assert diagnose(complaint, by=physician, code="s33.6xxa").code == "S33.6XXA"


def test_a_right_sided_code_on_a_left_complaint_is_explained(complaint, physician):
    error = refusal("code", diagnose, complaint, by=physician, code="M79.671")
    assert "is for the right side; the complaint is left." in error.message
    assert "M79.672 is the one for the left." in error.message
    assert error.code == code_checks.OTHER_SIDE
    made = diagnose(complaint, by=physician, code="M79.671", is_other_side=True)
    assert made.side == "right"


def test_the_side_of_a_code_without_one_is_asked_about_too(complaint, physician):
    given = {"by": physician, "code": "M72.2", "side": "right"}
    error = refusal("side", diagnose, complaint, **given)
    assert (error.code, "really the other side" in error.message) == (
        code_checks.OTHER_SIDE,
        True,
    )
    assert diagnose(complaint, **given, is_other_side=True).side == "right"


@pytest.mark.parametrize(
    ("side", "code", "given", "kept"),
    [
        ("left", "M79.672", None, "left"),
        ("left", "M79.672", "left", "left"),
        ("left", "M72.2", None, "left"),
        ("left", "M54.16", "none", "none"),
        ("left", "G57.53", None, "left"),
        ("left", "M79.673", None, "left"),
    ],
)
def test_a_diagnosis_has_the_codes_side_or_the_one_given(
    complaint, physician, side, code, given, kept
):
    assert diagnose(complaint, by=physician, code=code, side=given).side == kept


def test_a_back_without_a_side_takes_any(patient, physician):
    back = factories.make_complaint(patient, pain_site="low_back", side="none")
    assert diagnose(back, by=physician, code="M54.31").side == "right"
    error = refusal("side", diagnose, back, by=physician, code="M79.672", side="right")
    assert "is for the left side" in error.message


def test_a_side_that_is_left_open_is_warned_about(complaint, physician):
    made = diagnose(complaint, by=physician, code="M79.673")
    (words,) = code_checks.warnings(made)
    assert "leaves the side open" in words and "M79.672" in words
    assert code_checks.warnings(diagnose(complaint, by=physician, code="M79.672")) == []


def test_what_excludes_a_code_is_named_with_what_to_do(complaint, physician):
    disc = diagnose(complaint, by=physician, code="M51.16")
    error = refusal("code", diagnose, complaint, by=physician, code="M54.16")
    assert "M51.16 already covers the radiculopathy" in error.message
    assert "On this complaint: M51.16." in error.message
    assert "resolve or refute" in error.message
    assert error.code == code_checks.UNRELATED
    revise_diagnosis(disc, by=physician, certainty="refuted")
    assert diagnose(complaint, by=physician, code="M54.16").pk


def test_unrelated_conditions_may_stand_side_by_side(complaint, physician):
    diagnose(complaint, by=physician, code="M51.16")
    diagnose(complaint, by=physician, code="M54.16", is_unrelated=True)
    event = AuditEvent.objects.filter(action="diagnosis.recorded").first()
    assert event.facts["is_unrelated"] is True


def test_what_was_refuted_comes_back_only_if_nothing_excludes_it(complaint, physician):
    disc = diagnose(complaint, by=physician, code="M51.16", certainty="refuted")
    diagnose(complaint, by=physician, code="M54.16")
    given = {"by": physician, "certainty": "probable"}
    assert refusal("code", revise_diagnosis, disc, **given).code == "unrelated"
    revise_diagnosis(disc, **given, is_unrelated=True)
    assert Diagnosis.objects.get(code="M51.16").certainty == "probable"


def test_an_exclusion_on_another_complaint_is_warned_about(complaint, physician):
    diagnose(complaint, by=physician, code="M51.16")
    other = factories.make_complaint(complaint.patient, side="right")
    made = diagnose(other, by=physician, code="M54.16")
    (words,) = code_checks.warnings(made)
    assert "M51.16 already covers" in words and "another complaint" in words


def test_the_same_code_is_recorded_once(complaint, physician):
    first = diagnose(complaint, by=physician, code="M54.16")
    error = refusal("code", diagnose, complaint, by=physician, code="M54.16")
    assert "already on this complaint" in error.message
    revise_diagnosis(first, by=physician, status="resolved")
    second = diagnose(complaint, by=physician, code="M54.16")
    error = refusal("code", revise_diagnosis, first, by=physician, status="active")
    assert "already on this complaint" in error.message
    assert Diagnosis.objects.filter(status="active").get() == second


@pytest.mark.django_db(transaction=True)
def test_of_presses_at_once_one_records_the_code(complaint, physician):
    key = complaint.pk

    def press(_):
        try:
            diagnose(Complaint.objects.get(pk=key), by=physician, code="M54.16")
        except ValidationError:
            return "told"
        finally:
            connections.close_all()
        return "recorded"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(press, range(3))) == ["recorded", "told", "told"]
    assert Diagnosis.objects.count() == 1


def test_a_revision_keeps_what_it_was_before(complaint, physician):
    made = diagnose(complaint, by=physician, code="M54.16")
    revise_diagnosis(made, by=physician, certainty="refuted", role="incidental")
    event = AuditEvent.objects.get(action="diagnosis.revised")
    assert event.facts["before"] == {"certainty": "suspected", "role": "source"}
    assert event.facts["after"] == {"certainty": "refuted", "role": "incidental"}
    revise_diagnosis(made, by=physician, certainty="refuted")
    assert AuditEvent.objects.filter(action="diagnosis.revised").count() == 1


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"certainty": "sure"}, "certainty"),
        ({"role": "site"}, "role"),
        ({"status": "gone"}, "status"),
        ({"status": "entered_in_error"}, "reason"),
        ({"status": "resolved", "reason": "x" * 201}, "reason"),
    ],
)
def test_a_revision_that_makes_no_sense_is_refused(complaint, physician, fields, named):
    made = diagnose(complaint, by=physician, code="M54.16")
    assert refusal(named, revise_diagnosis, made, by=physician, **fields)
    kept = Diagnosis.objects.get()
    assert (kept.certainty, kept.role, kept.status) == ("suspected", "source", "active")


def test_code_and_wording_are_never_revised(complaint, physician):
    made = diagnose(complaint, by=physician, code="M54.16")
    with pytest.raises(TypeError):
        revise_diagnosis(made, by=physician, code="M54.17")


def test_a_diagnosis_entered_in_error_is_kept_and_ends(complaint, physician):
    made = diagnose(complaint, by=physician, code="M54.16")
    given = {"status": "entered_in_error", "reason": "Another patient's"}
    revise_diagnosis(made, by=physician, **given)
    assert Diagnosis.objects.get().status_reason == "Another patient's"
    assert "Another" not in str(AuditEvent.objects.latest("id").facts)
    with pytest.raises(ValidationError, match="entered in error"):
        revise_diagnosis(made, by=physician, certainty="refuted")


def test_a_page_from_before_a_colleagues_change_does_not_take_it_back(
    complaint, physician, admin
):
    made = diagnose(complaint, by=physician, code="M54.16")
    seen = diagnoses.form_of(made)
    revise_diagnosis(made, by=admin, certainty="confirmed")
    # The form sends all of its fields; only the status was touched.
    revise_diagnosis(made, by=physician, seen=seen, **{**seen, "status": "resolved"})
    kept = Diagnosis.objects.get()
    assert (kept.certainty, kept.status) == ("confirmed", "resolved")
    given = {"by": physician, "seen": seen, "certainty": "refuted"}
    error = refusal("certainty", revise_diagnosis, made, **given)
    assert "confirmed" in error.message


def test_a_newer_release_leaves_old_diagnoses_as_they_are(
    complaint, physician, tmp_path, monkeypatch
):
    old = diagnose(complaint, by=physician, code="M54.16")
    newer = made_up_release(tmp_path, "M54.16", "Radiculopathy of the low back")
    monkeypatch.setattr(icd10, "releases", lambda: (newer, *RELEASES))
    kept = Diagnosis.objects.get()
    assert (kept.title, kept.release) == (old.title, icd10.release_of(RELEASES[0]))
    revise_diagnosis(kept, by=physician, status="resolved")
    new = diagnose(complaint, by=physician, code="M54.16")
    assert (new.title, new.release) == (
        "Radiculopathy of the low back",
        "ICD-10-CM October 2031",
    )
    kept.refresh_from_db()
    assert kept.title == "Radiculopathy, lumbar region"


RELEASES = icd10.releases()


def made_up_release(folder: Path, code: str, title: str) -> Path:
    """The shipped list with one wording changed, under the name of a later release."""
    path = folder / "icd10cm_2031-10.csv"
    with (
        RELEASES[0].open(encoding="utf-8", newline="") as given,
        path.open("w", encoding="utf-8", newline="") as out,
    ):
        reader = csv.DictReader(given)
        writer = csv.DictWriter(out, reader.fieldnames or ())
        writer.writeheader()
        for row in reader:
            writer.writerow({**row, "title": title} if row["code"] == code else row)
    return path
