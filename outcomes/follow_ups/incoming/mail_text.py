"""What somebody wrote in a mail, without what they answer; pure."""

import re
from email.message import EmailMessage
from html.parser import HTMLParser

# Where the text that is answered begins.
_QUOTED = re.compile(
    r"^(?:>.*|(?:On|El)\b.{5,120}\b(?:wrote|escribió):|-{2,} ?(?:Original Message|"
    r"Mensaje original) ?-{2,}|_{10,}|(?:From|De): .*@.*)$"
)


def written(parsed: EmailMessage) -> str:
    return without_quotes(_text(parsed))


def without_quotes(text: str) -> str:
    """What was written, not what it answers."""
    kept: list[str] = []
    for line in text.splitlines():
        if _QUOTED.match(line.strip()):
            break
        kept.append(line)
    return "\n".join(kept).strip() or text.strip()


def _text(parsed: EmailMessage) -> str:
    body = parsed.get_body(("plain", "html"))
    if body is None:
        return ""
    payload = body.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        text = raw.decode(body.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = raw.decode("utf-8", "replace")
    return _plain(text) if body.get_content_subtype() == "html" else text


class _Words(HTMLParser):
    """What a reader would see of a page, a line for each block."""

    BLOCKS = frozenset({"p", "div", "br", "tr", "li", "blockquote"})
    SILENT = frozenset({"style", "script", "head", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in self.BLOCKS:
            self.pieces.append("\n")
        self.silent += tag in self.SILENT

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.SILENT and self.silent > 0

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(" ".join(data.split()))


def _plain(html: str) -> str:
    words = _Words()
    words.feed(html)
    return "".join(words.pieces).strip()
