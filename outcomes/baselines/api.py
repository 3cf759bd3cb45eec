"""The three answers to compare with over the API: what is asked, and what was said."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as InvalidRow
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import audit
from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_views import PatientRowsViewSet
from clinic.models import Language
from outcomes.baselines import capture, missing
from outcomes.baselines.forms import MODES
from outcomes.instruments.definition import CANT_TELL, Item
from outcomes.models import FollowUp
from outcomes.models import Response as Answers
from patients.models import Complaint

# What a body holds beside the answers; other faults are of one of them.
BESIDE = ("provenance", "is_from_memory")
CHOICES = [(mode.value, words) for mode, words in MODES]


class AnswerStepSerializer(serializers.Serializer):
    value = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]


class BaselineQuestionSerializer(serializers.Serializer):
    question = serializers.CharField(help_text="Its name among the `answers`.")
    measure = serializers.CharField()
    text = serializers.CharField(help_text="In the patient's language.")
    low = serializers.CharField(help_text="At the lower end; empty where steps say it.")
    high = serializers.CharField(help_text="At the upper end.")
    steps = AnswerStepSerializer(many=True, help_text="All that can be answered.")
    cant_tell = serializers.CharField(
        help_text="What null as the answer says; empty where null is none."
    )


class BaselineSheetSerializer(serializers.Serializer):
    follow_up = serializers.UUIDField()
    patient = serializers.UUIDField()
    complaint = serializers.UUIDField()
    language = serializers.ChoiceField(choices=Language.choices)
    refusal = serializers.CharField(help_text="Why nothing is asked; empty: it is.")
    is_recalled = serializers.BooleanField(
        allow_null=True,
        help_text=(
            "Whether the needle was in before today. Null: it was today, and "
            "`is_from_memory` must say it."
        ),
    )
    needle_on = serializers.DateField(
        allow_null=True, help_text="The day to think back to; null: none was in yet."
    )
    intro = serializers.CharField(help_text="What to say before the questions.")
    questions = BaselineQuestionSerializer(many=True)


class ThreeAnswersSerializer(StrictSerializer):
    """Who answered, and each question by its name."""

    provenance = serializers.ChoiceField(choices=CHOICES)
    is_from_memory = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Said after the needle; asked only where the needle was today.",
    )
    answers = serializers.DictField(
        child=serializers.DecimalField(max_digits=2, decimal_places=0, allow_null=True),
        help_text="A step of each question, 0 to 10; null: the patient cannot tell.",
    )


class BaselineTakenSerializer(serializers.ModelSerializer):
    """Read the answers and scores themselves at `responses/`."""

    class Meta:
        model = Answers
        fields = [
            "id",
            "patient",
            "follow_up",
            "provenance",
            "sealed_at",
            "answered_on",
            "in_window",
            "is_recalled",
        ]
        read_only_fields = fields


class FollowUpBaselineViewSet(PatientRowsViewSet):
    queryset = FollowUp.objects.filter(is_baseline=True).select_related(
        *("patient__clinic", "patient__merged_into__clinic"),
        *("episode__complaint__patient__clinic", "episode__anchor_intervention"),
    )
    serializer_class = ThreeAnswersSerializer
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "baseline": Act.RECORD_INTERVENTIONS,
        "take": Act.RECORD_INTERVENTIONS,
    }

    @extend_schema(responses=BaselineSheetSerializer)
    @action(detail=True, methods=["get"])
    def baseline(self, request: Request, pk: str) -> Response:
        """What to ask before a needle, or to recall after it, and whether to."""
        follow_up = self.get_object()
        audit.record(by=self.caller, action="baseline.asked", about=follow_up)
        return Response(BaselineSheetSerializer(asked(follow_up)).data)

    @extend_schema(
        request=ThreeAnswersSerializer, responses={201: BaselineTakenSerializer}
    )
    @baseline.mapping.post
    def take(self, request: Request, pk: str) -> Response:
        """Keep the answers as the baseline; said after the needle, as recalled."""
        follow_up = self.get_object()
        given = self.checked(request)
        refuse_unasked(follow_up, given["answers"])
        try:
            response = capture.take(follow_up, by=self.caller, **given)
        except InvalidRow as error:
            raise nested(error) or error from error
        return Response(
            BaselineTakenSerializer(response).data, status=status.HTTP_201_CREATED
        )


def asked(follow_up: FollowUp) -> dict[str, Any]:
    patient = follow_up.patient.kept
    after = capture.is_after(follow_up)
    return {
        "follow_up": follow_up.pk,
        "patient": patient.pk,
        "complaint": follow_up.episode.complaint_id,
        "language": patient.language,
        "refusal": capture.refusal(follow_up),
        "is_recalled": after,
        "needle_on": missing.needle_day(follow_up.episode),
        "intro": capture.intro(follow_up, after),
        "questions": [
            question(item, follow_up.episode.complaint, patient.language)
            for item in capture.questions(follow_up)
        ],
    }


def question(item: Item, complaint: Complaint, language: str) -> dict[str, Any]:
    steps = [step for step in item.choices(language) if step[0] != CANT_TELL]
    return {
        "question": item.link_id,
        "measure": item.measure,
        "text": item.wording(language, complaint.site_phrase(language)),
        "low": item.low.get(language, ""),
        "high": item.high.get(language, ""),
        "steps": [{"value": int(value), "label": label} for value, label in steps],
        "cant_tell": item.cant_tell.get(language, ""),
    }


def refuse_unasked(follow_up: FollowUp, answers: Mapping[str, Decimal | None]) -> None:
    """The page cannot send another question, and the verb would keep its answer."""
    known = [item.link_id for item in capture.questions(follow_up)]
    words = f"There is no such question; the ones here are {', '.join(known)}."
    unasked = {name: [words] for name in answers if name not in known}
    if unasked:
        raise serializers.ValidationError({"answers": unasked})


def nested(error: InvalidRow) -> serializers.ValidationError | None:
    """The verb's faults of answers, where the body has them."""
    if not hasattr(error, "error_dict"):
        return None
    faults = error.message_dict
    said: dict[str, Any] = {name: faults[name] for name in BESIDE if name in faults}
    answers = {name: words for name, words in faults.items() if name not in BESIDE}
    if answers:
        said["answers"] = answers
    return serializers.ValidationError(said)
