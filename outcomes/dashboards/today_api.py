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
from outcomes.dashboards import today, today_days, today_patients
from outcomes.dashboards.today_patients import Line, Sign
from outcomes.follow_ups.channels import letter
from outcomes.follow_ups.incoming import inbox

DAY = OpenApiParameter("day", str, description="As 2026-03-12; today without it.")


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


class DaySerializer(serializers.Serializer):
    day = serializers.DateField()
    has_schedule = serializers.BooleanField(
        help_text="Whether appointments of that day have been imported."
    )
    procedures = serializers.IntegerField()
    procedures_with_baseline = serializers.IntegerField()
    baseline_percent = serializers.IntegerField(allow_null=True)
    calls_to_make = serializers.IntegerField(help_text="By now, whatever the day.")
    messages_waiting = serializers.IntegerField()
    unread_replies = serializers.IntegerField()
    letters_waiting = serializers.IntegerField(help_text="To be printed and posted.")
    patients = ComingSerializer(many=True)


class TodayView(ClinicView):
    acts: ClassVar = {"get": Act.READ_FOLLOW_UPS}

    @extend_schema(
        operation_id="today_retrieve",
        parameters=[DAY],
        responses=DaySerializer,
        tags=["today"],
    )
    def get(self, request: Request) -> Response:
        """Who comes on a day, what each still lacks, and how many have a baseline."""
        api_filters.refuse_unknown(request, ("day",))
        now_on = clock.today(self.clinic.zone)
        try:
            asked = today_days.asked(request.query_params.get("day", ""), now_on)
        except InvalidRow as error:
            raise serializers.ValidationError({"day": error.messages}) from error
        found = today_patients.read(self.caller, asked)
        audit.record(
            by=self.caller,
            action="today.read",
            about=self.clinic,
            patients=[patient.pk for patient in found.patients],
            day=str(asked),
        )
        shown = {
            "day": asked,
            "has_schedule": found.has_schedule,
            "procedures": found.baselines.procedures,
            "procedures_with_baseline": found.baselines.present,
            "baseline_percent": found.baselines.percent,
            "calls_to_make": today.calls_count(self.caller, now_on),
            "messages_waiting": today.messages_waiting(self.caller),
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
