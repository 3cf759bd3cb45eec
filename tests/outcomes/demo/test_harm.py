"""The demo's lots and adverse events are what the verbs would have left."""

import pytest
from django.db.models import F

from plans.harm import adverse_events, labels
from plans.models import AdverseEvent, AdverseEventRating, LotUse

pytestmark = pytest.mark.usefixtures("demo")


def test_lots_are_found_by_their_keys() -> None:
    assert LotUse.objects.exclude(lot="").exists()
    for use in LotUse.objects.all()[:40]:
        assert use.lot_key == labels.key_of(use.lot)
        assert use.name_key == labels.key_of(use.name)


def test_events_would_pass_their_verb() -> None:
    events = AdverseEvent.objects.for_pages()
    assert events.exists()
    for event in events:
        adverse_events.check_day("onset_on", event.onset_on, event.patient)
        adverse_events.check_words(event)
        if event.status == "closed":
            adverse_events.check_end(event, event.outcome, event.resolved_on)
        assert event.ratings.exists()


def test_no_event_begins_before_its_procedure() -> None:
    performed_on = F("intervention__performed_on")
    assert not AdverseEvent.objects.filter(onset_on__lt=performed_on).exists()


def test_nobody_rates_before_it_happened() -> None:
    early = AdverseEventRating.objects.filter(created_at__lt=F("event__created_at"))
    assert not early.exists()
