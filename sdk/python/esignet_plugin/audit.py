"""Keeps the record of what happened outside of the server (`esignet:audit-sink`): `class AuditSink(esignet_plugin.AuditSink)`."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Optional

from ._guard import guarded
from .words import Attribute


@dataclass
class AuditSinkDescriptor:
    """How many events it takes in one call: 1 to 1,000."""

    batch: int
    attributes: list[Attribute] = field(default_factory=list)


@dataclass
class Event:
    """Something that happened. `hash` is over the one before it and everything else here."""

    sequence: int
    at_ms: int
    action: str
    outcome: str
    transaction: str
    client: str
    person: Optional[str]
    attributes: list[Attribute]
    hash: bytes


class AuditSink(ABC):
    """An audit sink. Every call runs in a fresh instance, so nothing is remembered: where a log is, the host knows."""

    @abstractmethod
    def describe(self) -> AuditSinkDescriptor:
        """Asked once, when the plugin is loaded: the place to check the configuration."""

    @abstractmethod
    def write(self, log: str, events: list[Event]) -> int:
        """Stores events of one log in order, some perhaps again; answers up to which number everything is safely stored."""

    def __init_subclass__(cls) -> None:
        for name in ("describe", "write"):
            if name in cls.__dict__:
                setattr(cls, name, guarded(cls.__dict__[name], _as_they_are, lambda answer: answer))


def _as_they_are(*arguments: Any) -> Any:
    return arguments
