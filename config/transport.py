"""Celery's way to Redis, of which a worker does not die when Redis goes away.

A channel whose connection was given up is still asked to hand back and to acknowledge
what its worker holds. The library's own then fails with an error that no one expects,
and the worker ends instead of connecting anew (celery and kombu 5.7.0).
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis


class Channel(redis.Channel):
    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection.client is None:
            raise ConnectionError("the connection to the broker was given up")
        kombu: Any = super()
        params: dict[str, Any] = kombu._connparams(asynchronous=asynchronous)
        return params


class Transport(redis.Transport):
    Channel = Channel


def put_to_use() -> None:
    """For the addresses that begin with redis, rediss or redis+socket."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
