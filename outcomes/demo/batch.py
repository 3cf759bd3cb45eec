"""Rows gathered by table and inserted many at a time, parents first."""

from collections.abc import Iterable, Iterator

from django.db.models import Model

from outcomes.models import (
    Answer,
    ContactAttempt,
    Episode,
    FollowUp,
    Link,
    Message,
    MessageEvent,
    Response,
    Score,
    StaffTask,
    SurveyRequest,
)
from patients.models import (
    Complaint,
    Consent,
    ContactPoint,
    Diagnosis,
    Evaluation,
    Evidence,
    Finding,
    OutsideClinician,
    Patient,
    RedFlag,
    RedFlagEvent,
    SearchTerm,
    SourceHypothesis,
    Study,
)
from plans.models import (
    AdverseEvent,
    AdverseEventRating,
    Goal,
    GuidedInjection,
    Intervention,
    LifestyleChange,
    LifestyleMeasurement,
    LotUse,
    MarrowConcentrate,
    Plan,
    Procedure,
    PRPTreatment,
    TherapyCourse,
)

TABLES: tuple[type[Model], ...] = (
    Patient,
    SearchTerm,
    ContactPoint,
    Consent,
    OutsideClinician,
    Complaint,
    Evaluation,
    Finding,
    Study,
    SourceHypothesis,
    Evidence,
    RedFlag,
    RedFlagEvent,
    Diagnosis,
    Plan,
    Goal,
    Intervention,
    Procedure,
    PRPTreatment,
    MarrowConcentrate,
    GuidedInjection,
    TherapyCourse,
    LifestyleChange,
    LifestyleMeasurement,
    LotUse,
    AdverseEvent,
    AdverseEventRating,
    Episode,
    SurveyRequest,
    FollowUp,
    StaffTask,
    ContactAttempt,
    Message,
    MessageEvent,
    Link,
    Response,
    Answer,
    Score,
)
ROWS_AT_ONCE = 500


class Batch:
    def __init__(self) -> None:
        self._rows: dict[type[Model], list[Model]] = {table: [] for table in TABLES}

    def add(self, *rows: Model) -> None:
        for row in rows:
            self._rows[type(row)].append(row)

    def extend(self, rows: Iterable[Model]) -> None:
        self.add(*rows)

    @property
    def tables(self) -> int:
        return len(self._rows)

    def save(self) -> Iterator[str]:
        """Inserts table by table; yields the name of each that is done."""
        for table, rows in self._rows.items():
            table._default_manager.bulk_create(rows, batch_size=ROWS_AT_ONCE)
            yield str(table._meta.verbose_name_plural)
