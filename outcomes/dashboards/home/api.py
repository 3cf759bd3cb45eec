"""The day's patients and numbers over the API."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as InvalidRow
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import api_filters, audit, clock
from clinic.access import Act
from clinic.api_views import ClinicView
from outcomes.dashboards.capture import rows
from outcomes.dashboards.home import days, mine, today
from outcomes.dashboards.home import parts as today_parts
from outcomes.dashboards.home import patients as today_patients
from outcomes.dashboards.home.mine import Whose
from outcomes.dashboards.home.news import NewAnswer, Worse
from outcomes.dashboards.home.parts import Parts
from outcomes.dashboards.home.patients import Line, Sign
from outcomes.follow_ups.channels import letter
from outcomes.follow_ups.guard import failed, health, ticks
from outcomes.follow_ups.incoming import inbox

DAY = OpenApiParameter("day", str, description="As 2026-03-12; today without it.")
WHOSE = OpenApiParameter(
    "whose",
    str,
    enum=[*Whose],
    description="Whose patients flags, alerts and answers are of. For who treats "
    "their own without it; for everybody else always all.",
)


class ComingSerializer(serializers.Serializer):
    starts_at = serializers.DateTimeField(
        allow_null=True, help_text="Null where only a plan has it for the day."
    )
    patient = serializers.UUIDField(allow_null=True)
    mrn = serializers.CharField()
    appointment = serializers.UUIDField(allow_null=True)
    what = serializers.CharField()
    with_whom = serializers.CharField()
    is_procedure = serializers.BooleanField()
    states = serializers.ListField(
        child=serializers.ChoiceField(choices=[sign.value for sign in Sign]),
        help_text="What waits on the patient, as far as your role may know.",
    )
    baseline_follow_up = serializers.UUIDField(
        allow_null=True, help_text="The baseline to take today."
    )


class RedFlagLineSerializer(serializers.Serializer):
    red_flag = serializers.UUIDField()
    patient = serializers.UUIDField()
    tier = serializers.CharField()
    found = serializers.CharField()
    raised_at = serializers.DateTimeField()


class AlertLineSerializer(serializers.Serializer):
    alert = serializers.UUIDField()
    patient = serializers.UUIDField()
    severity = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField()
    raised_at = serializers.DateTimeField()


class NewAnswerSerializer(serializers.Serializer):
    follow_up = serializers.UUIDField()
    patient = serializers.UUIDField()
    time_point = serializers.CharField(help_text='The time point, such as "3 months".')
    answered_at = serializers.DateTimeField()
    title = serializers.CharField(help_text="The leading measure; empty for none.")
    baseline = serializers.CharField()
    latest = serializers.CharField()
    verdict = serializers.CharField(help_text="What the change means, in words.")


class WorseSerializer(serializers.Serializer):
    follow_up = serializers.UUIDField()
    patient = serializers.UUIDField()
    time_point = serializers.CharField()
    measure = serializers.CharField()
    baseline = serializers.FloatField()
    value = serializers.FloatField()
    got_worse = serializers.BooleanField(
        help_text="By the measure's important change or more."
    )
    expected_low = serializers.FloatField(
        allow_null=True,
        help_text="The middle half of similar patients, where the value lies outside.",
    )
    expected_high = serializers.FloatField(allow_null=True)
    expected_n = serializers.IntegerField(allow_null=True)


class PartsSerializer(serializers.Serializer):
    """What the first page shows to who treats; each null where one's role has none."""

    red_flags = RedFlagLineSerializer(many=True, allow_null=True)
    alerts = AlertLineSerializer(many=True, allow_null=True)
    new_answers = NewAnswerSerializer(many=True, allow_null=True)
    worse_than_expected = WorseSerializer(many=True, allow_null=True)


class DaySerializer(PartsSerializer):
    day = serializers.DateField()
    has_schedule = serializers.BooleanField(
        help_text="Whether appointments of that day have been imported."
    )
    procedures = serializers.IntegerField()
    procedures_with_baseline = serializers.IntegerField()
    baseline_percent = serializers.IntegerField(allow_null=True)
    calls_to_make = serializers.IntegerField(help_text="By now, whatever the day.")
    messages_waiting = serializers.IntegerField()
    messages_failed = serializers.IntegerField()
    engine_is_alive = serializers.BooleanField()
    answered = serializers.IntegerField(
        help_text="Of the follow-ups of the last year that could be."
    )
    answerable = serializers.IntegerField()
    capture_target = serializers.IntegerField(help_text="In percent.")
    unread_replies = serializers.IntegerField()
    letters_waiting = serializers.IntegerField(help_text="To be printed and posted.")
    patients = ComingSerializer(many=True)


