"""What tells people of what was done in their name (`esignet:notifier`): `class Notifier(esignet_plugin.Notifier)`."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from ._guard import guarded
from .words import Attribute


@dataclass
class NotifierDescriptor:
    """What it wants to hear of: "signed-in", "consent-given", …"""

    events: list[str]
    attributes: list[Attribute] = field(default_factory=list)


@dataclass
class Notice:
    """Something the person should know. `id` is the same when it is brought again."""

    id: str
    event: str
    at: int
    subject: str
    locale: str
    client: str
    relying_party_name: str
    attributes: list[Attribute] = field(default_factory=list)


class Notifier(ABC):
    """A notifier."""

    @abstractmethod
    def describe(self) -> NotifierDescriptor:
        """What it wants to hear of. Asked once, when the plugin is loaded: the place to check the configuration."""

    @abstractmethod
    def notify(self, notice: Notice) -> None:
        """Takes one notice. Raise `Unavailable` to have it brought again some times; after any other failure it is given up."""

    def __init_subclass__(cls) -> None:
        for name in ("describe", "notify"):
            if name in cls.__dict__:
                setattr(cls, name, guarded(cls.__dict__[name], _as_they_are, _as_it_is))


def _as_they_are(*arguments: Any) -> Any:
    return arguments


def _as_it_is(answer: Any) -> Any:
    return answer
