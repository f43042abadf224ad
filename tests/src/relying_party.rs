//! A relying party: everything a client sends, right unless a test makes it wrong.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use form_urlencoded::Serializer;
use serde_json::{Value, json};

use crate::call::{ASSERTION_TYPE, Call};
use crate::jwt::{Jwt, sha256};
use crate::key::{Key, random_text};
use crate::wire::Wire;

/// Tells the time in seconds since 1970: the system's clock or a test's.
pub type Now = Arc<dyn Fn() -> u64 + Send + Sync>;

/// A client of one provider. Cheap to clone: a clone has the same keys and the same `code_verifier`.
#[derive(Clone)]
pub struct RelyingParty {
    /// The provider's issuer.
    pub issuer: String,
    /// Its metadata.
    pub metadata: Value,
    /// Our identifier.
    pub client_id: String,
    /// Where responses go.
    pub redirect_uri: String,
    /// What we authenticate with.
    pub key: Key,
    /// What our tokens are bound to.
    pub dpop_key: Key,
    /// The secret of our challenges.
    pub code_verifier: String,
    /// What we send as `state`.
    pub state: String,
    /// What we send as `nonce`.
    pub nonce: String,
    /// The way to the provider.
    pub wire: Wire,
    /// The time.
    pub now: Now,
}

/// What a provider knows of a client, and the private half of it.
pub struct Registered {
    /// The identifier.
    pub client_id: String,
    /// Where responses go.
    pub redirect_uri: String,
    /// What it authenticates with.
    pub key: Key,
}

impl RelyingParty {
    /// A relying party that asks the provider where everything is.
    pub async fn discover(wire: Wire, issuer: &str, registered: Registered, now: Now) -> Result<Self> {
        let document = wire.get(&format!("{issuer}/.well-known/openid-configuration")).await?;
        ensure!(document.status == 200, "discovery answered {}", document.status);
        let metadata = document.json();
        ensure!(
            metadata.get("issuer").and_then(Value::as_str) == Some(issuer),
            "discovery names another issuer"
        );
        Ok(Self {
            issuer: issuer.to_owned(),
            metadata,
            client_id: registered.client_id,
            redirect_uri: registered.redirect_uri,
            key: registered.key,
            dpop_key: Key::p256(),
            code_verifier: random_text(32),
            state: random_text(12),
            nonce: random_text(12),
            wire,
            now,
        })
    }

    /// The same client as somebody else's attempt: another `code_verifier`, `state`, `nonce` and DPoP key.
    #[must_use]
    pub fn another_attempt(&self) -> Self {
        Self {
            dpop_key: Key::p256(),
            code_verifier: random_text(32),
            state: random_text(12),
            nonce: random_text(12),
            ..self.clone()
        }
    }

