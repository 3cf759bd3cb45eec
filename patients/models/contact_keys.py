"""One spelling of an address or number, and the beginnings people look it up by."""

import phonenumbers

from patients.models.searching import TERM_LENGTH, digits, fold, words


def email_key(address: str) -> str:
    return address.strip().lower()


def phone_key(number: str, region: str) -> str:
    """E.164 with an extension, or the bare digits where it is no whole number.

    `region` is the country in which a number without its country code is dialled.
    """
    parsed = _whole_number(number, region)
    if parsed is None:
        return digits(number)
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return f"{written}x{parsed.extension}" if parsed.extension else written


def _whole_number(number: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    verdict = phonenumbers.is_possible_number_with_reason(parsed)
    return parsed if verdict == phonenumbers.ValidationResult.IS_POSSIBLE else None


def email_terms(address: str) -> set[str]:
    """The whole address, and the words before the @ as they are in a name."""
    whole = fold(email_key(address))
    return {whole[:TERM_LENGTH], *words(whole.partition("@")[0])}


def phone_terms(number: str, key: str) -> set[str]:
    """With the country code, without it, and as it was written down."""
    terms = {digits(number), digits(key)}
    if key.startswith("+"):
        parsed = phonenumbers.parse(key.partition("x")[0], None)
        terms.add(phonenumbers.national_significant_number(parsed))
    return {term[:TERM_LENGTH] for term in terms if term}
