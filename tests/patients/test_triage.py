from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from patients.models import Complaint
from patients.triage import complaints
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
