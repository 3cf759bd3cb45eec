"""What was used and what went wrong: lots to recall by, and adverse events."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from clinic import access
from clinic.models import AppendOnlyModel, ClinicQuerySet, Record, readable_with
from patients.models import Complaint, Patient
from plans.harm import catalogue, labels
from plans.harm import ratings as rating_rules
from plans.models.intervention import Intervention

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class LotUse(Record):
    """A kit, drug or device that an intervention used, as its label says."""

    class Kind(models.TextChoices):
        KIT = "kit"
        CENTRIFUGE = "centrifuge"
        CONCENTRATOR = "concentrator"
        DRUG = "drug"
        CONTRAST = "contrast", "contrast agent"
        DEVICE = "device", "other device"

    intervention = models.ForeignKey(
        Intervention, on_delete=models.PROTECT, related_name="lots"
    )
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.KIT)
    name = models.CharField(max_length=80, blank=True)
    lot = models.CharField(max_length=60, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    # As they are searched by: without case and spare spaces.
    name_key = models.CharField(max_length=80, blank=True)
    lot_key = models.CharField(max_length=60, blank=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="", lot=""), name="lot_use_names_something"
            )
        ]
        indexes = [
            models.Index(
                fields=["clinic", "lot_key", "intervention"],
                name="lot_by_lot",
                opclasses=["uuid_ops", "varchar_pattern_ops", "uuid_ops"],
            ),
            models.Index(
                fields=["clinic", "name_key", "intervention"],
                name="lot_by_name",
                opclasses=["uuid_ops", "varchar_pattern_ops", "uuid_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} lot {self.lot}".strip()

    @property
    def was_expired(self) -> bool:
        return labels.was_expired(self.expires_on, self.intervention.performed_on)

    @property
    def audit_subject(self) -> UUID:
        return self.intervention.audit_subject


class AdverseEventQuerySet(ClinicQuerySet):
    act_to_read = access.Act.READ_PLANS

    def standing(self) -> Self:
        return self.exclude(status=AdverseEvent.Status.ENTERED_IN_ERROR)

    def open(self) -> Self:
        return self.filter(status=AdverseEvent.Status.OPEN)

    def graded(self) -> Self:
        """With `grade`, the highest that one of its raters holds; None if unrated."""
        worst = AdverseEventRating.held().filter(event=OuterRef("pk"))
        return self.annotate(grade=Subquery(_worst(worst)))

    def related(self, relatedness: str) -> Self:
        """Those of which one rater holds this."""
        held = AdverseEventRating.held().filter(
            event=OuterRef("pk"), relatedness=relatedness
        )
        return self.filter(Exists(held))

    def needing_second_rater(self) -> Self:
        """Severe by the only one who looked; closing it does not settle that."""
        ratings = AdverseEventRating.objects.filter(event=OuterRef("pk"))
        severe = AdverseEventRating.held().filter(
            event=OuterRef("pk"), grade__gte=rating_rules.SECOND_RATER_FROM
        )
        others = ratings.exclude(rater=OuterRef("first_rater"))
        first = ratings.order_by("pk").values("rater")[:1]
        found = self.standing().alias(first_rater=Subquery(first))
        return found.filter(Exists(severe), ~Exists(others))

    def for_pages(self) -> Self:
        """With those it is about and what it may come from, and every rating."""
        return self.select_related(
            "patient__clinic",
            "patient__merged_into__clinic",
            "complaint",
            "intervention__plan",
            "opened_by",
        ).prefetch_related(
            models.Prefetch(
                "ratings",
                AdverseEventRating.objects.select_related("rater").order_by("pk"),
            )
        )


class AdverseEvent(Record):
    """Something bad that happened to a patient; whether by a treatment is rated."""

    class Origin(models.TextChoices):
        STAFF = "staff", "entered by staff"
        FREE_TEXT = "free_text", "from a patient's words"
        ANSWER = "answer", "from a patient's answer"

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"
        ENTERED_IN_ERROR = "entered_in_error", "entered in error"

    class Relatedness(models.TextChoices):
        UNRELATED = "unrelated"
        UNLIKELY = "unlikely"
        POSSIBLE = "possible"
        PROBABLE = "probable"
        DEFINITE = "definite"

    class Outcome(models.TextChoices):
        RECOVERED = "recovered"
        RECOVERING = "recovering"
        ONGOING = "ongoing"
        SEQUELAE = "sequelae", "recovered with sequelae"
        FATAL = "fatal"
        UNKNOWN = "unknown"

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="adverse_events"
    )
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, null=True, related_name="adverse_events"
    )
    # What it is suspected to come from.
    intervention = models.ForeignKey(
        Intervention, on_delete=models.PROTECT, null=True, related_name="adverse_events"
    )
    origin = models.CharField(max_length=9, choices=Origin, default=Origin.STAFF)
    onset_on = models.DateField()
    category = models.CharField(max_length=40)
    description = models.TextField(blank=True)
    is_serious = models.BooleanField(null=True)
    is_expected = models.BooleanField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.UNKNOWN)
    resolved_on = models.DateField(null=True)
    reported_to = models.JSONField(default=list)
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    status_reason = models.CharField(max_length=200, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = AdverseEventQuerySet.as_manager()

    if TYPE_CHECKING:
        ratings: "RelatedManager[AdverseEventRating]"

    class Meta:
        ordering = ["-onset_on", "-id"]
        indexes = [
            models.Index(fields=["clinic", "-onset_on", "-id"], name="adverse_list")
        ]

    def __str__(self) -> str:
        return f"{self.category_words} on {self.onset_on}"

    @property
    def category_words(self) -> str:
        return catalogue.label(catalogue.categories(), self.category)

    @property
    def reported_to_words(self) -> str:
        known = catalogue.receivers()
        return ", ".join(catalogue.label(known, key) for key in self.reported_to)

    @property
    def held(self) -> "list[AdverseEventRating]":
        """The last word of each rater; uses a prefetch of the ratings."""
        return rating_rules.held(self.ratings.all())

    @property
    def worst_grade(self) -> int | None:
        return rating_rules.grade(self.ratings.all())

    @property
    def lacks_second_rater(self) -> bool:
        is_standing = self.status != self.Status.ENTERED_IN_ERROR
        return is_standing and rating_rules.needs_second_rater(self.ratings.all())

    @property
    def disagreement(self) -> Sequence[str]:
        """In what its raters differ."""
        return rating_rules.disagreement(self.ratings.all())

    @property
    def days_after(self) -> int | None:
        """Days from what it may come from to its onset; negative where before."""
        if self.intervention is None or self.intervention.performed_on is None:
            return None
        return (self.onset_on - self.intervention.performed_on).days


class AdverseEventRating(AppendOnlyModel, Record):
    """What one rater thinks of it; who thinks again adds another row.

    Grades are the five general steps of CTCAE: 1 mild, 2 moderate, 3 severe,
    4 life-threatening, 5 death.
    """

    event = models.ForeignKey(
        AdverseEvent, on_delete=models.PROTECT, related_name="ratings"
    )
    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    grade = models.PositiveSmallIntegerField()
    relatedness = models.CharField(max_length=9, choices=AdverseEvent.Relatedness)
    note = models.CharField(max_length=300, blank=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(grade__gte=1, grade__lte=5), name="adverse_grade_1_to_5"
            )
        ]

    def __str__(self) -> str:
        return f"grade {self.grade}, {self.relatedness}"

    @property
    def grade_words(self) -> str:
        return catalogue.label(catalogue.grades(), str(self.grade))

    @classmethod
    def held(cls) -> "QuerySet[AdverseEventRating]":
        """What each rater thinks now; keys are in the order they were made."""
        again = cls.objects.filter(
            event=OuterRef("event"), rater=OuterRef("rater"), pk__gt=OuterRef("pk")
        )
        return cls.objects.filter(~Exists(again))

    @property
    def audit_subject(self) -> UUID:
        return self.event.patient_id


def _worst(ratings: "QuerySet[AdverseEventRating]") -> "QuerySet":
    grouped = ratings.order_by().values("event")
    return grouped.annotate(worst=Max("grade")).values("worst")