    /// An endpoint by its metadata member; empty when it is not there.
    pub fn endpoint(&self, member: &str) -> String {
        self.metadata.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The endpoint for pushed requests.
    pub fn par_endpoint(&self) -> String {
        self.endpoint("pushed_authorization_request_endpoint")
    }

    /// The token endpoint.
    pub fn token_endpoint(&self) -> String {
        self.endpoint("token_endpoint")
    }

    /// The userinfo endpoint.
    pub fn userinfo_endpoint(&self) -> String {
        self.endpoint("userinfo_endpoint")
    }

    /// A client assertion, ready to be spoilt.
    pub fn assertion(&self) -> Jwt {
        let now = (self.now)();
        let claims = json!({
            "iss": self.client_id, "sub": self.client_id, "aud": self.issuer,
            "iat": now, "exp": now + 60, "jti": random_text(16),
        });
        Jwt::new(&self.key, "JWT", claims).header("kid", self.key.kid.clone())
    }

    /// A DPoP proof, ready to be spoilt.
    pub fn proof(&self, method: &str, url: &str) -> Jwt {
        let claims = json!({ "htm": method, "htu": url, "iat": (self.now)(), "jti": random_text(16) });
        Jwt::new(&self.dpop_key, "dpop+jwt", claims).header("jwk", self.dpop_key.bare_jwk())
    }

    /// A DPoP proof for a request with an access token.
    pub fn proof_with_token(&self, method: &str, url: &str, access_token: &str) -> Jwt {
        self.proof(method, url).claim("ath", sha256(access_token.as_bytes()))
    }

    /// A request that only authenticates.
    pub fn authenticated(&self, url: &str) -> Call {
        Call::post(&self.wire, url).set("client_assertion_type", ASSERTION_TYPE).assertion(&self.assertion())
    }

    /// A pushed authorization request for `openid profile email`, with a DPoP proof.
    pub fn push(&self) -> Call {
        let url = self.par_endpoint();
        self.authenticated(&url)
            .set("client_id", &self.client_id)
            .set("response_type", "code")
            .set("redirect_uri", &self.redirect_uri)
            .set("scope", "openid profile email")
            .set("state", &self.state)
            .set("nonce", &self.nonce)
            .set("code_challenge", sha256(self.code_verifier.as_bytes()))
            .set("code_challenge_method", "S256")
            .set("claims", r#"{"userinfo":{"name":{"essential":true}}}"#)
            .proof(&self.proof("POST", &url))
    }

    /// The usual request as a request object, ready to be spoilt (RFC 9101).
    pub fn request_object(&self) -> Jwt {
        let now = (self.now)();
        let claims = json!({
            "iss": self.client_id, "aud": self.issuer, "client_id": self.client_id,
            "nbf": now, "exp": now + 300, "jti": random_text(16),
            "response_type": "code", "redirect_uri": self.redirect_uri, "scope": "openid profile email",
            "state": self.state, "nonce": self.nonce,
            "code_challenge": sha256(self.code_verifier.as_bytes()), "code_challenge_method": "S256",
            "claims": { "userinfo": { "name": { "essential": true } } },
        });
        Jwt::new(&self.key, "oauth-authz-req+jwt", claims).header("kid", self.key.kid.clone())
    }

    /// A pushed authorization request with a request object and nothing beside it but what authenticates the client.
    pub fn push_signed(&self, object: &Jwt) -> Call {
        let url = self.par_endpoint();
        self.authenticated(&url).set("request", object.encode()).proof(&self.proof("POST", &url))
    }

    /// A request for the authorization endpoint itself, as `interop` clients may make it.
    pub fn direct(&self) -> Call {
        Call::get(&self.wire, &self.endpoint("authorization_endpoint"))
            .set("client_id", &self.client_id)
            .set("response_type", "code")
            .set("redirect_uri", &self.redirect_uri)
            .set("scope", "openid profile email")
            .set("state", &self.state)
            .set("nonce", &self.nonce)
    }

    /// A request about a token at the introspection or the revocation endpoint.
    pub fn about(&self, member: &str, token: &str) -> Call {
        self.authenticated(&self.endpoint(member)).set("token", token)
    }

    /// Pushes the usual request and returns the `request_uri`.
    pub async fn pushed(&self) -> Result<String> {
        self.pushed_as(self.push()).await
    }

    /// Pushes a request that must be accepted and returns the `request_uri`.
    pub async fn pushed_as(&self, push: Call) -> Result<String> {
        let reply = push.send().await?;
        ensure!(reply.status == 201, "PAR answered {} {}", reply.status, reply.text());
        Ok(reply.member("request_uri"))
    }

    /// The URL that a browser opens.
    pub fn authorization_url(&self, request_uri: &str) -> String {
        let query = Serializer::new(String::new())
            .append_pair("client_id", &self.client_id)
            .append_pair("request_uri", request_uri)
            .finish();
        format!("{}?{query}", self.endpoint("authorization_endpoint"))
    }

    /// A token request.
    pub fn redeem(&self, code: &str) -> Call {
        let url = self.token_endpoint();
        self.authenticated(&url)
            .set("grant_type", "authorization_code")
            .set("code", code)
            .set("redirect_uri", &self.redirect_uri)
            .set("code_verifier", &self.code_verifier)
            .proof(&self.proof("POST", &url))
    }

    /// A userinfo request.
    pub fn userinfo(&self, access_token: &str) -> Call {
        let url = self.userinfo_endpoint();
        Call::get(&self.wire, &url)
            .header("authorization", &format!("DPoP {access_token}"))
            .proof(&self.proof_with_token("GET", &url, access_token))
    }

    /// The claims of a JWT that the provider signed with ES256, after its signature was verified with the published keys.
    pub async fn verified(&self, jwt: &str) -> Result<serde_json::Map<String, Value>> {
        let (header, claims) = crate::jwt::parts(jwt)?;
        let set = self.wire.get(&self.endpoint("jwks_uri")).await?.json();
        let keys = set.get("keys").and_then(Value::as_array).context("the JWKS has no keys")?;
        let key = keys
            .iter()
            .find(|key| key.get("kid") == header.get("kid"))
            .context("the key is not published")?;
        crate::jwt::verify_es256(jwt, key)?;
        Ok(claims)
    }
}
