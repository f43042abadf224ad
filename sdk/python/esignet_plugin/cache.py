"""Small values that outlive a call, in a space of the plugin's own, shared by all nodes."""

from typing import Any, Optional

from . import _host
from ._bytes import to_bytes
from .failure import Internal, Unavailable


def _failure(case: str, limit: Any) -> Exception:
    if case == "quota":
        return Internal("the plugin's cache is full")
    if case == "toolarge":
        return Internal(f"a cache value is larger than {limit} bytes")
    return Unavailable("the plugin's cache cannot be reached")


def get(key: str) -> Optional[bytes]:
    """The octets kept under `key`, if there are any and their time is not over."""
    return _host.asked(lambda: _host.cache.get(key), _failure)


def put(key: str, value: Any, ttl_seconds: int) -> None:
    """Keeps `value` under `key` for `ttl_seconds`."""
    _host.asked(lambda: _host.cache.put(key, to_bytes(value), ttl_seconds), _failure)


def put_if_absent(key: str, value: Any, ttl_seconds: int) -> bool:
    """Keeps `value` under `key` unless there is one already; true for exactly one caller."""
    return _host.asked(lambda: _host.cache.put_if_absent(key, to_bytes(value), ttl_seconds), _failure)


def take(key: str) -> Optional[bytes]:
    """Reads the value of `key` by spending it: exactly one caller gets it."""
    return _host.asked(lambda: _host.cache.take(key), _failure)
