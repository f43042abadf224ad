"""A relying party in Python completes a login with PAR and DPoP, and then does all that it should not."""

import json
import os
import sys
import time

import requests
from authlib.common.security import generate_token
from advertised import advertised
from cases import equal, judge
from joserfc import jwt
from joserfc.jwk import ECKey
from relying_party import DPoP, Proved, RelyingParty, ShortAssertion, accepted, twice
from sign_in import sign_in


class SpoiledDPoP(DPoP):
    """A key whose proofs have something wrong."""

    def __init__(self, spoil, key=None):
        super().__init__()
        self.key = key or self.key
        self.spoil = spoil

    def sign(self, header, claims):
        self.spoil(header, claims)
        return super().sign(header, claims)


class SpoiledAssertion(ShortAssertion):
    """An assertion with something wrong."""

    def __init__(self, issuer, kid, spoil, key=None):
        super().__init__(issuer, kid)
        self.spoil = spoil
        self.key = key

    def sign(self, auth, token_endpoint):
        good = super().sign(auth, token_endpoint)
        token = jwt.decode(good, auth.client_secret, algorithms=["ES256"])
        self.spoil(token.header, token.claims)
        return jwt.encode(token.header, token.claims, self.key or auth.client_secret, algorithms=["ES256"])


class Form(requests.auth.AuthBase):
    """Changes the body of a request that is otherwise ready."""

    def __init__(self, around, change):
        self.around = around
        self.change = change

    def __call__(self, request):
        request = self.around(request)
        request.prepare_body(self.change(request.body), None)
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        return request


def good_login(cases, party, person):
    """What must work."""
    dpop = DPoP()
    name = json.dumps({"userinfo": {"name": {"essential": True}}})
    url, kept = cases.works("pushed authorization request", lambda: party.begin(dpop, claims=name))
    callback = cases.works("login, by the forms of the pages", lambda: sign_in(url, person))
    tokens, claims = cases.works("code for tokens; id_token checked", lambda: party.finish(callback, kept, dpop))
    info = cases.works("userinfo", lambda: party.userinfo(tokens, claims["sub"], dpop))
    cases.works("userinfo has the name", lambda: equal(info["name"], person["name"]))

    def by_thumbprint():
        key = DPoP()
        request, kept = party.request(dpop_jkt=key.thumbprint())
        pushed = party.push(request, party.client_auth())
        tokens, _ = party.finish(sign_in(party.url(pushed), person), kept, key)
        equal(tokens["token_type"], "DPoP")

    cases.works("dpop_jkt instead of a proof at PAR", by_thumbprint)
    return dpop, callback, kept, tokens, claims


def pushed(cases, party):
    """Requests that must not be taken."""
    table = [
        ("response_type=token", "400 unsupported_response_type", {"response_type": "token"}),
        ("redirect_uri of nobody", "400 invalid_request", {"redirect_uri": "https://evil.example/callback"}),
        ("an unknown scope", "400 invalid_scope", {"scope": "openid admin"}),
        ("a plain challenge", "400 invalid_request", {"code_challenge_method": "plain"}),
        ("claims that are not JSON", "400 invalid_request", {"claims": "{userinfo"}),
        ("prompt=none login", "400 invalid_request", {"prompt": "none login"}),
        ("request_uri", "400 invalid_request", {"request_uri": "urn:ietf:params:oauth:request_uri:a"}),
        ("dpop_jkt of another key", "400 invalid_dpop_proof", {"dpop_jkt": "a" * 43}),
    ]
    for what, expected, changes in table:
        request, dpop = party.request()[0] | changes, DPoP()
        cases.refused(f"PAR: {what}", expected, lambda: twice(
            lambda: party.push(request, Proved(dpop, party.client_auth()))))
    repeated = Form(party.client_auth(), lambda body: f"{body}&state=again")
    cases.refused("PAR: a parameter twice", "400 invalid_request", lambda: party.push(party.request()[0], repeated))


def assertions(cases, party):
    """Client authentication that must fail."""
    endpoint = party.metadata["token_endpoint"]
    table = [
        ("for the token endpoint", lambda _, claims: claims.update(aud=endpoint)),
        ("for a list of audiences", lambda _, claims: claims.update(aud=[party.issuer])),
        ("good for an hour, Authlib's own", lambda _, claims: claims.update(exp=claims["iat"] + 3600)),
        ("expired", lambda _, claims: claims.update(exp=claims["iat"] - 60)),
        ("without jti", lambda _, claims: claims.pop("jti")),
        ("of another client", lambda _, claims: claims.update(iss="other", sub="other")),
        ("that says it is a proof", lambda header, _: header.update(typ="dpop+jwt")),
    ]

    def push(auth):
        party.push(party.request()[0], party.session.client_auth(auth))

    for what, spoil in table:
        auth = SpoiledAssertion(party.issuer, party.kid, spoil)
        cases.refused(f"an assertion {what}", "401 invalid_client", lambda: push(auth))
    foreign = SpoiledAssertion(party.issuer, party.kid, lambda *_: None, ECKey.generate_key("P-256"))
    cases.refused("an assertion of another key", "401 invalid_client", lambda: push(foreign))
    jti = generate_token(32)
    same = SpoiledAssertion(party.issuer, party.kid, lambda _, claims: claims.update(jti=jti))
    cases.works("an assertion with a jti of its own", lambda: push(same))
    cases.refused("an assertion with that jti again", "401 invalid_client", lambda: push(same))
    cases.refused("no client authentication", "400 invalid_client", lambda: party.push(party.request()[0], None))


def wants_no_nonce(party):
    """Whether this server takes proofs without a nonce."""
    dpop = DPoP()
    party.begin(dpop)
    return dpop.nonce is None


