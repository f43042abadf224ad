"""Randomness, digests and named keys. Keys never enter the sandbox."""

import json
from typing import Any, Mapping

from . import _host
from ._bytes import to_bytes
from .failure import Internal, Misconfigured


def _failure(case: str, value: Any) -> Exception:
    return Internal(value) if case == "invalid" else Misconfigured(value)


def random(length: int) -> bytes:
    """`length` random octets; at most 1024 a call."""
    return _host.asked(lambda: _host.crypto.random(length), _failure)


def digest(algorithm: str, data: Any) -> bytes:
    """The digest of `data` by "sha256", "sha384" or "sha512"."""
    return _host.crypto.digest(getattr(_host.crypto.DigestAlgorithm, algorithm.upper()), to_bytes(data))


def sha256(data: Any) -> bytes:
    """The SHA-256 digest of `data`."""
    return digest("sha256", data)


def hmac(key: str, data: Any) -> bytes:
    """HMAC-SHA-256 (RFC 2104) of `data` under the key that the operator granted as `key`."""
    return _host.asked(lambda: _host.crypto.hmac(key, to_bytes(data)), _failure)


def equal(a: Any, b: Any) -> bool:
    """Whether `a` and `b` are the same, in a time that does not depend on their content."""
    return _host.crypto.equal(to_bytes(a), to_bytes(b))


def sign_jws(key: str, payload: Any, header: Mapping[str, str] = {}) -> str:
    """A compact JWS (RFC 7515 section 3.1) by the granted `key`; `header` are further protected members."""
    return _signed(key, payload, header, False)


def sign_detached_jws(key: str, payload: Any, header: Mapping[str, str] = {}) -> str:
    """A compact JWS without its payload (RFC 7515 appendix F)."""
    return _signed(key, payload, header, True)


def _signed(key: str, payload: Any, header: Mapping[str, str], detached: bool) -> str:
    members = list(header.items())
    return _host.asked(lambda: _host.crypto.sign_jws(key, members, to_bytes(payload), detached), _failure)


def verify_jws(jws: str, key_set: Any) -> bytes:
    """The payload of a compact JWS whose signature verifies under one key of the JWK set (RFC 7517 section 5)."""
    keys = key_set if isinstance(key_set, str) else json.dumps(key_set)
    return _host.asked(lambda: _host.crypto.verify_jws(jws, keys), _failure)
