"""Refuses a form that another site sent."""

from django.http import HttpRequest

# "none" is the person's own doing, such as a reload; no site can forge it.
OWN = {"same-origin", "none"}


def is_own(http: HttpRequest) -> bool:
    """Whether the page that sent this was ours, as far as the browser says.

    Browsers send "Origin: null" from pages with the referrer policy no-referrer, so
    Sec-Fetch-Site decides, and the origin only where a browser is too old for it.
    """
    site = http.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OWN
    origin = http.headers.get("Origin", "null")
    return origin in {"null", f"{http.scheme}://{http.get_host()}"}
