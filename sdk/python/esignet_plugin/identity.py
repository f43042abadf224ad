"""The country's ID system behind the server (`esignet:id-system`): `class IdSystem(esignet_plugin.IdSystem)`."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Optional

from ._bytes import to_bytes
from ._guard import guarded
from .words import Attribute, Caller, Evidence, Individual, OtpReceipt, Proof


@dataclass
class JudgedFactor:
    """A factor the ID system can judge, and the proof formats it takes."""

    factor: str
    formats: list[str]


@dataclass
class VerifiedOffer:
    """What it can state as verified (OpenID Connect for Identity Assurance 1.0, section 8)."""

    trust_frameworks: list[str]
    claims: list[str]
    evidence: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    documents_methods: list[str] = field(default_factory=list)
    documents_check_methods: list[str] = field(default_factory=list)
    electronic_records: list[str] = field(default_factory=list)


@dataclass
class IdSystemDescriptor:
    """What the ID system can do."""

    factors: list[JudgedFactor]
    individual_kinds: list[str]
    otp_channels: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    claims_locales: list[str] = field(default_factory=list)
    verified: Optional[VerifiedOffer] = None
    attributes: list[Attribute] = field(default_factory=list)


@dataclass
class ClaimStatus:
    """Whether it could release a claim about this person."""

    claim: str
    available: bool = True
    verified: bool = False
    attributes: list[Attribute] = field(default_factory=list)


@dataclass
class Authenticated:
    """Who it is.

    The host derives from `subject` what a relying party sees; it seals `continuation` (octets, text or JSON, at most 4 KiB)
    and brings it back to `release_claims`.
    """

    subject: str
    continuation: Any = b""
    claims: list[ClaimStatus] = field(default_factory=list)
    partner_specific: bool = False
    attributes: list[Attribute] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.continuation = to_bytes(self.continuation)


@dataclass
class ClaimsRequest:
    """What the person agreed to release; `verified_claims` as relying parties ask for them (ibid., section 5.3)."""

    claims: list[str]
    verified_claims: list[Any]


class IdSystem(ABC):
    """An ID system. Every call runs in a fresh instance, so nothing is remembered but the continuation."""

    @abstractmethod
    def describe(self) -> IdSystemDescriptor:
        """What the ID system can do. Asked once, when the plugin is loaded: the place to check the configuration."""

    @abstractmethod
    def send_otp(self, caller: Caller, individual: Individual, channels: list[str]) -> OtpReceipt:
        """Sends a one-time code. Answer for someone unknown as for someone known."""

    @abstractmethod
    def authenticate(
        self, caller: Caller, individual: Individual, proofs: list[Proof], evidence: list[Evidence]
    ) -> Authenticated:
        """Judges all factors of one login together."""

    @abstractmethod
    def release_claims(self, caller: Caller, continuation: bytes, request: ClaimsRequest) -> dict[str, Any]:
        """The claims the person agreed to release, by their OpenID Connect names."""

    def __init_subclass__(cls) -> None:
        for name, (given, answered) in _FUNCTIONS.items():
            if name in cls.__dict__:
                setattr(cls, name, guarded(cls.__dict__[name], given, answered))


def _as_they_are(*arguments: Any) -> Any:
    return arguments


def _asked(caller: Any, continuation: bytes, request: Any) -> Any:
    verified = json.loads(request.verified_claims) if request.verified_claims else []
    return caller, continuation, ClaimsRequest(request.claims, verified)


_FUNCTIONS: dict[str, Any] = {
    "describe": (_as_they_are, lambda answer: answer),
    "send_otp": (_as_they_are, lambda answer: answer),
    "authenticate": (_as_they_are, lambda answer: answer),
    "release_claims": (_asked, lambda claims: json.dumps(claims, ensure_ascii=False)),
}
