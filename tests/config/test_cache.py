import time

import pytest
from django.core.cache import caches

from config import cache
from tests import factories

# Nobody listens there.
AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def without_redis(settings):
    backend = "config.cache.ForgivingRedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": AWAY}}
    caches["default"].clear()


def sign_in(client, user, password=factories.PASSWORD, **more):
    return client.post("/sign-in/", {"login": user.email, "password": password}, **more)


def test_staff_sign_in_while_redis_is_away(without_redis, client, admin):
    assert sign_in(client, admin).status_code == 302


def test_tries_stay_limited_while_redis_is_away(without_redis, client, admin):
    tries = [sign_in(client, admin, "wrong") for _ in range(7)]
    assert "Too many failed" in tries[-1].content.decode()
    assert "Too many failed" in sign_in(client, admin).content.decode()


def test_what_redis_holds_is_used_again_after_the_pause(settings):
    kept = cache.ForgivingRedisCache(settings.REDIS_URL, {})
    kept.set("colour", "green")
    kept.away_until = time.monotonic() + 60
    assert kept.get("colour") is None
    kept.away_until = 0.0
    assert kept.get("colour") == "green"


def test_a_redis_that_failed_is_left_alone_for_a_while(caplog):
    kept = cache.ForgivingRedisCache(AWAY, {})
    assert kept.add("lock", True)
    assert not kept.add("lock", True)
    assert kept.delete("lock")
    assert caplog.messages == ["the cache is away: ConnectionError"]


@pytest.mark.parametrize(("proxies", "status"), [(0, 429), (1, 302)])
def test_the_limit_counts_who_is_behind_the_proxy(
    without_redis, settings, client, admin, physician, proxies, status
):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for number in range(31):
        client.post(
            "/sign-in/",
            {"login": f"x{number}@example.org", "password": "wrong"},
            headers={"x-forwarded-for": "192.0.2.1, 192.0.2.6"},
        )
    ours = {"x-forwarded-for": "192.0.2.7"}
    assert sign_in(client, admin, headers=ours).status_code == status
