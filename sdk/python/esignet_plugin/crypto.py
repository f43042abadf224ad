"""Randomness, digests and named keys. Keys never enter the sandbox."""

import json
from typing import Any, Mapping, Optional

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


def sign_jws(key: str, payload: Any, header: Mapping[str, str] = {}, certificates: bool = False) -> str:
    """A compact JWS (RFC 7515 section 3.1) by the granted `key`; `header` are further protected members.

    With `certificates` those that the operator gave with the key travel in `x5c`.
    """
    return _signed(key, payload, header, False, certificates)


def sign_detached_jws(key: str, payload: Any, header: Mapping[str, str] = {}, certificates: bool = False) -> str:
    """A compact JWS without its payload (RFC 7515 appendix F)."""
    return _signed(key, payload, header, True, certificates)


def _signed(key: str, payload: Any, header: Mapping[str, str], detached: bool, certificates: bool) -> str:
    members = list(header.items())
    octets = to_bytes(payload)
    return _host.asked(lambda: _host.crypto.sign_jws(key, members, octets, detached, certificates), _failure)


def seal(key: str, associated: Any, plain: Any) -> bytes:
    """Seals by the granted `key`, for this plugin to `open` on any node; `associated` says what and whose it is."""
    return _host.asked(lambda: _host.crypto.seal(key, to_bytes(associated), to_bytes(plain)), _failure)


def open(key: str, associated: Any, sealed: Any) -> bytes:
    """What was sealed with the same `associated`."""
    return _host.asked(lambda: _host.crypto.open(key, to_bytes(associated), to_bytes(sealed)), _failure)


def encrypt_aes_gcm(key: Any, nonce: Any, associated: Any, plain: Any) -> bytes:
    """AES-256-GCM under a key of the plugin's own, from `random(32)`; never use a nonce of 12 or 16 octets twice."""
    octets = [to_bytes(part) for part in (key, nonce, associated, plain)]
    return _host.asked(lambda: _host.crypto.encrypt_aes_gcm(*octets), _failure)


def decrypt_aes_gcm(key: Any, nonce: Any, associated: Any, ciphertext: Any) -> bytes:
    """What was encrypted as `encrypt_aes_gcm` does."""
    octets = [to_bytes(part) for part in (key, nonce, associated, ciphertext)]
    return _host.asked(lambda: _host.crypto.decrypt_aes_gcm(*octets), _failure)


def encrypt_rsa_oaep(recipient: Any, plain: Any) -> bytes:
    """RSAES-OAEP with SHA-256 to the RSA key of a public JWK or of a certificate in PEM."""
    return _host.asked(lambda: _host.crypto.encrypt_rsa_oaep(_json(recipient), to_bytes(plain)), _failure)


def encrypt_jwe(recipient: Any, plain: Any, content_type: Optional[str] = None) -> str:
    """A compact JWE (RFC 7516) with A256GCM to the key of a public JWK or of a certificate in PEM."""
    return _host.asked(lambda: _host.crypto.encrypt_jwe(_json(recipient), content_type, to_bytes(plain)), _failure)


def decrypt_jwe(key: str, jwe: str) -> bytes:
    """What was encrypted to the granted `key`."""
    return _host.asked(lambda: _host.crypto.decrypt_jwe(key, jwe), _failure)


def read_certificate(certificate: Any) -> Any:
    """What a certificate in PEM or DER says; whether it is to be trusted is the caller's to decide."""
    return _host.asked(lambda: _host.crypto.read_certificate(to_bytes(certificate)), _failure)


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def verify_jws(jws: str, key_set: Any) -> bytes:
    """The payload of a compact JWS whose signature verifies under one key of the JWK set (RFC 7517 section 5)."""
    return _host.asked(lambda: _host.crypto.verify_jws(jws, _json(key_set)), _failure)
