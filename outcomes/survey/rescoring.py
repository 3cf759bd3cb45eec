"""Reckons past scores again, and tells where they differ from what is kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from django.db.models import Prefetch, QuerySet

from clinic.models import Clinic
from outcomes.instruments import reading
from outcomes.instruments.definition import Values
from outcomes.models import Instrument, Response, Score
from outcomes.survey import scores, stored

BATCH = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """No names and no answers: an id finds the rest."""

    where: str
    kept: str
    reckoned: str

    def __str__(self) -> str:
        return f"{self.where}: kept {self.kept}, reckoned {self.reckoned}"


@dataclass(slots=True)
class Checked:
    responses: int = 0
    scores: int = 0
    differences: int = 0
    first: list[Difference] = field(default_factory=list)
    show: int = 20

    def compare(self, where: str, kept: str, reckoned: str) -> None:
        if kept != reckoned:
            self.differences += 1
            if len(self.first) < self.show:
                self.first.append(Difference(where, kept, reckoned))


def check(clinic: Clinic | None = None, *, show: int = 20) -> Checked:
    """Every sealed response with the version of its questionnaire it is pinned to.

    Batch by batch, so that memory stays the same however much there is. The versions
    come first: each is what its own hash says, though one of that hash was read before.
    """
    found = Checked(show=show)
    for instrument in _instruments(clinic).iterator(chunk_size=20):
        told = reading.stored(instrument.definition).sha256
        where = f"questionnaire {instrument.key} version {instrument.version}"
        found.compare(where, instrument.sha256, told)
    for batch in _batches(clinic):
        answers = stored.of(batch)
        for response in batch:
            _check_one(found, response, answers[response.pk])
    return found


def _instruments(clinic: Clinic | None) -> QuerySet[Instrument]:
    rows = Instrument.objects.order_by("pk")
    return rows.filter(clinic=clinic) if clinic is not None else rows


def _batches(clinic: Clinic | None) -> Iterator[Sequence[Response]]:
    rows = (
        Response.objects.filter(state=Response.State.SEALED, instrument__isnull=False)
        .select_related("instrument", "follow_up__episode__complaint")
        .defer("instrument__definition")
        .prefetch_related(Prefetch("scores", Score.objects.select_related("measure")))
        .order_by("pk")
    )
    if clinic is not None:
        rows = rows.filter(clinic=clinic)
    last = None
    while True:
        ahead = rows.filter(pk__gt=last) if last else rows
        batch = list(islice(ahead[:BATCH], BATCH))
        if not batch:
            return
        yield batch
        last = batch[-1].pk


def _check_one(found: Checked, response: Response, answers: Values) -> None:
    found.responses += 1
    reckoned = {
        each.measure_key: _told(each.value, each.algorithm_version, each.input_hash)
        for each in scores.scored_of(response, answers)
        if each.value is not None
    }
    kept = {
        score.measure.key: _told(
            score.value, score.algorithm_version, score.input_sha256
        )
        for score in response.scores.all()
    }
    found.scores += len(kept)
    for key in sorted({*kept, *reckoned}):
        where = f"response {response.pk}, {key}"
        found.compare(where, kept.get(key, "nothing"), reckoned.get(key, "nothing"))


def _told(value: Decimal, version: str, sha256: str) -> str:
    """All that is kept of a score, the number in one spelling."""
    whole = value.to_integral_value()
    number = whole if whole == value else value.normalize()
    return f"{number:f} {version} {sha256}"
