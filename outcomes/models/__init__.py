from outcomes.models.answers import (
    Answer,
    OutcomeFact,
    Provenance,
    Response,
    Score,
)
from outcomes.models.intake import Intake
from outcomes.models.measures import Instrument, Measure
from outcomes.models.messages import Message, MessageEvent
from outcomes.models.schedule import Episode, FollowUp, Link, SurveyRequest

__all__ = [
    "Answer",
    "Episode",
    "FollowUp",
    "Instrument",
    "Intake",
    "Link",
    "Measure",
    "Message",
    "MessageEvent",
    "OutcomeFact",
    "Provenance",
    "Response",
    "Score",
    "SurveyRequest",
]
