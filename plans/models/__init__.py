from plans.models.harm import AdverseEvent, AdverseEventRating, LotUse
from plans.models.intervention import (
    CautionPass,
    Intervention,
    TreatedSide,
    TreatmentElsewhere,
)
from plans.models.plan import Goal, Plan
from plans.models.procedures import (
    GuidedInjection,
    LifestyleChange,
    LifestyleMeasurement,
    MarrowConcentrate,
    Procedure,
    PRPTreatment,
    TherapyCourse,
)
from plans.models.protocol import (
    NEEDLE,
    Anchor,
    Comparison,
    Modality,
    Protocol,
    ProtocolDraft,
    ProtocolGoal,
    ProtocolStep,
    ReminderRung,
    Timepoint,
)

__all__ = [
    "NEEDLE",
    "AdverseEvent",
    "AdverseEventRating",
    "Anchor",
    "CautionPass",
    "Comparison",
    "Goal",
    "GuidedInjection",
    "Intervention",
    "LifestyleChange",
    "LifestyleMeasurement",
    "LotUse",
    "MarrowConcentrate",
    "Modality",
    "PRPTreatment",
    "Plan",
    "Procedure",
    "Protocol",
    "ProtocolDraft",
    "ProtocolGoal",
    "ProtocolStep",
    "ReminderRung",
    "TherapyCourse",
    "Timepoint",
    "TreatedSide",
    "TreatmentElsewhere",
]
