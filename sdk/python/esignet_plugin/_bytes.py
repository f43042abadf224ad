"""Octets and text."""

import json
from typing import Any


def to_bytes(value: Any) -> bytes:
    """What the contract has octets for: octets as they stand, a string as UTF-8, anything else as JSON."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if value is None:
        return b""
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode()


def from_json(octets: bytes) -> Any:
    """JSON as a value. Raises ValueError if it is none."""
    return json.loads(octets)
