"""What messages say: the clinic's own words, ours where it has none."""

from outcomes.follow_ups.wording.choosing import Wordings, Words, words_for

__all__ = ["Words", "Wordings", "words_for"]