def proofs(cases, party):
    """DPoP proofs that must be refused."""
    table = [
        ("for another method", lambda _, claims: claims.update(htm="GET")),
        ("for another endpoint", lambda _, claims: claims.update(htu=party.metadata["token_endpoint"])),
        ("ten minutes ahead", lambda _, claims: claims.update(iat=int(time.time()) + 600)),
        ("without jti", lambda _, claims: claims.pop("jti")),
        ("of typ JWT", lambda header, _: header.update(typ="JWT")),
        ("with the key of another", lambda header, _: header.update(jwk=DPoP().key.as_dict(private=False))),
    ]
    for what, spoil in table:
        dpop = SpoiledDPoP(spoil)
        cases.refused(f"a proof {what}", "400 invalid_dpop_proof", lambda: party.begin(dpop))
    # With a nonce in it the proof is as young as the nonce, whatever the client's clock says (RFC 9449 §8, §11.1).
    old = SpoiledDPoP(lambda _, claims: claims.update(iat=int(time.time()) - 120))
    expected = "400 invalid_dpop_proof" if wants_no_nonce(party) else "works"
    cases.refused("a proof two minutes old", expected, lambda: party.begin(old))
    same = SpoiledDPoP(lambda _, claims: claims.update(jti="the same"))
    cases.works("a proof with a jti of its own", lambda: party.begin(same))
    cases.refused("a proof with that jti again", "400 invalid_dpop_proof", lambda: party.begin(same))


def codes(cases, party, other, person):
    """Codes that must not become tokens, and answers that the relying party must not take."""

    def login(change=lambda callback, kept, dpop: (callback, kept, dpop), by=party):
        dpop = DPoP()
        url, kept = party.begin(dpop)
        return by.finish(*change(sign_in(url, person), kept, dpop))

    def kept(**changes):
        return lambda callback, kept, dpop: (callback, kept | changes, dpop)

    cases.refused("a code with another verifier", "400 invalid_grant", lambda: login(kept(verifier="v" * 43)))
    cases.refused("a code of another client", "400 invalid_grant", lambda: login(by=other))
    cases.refused("a code with the proof of another key", "400 invalid_dpop_proof", lambda: login(
        lambda callback, kept, _: (callback, kept, DPoP())))
    cases.refused("library: another state", "library mismatching_state", lambda: login(kept(state="other")))
    cases.refused("library: another nonce", "library invalid_claim", lambda: login(kept(nonce="other")))
    cases.refused("library: another iss", "ValueError: the response is of another issuer", lambda: login(
        lambda callback, kept, dpop: (callback.replace("iss=", "iss=x"), kept, dpop)))

    def declined():
        dpop = DPoP()
        url, kept = party.begin(dpop, prompt="consent")
        party.finish(sign_in(url, person, "deny"), kept, dpop)

    cases.refused("a login that was denied", "redirect access_denied", declined)

    def none():
        dpop = DPoP()
        url, kept = party.begin(dpop, prompt="none")
        party.finish(sign_in(url, person), kept, dpop)

    cases.refused("prompt=none, and no session is kept", "redirect login_required", none)


def tokens(cases, party, made):
    """Access tokens that must not open userinfo; at last the code is used again, which revokes them."""
    dpop, callback, kept, tokens, claims = made
    url = party.metadata["userinfo_endpoint"]

    def get(auth=None, **headers):
        return twice(lambda: accepted(requests.get(url, auth=auth, headers=headers, timeout=10)))

    token = tokens["access_token"]
    cases.refused("userinfo without a token", "401 DPoP", get)
    cases.refused("userinfo as a bearer", "401 DPoP invalid_token", lambda: get(Authorization=f"Bearer {token}"))
    cases.refused("userinfo without a proof", "401 DPoP invalid_dpop_proof", lambda: get(Authorization=f"DPoP {token}"))
    cases.refused("userinfo with the proof of another key", "401 DPoP invalid_dpop_proof", lambda: get(
        Proved(DPoP(), access_token=token)))
    no_hash = SpoiledDPoP(lambda _, claims: claims.pop("ath"), dpop.key)
    cases.refused("userinfo with a proof without ath", "401 DPoP invalid_dpop_proof", lambda: get(
        Proved(no_hash, access_token=token)))
    cases.refused("userinfo with the id_token", "401 DPoP invalid_token", lambda: get(
        Proved(dpop, access_token=tokens["id_token"])))
    cases.refused("the same code again", "400 invalid_grant", lambda: party.finish(callback, kept, dpop))
    cases.refused("userinfo after that", "401 DPoP invalid_token", lambda: party.userinfo(tokens, claims["sub"], dpop))


def script(cases):
    """All of it, over one demo."""
    with open(os.environ.get("ESIGNET_DEMO") or sys.argv[1], encoding="utf-8") as file:
        demo = json.load(file)
    clients = {client["client_id"]: client for client in demo["clients"]}
    of_profile = {client.get("profile"): client["client_id"] for client in demo["clients"]}
    person = next(person for person in demo["people"] if person["outcome"] == "usual")

    def party(client_id):
        client = clients[client_id]
        return RelyingParty(demo["issuer"], client_id, client["jwks"]["keys"][0], client["redirect_uris"][0])

    signing = party(of_profile.get("fapi2-message-signing", "script"))
    script = cases.works("discovery", lambda: party("script"))
    made = good_login(cases, script, person)
    pushed(cases, script)
    assertions(cases, script)
    proofs(cases, script)
    codes(cases, script, party("sample-relying-party"), person)
    tokens(cases, script, made)
    advertised(cases, script, signing, person)


if __name__ == "__main__":
    judge("Python: Authlib and joserfc", script)
