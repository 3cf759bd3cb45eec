"""The shared cache, or this process's own memory while Redis is away."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# How long Redis is left alone after it failed: one slow answer a sign-in is enough.
PAUSE_SECONDS = 10
SOCKET_SECONDS = 2
MOST_ENTRIES = 10_000


def or_own_memory(name: str) -> Callable[..., Any]:
    def call(cache: "ForgivingRedisCache", *args: Any, **options: Any) -> Any:
        if time.monotonic() >= cache.away_until:
            try:
                return getattr(RedisCache, name)(cache, *args, **options)
            except RedisError as error:
                cache.leave_alone(error)
        return getattr(cache.own_memory, name)(*args, **options)

    return call


class ForgivingRedisCache(RedisCache):
    """Counts the tries of a sign-in, which must work without Redis and stay limited.

    While Redis is away each process counts alone; its threads share what they count.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        waits = dict.fromkeys(
            ("socket_timeout", "socket_connect_timeout"), SOCKET_SECONDS
        )
        super().__init__(server, {**params, "OPTIONS": waits})
        room = {"MAX_ENTRIES": MOST_ENTRIES}
        self.own_memory = LocMemCache(server, {**params, "OPTIONS": room})
        self.away_until = 0.0

    def leave_alone(self, error: RedisError) -> None:
        self.away_until = time.monotonic() + PAUSE_SECONDS
        log.warning("the cache is away: %s", type(error).__name__)

    add = or_own_memory("add")
    get = or_own_memory("get")
    set = or_own_memory("set")
    touch = or_own_memory("touch")
    delete = or_own_memory("delete")
    get_many = or_own_memory("get_many")
    has_key = or_own_memory("has_key")
    incr = or_own_memory("incr")
    set_many = or_own_memory("set_many")
    delete_many = or_own_memory("delete_many")
    clear = or_own_memory("clear")
