"""What the dashboards count: derived rows, which rebuilding gives again."""

from django.db import models
from django.db.models import Q

from clinic import access
from clinic.indexes import CoveringIndex
from clinic.models import readable_with
from outcomes.models.measures import Measure

# How a tally says that its people have no change at that day.
NO_STEP = -999


class EpisodeProfile(models.Model):
    """What an episode is grouped and chosen by: who, with what, treated how, by whom.

    Derived from the patient, the complaint and the plan as they stand now.
    """

    episode = models.OneToOneField(
        "outcomes.Episode",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="profile",
    )
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    began_on = models.DateField()
    year = models.PositiveSmallIntegerField()
    treatment = models.SlugField(max_length=60)
    treatment_label = models.CharField(max_length=80)
    modality = models.CharField(max_length=24)
    # Of all its versions; empty for a plan without one.
    protocol = models.SlugField(max_length=60, blank=True)
    # The category of the standing diagnosis of the source, such as "M51".
    diagnosis = models.CharField(max_length=3, blank=True)
    source = models.CharField(max_length=40, blank=True)
    # Ids as text: empty for none, and one kind of key for all that is grouped by.
    provider = models.CharField(max_length=36, blank=True)
    location = models.CharField(max_length=36, blank=True)
    payer = models.CharField(max_length=13)
    # In whole years on the day that the course began; unknown for some imports.
    age = models.PositiveSmallIntegerField(null=True)
    age_band = models.CharField(max_length=7)
    sex = models.CharField(max_length=8)
    language = models.CharField(max_length=2)
    channel = models.CharField(max_length=6)

    objects = readable_with(access.Act.READ_COHORT).as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "began_on"], name="episode_profile_period"),
            models.Index(
                fields=["clinic", "treatment", "began_on"],
                name="episode_profile_treatment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.treatment_label} from {self.began_on}"


class OutcomeFact(models.Model):
    """One measure at one time point of an episode, ready to be counted.

    Numbers are floats, which every database adds up fast; the rules were judged on
    exact ones. Of its keys the database checks the episode's alone: what the rows are
    made of holds the others already, and a million of them are made at once.
    """

    class Apart(models.TextChoices):
        """Who left before the time point was over is told apart, and not missing."""

        NO = "", "still followed"
        DIED = "died"
        WITHDREW = "withdrew"

    class Severity(models.TextChoices):
        """How bad it was before, in thirds of the measure's scale."""

        UNKNOWN = "", "no baseline"
        MILD = "mild"
        MODERATE = "moderate"
        SEVERE = "severe"

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(
        "clinic.Clinic",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    episode = models.ForeignKey(
        "outcomes.Episode",
        on_delete=models.PROTECT,
        related_name="facts",
        db_index=False,
    )
    # The same episode's profile, without a column of its own.
    profile = models.ForeignObject(
        EpisodeProfile,
        on_delete=models.DO_NOTHING,
        from_fields=["episode"],
        to_fields=["episode"],
        related_name="facts",
    )
    measure = models.ForeignKey(
        Measure,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    timepoint_key = models.SlugField(max_length=40, db_index=False)
    # The canonical day that protocols are compared on; null where another time
    # point of the episode lies closer to it.
    bin_day = models.SmallIntegerField(null=True)
    baseline = models.FloatField(null=True)
    severity = models.CharField(
        max_length=8, choices=Severity, default=Severity.UNKNOWN, blank=True
    )
    # Said from memory, after the procedure.
    baseline_is_recalled = models.BooleanField(default=False)
    value = models.FloatField(null=True)
    change = models.FloatField(null=True)
    # The improvement in whole steps of the measure, as the distribution shows it;
    # below 0 for who got worse.
    change_step = models.SmallIntegerField(null=True)
    # Baseline present, and answered or its window closed.
    is_eligible = models.BooleanField()
    apart = models.CharField(max_length=8, choices=Apart, default=Apart.NO, blank=True)
    in_window = models.BooleanField(null=True)
    # Something else was begun after day 0 and before the answer, or where there is
    # none, before the day of asking.
    has_added_treatment = models.BooleanField(default=False)
    pct30 = models.BooleanField(null=True)
    pct50 = models.BooleanField(null=True)
    points2 = models.BooleanField(null=True)
    mic = models.BooleanField(null=True)
    both = models.BooleanField(null=True)
    # Got worse by the measure's important change.
    worse = models.BooleanField(null=True)

    objects = readable_with(access.Act.READ_COHORT).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "measure", "timepoint_key"], name="outcome_fact_once"
            )
        ]
        indexes = [
            # With all that is counted: one measure's facts lie together in it, and all
            # over the table.
            CoveringIndex(
                fields=["clinic", "measure", "bin_day"],
                include=[
                    *("episode", "severity", "baseline", "value", "change"),
                    *("change_step", "is_eligible", "apart", "has_added_treatment"),
                    *("pct30", "pct50", "points2", "mic", "both", "worse"),
                ],
                name="outcome_fact_cohort",
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} at {self.timepoint_key}"


class OutcomeTally(models.Model):
    """The facts of one group at one canonical day and step of change, added up.

    A group is a value of one dimension; each fact stands once in every dimension, so
    that the default views read some hundred rows whatever the clinic's size.
    """

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    measure = models.ForeignKey(
        Measure, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    dimension = models.CharField(max_length=9)
    key = models.CharField(max_length=60, blank=True)
    bin_day = models.SmallIntegerField()
    change_step = models.SmallIntegerField(default=NO_STEP)
    facts = models.IntegerField()
    answered = models.IntegerField()
    changed = models.IntegerField()
    # Of these, whose baseline a percentage can be taken of.
    changed_from_above_0 = models.IntegerField()
    eligible = models.IntegerField()
    eligible_from_above_0 = models.IntegerField()
    pct30 = models.IntegerField()
    pct50 = models.IntegerField()
    points2 = models.IntegerField()
    mic = models.IntegerField()
    both = models.IntegerField()
    worse = models.IntegerField()
    added = models.IntegerField()
    died = models.IntegerField()
    withdrew = models.IntegerField()
    value_sum = models.FloatField()
    value_squares = models.FloatField()
    change_sum = models.FloatField()
    change_squares = models.FloatField()
    # Baselines of the eligible, and of those among them who answered.
    baseline_sum = models.FloatField()
    baseline_squares = models.FloatField()
    answered_baseline_sum = models.FloatField()
    answered_baseline_squares = models.FloatField()

    objects = readable_with(access.Act.READ_COHORT).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("clinic", "measure", "dimension", "key"),
                    *("bin_day", "change_step"),
                ],
                name="outcome_tally_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["clinic"], condition=Q(facts=0), name="outcome_tally_empty"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.key} on day {self.bin_day}"
