"""Details of an intervention over the API, nested by table as they are stored."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as InvalidRow
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import StrictSerializer, VisibleField
from clinic.models import User
from patients.models import Consent, Diagnosis
from plans.cautions.api import CautionPassSerializer, ReasonsField
from plans.models import Intervention, LotUse
from plans.procedures import catalogue, details, lifestyle, performing, usual
from plans.procedures.catalogue_field import Field
from plans.procedures.used_lots import Lot
from plans.procedures.usual import Usual

REFERENCES = {"indication": Diagnosis, "consent": Consent}
KINDS = list(catalogue.by_column("other")["kind"].choices.items())
# What the serializer of an intervention shows beside its own columns.
OWN_SHOWN = ("kind", "indication", "site", "levels", "guidance")
OWN = ("kind", "indication", "site", "side", "levels", "target", "guidance")


class OperatorField(serializers.PrimaryKeyRelatedField):
    """Somebody of the caller's clinic; the verb says who may have done it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["queryset"] = User.objects.all()
        kwargs["pk_field"] = serializers.UUIDField(format="hex_verbose")
        kwargs["error_messages"] = {
            "does_not_exist": "No provider of your clinic has this id."
        }
        super().__init__(**kwargs)

    def get_queryset(self) -> Any:
        clinic = self.context["request"].user.membership.clinic_id
        return User.objects.filter(memberships__clinic=clinic)


class AmountSerializer(StrictSerializer):
    target = serializers.CharField(max_length=120)
    ml = serializers.DecimalField(max_digits=6, decimal_places=2)


def field_for(field: Field) -> serializers.Field:
    """As the catalogue types it; bounds are the verb's to say, in words."""
    common: dict[str, Any] = {"required": False, "help_text": help_of(field)}
    many = {**common, "allow_empty": True}
    if field.type == "choice":
        return serializers.ChoiceField(
            choices=list(field.choices.items()), allow_blank=True, **common
        )
    if field.type == "several":
        choice = serializers.ChoiceField(choices=list(field.choices.items()))
        return serializers.ListField(child=choice, **many)
    if field.type == "decimals":
        number = serializers.DecimalField(max_digits=8, decimal_places=2)
        return serializers.ListField(child=number, **many)
    if field.type == "amounts":
        return AmountSerializer(many=True, **many)
    if field.type == "reference":
        return VisibleField(REFERENCES[field.column], allow_null=True, **common)
    return plain_field(field, common)


def plain_field(field: Field, common: Mapping[str, Any]) -> serializers.Field:
    if field.type == "text":
        return serializers.CharField(allow_blank=True, **common)
    makers: dict[str, Any] = {
        "integer": serializers.IntegerField,
        "yes_no": serializers.BooleanField,
        "time": serializers.TimeField,
        "date": serializers.DateField,
    }
    if field.type == "decimal":
        column = details.MODELS.get(field.table, lifestyle.LifestyleMeasurement)
        made: Any = column._meta.get_field(field.column)
        return serializers.DecimalField(
            max_digits=made.max_digits,
            decimal_places=made.decimal_places,
            allow_null=True,
            **common,
        )
    made_by = makers[field.type]
    return made_by(allow_null=True, **common)


def help_of(field: Field) -> str:
    unit = f", {field.unit_words}" if field.unit else ""
    return f"{field.label}{unit}"


def serializer_of(table: str, name: str) -> type[StrictSerializer]:
    """Its fields are the catalogue's rows of that table."""
    fields = {
        field.column: field_for(field)
        for field in catalogue.fields()
        if field.table == table and field.is_stored and field.column != "measured_on"
    }
    return type(name, (StrictSerializer,), dict(fields))


TABLES: dict[str, type[StrictSerializer]] = {
    "procedure": serializer_of("procedure", "ProcedureDetails"),
    "therapy": serializer_of("therapy", "TherapyDetails"),
    "prp": serializer_of("prp", "PrpDetails"),
    "marrow": serializer_of("marrow", "MarrowDetails"),
    "injection": serializer_of("injection", "InjectionDetails"),
    "lifestyle": serializer_of("lifestyle", "LifestyleDetails"),
}
Measured = serializer_of("measurement", "Measured")


