import json
from io import BytesIO
from typing import Any

from rest_framework import exceptions, status
from rest_framework.parsers import JSONParser

# Many times the longest body that any address has a use for.
MOST_BYTES = 256 * 1024


class TooLargeError(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"The body may hold {MOST_BYTES} bytes."


class BoundedJSONParser(JSONParser):
    """JSON of a size and depth that people write; Django limits only forms."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Any = None,
    ) -> Any:
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise TooLargeError
        try:
            parsed = super().parse(BytesIO(body), media_type, parser_context)
            # Half a surrogate pair is JSON, but no text that anything could store.
            json.dumps(parsed, ensure_ascii=False).encode()
        except RecursionError as error:
            raise exceptions.ParseError("The JSON is nested too deeply.") from error
        except UnicodeEncodeError as error:
            raise exceptions.ParseError("The JSON holds half a character.") from error
        return parsed
