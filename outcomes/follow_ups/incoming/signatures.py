"""Whether a call to a webhook comes from whom it says; pure."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence


def is_twilio(
    given: str, *, key: str, url: str, fields: Mapping[str, Sequence[str]]
) -> bool:
    """Source: Twilio, "Security: validating requests" (X-Twilio-Signature)."""
    signed = url + "".join(
        name + value for name in sorted(fields) for value in sorted(set(fields[name]))
    )
    digest = hmac.new(key.encode(), signed.encode(), hashlib.sha1).digest()
    return _is_same(base64.b64encode(digest).decode(), given, key)


def is_ours(given: str, *, key: str, body: bytes) -> bool:
    """`sha256=` and the HMAC of the whole body, as a mail server's script makes it."""
    digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return _is_same(f"sha256={digest}", given, key)


def _is_same(wanted: str, given: str, key: str) -> bool:
    """Without a key nothing is signed, and so nothing is taken."""
    return bool(key) and hmac.compare_digest(wanted.encode(), given.encode())
