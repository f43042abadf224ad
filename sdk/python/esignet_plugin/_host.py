"""The host's imports, as the component has them. The only module that knows their names.

`wit_world` is written when the plugin is built. Elsewhere a test puts functions of its own in the place of these.
"""

from typing import Any, Callable, TypeVar

T = TypeVar("T")


class Elsewhere:
    """Stands for an interface of the host outside the sandbox."""

    def __init__(self, interface: str) -> None:
        self._interface = interface

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"{self._interface}.{name} is there in the sandbox only: set esignet_plugin._host.{self._interface}")


cache: Any = Elsewhere("cache")
clock: Any = Elsewhere("clock")
config: Any = Elsewhere("config")
crypto: Any = Elsewhere("crypto")
http: Any = Elsewhere("http")
log: Any = Elsewhere("log")
types: Any = None
factor: Any = None
Err: Any = Exception

try:
    from componentize_py_types import Err  # type: ignore[no-redef]
    from wit_world.imports import cache, clock, config, crypto, http, log, types  # type: ignore[no-redef]
except ModuleNotFoundError:
    pass
try:
    from wit_world.exports import auth_factor as factor  # type: ignore[no-redef]
except ImportError:
    pass


def asked(call: Callable[[], T], failure: Callable[[str, Any], Exception]) -> T:
    """Calls the host; the error that it answers becomes what `failure` makes of its case and value."""
    try:
        return call()
    except Err as error:
        raise of_error(getattr(error, "value", error), failure) from None


def of_error(error: Any, failure: Callable[[str, Any], Exception]) -> Exception:
    """The failure for a case of an interface's error, which is a class `Error_TooLarge` or a member of an enumeration."""
    case = getattr(error, "name", None) or type(error).__name__.removeprefix("Error_")
    return failure(case.replace("_", "").lower(), getattr(error, "value", None))
