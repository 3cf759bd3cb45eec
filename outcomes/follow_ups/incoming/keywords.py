"""What a reply means where it is one word that everybody knows; pure.

Source: CTIA, Messaging Principles and Best Practices (2023), opt-out words; 47 CFR
64.1200(a)(10), which adds "revoke" and "opt out"; Spanish as carriers take it.
"""

import re
import unicodedata

from outcomes.models import InboundMessage

Meaning = InboundMessage.Meaning

STOP = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
    | {"alto", "parar", "baja"}
)
# "Yes" is none: it may answer something that a person asked.
START = frozenset(["start", "unstop", "iniciar", "alta"])
SPANISH = frozenset(["alto", "parar", "baja", "iniciar", "alta"])
_COURTESY = frozenset(["please", "thanks", "thank", "you", "por", "favor", "gracias"])
_WORD = re.compile(r"[a-z]+")


def meaning_of(text: str) -> Meaning:
    word = _only_word(text)
    if word in STOP:
        return Meaning.STOP
    return Meaning.START if word in START else Meaning.OTHER


def is_spanish(text: str) -> bool:
    """Whether the word itself says in which language to answer."""
    return _only_word(text) in SPANISH


def _only_word(text: str) -> str:
    """Of the first line that says anything, folded; "Stop all, please" is stopall.

    A longer sentence is nothing that a machine should decide.
    """
    lines = (_folded(line) for line in text.splitlines())
    first = next((line for line in lines if line.strip()), "")
    if re.search(r"\d", first):
        return ""
    return "".join(word for word in _WORD.findall(first) if word not in _COURTESY)


def _folded(line: str) -> str:
    decomposed = unicodedata.normalize("NFKD", line.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
