"""What the note and the letter of a complaint look like to a program."""

from collections.abc import Mapping
from typing import Any

from rest_framework import renderers, serializers

from clinic.models import Clinic
from patients.models import Diagnosis, OutsideClinician, Patient, SourceHypothesis


class NoteSerializer(serializers.Serializer):
    evaluation = serializers.UUIDField(
        source="evaluation.pk",
        allow_null=True,
        help_text="Null: there is none that counts, and the rest is told.",
    )
    text = serializers.CharField()


class NoteRenderer(renderers.BaseRenderer):
    """The text alone, for `Accept: text/plain`; a refusal stays JSON."""

    media_type = "text/plain"
    format = "txt"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if "text" in data:
            return str(data["text"]).encode()
        if renderer_context:
            renderer_context["response"]["Content-Type"] = "application/json"
        return renderers.JSONRenderer().render(data)


class LetterheadSerializer(serializers.ModelSerializer):
    class Meta:
        model = Clinic
        fields = ["name", "phone"]
        read_only_fields = fields


class ReferrerSerializer(serializers.ModelSerializer):
    class Meta:
        model = OutsideClinician
        fields = ["name", "practice", "address"]
        read_only_fields = fields


class LetterPatientSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="__str__")

    class Meta:
        model = Patient
        fields = ["id", "name", "birth_date", "mrn"]
        read_only_fields = fields


class LetterSourceSerializer(serializers.ModelSerializer):
    label = serializers.CharField()  # type: ignore[assignment]
    stated_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = SourceHypothesis
        fields = ["source", "label", "side", "certainty", "stated_by", "stated_on"]
        read_only_fields = fields


class LetterDiagnosisSerializer(serializers.ModelSerializer):
    title = serializers.CharField(source="named", help_text="With its side.")

    class Meta:
        model = Diagnosis
        fields = ["code", "title", "role", "certainty"]
        read_only_fields = fields


class WeaknessSerializer(serializers.Serializer):
    kind = serializers.CharField(source="deficit_kind")
    since = serializers.DateField(source="deficit_since")


class LetterSerializer(serializers.Serializer):
    """What the print page says, in its order."""

    clinic = LetterheadSerializer(source="patient.clinic")
    written_on = serializers.DateField()
    referrer = ReferrerSerializer(
        allow_null=True, help_text="Null: nobody is entered to whom one could write."
    )
    is_draft = serializers.BooleanField(help_text="No evaluation is signed yet.")
    patient = LetterPatientSerializer()
    site = serializers.CharField(source="complaint.english_site")
    onset_on = serializers.DateField(source="complaint.onset_on", allow_null=True)
    examined_on = serializers.DateField(
        source="evaluation.examined_on", allow_null=True
    )
    source = LetterSourceSerializer(  # type: ignore[assignment]
        allow_null=True, help_text="Null: none is named, or none stands."
    )
    findings_for = serializers.ListField(child=serializers.CharField())
    findings_against = serializers.ListField(child=serializers.CharField())
    others = LetterSourceSerializer(many=True, help_text="Thought of besides.")
    weakness = WeaknessSerializer(
        allow_null=True, help_text="While the early-intervention clock runs."
    )
    diagnoses = LetterDiagnosisSerializer(many=True)
    plans = serializers.ListField(child=serializers.CharField(), source="plan_titles")
    signed_by: serializers.Field = serializers.StringRelatedField(source="signer")
