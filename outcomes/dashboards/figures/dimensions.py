"""What patients are grouped and chosen by, and the words for each group."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Min, OuterRef, Subquery

from clinic.models import Language, Location, User
from outcomes.dashboards import diagnosis_categories
from outcomes.dashboards.facts import profiles, tallies
from outcomes.models import EpisodeProfile, OutcomeFact, OutcomeTally
from patients.catalogue import places
from patients.models import Patient
from plans.models import Modality, Protocol

ALL = tallies.ALL
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dimension:
    """`noun` heads a filter, `by` says how a page is grouped, `none` an empty key."""

    key: str
    noun: str
    by: str
    none: str
    words: Callable[[User, Iterable[str]], Words]

    @property
    def column(self) -> str | None:
        """Reached from a fact."""
        return tallies.COLUMNS.get(self.key)


def _of(known: Mapping[str, str]) -> Callable[[User, Iterable[str]], Words]:
    return lambda user, keys: known


def _treatments(user: User, keys: Iterable[str]) -> Words:
    """Any course's label will do: plans of one treatment are called alike."""
    labelled = EpisodeProfile.objects.visible_to(user).filter(treatment=OuterRef("key"))
    tallies_of = OutcomeTally.objects.visible_to(user).filter(
        dimension="treatment", key__in=list(keys)
    )
    # A look at a course for each treatment, and not for each of its tallies.
    first = tallies_of.order_by().values("key").annotate(first=Min("pk"))
    label = Subquery(labelled.values("treatment_label")[:1])
    return dict(
        OutcomeTally.objects.visible_to(user)
        .filter(pk__in=first.values("first"))
        .annotate(label=label)
        .values_list("key", "label")
    )


def _protocols(user: User, keys: Iterable[str]) -> Words:
    rows = Protocol.objects.filter(
        clinic=user.membership.clinic_id if user.membership else None,
        key__in=list(keys),
    )
    return dict(rows.order_by("version").values_list("key", "title"))


def _diagnoses(user: User, keys: Iterable[str]) -> Words:
    return {key: diagnosis_categories.words(key) for key in keys if key}


def _sources(user: User, keys: Iterable[str]) -> Words:
    return {key: one.label for key, one in places.pain_sources().items()}


def _providers(user: User, keys: Iterable[str]) -> Words:
    ids = [UUID(key) for key in keys if key]
    people = User.objects.filter(pk__in=ids, memberships__clinic=_clinic_id(user))
    return {str(one.pk): str(one) for one in people}


def _locations(user: User, keys: Iterable[str]) -> Words:
    rows = Location.objects.filter(
        clinic=_clinic_id(user), pk__in=[UUID(key) for key in keys if key]
    )
    return {str(one.pk): one.name for one in rows}


def _clinic_id(user: User) -> UUID | None:
    return user.membership.clinic_id if user.membership else None


def _ages() -> dict[str, str]:
    found = {
        name: f"{name.replace('-', ' to ')} years" for _, name in profiles.AGE_BANDS
    }
    return {**found, "70+": "70 years and older", "0-39": "under 40 years"}


def _labels(choices: Iterable[tuple[str, object]]) -> dict[str, str]:
    return {key: str(label) for key, label in choices if key}


def _years(user: User, keys: Iterable[str]) -> Words:
    return {key: key for key in keys}


DIMENSIONS: Mapping[str, Dimension] = {
    one.key: one
    for one in (
        Dimension("treatment", "Treatment", "treatment", "no treatment", _treatments),
        Dimension(
            *("modality", "Kind of treatment", "kind of treatment", "not recorded"),
            _of(_labels(Modality.choices)),
        ),
        Dimension("protocol", "Protocol", "protocol", "no protocol", _protocols),
        Dimension(
            *("diagnosis", "Diagnosis", "diagnosis group", "no diagnosis"), _diagnoses
        ),
        Dimension("source", "Pain source", "pain source", "no source named", _sources),
        Dimension("provider", "Provider", "provider", "no provider", _providers),
        Dimension("location", "Location", "location", "no location", _locations),
        Dimension(
            *("payer", "Payer", "payer class", "not recorded"),
            _of(_labels(Patient.PayerClass.choices)),
        ),
        Dimension("age", "Age", "age", "not known", _of(_ages())),
        Dimension(
            "sex", "Sex", "sex", "not recorded", _of(_labels(Patient.Sex.choices))
        ),
        Dimension(
            *("severity", "Baseline", "baseline", "no baseline"),
            _of(_labels(OutcomeFact.Severity.choices)),
        ),
        Dimension("year", "Year", "year of the start", "not known", _years),
        Dimension(
            *("language", "Language", "language", "not recorded"),
            _of(_labels(Language.choices)),
        ),
        Dimension(
            *("channel", "Channel", "channel", "not recorded"),
            _of(_labels(Patient.Channel.choices)),
        ),
    )
}


def words(user: User, dimension: str, keys: Iterable[str]) -> dict[str, str]:
    """The label of each key; one query at most, and the key where nothing is known."""
    keys = list(keys)
    if dimension == ALL:
        return dict.fromkeys(keys, "All patients")
    one = DIMENSIONS[dimension]
    known = one.words(user, keys)
    return {key: known.get(key, key) if key else one.none for key in keys}


class Groups:
    """The groups that occur, by dimension, and what they are called."""

    def __init__(self, user: User, keys: Mapping[str, list[str]]) -> None:
        self._user, self.keys = user, keys
        self._named: dict[str, dict[str, str]] = {}

    def named(self, dimension: str) -> Mapping[str, str]:
        """The label of each that occurs; read once."""
        if dimension not in self._named:
            keys = self.keys.get(dimension, ())
            self._named[dimension] = words(self._user, dimension, keys)
        return self._named[dimension]
