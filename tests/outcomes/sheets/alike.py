"""People who had a treatment and were asked three months later."""

from collections.abc import Sequence

from clinic.models import Clinic
from outcomes.dashboards import facts
from outcomes.models import Episode, Measure
from patients.models import Complaint, Diagnosis, Patient, SourceHypothesis
from plans.models import Plan
from tests.outcomes import rows


def treated(
    clinic: Clinic,
    values: Sequence[float | None],
    *,
    before: float = 8,
    code: str = "",
    source: str = "",
    modality: str = "prp",
    patient: Patient | None = None,
) -> list[Episode]:
    """A person each, with pain before and three months after; None did not answer."""
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    made = []
    for value in values:
        episode = rows.make_episode(clinic, treatment=modality, patient=patient)
        Plan.objects.filter(pk=episode.plan_id).update(modality=modality)
        answers = {"baseline": before} | ({} if value is None else {"m3": value})
        rows.answer(episode, pain, **answers)
        judged(episode.complaint, code=code, source=source)
        made.append(episode)
    facts.rebuild_many([episode.pk for episode in made])
    return made


def judged(complaint: Complaint, *, code: str = "", source: str = "") -> None:
    """What is thought of it: the diagnosis of the source, and the source."""
    if code:
        Diagnosis.objects.create(
            clinic=complaint.clinic,
            complaint=complaint,
            code=code,
            role="source",
            title="",
            release="",
            recorded_on=rows.ANCHOR,
        )
    if source:
        SourceHypothesis.objects.create(
            clinic=complaint.clinic,
            complaint=complaint,
            source=source,
            stated_on=rows.ANCHOR,
        )
