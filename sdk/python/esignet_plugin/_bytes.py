"""Octets and text."""

import json
import re
from typing import Any

#: The deepest that JSON from outside is nested: a parser calls itself for each level, and the sandbox has little stack.
_DEEPEST = 128
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


def to_bytes(value: Any) -> bytes:
    """What the contract has octets for: octets as they stand, a string as UTF-8, anything else as JSON."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if value is None:
        return b""
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode()


def from_json(octets: bytes) -> Any:
    """JSON as a value. Raises ValueError if it is none, or nested deeper than 128 levels."""
    text = octets.decode()
    if _depth(text) > _DEEPEST:
        raise ValueError(f"the JSON is nested deeper than {_DEEPEST} levels")
    return json.loads(text)


def _depth(text: str) -> int:
    """How deep arrays and objects are nested, brackets in strings left out."""
    deepest = level = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            level += 1
            deepest = max(deepest, level)
        elif token[0] in "]}":
            level -= 1
    return deepest
