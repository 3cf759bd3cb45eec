"""What somebody typed to say why: there, and short enough to be kept whole."""

from django.core.exceptions import ValidationError

# What the columns for a reason hold.
LENGTH = 200


def typed(text: str, hint: str, *, field: str = "reason", most: int = LENGTH) -> str:
    """The text without space around it; ValidationError names the field."""
    text = text.strip()
    if not text:
        raise ValidationError({field: hint})
    return bounded(text, field=field, most=most)


def bounded(text: str, *, field: str = "reason", most: int = LENGTH) -> str:
    """The same where nothing need be said."""
    text = text.strip()
    if len(text) > most:
        raise ValidationError({field: f"Use at most {most} characters."})
    return text
