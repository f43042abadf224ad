"""The plugin's log. An event is a short constant name in kebab-case; fields carry the rest.

What a person typed, codes, tokens, claims and identifiers do not belong in a log: the host redacts what it recognises, and
cannot recognise everything. What is printed becomes lines of the same log.
"""

from typing import Any

from . import _host


def debug(event: str, **fields: Any) -> None:
    """For whoever debugs the plugin; usually not kept."""
    _write("DEBUG", event, fields)


def info(event: str, **fields: Any) -> None:
    """Something happened that an operator may want to know."""
    _write("INFO", event, fields)


def warn(event: str, **fields: Any) -> None:
    """Something an operator should look at."""
    _write("WARN", event, fields)


def error(event: str, **fields: Any) -> None:
    """Something an operator must mend."""
    _write("ERROR", event, fields)


def _write(level: str, event: str, fields: dict[str, Any]) -> None:
    _host.log.log(getattr(_host.log.Level, level), event, [(name, str(value)) for name, value in fields.items()])
