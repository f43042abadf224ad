"""The words that every role shares (`esignet:types`); `wit/` explains them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional


@dataclass
class Attribute:
    """A named value with an open vocabulary."""

    name: str
    value: str


def attributes(values: "Mapping[str, Any] | Iterable[Attribute]" = ()) -> list[Attribute]:
    """`{"length": 6}` or attributes, as a list of attributes."""
    if isinstance(values, Mapping):
        return [Attribute(name, str(value)) for name, value in values.items()]
    return list(values)


@dataclass
class Caller:
    """One login as every call of it sees it."""

    transaction: str
    short_transaction: str
    relying_party: str
    client: str
    locale: str
    claims_locales: list[str]
    attributes: list[Attribute]


@dataclass
class Individual:
    """The person's identifier as typed."""

    kind: str
    value: str
    attributes: list[Attribute] = field(default_factory=list)


@dataclass
class Proof:
    """What a factor collected and the ID system must judge."""

    factor: str
    format: str
    value: bytes
    attributes: list[Attribute] = field(default_factory=list)


@dataclass
class Evidence:
    """What a factor judged itself, with the authentication method references (RFC 8176) that it claims."""

    factor: str
    amr: list[str]
    attributes: list[Attribute] = field(default_factory=list)


@dataclass
class Message:
    """Words for a person: the host's entry for `key` in the person's language, or `text` where it has none."""

    key: str
    text: str
    arguments: Any = ()

    def __post_init__(self) -> None:
        self.arguments = attributes(self.arguments)


@dataclass
class MaskedTarget:
    """Where an OTP went, hidden well enough to be shown to whoever typed the identifier."""

    channel: str
    masked: str


@dataclass
class OtpReceipt:
    """An OTP is on its way."""

    targets: list[MaskedTarget]
    valid_seconds: int
    resend_after_seconds: int


@dataclass
class Rejection:
    """Why the person or the credential was not accepted: "wrong", "expired", "locked", "unknown", …"""

    reason: str
    attempts_left: Optional[int] = None
    retry_after_seconds: Optional[int] = None
