"""Parts of the protocol that a server may have or not: exercised as soon as discovery names them."""

import time
from urllib.parse import parse_qsl, urlsplit

import requests
from authlib.common.security import generate_token
from cases import equal
from joserfc import jwt
from joserfc.jwk import KeySet
from relying_party import DPoP, Proved, accepted, twice
from sign_in import sign_in


def advertised(cases, party, signing, person):
    """Introspection, revocation; request objects and JARM by the client ``signing``, whose profile may want them."""
    introspection = party.metadata.get("introspection_endpoint")
    revocation = party.metadata.get("revocation_endpoint")
    if not introspection:
        cases.not_advertised("introspection_endpoint (RFC 7662)")
    if not revocation:
        cases.not_advertised("revocation_endpoint (RFC 7009)")
    if introspection or revocation:
        life_of_a_token(cases, party, person)
    if not party.metadata.get("request_object_signing_alg_values_supported"):
        cases.not_advertised("request_object_signing_alg_values_supported (RFC 9101)")
    else:
        message_signing(cases, signing, person)
    dpop = DPoP()
    party.begin(dpop)
    if dpop.nonce is None:
        cases.note("not asked for: a nonce in DPoP proofs (use_dpop_nonce)")
    else:
        cases.note("DPoP-Nonce: given by the server, and used")


def life_of_a_token(cases, party, person):
    """Active, revoked, inactive."""
    introspection = party.metadata.get("introspection_endpoint")
    revocation = party.metadata.get("revocation_endpoint")
    dpop = DPoP()
    url, kept = party.begin(dpop)
    tokens, claims = party.finish(sign_in(url, person), kept, dpop)
    token = tokens["access_token"]

    def active():
        answer = party.session.introspect_token(introspection, token, auth=party.client_auth())
        return accepted(answer).json()["active"]

    if introspection:
        cases.works("introspection: active", lambda: equal(active(), True))
    if not revocation:
        return
    cases.works("revocation", lambda: accepted(
        party.session.revoke_token(revocation, token, auth=party.client_auth())))
    cases.refused("revocation: after it, userinfo", "401 DPoP invalid_token", lambda: party.userinfo(
        tokens, claims["sub"], dpop))
    if introspection:
        cases.works("introspection: after revocation", lambda: equal(active(), False))


def message_signing(cases, party, person):
    """A signed request (RFC 9101), pushed, and its signed response (JARM)."""

    def request_object(request, **spoiled):
        now = int(time.time())
        claims = {"iss": party.client_id, "aud": party.issuer, "iat": now, "nbf": now, "exp": now + 60}
        claims |= {"jti": generate_token(32)} | request | spoiled
        header = {"alg": "ES256", "kid": party.kid, "typ": "oauth-authz-req+jwt"}
        return jwt.encode(header, claims, party.session.client_secret, algorithms=["ES256"])

    def push(dpop, request, **spoiled):
        form = {"client_id": party.client_id, "request": request_object(request, **spoiled)}
        return twice(lambda: party.push(form, Proved(dpop, party.client_auth())))

    def response(callback):
        """The parameters of a signed response; what is left of the others is not looked at."""
        keys = KeySet.import_key_set(requests.get(party.metadata["jwks_uri"], timeout=10).json())
        signed = dict(parse_qsl(urlsplit(callback).query))["response"]
        claims = jwt.decode(signed, keys, algorithms=["ES256"]).claims
        issuer = {"iss": {"essential": True, "value": party.issuer}, "aud": {"essential": True, "value": party.client_id}}
        jwt.JWTClaimsRegistry(leeway=10, exp={"essential": True}, **issuer).validate(claims)
        return claims

    def login():
        dpop = DPoP()
        request, kept = party.request(response_mode="jwt")
        claims = response(sign_in(party.url(push(dpop, request)), person))
        callback = f"{request['redirect_uri']}?code={claims['code']}&state={claims['state']}&iss={claims['iss']}"
        party.finish(callback, kept, dpop)

    cases.works("JAR by PAR, JARM, tokens", login)
    table = [
        ("for another server", {"aud": "https://other.example"}),
        ("of another client", {"iss": "other"}),
        ("that has expired", {"exp": int(time.time()) - 60}),
        ("with another client_id", {"client_id": "other"}),
    ]
    for what, spoiled in table:
        cases.refused(f"a request object {what}", "400 invalid_request_object", lambda: push(
            DPoP(), party.request()[0], **spoiled))
