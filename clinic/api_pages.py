import re

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request


class Pages(PageNumberPagination):
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int | None:
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if re.fullmatch(r"[1-9][0-9]{0,2}", asked) and int(asked) <= self.max_page_size:
            return int(asked)
        raise ValidationError(
            {"page_size": [f"Give a whole number from 1 to {self.max_page_size}."]}
        )
