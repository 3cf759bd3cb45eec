"""What the acts on a patient take."""

from rest_framework import serializers

from clinic.api_fields import StrictSerializer, VisibleField
from patients.models import Patient, PatientMerge
from patients.record import leaving


class HoldSerializer(StrictSerializer):
    hold_until = serializers.DateField(help_text="The last day of the hold.")
    hold_reason = serializers.CharField(
        max_length=Patient._meta.get_field("hold_reason").max_length
    )


class WithdrawSerializer(StrictSerializer):
    withdrawn_on = serializers.DateField(
        required=False, help_text="Today where it is left out."
    )
    reason = serializers.ChoiceField(choices=leaving.WithdrawalReason.choices)


class ReturnSerializer(StrictSerializer):
    reason = serializers.ChoiceField(choices=leaving.ReturnReason.choices)


class ReversalSerializer(StrictSerializer):
    reason = serializers.ChoiceField(choices=leaving.ReversalReason.choices)


class UnmergeSerializer(StrictSerializer):
    merged = VisibleField(Patient)


class MergeSerializer(UnmergeSerializer):
    reason = serializers.CharField(
        max_length=PatientMerge._meta.get_field("reason").max_length
    )
