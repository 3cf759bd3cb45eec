"""The other half of an e-mail: its text as HTML that a phone shows well, dark or light.

No tables and no colours of its own: the reader's program knows what it can show. Links
and the emergency line carry classes, so that our pages show the same paragraphs.
"""

import re
from collections.abc import Mapping
from html import escape

from django.utils.safestring import SafeString, mark_safe

from outcomes.follow_ups.wording import texts

_PARAGRAPHS = re.compile(r"\n{2,}")
_HEAD = (
    '<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n'
    '<meta name="supported-color-schemes" content="light dark">\n'
    "<style>\n:root {{ color-scheme: light dark; }}\n"
    "body {{ font: 17px/1.5 system-ui, -apple-system, sans-serif; "
    "max-width: 34em; margin: 0 auto; padding: 16px; overflow-wrap: anywhere; }}\n"
    ".mail-link {{ font-weight: 600; }}\n"
    # The one thing to press: it has the colour that the reader's program gives links.
    ".mail-button a {{ display: inline-block; padding: 14px 22px; "
    "border: 2px solid; border-radius: 10px; text-decoration: none; }}\n"
    ".mail-emergency {{ border-left: 4px solid; padding-left: 12px; }}\n"
    "</style>\n</head>\n<body>\n"
)
_FOOT = "\n</body>\n</html>\n"


def document(body: str, values: Mapping[str, str], *, language: str, label: str) -> str:
    """All of it; `label` is what is clicked where the link stands by itself."""
    head = _HEAD.format(language=language)
    return f"{head}{paragraphs(body, values, label=label)}{_FOOT}"


def paragraphs(body: str, values: Mapping[str, str], *, label: str) -> SafeString:
    """Every text is escaped before it is put in, the clinic's words as the values."""
    escaped = {name: escape(value) for name, value in values.items()}
    link = escaped["link"]
    inside = {
        **escaped,
        "link": f'<a class="mail-link" href="{link}">{link}</a>',
        "emergency": f"<strong>{escaped['emergency']}</strong>",
    }
    alone = {
        "{link}": f'<p class="mail-button"><a class="mail-link" href="{link}">'
        f"{escape(label)}</a></p>",
        "{emergency}": f'<p class="mail-emergency">{inside["emergency"]}</p>',
    }
    written = (
        alone.get(paragraph)
        or f"<p>{texts.fill(escape(paragraph), inside)}</p>".replace("\n", "<br>\n")
        for paragraph in _PARAGRAPHS.split(body)
    )
    # All of it is either ours or escaped above.
    return mark_safe("\n".join(written))  # noqa: S308