class LotSerializer(StrictSerializer, serializers.ModelSerializer):
    class Meta:
        model = LotUse
        fields = ["kind", "name", "lot", "expires_on"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("name") and not attrs.get("lot"):
            raise serializers.ValidationError("Give a name or a lot number.")
        return attrs


class LifestyleMeasurementSerializer(Measured):  # type: ignore[valid-type,misc]
    measured_on = serializers.DateField()


class MeasureSerializer(LifestyleMeasurementSerializer):
    checked = serializers.BooleanField(
        default=False, help_text="Somebody looked again at what is odd."
    )


class ShownDetails(serializers.Serializer):
    """What exactly was done, for the serializer of an intervention: null if nothing."""

    SHOWN = (*OWN_SHOWN, *TABLES, "lots", "measurements", "cautions_passed")

    levels = serializers.ListField(child=serializers.CharField(), read_only=True)
    indication: serializers.Field = serializers.PrimaryKeyRelatedField(
        pk_field=serializers.UUIDField(format="hex_verbose"), read_only=True
    )
    procedure = TABLES["procedure"](read_only=True, allow_null=True)
    therapy = TABLES["therapy"](read_only=True, allow_null=True)
    prp = TABLES["prp"](read_only=True, allow_null=True)
    marrow = TABLES["marrow"](read_only=True, allow_null=True)
    injection = TABLES["injection"](read_only=True, allow_null=True)
    lifestyle = TABLES["lifestyle"](read_only=True, allow_null=True)
    lots = LotSerializer(many=True, read_only=True)
    measurements = LifestyleMeasurementSerializer(
        many=True, source="lifestyle_measurements", read_only=True
    )
    cautions_passed = CautionPassSerializer(many=True, read_only=True)


class DetailsSerializer(StrictSerializer, serializers.ModelSerializer):
    procedure = TABLES["procedure"](required=False)
    therapy = TABLES["therapy"](required=False)
    prp = TABLES["prp"](required=False)
    marrow = TABLES["marrow"](required=False)
    injection = TABLES["injection"](required=False)
    lifestyle = TABLES["lifestyle"](required=False)
    lots = LotSerializer(many=True, required=False)
    kind = field_for(catalogue.by_column("other")["kind"])
    site = field_for(catalogue.by_column("prp")["site"])
    levels = field_for(catalogue.by_column("prp")["levels"])
    guidance = field_for(catalogue.by_column("prp")["guidance"])
    indication = VisibleField(Diagnosis, required=False, allow_null=True)
    performed_by = OperatorField(required=False)
    checked = serializers.BooleanField(
        required=False,
        help_text="True once somebody has looked at what the answer calls odd.",
    )

    class Meta:
        model = Intervention
        fields = [*OWN, "performed_by", "detail", *TABLES, "lots", "checked"]


class PerformSerializer(DetailsSerializer):
    performed_on = serializers.DateField()
    caution_reasons = ReasonsField()

    class Meta(DetailsSerializer.Meta):
        fields = ["performed_on", *DetailsSerializer.Meta.fields, "caution_reasons"]


class RecordSerializer(DetailsSerializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)
    caution_reasons = ReasonsField()

    class Meta(DetailsSerializer.Meta):
        fields = [*DetailsSerializer.Meta.fields, "reason", "caution_reasons"]


class UsualDetailsSerializer(DetailsSerializer):
    """A part of a body of `perform`: a field that is not usual is left out."""

    class Meta(DetailsSerializer.Meta):
        fields = ["kind", "guidance", *TABLES, "lots"]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        # Null in a body would say that there was none.
        return {name: without_nulls(value) for name, value in shown.items()}


class UsualSerializer(serializers.Serializer):
    """From the caller's own last one like it, or from the clinic's."""

    done_on = serializers.DateField(
        allow_null=True, help_text="The day of that one; null: there is none."
    )
    is_own = serializers.BooleanField(
        allow_null=True, help_text="Whether the caller did that one."
    )
    details = UsualDetailsSerializer(
        help_text="Settings, and lots by their names; nothing of that patient."
    )
    offered = UsualDetailsSerializer(
        help_text="What was decided for that patient; look at each before it is sent."
    )


def without_nulls(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: inner for name, inner in value.items() if inner is not None}


def usual_of(intervention: Intervention, found: Usual | None) -> dict[str, Any]:
    """As the form is filled with it, where the body of `perform` has its fields."""
    if found is None:
        none: dict[str, Any] = {"details": {"lots": []}, "offered": {}}
        return none | {"done_on": None, "is_own": None}
    details_of = body_of(intervention, found.values) | {"lots": found.lots}
    if kind := usual.kind_of(intervention):
        details_of["kind"] = kind
    return {
        "done_on": found.on,
        "is_own": found.is_own,
        "details": details_of,
        "offered": body_of(intervention, found.offered),
    }


def body_of(intervention: Intervention, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by column, nested as the API nests them."""
    body: dict[str, Any] = {}
    known = catalogue.by_column(intervention.modality)
    for name, value in values.items():
        table = known[name].table
        place = body if table == "intervention" else body.setdefault(table, {})
        place[name] = value
    return body


def options_of(intervention: Intervention, given: Mapping[str, Any]) -> dict[str, Any]:
    """A checked body as the verbs take it: values by column, lots, and the rest."""
    options: dict[str, Any] = {"values": {}}
    held = catalogue.tables_of(intervention.modality)
    for name, value in given.items():
        if name in TABLES:
            if name not in held:
                raise serializers.ValidationError({name: [refusal(intervention)]})
            options["values"].update(value)
        elif name == "lots":
            options["lots"] = [Lot(**each) for each in value]
        elif name in (*OWN, "performed_by", "detail"):
            options["values"][name] = value
        else:
            options[name] = value
    return options


def refusal(intervention: Intervention) -> str:
    tables = ", ".join(catalogue.tables_of(intervention.modality)) or "none of these"
    label = intervention.get_modality_display().lower()
    return f"Details of {label} are: {tables}."


def nested(modality: str, error: InvalidRow) -> serializers.ValidationError | None:
    """The verb's errors where the body has their fields."""
    if not hasattr(error, "error_dict"):
        return None
    known = catalogue.by_column(modality)
    said: dict[str, Any] = {}
    for name, words in error.message_dict.items():
        field = known.get(name)
        if field is None or field.table == "intervention":
            said[name] = words
        else:
            said.setdefault(field.table, {})[name] = words
    return serializers.ValidationError(said)


class DetailActs:
    """Acts of the interventions' viewset that keep what was done."""

    # What its table of acts says of them.
    ACTS: ClassVar = {
        "perform": Act.RECORD_INTERVENTIONS,
        "record_details": Act.RECORD_INTERVENTIONS,
        "measure": Act.RECORD_INTERVENTIONS,
        "usual": Act.RECORD_INTERVENTIONS,
    }
    # What showing the details reads along.
    RELATED = (*TABLES, "performed_by")
    LISTED = ("lots", "lifestyle_measurements", "cautions_passed__passed_by")

    @action(detail=True, methods=["post"], serializer_class=PerformSerializer)
    def perform(self: Any, request: Request, pk: str) -> Response:
        """Record that it was done, and what exactly; follow-ups count from that day."""
        return self._carry_out(request, performing.perform_with_details)

    @action(detail=True, methods=["post"], serializer_class=RecordSerializer)
    def record_details(self: Any, request: Request, pk: str) -> Response:
        """Add to the details or correct them; what is not named stays as it is."""
        return self._carry_out(request, details.record)

    @action(detail=True, methods=["post"], serializer_class=MeasureSerializer)
    def measure(self: Any, request: Request, pk: str) -> Response:
        """How a change of lifestyle stands on a day; the same day corrects."""
        intervention = self.get_object()
        given = self.checked(request)
        lifestyle.measure(
            intervention,
            measured_on=given.pop("measured_on"),
            checked=given.pop("checked"),
            values=given,
            by=self.caller,
        )
        return self.shown(intervention, type(self).serializer_class)

    @extend_schema(responses=UsualSerializer)
    @action(detail=True, methods=["get"])
    def usual(self: Any, request: Request, pk: str) -> Response:
        """What is usually set for one like it, to begin from when it is recorded."""
        intervention = self.get_object()
        found = usual.find(intervention, user=self.caller)
        self.note_read(intervention)
        return Response(UsualSerializer(usual_of(intervention, found)).data)

    def _carry_out(self: Any, request: Request, verb: Any) -> Response:
        intervention = self.get_object()
        options = options_of(intervention, self.checked(request))
        try:
            verb(intervention, by=self.caller, **options)
        except InvalidRow as error:
            raise nested(intervention.modality, error) or error from error
        return self.shown(intervention, type(self).serializer_class)
