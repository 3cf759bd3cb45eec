"""What an episode is grouped by, read off the records as they stand now."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Substr, Upper

from outcomes.dashboards import diagnosis_categories
from outcomes.models import Episode, EpisodeProfile
from patients.models import Diagnosis, Patient, SourceHypothesis
from patients.models.patient import years_between

UNKNOWN_AGE = "unknown"
# The first age of each band and its name, the oldest first.
AGE_BANDS = ((70, "70+"), (55, "55-69"), (40, "40-54"), (0, "0-39"))


class Profile(NamedTuple):
    """A row of EpisodeProfile, by its columns."""

    episode_id: UUID
    clinic_id: UUID
    began_on: date
    year: int
    treatment: str
    treatment_label: str
    modality: str
    protocol: str
    diagnosis: str
    source: str
    provider: str
    location: str
    payer: str
    age: int | None
    age_band: str
    sex: str
    language: str
    channel: str


def of_episodes(episodes: QuerySet[Episode]) -> list[Profile]:
    """One query; a person's other record, once merged, speaks for both."""
    found = (
        episodes.annotate(source=_source(), category=_category())
        .select_related("plan__protocol", "patient__merged_into")
        .order_by("pk")
    )
    return [profile_of(one) for one in found]


def profile_of(episode: Episode) -> Profile:
    """The episode comes with `source` and `category`, plan, protocol and patient."""
    plan, person = episode.plan, episode.patient.kept
    age = age_on(person, episode.begins_on)
    return Profile(
        episode_id=episode.pk,
        clinic_id=episode.clinic_id,
        began_on=episode.begins_on,
        year=episode.begins_on.year,
        treatment=plan.treatment_key,
        treatment_label=plan.treatment_label,
        modality=plan.modality,
        protocol=plan.protocol.key if plan.protocol else "",
        diagnosis=getattr(episode, "category", None) or "",
        source=getattr(episode, "source", None) or "",
        provider=_id(plan.provider_id),
        location=_id(person.location_id),
        payer=person.payer_class,
        age=age,
        age_band=age_band(age),
        sex=person.sex,
        language=person.language,
        channel=person.preferred_channel,
    )


def age_on(person: Patient, day: date) -> int | None:
    """Completed years on that day, or as an import gave it."""
    if person.birth_date is None or person.birth_date > day:
        return person.age_at_import
    return years_between(person.birth_date, day)


def age_band(age: int | None) -> str:
    if age is None:
        return UNKNOWN_AGE
    return next(name for first, name in AGE_BANDS if age >= first)


def _id(key: UUID | None) -> str:
    return str(key) if key else ""


def _source() -> Subquery:
    """As patients.triage.current_source has it: the newest that is not refuted."""
    standing = (
        SourceHypothesis.objects.filter(
            complaint=OuterRef("complaint"), superseded_on=None
        )
        .exclude(certainty=SourceHypothesis.Certainty.REFUTED)
        .order_by("-stated_on", "-pk")
    )
    return Subquery(standing.values("source")[:1])


def _category() -> Upper:
    """Of the newest diagnosis of the source that stands."""
    standing = (
        Diagnosis.objects.filter(
            complaint=OuterRef("complaint"), role=Diagnosis.Role.SOURCE
        )
        .exclude(status=Diagnosis.Status.ENTERED_IN_ERROR)
        .exclude(certainty=Diagnosis.Certainty.REFUTED)
        .order_by("-recorded_on", "-pk")
    )
    code = Subquery(standing.values("code")[:1])
    return Upper(Substr(code, 1, diagnosis_categories.LENGTH))


def kept(episode_ids: Collection[UUID]) -> dict[UUID, Profile]:
    """As they stood when the facts were counted."""
    found = EpisodeProfile.objects.filter(episode__in=episode_ids)
    rows = found.values_list(*Profile._fields)
    return {row[0]: Profile(*row) for row in rows}
