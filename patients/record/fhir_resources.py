"""FHIR R4 resources in our words: plain JSON in, what our verbs take out.

The JSON is of a resource that `fhir.resources` has found well formed. What that library
does not look at is checked here: codes of required value sets, whole dates, and what
kind of resource a reference leads to. Raises FhirError naming the path.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from patients.models import Caregiver, Diagnosis, Patient

Resource = dict[str, Any]

GENDERS = tuple(Patient.Sex.values)
MRN_TYPE = "MR"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
# condition-ver-status; what was entered in error is passed over before.
CERTAINTIES = {
    "unconfirmed": Diagnosis.Certainty.SUSPECTED,
    # One of several that exclude each other, against one that is worked with.
    "differential": Diagnosis.Certainty.SUSPECTED,
    "provisional": Diagnosis.Certainty.PROBABLE,
    "confirmed": Diagnosis.Certainty.CONFIRMED,
    "refuted": Diagnosis.Certainty.REFUTED,
}
ENTERED_IN_ERROR = "entered-in-error"
# condition-clinical.
STATUSES = {
    "active": Diagnosis.Status.ACTIVE,
    "recurrence": Diagnosis.Status.ACTIVE,
    "relapse": Diagnosis.Status.ACTIVE,
    "inactive": Diagnosis.Status.RESOLVED,
    "remission": Diagnosis.Status.RESOLVED,
    "resolved": Diagnosis.Status.RESOLVED,
}
# SNOMED CT qualifiers of a body site.
SIDES = {"7771000": "left", "24028007": "right", "51440002": "bilateral"}
_WHOLE_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(T.*)?")
_LANGUAGES = ("en", "es")


class FhirError(ValueError):
    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Condition:
    """`code` is empty where it has none of ICD-10-CM; `title` is what its record calls
    it; `subject` is a reference.
    """

    code: str
    title: str
    certainty: str
    status: str
    side: str
    onset_on: date | None
    subject: str
    subject_identifier: Resource = field(default_factory=dict)


def patient_from_fhir(
    data: Resource, *, today: date, mrn_system: str = ""
) -> dict[str, Any]:
    """What `registration.register` takes; the address is not read."""
    found: dict[str, Any] = {
        "mrn": mrn(data, mrn_system),
        **name(data),
        "birth_date": whole_day(data, "birthDate"),
        "sex": gender(data),
        "email": telecom(data, "email"),
        "phone": telecom(data, "phone") or telecom(data, "sms"),
        "language": language(data),
        "deceased_on": deceased_on(data, today),
        "primary_care": primary_care(data),
        "caregiver": caregiver(data),
    }
    return {key: value for key, value in found.items() if value}


def condition_from_fhir(data: Resource) -> Condition:
    subject, coding = data["subject"], icd_10_cm(data)
    text = coding.get("display") or data.get("code", {}).get("text") or ""
    return Condition(
        code=coding.get("code", ""),
        title=" ".join(str(text).split()),
        certainty=CERTAINTIES[verification(data)],
        status=clinical_status(data),
        side=body_side(data),
        onset_on=whole_day(data, "onsetDateTime", is_needed=False),
        subject=reference_to_patient(subject),
        subject_identifier=subject.get("identifier") or {},
    )


def is_entered_in_error(data: Resource) -> bool:
    codes = [c.get("code") for c in codings(data.get("verificationStatus"))]
    return ENTERED_IN_ERROR in codes


def identifier_systems(data: Resource) -> list[str]:
    return [str(found.get("system") or "") for found in listed(data, "identifier")]


def mrn(data: Resource, system: str = "") -> str:
    """Of the system that was chosen; else the first of type MR; else the first."""
    identifiers = [found for found in listed(data, "identifier") if found.get("value")]
    if system:
        identifiers = [i for i in identifiers if i.get("system") == system]
    typed = [i for i in identifiers if MRN_TYPE in codes_of(i.get("type"))]
    return next((i["value"].strip() for i in typed + identifiers), "")


def name(data: Resource) -> dict[str, str]:
    """The official name, else the usual one, else the first that is not old."""
    names = [n for n in listed(data, "name") if n.get("use") != "old"]
    ranked = sorted(names, key=lambda n: _NAME_USES.get(n.get("use", ""), len(names)))
    if not ranked:
        return {}
    chosen = ranked[0]
    given = " ".join(part for part in chosen.get("given") or [] if part)
    family = chosen.get("family") or ""
    if not family and not given:
        return split_name(chosen.get("text", ""))
    return {"family_name": family.strip(), "given_name": given.strip()}


_NAME_USES = {"official": -3, "usual": -2, "": -1}


def split_name(text: str) -> dict[str, str]:
    family, comma, given = (part.strip() for part in text.partition(","))
    return {"family_name": family, "given_name": given if comma else ""}


def gender(data: Resource) -> str:
    value = data.get("gender", "")
    if value and value not in GENDERS:
        raise FhirError(
            "gender", f"{value!r} is none of {', '.join(GENDERS)}, which R4 allows."
        )
    return value


def telecom(data: Resource, system: str) -> str:
    """The one that is not old and ranks first."""
    points = [
        point
        for point in listed(data, "telecom")
        if point.get("system") == system
        and point.get("use") != "old"
        and point.get("value")
    ]
    ranked = sorted(points, key=lambda point: point.get("rank") or 1_000)
    return next((str(point["value"]).strip() for point in ranked), "")


def language(data: Resource) -> str:
    """The preferred one of those we write in; any other says nothing to us."""
    spoken = sorted(
        listed(data, "communication"), key=lambda c: not c.get("preferred", False)
    )
    for found in spoken:
        for code in codes_of(found.get("language")):
            short = code.lower().partition("-")[0]
            if short in _LANGUAGES:
                return short
    return ""


def primary_care(data: Resource) -> dict[str, str]:
    """The first general practitioner that is named and not only referred to."""
    shown = (found.get("display") for found in listed(data, "generalPractitioner"))
    first = next((str(text).strip() for text in shown if text), "")
    return {"name": first} if first else {}


def caregiver(data: Resource) -> dict[str, str]:
    """A guardian or parent first, else whom to call; others are not read."""
    found = [
        (rank, contact)
        for contact in listed(data, "contact")
        if (rank := contact_rank(contact)) is not None and "name" in contact
    ]
    if not found:
        return {}
    rank, contact = min(found, key=lambda pair: pair[0])
    parts = name({"name": [contact["name"]]})
    said = {
        "name": f"{parts.get('given_name', '')} {parts.get('family_name', '')}".strip(),
        "relationship": _RELATIONSHIPS[_CONTACTS[rank]],
        "phone": telecom(contact, "phone"),
        "email": telecom(contact, "email"),
    }
    return {key: value for key, value in said.items() if value} if said["name"] else {}


def contact_rank(contact: Resource) -> int | None:
    codes = [code for one in listed(contact, "relationship") for code in codes_of(one)]
    ranks = [_CONTACTS.index(code) for code in codes if code in _RELATIONSHIPS]
    return min(ranks, default=None)


# Codes of v3-RoleCode, then of v2-0131: emergency contact and next of kin.
_RELATIONSHIPS = {
    "GUARD": Caregiver.Relationship.GUARDIAN,
    "MTH": Caregiver.Relationship.PARENT,
    "FTH": Caregiver.Relationship.PARENT,
    "PRN": Caregiver.Relationship.PARENT,
    "C": Caregiver.Relationship.OTHER,
    "N": Caregiver.Relationship.OTHER,
}
_CONTACTS = tuple(_RELATIONSHIPS)


def deceased_on(data: Resource, learnt_on: date) -> date | None:
    """The day given, or the day we learn of it where the file gives none whole."""
    if not data.get("deceasedBoolean") and not data.get("deceasedDateTime"):
        return None
    return whole_day(data, "deceasedDateTime", is_needed=False) or learnt_on


def whole_day(data: Resource, key: str, *, is_needed: bool = True) -> date | None:
    """A day; a year or a month alone is no day, and refused where one is needed."""
    text = data.get(key)
    if not text:
        return None
    found = _WHOLE_DAY.fullmatch(str(text))
    try:
        if found:
            return date.fromisoformat(found[1])
    except ValueError:
        raise FhirError(key, f"{text} is not a day of the calendar.") from None
    if is_needed:
        raise FhirError(key, f"{text} is not a whole date; year, month and day are.")
    return None


def icd_10_cm(data: Resource) -> Resource:
    """The first coding of ICD-10-CM; empty where there is none."""
    found = codings(data.get("code"))
    ours = (c for c in found if c.get("system") == ICD_10_CM and c.get("code"))
    return next(ours, {})


def verification(data: Resource) -> str:
    """Where it is not said, nobody has confirmed it."""
    return one_of(data, "verificationStatus", CERTAINTIES, "unconfirmed")


def clinical_status(data: Resource) -> str:
    return STATUSES[one_of(data, "clinicalStatus", STATUSES, "active")]


def one_of(data: Resource, key: str, allowed: Any, default: str) -> str:
    codes = codes_of(data.get(key))
    if not codes:
        return default
    known = [code for code in codes if code in allowed]
    if not known:
        raise FhirError(
            key, f"{codes[0]!r} is none of {', '.join(allowed)}, which R4 allows."
        )
    return known[0]


def body_side(data: Resource) -> str:
    """Left, right, bilateral, or empty; by SNOMED CT codes, else by the words."""
    sides = set()
    for site in listed(data, "bodySite"):
        sides |= {SIDES[code] for code in codes_of(site) if code in SIDES}
        sides |= set(sides_in_words(site))
    if {"left", "right"} <= sides or "bilateral" in sides:
        return "bilateral"
    return next(iter(sides), "")


def sides_in_words(site: Resource) -> Iterator[str]:
    texts = [site.get("text"), *(c.get("display") for c in codings(site))]
    spoken = " ".join(str(text) for text in texts if text).lower()
    for side in ("left", "right", "bilateral"):
        if re.search(rf"\b{side}\b", spoken):
            yield side


def reference_to_patient(subject: Resource) -> str:
    """The reference as it stands, without a version; empty where there is none."""
    text = str(subject.get("reference") or "").partition("/_history/")[0]
    kind = subject.get("type") or kind_of_reference(text)
    if kind and kind != "Patient":
        raise FhirError(
            "subject", f"refers to a {kind}; a diagnosis here is a Patient's."
        )
    if text.startswith("#"):
        raise FhirError(
            "subject", f"{text} is contained; refer to a Patient by itself."
        )
    if not text and not subject.get("identifier"):
        raise FhirError("subject", "says neither a reference nor an identifier.")
    return text


def kind_of_reference(text: str) -> str:
    """The type in Patient/1 or https://.../Patient/1; empty for urn:uuid:..."""
    parts = text.rstrip("/").split("/")
    return parts[-2] if len(parts) > 1 and parts[-2].isalpha() else ""


def listed(data: Resource, key: str) -> list[Resource]:
    """The objects of a list; whatever else stands there is not for us."""
    value = data.get(key)
    found = value if isinstance(value, list) else []
    return [item for item in found if isinstance(item, dict)]


def codings(concept: Any) -> list[Resource]:
    return listed(concept, "coding") if isinstance(concept, dict) else []


def codes_of(concept: Any) -> list[str]:
    return [str(coding["code"]) for coding in codings(concept) if coding.get("code")]
