from plans.models.plan import Intervention, Plan
from plans.models.protocol import Anchor, Modality, Protocol, ProtocolStep, Timepoint

__all__ = [
    "Anchor",
    "Intervention",
    "Modality",
    "Plan",
    "Protocol",
    "ProtocolStep",
    "Timepoint",
]
