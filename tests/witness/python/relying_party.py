"""A relying party on Authlib and joserfc: PAR, PKCE, private_key_jwt and DPoP, for the server-side code of a service.

Authlib authenticates the client, makes the PKCE challenge, exchanges the code and checks the id_token. It has no DPoP and
no PAR of its own: a proof is a JWT that joserfc signs, and a pushed request is a POST of the parameters that Authlib has
put into the authorization URL.
"""

import base64
import hashlib
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet


class ShortAssertion(PrivateKeyJWT):
    """Authlib's assertions are good for an hour, and e-Signet takes none that is good for more than five minutes."""

    def __init__(self, issuer, kid):
        # The audience of an assertion is the issuer, at every endpoint (FAPI 2.0 SP §5.3.2.1).
        super().__init__(token_endpoint=issuer, alg="ES256")
        self.kid = kid

    def sign(self, auth, token_endpoint):
        return private_key_jwt_sign(
            auth.client_secret,
            client_id=auth.client_id,
            token_endpoint=token_endpoint,
            alg=self.alg,
            header={"kid": self.kid},
            expires_in=60,
        )


class DPoP:
    """A key for proofs (RFC 9449), and the last nonce that the server gave for them."""

    def __init__(self):
        self.key = ECKey.generate_key("P-256")
        self.nonce = None

    def thumbprint(self):
        """For the parameter ``dpop_jkt``."""
        return self.key.thumbprint()

    def proof(self, method, url, access_token=None):
        """A proof for one request."""
        parts = urlsplit(url)
        claims = {
            "htm": method,
            "htu": f"{parts.scheme}://{parts.netloc}{parts.path}",
            "iat": int(time.time()),
            "jti": generate_token(32),
        }
        if access_token:
            digest = hashlib.sha256(access_token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self.nonce:
            claims["nonce"] = self.nonce
        return self.sign({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.as_dict(private=False)}, claims)

    def sign(self, header, claims):
        """The JWT of a proof."""
        return jwt.encode(header, claims, self.key, algorithms=["ES256"])


class Proved(requests.auth.AuthBase):
    """Adds a proof, and an access token if there is one, to a request that may have another authentication already."""

    def __init__(self, dpop, client_auth=None, access_token=None):
        self.dpop = dpop
        self.client_auth = client_auth
        self.access_token = access_token

    def __call__(self, request):
        if self.client_auth:
            request = self.client_auth(request)
        if self.access_token:
            request.headers["Authorization"] = f"DPoP {self.access_token}"
        request.headers["DPoP"] = self.dpop.proof(request.method, request.url, self.access_token)
        request.register_hook("response", self.remember)
        return request

    def remember(self, answer, **_):
        """The server may give a nonce with any answer (RFC 9449 §8.2)."""
        self.dpop.nonce = answer.headers.get("DPoP-Nonce", self.dpop.nonce)


class RelyingParty:
    """One registered client at one server."""

    def __init__(self, issuer, client_id, private_jwk, redirect_uri):
        self.metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
        if self.metadata["issuer"] != issuer:
            raise ValueError("the discovery document is of another issuer")
        self.issuer = issuer
        self.client_id = client_id
        self.kid = private_jwk["kid"]
        self.session = OAuth2Session(
            client_id,
            ECKey.import_key(private_jwk),
            token_endpoint_auth_method="private_key_jwt",
            scope="openid profile email",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        self.session.register_client_auth_method(ShortAssertion(issuer, self.kid))
        self.session.register_compliance_hook("access_token_response", accepted)

    def client_auth(self):
        """What authenticates this client, with a new assertion for each request."""
        return self.session.client_auth("private_key_jwt")

    def begin(self, dpop, **parameters):
        """Pushes a request. Gives the URL for the browser, and what the callback will need: keep it in the session."""
        request, kept = self.request(**parameters)
        pushed = twice(lambda: self.push(request, Proved(dpop, self.client_auth())))
        return self.url(pushed), kept

    def request(self, **parameters):
        """The parameters of a request, and what must be kept of them."""
        verifier, nonce = generate_token(64), generate_token(32)
        url, state = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **parameters
        )
        return dict(parse_qsl(urlsplit(url).query)), {"state": state, "nonce": nonce, "verifier": verifier}

    def url(self, pushed):
        """Where the browser goes with a request that was pushed."""
        query = urlencode({"client_id": self.client_id, "request_uri": pushed["request_uri"]})
        return f"{self.metadata['authorization_endpoint']}?{query}"

    def push(self, request, auth):
        """A pushed authorization request (RFC 9126)."""
        url = self.metadata["pushed_authorization_request_endpoint"]
        return accepted(requests.post(url, data=request, auth=auth, timeout=10)).json()

    def finish(self, callback_url, kept, dpop):
        """Checks the callback, exchanges the code. Gives the tokens and the claims of the id_token."""
        answer = dict(parse_qsl(urlsplit(callback_url).query))
        # RFC 9207: the response is of this server and no other. Authlib compares `state`, and does not know `iss`.
        if answer.get("iss") != self.issuer:
            raise ValueError("the response is of another issuer")
        if "error" in answer:
            raise Declined(answer["error"])
        tokens = twice(
            lambda: self.session.fetch_token(
                self.metadata["token_endpoint"],
                authorization_response=callback_url,
                state=kept["state"],
                code_verifier=kept["verifier"],
                auth=Proved(dpop, self.client_auth()),
            )
        )
        if tokens["token_type"].lower() != "dpop":
            raise ValueError("the access token is not bound to the key")
        return tokens, self.id_token(tokens, kept["nonce"])

    def id_token(self, tokens, nonce):
        """The claims of an id_token whose signature, issuer, audience, times, nonce and at_hash are good."""
        keys = KeySet.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=10).json())
        token = jwt.decode(tokens["id_token"], keys, algorithms=["ES256"])
        claims = CodeIDToken(
            token.claims,
            token.header,
            {"iss": {"essential": True, "value": self.issuer}, "aud": {"essential": True, "value": self.client_id}},
            {"nonce": nonce, "client_id": self.client_id, "access_token": tokens["access_token"]},
        )
        claims.validate(leeway=10)
        return claims

    def userinfo(self, tokens, subject, dpop):
        """What the person agreed to share."""
        auth = Proved(dpop, access_token=tokens["access_token"])
        url = self.metadata["userinfo_endpoint"]
        claims = twice(lambda: accepted(requests.get(url, auth=auth, timeout=10))).json()
        if claims["sub"] != subject:
            raise ValueError("userinfo is of another person than the id_token")
        return claims


class Refused(Exception):
    """An endpoint refused a request: ``error`` is the code, from the body or from the challenge."""

    def __init__(self, answer):
        challenge = answer.headers.get("WWW-Authenticate", "")
        self.status = answer.status_code
        self.scheme, _, parameters = challenge.partition(" ")
        if answer.headers.get("Content-Type", "").startswith("application/json"):
            self.error = answer.json().get("error")
        else:
            self.error = requests.utils.parse_dict_header(parameters).get("error")
        super().__init__(" ".join(filter(None, [str(self.status), self.scheme, self.error])))


class Declined(Exception):
    """The authorization response is an error: ``access_denied`` where the person said no."""


def accepted(answer):
    """The answer, if the server took the request."""
    if answer.status_code not in (200, 201):
        raise Refused(answer)
    return answer


def twice(attempt):
    """Once more with the nonce that came with the refusal, if one is wanted (RFC 9449 §8). Only the proof was wrong."""
    try:
        return attempt()
    except Refused as refused:
        if refused.error != "use_dpop_nonce":
            raise
        return attempt()
