"""The time."""

from . import _host


def now() -> int:
    """Seconds since 1970-01-01 UTC. Coarse on purpose."""
    return _host.clock.now()
