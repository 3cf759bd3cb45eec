"""The view and its address; no session, no lock, no score, no alert, no audit."""

from typing import Any

from django.db import transaction
from django.urls import path
from rest_framework.generics import CreateAPIView
from rest_framework.serializers import ModelSerializer

from benchmarks.bare_survey.models import BareAnswer, BareSurvey


class AnswerSerializer(ModelSerializer):
    class Meta:
        model = BareAnswer
        fields = ["link_id", "value", "text"]


class SurveySerializer(ModelSerializer):
    answers = AnswerSerializer(many=True)

    class Meta:
        model = BareSurvey
        fields = ["patient", "language", "answers"]

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> BareSurvey:
        answers = validated_data.pop("answers")
        survey = BareSurvey.objects.create(**validated_data)
        BareAnswer.objects.bulk_create(
            BareAnswer(survey=survey, **answer) for answer in answers
        )
        return survey


class Surveys(CreateAPIView):
    serializer_class = SurveySerializer


urlpatterns = [path("surveys/", Surveys.as_view())]
