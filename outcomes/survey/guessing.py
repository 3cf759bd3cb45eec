"""How often one address may miss, whatever links it opens, and how often all do.

Counted in the cache, for both are nets below the five tries that a survey's own row
counts: without Redis each process counts alone.
"""

import logging
from ipaddress import IPv6Address, ip_address

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

log = logging.getLogger(__name__)

SECONDS = 15 * 60
MOST_OF_AN_ADDRESS = 20
# Links that we never made, of all addresses together: somebody goes through them.
ALARM_AT = 100
SALT = "outcomes.survey.guessing"
UNKNOWN = "survey.unknown-links"
# Whoever has one IPv6 address has all of its network.
IPV6_NETWORK = 64


def take(http: HttpRequest) -> bool:
    """Whether one more date of birth is compared; it counts until given back."""
    return _count(_key(http)) <= MOST_OF_AN_ADDRESS


def give_back(http: HttpRequest) -> None:
    """A match is no guess, however many patients share the clinic's network."""
    try:
        cache.decr(_key(http))
    except ValueError:
        # The quarter of an hour ended meanwhile.
        return


def note_unknown() -> None:
    """One more link that leads nowhere; said once each quarter of an hour."""
    if _count(UNKNOWN) == ALARM_AT:
        log.error(
            "%s survey links that do not exist were tried within 15 minutes", ALARM_AT
        )


def unknown_links() -> int:
    """How many were tried in the quarter of an hour that runs."""
    return int(cache.get(UNKNOWN, 0))


def _count(key: str) -> int:
    cache.add(key, 0, SECONDS)
    try:
        return int(cache.incr(key))
    except ValueError:
        # It ran out between the two.
        return 1


def _key(http: HttpRequest) -> str:
    """Of the address only a hash, which names nobody to who reads the cache."""
    try:
        address = get_adapter().get_client_ip(http)
    except PermissionDenied:
        # Not by way of the proxies that are said to stand before us.
        address = http.META.get("REMOTE_ADDR", "")
    return f"survey.misses:{salted_hmac(SALT, _network(address)).hexdigest()}"


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(int(found) >> (128 - IPV6_NETWORK))
    return str(found)
