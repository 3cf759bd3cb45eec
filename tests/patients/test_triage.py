from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Complaint, Diagnosis
from patients.triage import complaints, diagnoses, ledger
from tests import factories


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"pain_site": "soul"}, "pain_site"),
        ({"side": "none"}, "side"),
        ({"side": "both"}, "side"),
        ({"pain_site": "low_back", "side": "left"}, "side"),
        ({"onset_on": date(2999, 1, 1)}, "onset_on"),
        ({"onset_on": date(1957, 3, 13)}, "onset_on"),
        ({"suspected_source": "shoes"}, "source"),
        ({"note": "x" * 4001}, "note"),
    ],
)
def test_a_refusal_names_the_field_and_saves_nothing(patient, fields, named):
    with pytest.raises(ValidationError) as caught:
        factories.make_complaint(patient, **fields)
    assert named in caught.value.message_dict
    assert not Complaint.objects.exists()


def test_the_site_stays_when_a_source_is_named(complaint, physician):
    ledger.name_source(complaint, by=physician, source="root_l5")
    complaint.refresh_from_db()
    assert complaint.pain_site == "foot"
    assert complaint.current_source.label == "L5 nerve root"


def test_naming_a_source_again_supersedes_and_keeps(complaint, physician):
    ledger.name_source(complaint, by=physician, source="root_l5")
    ledger.name_source(complaint, by=physician, source="root_l5", certainty="confirmed")
    entries = complaint.hypotheses.order_by("id")
    assert [h.certainty for h in entries] == ["suspected", "confirmed"]
    assert [h.superseded_on is None for h in entries] == [False, True]
    event = AuditEvent.objects.filter(action="source.named").first()
    assert event.facts["before"] == ["suspected"]


def test_a_refuted_source_is_not_the_current_one(complaint, physician):
    ledger.name_source(complaint, by=physician, source="root_s1")
    ledger.name_source(complaint, by=physician, source="root_l5", certainty="refuted")
    assert complaint.current_source.source == "root_s1"


def test_an_unknown_certainty_is_refused(complaint, physician):
    with pytest.raises(ValidationError) as caught:
        ledger.name_source(complaint, by=physician, source="root_l5", certainty="sure")
    assert "certainty" in caught.value.message_dict
    assert not complaint.hypotheses.exists()


@pytest.mark.parametrize(
    ("code", "reason"),
    [("Z99.99", "not in our list"), ("G57.5", "only a heading"), ("", "not in our")],
)
def test_a_code_that_cannot_be_recorded_says_why(complaint, physician, code, reason):
    with pytest.raises(ValidationError) as caught:
        diagnoses.diagnose(complaint, by=physician, code=code)
    assert reason in caught.value.message_dict["code"][0]


def test_a_diagnosis_pins_wording_and_release(complaint, physician):
    made = diagnoses.diagnose(complaint, by=physician, code="m5416", role="source")
    assert (made.code, bool(made.title), bool(made.release)) == ("M54.16", True, True)
    event = AuditEvent.objects.get(action="diagnosis.recorded")
    assert event.facts == {
        "code": "M54.16",
        "role": "source",
        "certainty": "suspected",
    }


def test_the_same_code_is_recorded_once(complaint, physician):
    diagnoses.diagnose(complaint, by=physician, code="M54.16")
    with pytest.raises(ValidationError, match="already on this complaint"):
        diagnoses.diagnose(complaint, by=physician, code="M54.16")
    assert complaint.diagnoses.count() == 1


def test_a_revision_keeps_what_it_was_before(complaint, physician):
    made = diagnoses.diagnose(complaint, by=physician, code="M54.16")
    diagnoses.revise_diagnosis(made, by=physician, certainty="refuted")
    event = AuditEvent.objects.get(action="diagnosis.revised")
    assert Diagnosis.objects.get().certainty == "refuted"
    assert (event.facts["before"], event.facts["after"]) == ("suspected", "refuted")


def test_a_diagnosis_entered_in_error_is_not_revised(complaint, physician):
    made = diagnoses.diagnose(complaint, by=physician, code="M54.16")
    Diagnosis.objects.update(status="entered_in_error")
    with pytest.raises(ValidationError, match="entered in error"):
        diagnoses.revise_diagnosis(made, by=physician, certainty="refuted")


def test_a_complaint_opens_today_in_the_patients_zone(patient):
    complaint = factories.make_complaint(patient)
    assert complaint.opened_on == clock.today(patient.time_zone)
    with pytest.raises(ValidationError):
        complaints.open_complaint(
            patient,
            by=audit.SYSTEM,
            pain_site="neck",
            opened_on=complaint.opened_on + timedelta(days=1),
        )
