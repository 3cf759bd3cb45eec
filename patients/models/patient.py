from datetime import date
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from clinic import access, clock, zones
from clinic.models import (
    ClinicQuerySet,
    Language,
    Location,
    Record,
    User,
    validate_zone,
)
from patients.models.searching import (
    TERM_LENGTH,
    begins_with,
    is_readable,
    name_terms,
    query_words,
    words,
)

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from patients.models.complaint import Complaint
    from patients.models.consent import Consent
    from patients.models.contact import Caregiver, ContactPoint, OutsideClinician
    from patients.models.red_flag import RedFlag

EARLIEST_BIRTH_YEAR = 1900
OF_AGE = 18


class PatientQuerySet(ClinicQuerySet):
    act_to_read = access.Act.READ_PATIENTS
    # Known after visible_to; the index that search stands on begins with it.
    _clinic_id: UUID | None = None

    def visible_to(self, user: User | AnonymousUser) -> Self:
        found = super().visible_to(user)
        membership = getattr(user, "membership", None)
        found._clinic_id = membership.clinic_id if membership else None
        return found

    def not_merged(self) -> Self:
        """Records that are read by themselves; the others lead to the kept one."""
        return self.filter(merged_into=None)

    def record_ids(self, patient_id: UUID) -> list[UUID]:
        """The record and those merged into it, whose rows are read together."""
        merged = Patient.objects.filter(merged_into=patient_id)
        return [patient_id, *merged.order_by("pk").values_list("pk", flat=True)]

    def search(self, text: str) -> Self:
        """Patients of whom something begins with each word.

        A part of the name, the MRN, the phone number or the e-mail address.
        """
        wanted = query_words(text)
        if text.strip() and not wanted:
            return self.none()
        found = self
        for word in wanted:
            terms = SearchTerm.objects.filter(begins_with("term", word))
            if self._clinic_id is not None:
                terms = terms.filter(clinic=self._clinic_id)
            found = found.filter(pk__in=terms.values("patient"))
        return found

    def with_mrn(self, *mrns: str) -> Self:
        """Whoever holds one of the numbers, however its letters are written."""
        # Asked as the unique index is built, so that the index answers.
        folded = [Lower(models.Value(mrn)) for mrn in mrns]
        return self.alias(folded_mrn=Lower("mrn")).filter(folded_mrn__in=folded)

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone._clinic_id = self._clinic_id
        return clone


