"""Stands between the contract's functions and the author's.

Failures become the contract's, and whatever else is raised is reported and becomes `internal`, where it would be a bare trap.
"""

import functools
import random as _random
from types import TracebackType
from typing import Any, Callable, Optional

from . import _host, crypto, log
from .failure import Failure, Internal

_WITHHELD = "(withheld: it may have values in it)"


def guarded(function: Callable[..., Any], given: Callable[..., Any], answered: Callable[[Any], Any]) -> Callable[..., Any]:
    """The author's function as the contract calls it; `given` and `answered` put arguments and answers into its words."""

    @functools.wraps(function)
    def call(self: Any, *arguments: Any) -> Any:
        try:
            _reseed()
            return answered(function(self, *given(*arguments)))
        except Failure as failure:
            raised = failure.as_the_contract_has_it()
        except BaseException as thrown:
            raised = _reported(function.__name__, thrown).as_the_contract_has_it()
        raise raised

    return call


def _reseed() -> None:
    """The state of `random` is drawn when the plugin is built, so that it says the same in every call. The host gives another."""
    if not isinstance(_host.crypto, _host.Elsewhere):
        _random.seed(crypto.random(16))


def _reported(name: str, thrown: BaseException) -> Internal:
    """What was raised, by its type and place.

    Its message may have what a person typed in it and is withheld, but in `describe`, which is about nobody.
    """
    kind = type(thrown).__name__
    at = _place(thrown.__traceback__)
    message = str(thrown) if name == "describe" else _WITHHELD
    log.error("plugin-threw", type=kind, at=at, message=message, function=name)
    return Internal(f"{kind} in {name} at {at}" + (f": {message}" if name == "describe" else ""))


def _place(traceback: Optional[TracebackType]) -> str:
    """The `plugin.py:7` of the innermost frame that is not of this package."""
    at = "an unknown place"
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if "esignet_plugin/" not in file:
            at = f"{file.rsplit('/', 1)[-1]}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return at
