"""What a patient wrote in their own words, for staff to read beside the question."""

from dataclasses import dataclass

from clinic.models import Language
from outcomes.models import Response
from outcomes.survey import occasions

TYPED = ("text", "line", "open_choice")


@dataclass(frozen=True, slots=True)
class Words:
    question: str
    text: str


def of(response: Response) -> list[Words]:
    """In the order of the questionnaire, whose words staff read in English."""
    if response.instrument is None:
        return []
    said = dict(response.answers.exclude(text="").values_list("link_id", "text"))
    items = occasions.definition_of(response).by_link_id
    site = response.follow_up.episode.complaint.site_phrase(Language.ENGLISH)
    return [
        Words(item.wording(Language.ENGLISH, site), said[link_id])
        for link_id, item in items.items()
        if link_id in said and item.type in TYPED
    ]
