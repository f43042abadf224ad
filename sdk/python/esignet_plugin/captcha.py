"""What tells people from programs (`esignet:captcha`): `class Captcha(esignet_plugin.Captcha)`."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from ._bytes import to_bytes
from ._guard import guarded
from .factor import Answer, Form
from .words import Attribute, Caller


@dataclass
class CaptchaDescriptor:
    """There is nothing to say yet."""

    attributes: list[Attribute] = field(default_factory=list)


@dataclass
class Challenge:
    """A question for whoever is at the browser; `state` comes back with the answers."""

    form: Form
    state: Any = b""

    def __post_init__(self) -> None:
        self.state = to_bytes(self.state)


class Captcha(ABC):
    """A captcha. Every call runs in a fresh instance, so nothing is remembered but the state of the challenge."""

    def describe(self) -> CaptchaDescriptor:
        """What it is. Asked once, when the plugin is loaded: the place to check the configuration."""
        return CaptchaDescriptor()

    @abstractmethod
    def begin(self, caller: Caller) -> Challenge:
        """A new challenge, also in place of one that the person cannot read."""

    @abstractmethod
    def verify(self, caller: Caller, state: bytes, answers: list[Answer]) -> None:
        """Judges the answers, which come once. Raise `Rejected` if they are not right: a new challenge begins."""

    def __init_subclass__(cls) -> None:
        for name in ("describe", "begin", "verify"):
            if name in cls.__dict__:
                setattr(cls, name, guarded(cls.__dict__[name], _as_they_are, _as_it_is))


def _as_they_are(*arguments: Any) -> Any:
    return arguments


def _as_it_is(answer: Any) -> Any:
    return answer
