"""Binds keys of wallets and devices to people (`esignet:key-binder`): `class KeyBinder(esignet_plugin.KeyBinder)`."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from ._guard import guarded
from .words import Attribute, Caller


@dataclass
class KeyBinderDescriptor:
    """The JWS algorithms whose keys it binds, and the formats of what it answers: "x509-pem", "jwt"."""

    algorithms: list[str]
    formats: list[str]
    attributes: list[Attribute] = field(default_factory=list)


@dataclass
class Person:
    """Who signed in, and how well. `continuation` is empty unless this plugin is the ID system of the login, too."""

    subject: str
    continuation: bytes
    acr: str
    amr: list[str]
    authenticated_at: int


@dataclass
class Binding:
    """What became of the key: the certificate chain or the JWT, a name for the binding, and seconds since 1970."""

    format: str
    credential: str
    id: str
    expires_at: int
    attributes: list[Attribute] = field(default_factory=list)


class KeyBinder(ABC):
    """A key binder. Every call runs in a fresh instance, so nothing is remembered."""

    @abstractmethod
    def describe(self) -> KeyBinderDescriptor:
        """Asked once, when the plugin is loaded: the place to check the configuration."""

    @abstractmethod
    def bind(self, caller: Caller, person: Person, public_jwk: dict[str, Any]) -> Binding:
        """Binds a key whose possession was shown to the host. The same key for the same person is bound anew."""

    def __init_subclass__(cls) -> None:
        for name, given in (("describe", _as_they_are), ("bind", _asked)):
            if name in cls.__dict__:
                setattr(cls, name, guarded(cls.__dict__[name], given, lambda answer: answer))


def _as_they_are(*arguments: Any) -> Any:
    return arguments


def _asked(caller: Any, person: Any, public_jwk: str) -> Any:
    return caller, person, json.loads(public_jwk)
