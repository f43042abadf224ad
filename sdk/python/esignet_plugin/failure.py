"""Why there is no answer: raise one of these.

Texts go to the operator's log, never to a page, and never have anything of a person in them.
"""

from typing import Any, Optional

from . import _host
from .words import Rejection


class Failure(Exception):
    """A failure of the contract."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value

    def as_the_contract_has_it(self) -> Exception:
        """What the component raises."""
        if _host.types is None:
            return self
        return _host.Err(getattr(_host.types, f"Failure_{type(self).__name__}")(self.value))


class Rejected(Failure):
    """The person or the credential is not accepted."""

    def __init__(
        self, reason: str, attempts_left: Optional[int] = None, retry_after_seconds: Optional[int] = None
    ) -> None:
        super().__init__(Rejection(reason, attempts_left, retry_after_seconds))


class Unavailable(Failure):
    """The ID system or gateway cannot answer now."""


class Misconfigured(Failure):
    """The operator must act."""


class Unsupported(Failure):
    """This plugin does not do that."""


class Internal(Failure):
    """The plugin itself is at fault."""
