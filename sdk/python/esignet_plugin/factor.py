"""One way to prove who one is (`esignet:auth-factor`): `class AuthFactor(esignet_plugin.AuthFactor)`."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from . import _host
from ._bytes import to_bytes
from ._guard import guarded
from .words import Attribute, Caller, Evidence, Individual, Message, Proof, Rejection, attributes


@dataclass
class AuthFactorDescriptor:
    """What the factor is: its word in the acr mapping, and the values it may put into `amr`."""

    factor: str
    amr: list[str]
    needs_individual: bool = True
    attributes: list[Attribute] = field(default_factory=list)


@dataclass
class Field:
    """A field that the host renders and checks; `constraints` are `{"length": 6, "characters": "digits"}`."""

    name: str
    kind: str
    label: Message
    hint: Optional[Message] = None
    required: bool = True
    constraints: Any = ()

    def __post_init__(self) -> None:
        self.constraints = attributes(self.constraints)


@dataclass
class Form:
    """A form with a heading, fields and a button."""

    title: Message
    fields: list[Field]
    submit: Message
    resend_after_seconds: Optional[int] = None


@dataclass
class _WithState:
    def __post_init__(self) -> None:
        self.state: bytes = to_bytes(self.state)


@dataclass
class Ask(_WithState):
    """Asks the person; `state` comes back with the answers. `rejection` says why the last answer was not accepted."""

    form: Form
    state: Any = b""
    rejection: Optional[Rejection] = None


@dataclass
class DeliverOtp(_WithState):
    """Has the ID system send an OTP over `channels`, or over its usual one if there are none."""

    channels: list[str] = field(default_factory=list)
    state: Any = b""


@dataclass
class Pause(_WithState):
    """Lets time pass."""

    seconds: int
    message: Message
    state: Any = b""


@dataclass
class Delegate(_WithState):
    """Leaves `proof` to the ID system; `state` comes back if it says no."""

    proof: Proof
    state: Any = b""


@dataclass
class Proved:
    """Proved here."""

    evidence: Evidence


@dataclass
class Refused:
    """This factor cannot be passed in this login any more."""

    rejection: Rejection


Step = Union[Ask, DeliverOtp, Pause, Delegate, Proved, Refused]


@dataclass
class Answer:
    """What the person gave to a field."""

    name: str
    value: bytes


@dataclass
class Input:
    """What came of the last step.

    `kind` is "answers", "resend", "otp-sent", "otp-not-sent", "waited" or "rejected"; `value` the answers, the receipt or the
    rejection. To be matched: `case Input("answers", given)`.
    """

    kind: str
    value: Any = None


def answer(answers: list[Answer], name: str) -> Optional[bytes]:
    """The only value the person gave to the field `name`; none if there is no such answer, or more than one."""
    named = [given.value for given in answers if given.name == name]
    return named[0] if len(named) == 1 else None


class AuthFactor(ABC):
    """A factor. Every call runs in a fresh instance, so nothing is remembered but the state of the last step."""

    @abstractmethod
    def describe(self) -> AuthFactorDescriptor:
        """What the factor is. Asked once, when the plugin is loaded: the place to check the configuration."""

    @abstractmethod
    def begin(self, caller: Caller, individual: Optional[Individual]) -> Step:
        """Starts the factor in one login. `individual` is there if the person has named themselves."""

    @abstractmethod
    def resume(self, caller: Caller, individual: Optional[Individual], state: bytes, input: Input) -> Step:
        """Goes on with the state of the last step and what came of it."""

    def __init_subclass__(cls) -> None:
        for name, (given, answered) in _FUNCTIONS.items():
            if name in cls.__dict__:
                setattr(cls, name, guarded(cls.__dict__[name], given, answered))


def _as_they_are(*arguments: Any) -> Any:
    return arguments


_KINDS = {
    "Input_Answers": "answers",
    "Input_Resend": "resend",
    "Input_OtpSent": "otp-sent",
    "Input_OtpNotSent": "otp-not-sent",
    "Input_Waited": "waited",
    "Input_Rejected": "rejected",
}


def _resumed(caller: Any, individual: Any, state: bytes, given: Any) -> Any:
    if not isinstance(given, Input):
        given = Input(_KINDS[type(given).__name__], getattr(given, "value", None))
    return caller, individual, state, given


def _step(step: Any) -> Any:
    if _host.factor is None:
        return step
    value = step.evidence if isinstance(step, Proved) else step.rejection if isinstance(step, Refused) else step
    return getattr(_host.factor, f"Step_{type(step).__name__}")(value)


_FUNCTIONS: dict[str, Any] = {
    "describe": (_as_they_are, lambda answer: answer),
    "begin": (_as_they_are, _step),
    "resume": (_resumed, _step),
}
