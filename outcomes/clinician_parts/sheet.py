"""One follow-up's examination as it stands: what is asked, what the record knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from outcomes.clinician_parts import catalogue, known
from outcomes.clinician_parts.catalogue import Part
from outcomes.clinician_parts.known import Known
from outcomes.models import FollowUp


@dataclass(frozen=True, slots=True)
class Sheet:
    follow_up: FollowUp
    parts: Sequence[Part]
    known: Mapping[str, Known]
    today: date

    @property
    def asked(self) -> list[Part]:
        """What only a person can say: the rest stands in the record, or will."""
        return [
            part
            for part in self.parts
            if part.is_asked and (part.is_only_proposed or part.key not in self.known)
        ]

    @property
    def lacking(self) -> list[Part]:
        """What is recorded elsewhere and is not there yet."""
        return [
            part
            for part in self.parts
            if part.is_required and not part.is_asked and part.key not in self.known
        ]

    @property
    def is_in_record(self) -> bool:
        """Whether nobody needs to say anything more."""
        asked = any(part.is_required for part in self.asked)
        return not asked and not self.lacking

    @property
    def told(self) -> list[tuple[Part, Known]]:
        """What the record knows, in the order of the time point."""
        return [(p, self.known[p.key]) for p in self.parts if p.key in self.known]

    @property
    def on(self) -> date:
        """The last day of what is known, or today."""
        days = [each.on for each in self.known.values()]
        return max(days, default=self.today)


def of(follow_up: FollowUp, today: date) -> Sheet:
    """A constant number of queries, whatever is asked and known."""
    protocol = follow_up.episode.plan.protocol
    point = (
        protocol.timepoints.filter(key=follow_up.timepoint_key).first()
        if protocol
        else None
    )
    parts = catalogue.parts_of(
        point.measures if point else (),
        point.optional_measures if point else (),
        who=follow_up.who,
    )
    return Sheet(follow_up, parts, known.read(follow_up, parts, today), today)
