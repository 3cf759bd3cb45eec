"""Short codes that people read out, type and write down. Pure, but for its dice."""

import secrets

from django.utils.crypto import salted_hmac

# No letter or digit that is taken for another: no 0 and O, no 1, I and L, no U.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
DIGITS = "0123456789"
DESK_LENGTH = 6
ENROL_LENGTH = 8
GROUP = 4


def digits() -> str:
    """What a patient types on a tablet."""
    return "".join(secrets.choice(DIGITS) for _ in range(DESK_LENGTH))


def letters() -> str:
    """What an admin types to make a browser a tablet."""
    return "".join(secrets.choice(LETTERS) for _ in range(ENROL_LENGTH))


def typed(text: str) -> str:
    """As it is compared: however it was spaced, dashed or cased."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def shown(code: str) -> str:
    """In groups: K7QF-2M9X, or 481 903."""
    if code.isdigit():
        return f"{code[: DESK_LENGTH // 2]} {code[DESK_LENGTH // 2 :]}"
    groups = [code[at : at + GROUP] for at in range(0, len(code), GROUP)]
    return "-".join(groups)


def keyed(code: str, *, of: str) -> str:
    """All that is kept of a code: so few are possible that a plain hash tells them."""
    return salted_hmac(f"outcomes.in_clinic.{of}", code, algorithm="sha256").hexdigest()


# A prime of them, for the check letter; Z is not there to be taken for a 2.
PAPER = "23456789ABCDEFGHJKMNPQRSTVWXY"
PAPER_LENGTH = 7


def paper() -> str:
    """Of a paper form: its last letter tells a slip of the pen or of the finger."""
    body = "".join(secrets.choice(PAPER) for _ in range(PAPER_LENGTH - 1))
    return body + _check_letter(body)


def is_paper(code: str) -> bool:
    """False for any one letter mistaken, and for any two side by side swapped."""
    return (
        len(code) == PAPER_LENGTH
        and all(letter in PAPER for letter in code)
        and code[-1] == _check_letter(code[:-1])
    )


def _check_letter(body: str) -> str:
    weighted = (
        place * PAPER.index(letter) for place, letter in enumerate(body, start=2)
    )
    return PAPER[-sum(weighted) % len(PAPER)]