class TodayView(ClinicView):
    acts: ClassVar = {"get": Act.READ_FOLLOW_UPS}

    @extend_schema(
        operation_id="today_retrieve",
        parameters=[DAY, WHOSE],
        responses=DaySerializer,
        tags=["today"],
    )
    def get(self, request: Request) -> Response:
        """Who comes on a day, what each still lacks, and how many have a baseline."""
        api_filters.refuse_unknown(request, ("day", "whose"))
        now_on = clock.today(self.clinic.zone)
        try:
            asked = days.asked(request.query_params.get("day", ""), now_on)
        except InvalidRow as error:
            raise serializers.ValidationError({"day": error.messages}) from error
        try:
            whose = mine.asked(request.query_params.get("whose", ""), self.caller)
        except InvalidRow as error:
            raise serializers.ValidationError({"whose": error.messages}) from error
        found = today_patients.read(self.caller, asked)
        parts = today_parts.read(self.caller, whose, clock.now())
        audit.record(
            by=self.caller,
            action="today.read",
            about=self.clinic,
            patients=[one.pk for one in (*found.patients, *parts.patients)],
            day=str(asked),
            whose=str(whose),
        )
        answered, _ = rows.totals(self.caller, today.CAPTURED, now_on)
        shown = {
            "day": asked,
            "has_schedule": found.has_schedule,
            "procedures": found.baselines.procedures,
            "procedures_with_baseline": found.baselines.present,
            "baseline_percent": found.baselines.percent,
            "calls_to_make": today.calls_count(self.caller, now_on),
            "messages_waiting": today.messages_waiting(self.caller),
            "messages_failed": failed.count(self.caller, clock.now()),
            "engine_is_alive": health.sign_of(ticks.TICK, clock.now()).is_alive,
            "answered": answered.answered,
            "answerable": answered.eligible,
            "capture_target": self.clinic.capture_target,
            **parts_told(parts),
            "unread_replies": inbox.unread_count(self.caller),
            "letters_waiting": letter.waiting(self.caller).count(),
            "patients": [told(line) for line in found.lines],
        }
        return Response(DaySerializer(shown).data)


def told(line: Line) -> dict[str, Any]:
    baseline = line.person.baseline if line.person else None
    return {
        "starts_at": line.at,
        "patient": line.patient.pk if line.patient else None,
        "mrn": line.mrn,
        "appointment": line.appointment.pk if line.appointment else None,
        "what": line.what,
        "with_whom": line.who_with,
        "is_procedure": line.is_procedure,
        "states": [sign.value for sign in line.signs],
        "baseline_follow_up": baseline.pk if baseline else None,
    }


def parts_told(parts: Parts) -> dict[str, Any]:
    """Alike to the page; null where the role has no such part."""
    news = parts.news
    return {
        "red_flags": [
            {
                "red_flag": flag.pk,
                "patient": flag.patient.kept_id,
                "tier": flag.tier,
                "found": flag.found,
                "raised_at": flag.raised_at,
            }
            for flag in parts.flags
        ]
        if parts.flags is not None
        else None,
        "alerts": [
            {
                "alert": alert.pk,
                "patient": alert.patient.kept_id,
                "severity": alert.get_severity_display(),
                "state": alert.state,
                "reason": alert.reason,
                "raised_at": alert.raised_at,
            }
            for alert in parts.alerts
        ]
        if parts.alerts is not None
        else None,
        "new_answers": [answer_told(line) for line in news.answers] if news else None,
        "worse_than_expected": [worse_told(line) for line in news.worse]
        if news
        else None,
    }


def answer_told(line: NewAnswer) -> dict[str, Any]:
    headline = line.headline
    return {
        "follow_up": line.follow_up.pk,
        "patient": line.patient.pk,
        "time_point": line.follow_up.label,
        "answered_at": line.follow_up.answered_at,
        "title": headline.title if headline else "",
        "baseline": headline.baseline if headline else "",
        "latest": headline.latest if headline else "",
        "verdict": headline.verdict if headline else "",
    }


def worse_told(line: Worse) -> dict[str, Any]:
    half = line.half
    return {
        "follow_up": line.follow_up.pk,
        "patient": line.patient.pk,
        "time_point": line.follow_up.label,
        "measure": line.fact.measure.key,
        "baseline": line.fact.baseline,
        "value": line.fact.value,
        "got_worse": bool(line.fact.worse),
        "expected_low": half.low if half else None,
        "expected_high": half.high if half else None,
        "expected_n": half.n if half else None,
    }
