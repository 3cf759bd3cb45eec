"""On which paper a sheet is printed."""

from django.core.exceptions import ValidationError

from clinic import zones
from clinic.models import Clinic

# As typst calls them.
PAPERS = {"a4": "a4", "letter": "us-letter"}
# Where US letter is what lies in the printer.
LETTER_COUNTRIES = frozenset({"US", "CA", "MX", "PR"})


def asked(text: str, clinic: Clinic) -> str:
    """The paper asked for, or what the clinic's country uses; ValidationError names
    what there is.
    """
    if not text:
        is_letter = zones.country_of(clinic.zone) in LETTER_COUNTRIES
        return PAPERS["letter" if is_letter else "a4"]
    if text not in PAPERS:
        raise ValidationError(
            {"paper": f"There is no paper “{text[:20]}”; use {' or '.join(PAPERS)}."}
        )
    return PAPERS[text]