class Patient(Record):
    class Sex(models.TextChoices):
        FEMALE = "female"
        MALE = "male"
        OTHER = "other"
        UNKNOWN = "unknown"

    class Origin(models.TextChoices):
        CARE = "care", "registered here"
        IMPORT = "import", "imported"

    class Channel(models.TextChoices):
        EMAIL = "email", "e-mail"
        SMS = "sms", "text message"
        PHONE = "phone", "phone call"
        LETTER = "letter", "letter"

    class PayerClass(models.TextChoices):
        COMMERCIAL = "commercial", "commercial insurance"
        MEDICARE = "medicare", "Medicare"
        MEDICAID = "medicaid", "Medicaid"
        WORKERS_COMPENSATION = "workers_comp", "workers' compensation"
        MOTOR_VEHICLE = "motor_vehicle", "motor vehicle insurance"
        SELF_PAY = "self_pay", "pays directly"
        OTHER = "other", "other"
        UNKNOWN = "unknown", "not recorded"

    mrn = models.CharField("MRN", max_length=40)
    given_name = models.CharField(max_length=80, blank=True)
    family_name = models.CharField(max_length=80)
    # Unknown for some imports; nobody without one can be sent a survey.
    birth_date = models.DateField(null=True, blank=True)
    age_at_import = models.PositiveSmallIntegerField(null=True, editable=False)
    sex = models.CharField(max_length=8, choices=Sex, default=Sex.UNKNOWN)
    zone = models.CharField(
        "time zone", max_length=64, blank=True, validators=[validate_zone]
    )
    language = models.CharField(
        max_length=2, choices=Language, default=Language.ENGLISH
    )
    origin = models.CharField(
        max_length=6, choices=Origin, default=Origin.CARE, editable=False
    )
    # Where the patient is seen; its closed days count beside the clinic's.
    location = models.ForeignKey(
        Location,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="patients",
    )
    postal_address = models.TextField(max_length=400, blank=True)
    preferred_channel = models.CharField(
        max_length=6, choices=Channel, default=Channel.EMAIL
    )
    # What they know our messages by (patients.record.phrases).
    phrase = models.CharField(max_length=40, blank=True, editable=False)
    payer_class = models.CharField(
        max_length=13, choices=PayerClass, default=PayerClass.UNKNOWN
    )
    # Of an accident that a payer asks about; a complaint has an onset of its own.
    injury_on = models.DateField(null=True, blank=True)
    hold_until = models.DateField(null=True, blank=True)
    hold_reason = models.CharField(max_length=200, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    # Stops every message as soon as it is recorded; a second look confirms it.
    deceased_on = models.DateField(null=True, blank=True)
    death_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
    )
    # The record that is kept where two were made of one person.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="merged_records",
        null=True,
        editable=False,
    )

    objects = PatientQuerySet.as_manager()

    if TYPE_CHECKING:
        contact_points: "RelatedManager[ContactPoint]"
        caregivers: "RelatedManager[Caregiver]"
        consents: "RelatedManager[Consent]"
        outside_clinicians: "RelatedManager[OutsideClinician]"
        merged_records: "RelatedManager[Patient]"
        red_flags: "RelatedManager[RedFlag]"
        # What early_intervention.attach_clocks has found.
        clocks: list["Complaint"]

    class Meta:
        ordering = ["family_name", "given_name"]
        constraints = [
            # m1 and M1 are one number to whoever reads them out.
            models.UniqueConstraint(
                "clinic", Lower("mrn"), name="patient_mrn_once_a_clinic"
            ),
            models.CheckConstraint(
                condition=models.Q(birth_date__isnull=False)
                | models.Q(origin="import"),
                name="patient_birth_date_known_unless_imported",
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")),
                name="patient_not_merged_into_itself",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "family_name", "given_name"], name="patient_list"
            )
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def audit_subject(self) -> UUID:
        return self.pk

    @property
    def time_zone(self) -> str:
        """The patient's own IANA zone, or the clinic's."""
        return self.zone or self.clinic.zone

    @property
    def kept(self) -> "Patient":
        """The record this one is read as: itself, or the one it was merged into."""
        return self.merged_into or self

    @property
    def kept_id(self) -> UUID:
        return self.merged_into_id or self.pk

    @property
    def record_ids(self) -> list[UUID]:
        """This record and those merged into it; costs a query."""
        return Patient.objects.record_ids(self.pk)

    @property
    def is_minor(self) -> bool:
        """Under age by the clinic's calendar; somebody else decides for them."""
        if self.birth_date is None:
            return False
        return years_between(self.birth_date, clock.today(self.clinic.zone)) < OF_AGE

    def is_on_hold_on(self, day: date) -> bool:
        return self.hold_until is not None and day <= self.hold_until

    @property
    def is_on_hold(self) -> bool:
        """Read live right before each send; the hold's last day belongs to it."""
        return self.is_on_hold_on(clock.today(self.time_zone))

    @property
    def age(self) -> int | None:
        """Completed years today, or as the import gave it."""
        if self.birth_date is None:
            return self.age_at_import
        last_day = self.deceased_on or clock.today(self.time_zone)
        return years_between(self.birth_date, last_day)

    @property
    def sex_in_words(self) -> str:
        """Empty where nobody has said."""
        is_known = self.sex != self.Sex.UNKNOWN
        return str(self.get_sex_display()).lower() if is_known else ""

    @property
    def age_in_words(self) -> str:
        """For a page; what an import brought was true at the start only."""
        if self.age is None:
            return "age unknown"
        since = " at the start" if self.birth_date is None else ""
        return f"{self.age} y{since}"

    @property
    def is_in_follow_up(self) -> bool:
        """Read live right before each send."""
        return self.withdrawn_on is None and self.deceased_on is None

    @property
    def search_terms(self) -> set[str]:
        whole_mrn = "".join(words(self.mrn))[:TERM_LENGTH]
        return name_terms(self.given_name, self.family_name, self.mrn) | {whole_mrn}

    def clean(self) -> None:
        for field in ("mrn", "given_name", "family_name"):
            if not is_readable(getattr(self, field)):
                raise ValidationError(
                    {field: "This holds a character that cannot be seen; type it anew."}
                )
        known = self.time_zone in zones.known()
        today = clock.today(self.time_zone if known else self.clinic.zone)
        for field in ("withdrawn_on", "deceased_on", "injury_on"):
            validate_past(field, getattr(self, field), today)
        if self.birth_date is None and self.origin != self.Origin.IMPORT:
            raise ValidationError({"birth_date": "Give the birth date."})
        validate_birth_date(self.birth_date, today)
        validate_lived("deceased_on", self.deceased_on, self)
        validate_lived("injury_on", self.injury_on, self)


def years_between(born: date, day: date) -> int:
    """Completed years; who was born on 29 February has a birthday on 1 March."""
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (not had_birthday)


def validate_past(field: str, day: date | None, today: date) -> None:
    """A form error on the field for a date that has not come yet."""
    if day is not None and day > today:
        raise ValidationError({field: f"{clock.in_words(day)} is in the future."})


def validate_birth_date(day: date | None, today: date) -> None:
    validate_past("birth_date", day, today)
    if day is not None and day.year < EARLIEST_BIRTH_YEAR:
        raise ValidationError(
            {"birth_date": f"The year must be {EARLIEST_BIRTH_YEAR} or later."}
        )


def validate_lived(field: str, day: date | None, patient: Patient) -> None:
    """A form error on the field for a date before the patient was born."""
    earliest = patient.birth_date or date(EARLIEST_BIRTH_YEAR, 1, 1)
    if day is not None and day < earliest:
        raise ValidationError(
            {field: f"{clock.in_words(day)} is before the patient was born."}
        )


class SearchTerm(models.Model):
    """One folded word of a name, or an MRN: what the prefix index stands on."""

    patient = models.ForeignKey(
        Patient, on_delete=models.CASCADE, related_name="+", db_index=True
    )
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    term = models.CharField(max_length=TERM_LENGTH)

    class Meta:
        indexes = [
            models.Index(
                fields=["clinic", "term"],
                name="search_by_prefix",
                opclasses=["uuid_ops", "varchar_pattern_ops"],
            )
        ]

    def __str__(self) -> str:
        return self.term
