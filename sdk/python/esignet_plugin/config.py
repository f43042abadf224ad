"""The plugin's own settings from the operator's file."""

import json
from typing import Any, Optional

from . import _host
from .failure import Misconfigured


def get(key: str) -> Optional[str]:
    """The setting `key`: a string as it stands, anything else as JSON text; none if the operator did not set it."""
    return _host.config.get(key)


def parse(key: str, otherwise: Any = None) -> Any:
    """The setting `key` as the value that JSON has for it; `otherwise` if the operator did not set it."""
    setting = get(key)
    if setting is None:
        return otherwise
    try:
        return json.loads(setting)
    except ValueError:
        raise Misconfigured(f"the plugin's config key `{key}` is not as expected") from None


def required(key: str) -> str:
    """The setting `key` as text, which the plugin cannot do without."""
    setting = get(key)
    if setting is None:
        raise Misconfigured(f"set the plugin's config key `{key}`")
    return setting
