from django.db import models
from django.db.models import Q

from clinic import access, clock
from clinic.models import Record, User, readable_with
from outcomes.instruments.findings import Finding, from_json


class InstrumentDraft(Record):
    """A questionnaire that was brought and is looked at; patients never see it.

    It may be wrong: `findings` say how. Publishing makes a version of it that never
    changes, and the draft goes.
    """

    class Source(models.TextChoices):
        FHIR = "fhir", "FHIR Questionnaire"
        REDCAP = "redcap", "REDCap data dictionary"

    key = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)
    source = models.CharField(max_length=6, choices=Source)
    file_name = models.CharField(max_length=120)
    # Empty where nothing could be made of the file.
    definition = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    # What outcomes.instruments.own_scores reads.
    scores = models.JSONField(default=list)
    revision = models.PositiveSmallIntegerField(default=1)
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = readable_with(access.Act.MANAGE_PROTOCOLS).as_manager()

    class Meta:
        ordering = ["-changed_at"]
        indexes = [
            models.Index(fields=["clinic", "-changed_at"], name="instrument_draft_list")
        ]

    def __str__(self) -> str:
        return f"draft of {self.title}"

    @property
    def found(self) -> list[Finding]:
        return from_json(self.findings)


class InstrumentUse(Record):
    """A questionnaire of the clinic is asked where time points ask for a slot."""

    instrument_key = models.SlugField(max_length=60)
    # The measure of the protocols' vocabulary that it stands for.
    slot = models.SlugField(max_length=40)
    # Body sites of the complaints; empty: all.
    sites = models.JSONField(default=list)
    begun_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["slot", "instrument_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "slot", "instrument_key"],
                condition=Q(ended_at__isnull=True),
                name="instrument_use_once_a_slot",
            )
        ]

    def __str__(self) -> str:
        return f"{self.instrument_key} for {self.slot}"

    def is_at(self, site: str) -> bool:
        return not self.sites or site in self.sites
