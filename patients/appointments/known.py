"""Who and what of this clinic a schedule names; another clinic is never looked at."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from clinic.models import Clinic, Location, Membership, User
from patients.models import Patient
from patients.models.searching import words
from patients.record.imports.fields import plain

# What stands before and behind the name of somebody who treats.
TITLES = frozenset(
    {"dr", "dra", "doctor", "mr", "mrs", "ms", "md", "do", "pa", "pac", "np", "dpt"}
    | {"pt", "rn", "dc", "phd", "msc", "facs", "prof", "aprn", "fnp", "c"}
)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Known:
    """By folded MRN, by folded name of the location, by e-mail and words of a name."""

    patients: Mapping[str, Patient]
    locations: Mapping[str, Location]
    people: Mapping[str, User]

    def patient(self, mrn: str) -> Patient | None:
        return self.patients.get(folded(mrn))

    def location(self, name: str) -> Location | None:
        return self.locations.get(plain(name))

    def practitioner(self, text: str) -> User | None:
        return self.people.get(text.strip().lower()) or self.people.get(name_key(text))


def of(clinic: Clinic, mrns: Iterable[str]) -> Known:
    """Reads patients by their number, and all locations and members of the clinic."""
    patients = {
        folded(patient.mrn): patient
        for some in in_parts(sorted({*map(folded, mrns)}))
        for patient in Patient.objects.filter(clinic=clinic)
        .with_mrn(*some)
        .select_related("clinic", "merged_into__clinic")
    }
    locations = Location.objects.filter(clinic=clinic)
    return Known(
        patients=patients,
        locations={plain(location.name): location for location in locations},
        people=people(clinic),
    )


def people(clinic: Clinic) -> dict[str, User]:
    """Members by their address, and by their name where only one bears it."""
    members = Membership.objects.filter(clinic=clinic, user__is_active=True)
    found: dict[str, User] = {}
    names: dict[str, list[User]] = {}
    for member in members.select_related("user"):
        found[member.user.email.lower()] = member.user
        names.setdefault(name_key(member.user.name), []).append(member.user)
    alone = {name: users[0] for name, users in names.items() if len(users) == 1}
    return alone | found


def name_key(name: str) -> str:
    """So “Okafor, Ada MD” and “Dr. Ada Okafor” are one."""
    return " ".join(sorted(word for word in words(name) if word not in TITLES))


def folded(mrn: str) -> str:
    return mrn.strip().lower()


def in_parts(found: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(found), _AT_ONCE):
        yield found[start : start + _AT_ONCE]
