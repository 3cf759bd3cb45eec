from outcomes.models.alerts import (
    Alert,
    AlertEvent,
    AlertNotice,
    AlertRule,
)
from outcomes.models.answers import (
    Answer,
    Provenance,
    Response,
    Score,
)
from outcomes.models.block_diary import BlockDiary, BlockTap
from outcomes.models.exports import OutcomeExport
from outcomes.models.facts import EpisodeProfile, OutcomeFact, OutcomeTally
from outcomes.models.in_clinic import DeskCode, PaperForm, Tablet
from outcomes.models.intake import Intake
from outcomes.models.measures import Instrument, Measure
from outcomes.models.messages import (
    InboundMessage,
    Message,
    MessageEvent,
    Receipt,
    Wording,
)
from outcomes.models.on_call import AlertSettings, OnCallContact, OnCallShift
from outcomes.models.own_change import ImportantChange
from outcomes.models.own_instruments import InstrumentDraft, InstrumentUse
from outcomes.models.schedule import Episode, FollowUp, Link, SurveyRequest
from outcomes.models.sending import (
    ChannelPause,
    SchedulerTick,
    SendingForecast,
    SendingPause,
)
from outcomes.models.staff_tasks import ContactAttempt, StaffTask

__all__ = [
    "Alert",
    "AlertEvent",
    "AlertNotice",
    "AlertRule",
    "AlertSettings",
    "Answer",
    "BlockDiary",
    "BlockTap",
    "ChannelPause",
    "ContactAttempt",
    "DeskCode",
    "Episode",
    "EpisodeProfile",
    "FollowUp",
    "ImportantChange",
    "InboundMessage",
    "Instrument",
    "InstrumentDraft",
    "InstrumentUse",
    "Intake",
    "Link",
    "Measure",
    "Message",
    "MessageEvent",
    "OnCallContact",
    "OnCallShift",
    "OutcomeExport",
    "OutcomeFact",
    "OutcomeTally",
    "PaperForm",
    "Provenance",
    "Receipt",
    "Response",
    "SchedulerTick",
    "Score",
    "SendingForecast",
    "SendingPause",
    "StaffTask",
    "SurveyRequest",
    "Tablet",
    "Wording",
]
