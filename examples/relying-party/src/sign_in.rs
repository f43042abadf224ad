//! One sign-in from the button to the claims: the steps in order, and a record of what was checked.

use serde_json::{Map, Value};

use crate::callback::{self, Attempt};
use crate::discovery::{self, Metadata};
use crate::error::SignInError;
use crate::key::Key;
use crate::{RelyingParty, id_token, pushed_authorization, token, userinfo};

/// We, as the provider sees us. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) issuer: String,
    pub(crate) id: String,
    pub(crate) redirect_uri: String,
    pub(crate) key: Key,
    pub(crate) http: reqwest::Client,
}

/// Somebody signed in: what we know now, and what we checked on the way, in the words of the page.
#[derive(Clone)]
pub(crate) struct SignedIn {
    pub(crate) claims: Map<String, Value>,
    pub(crate) id_token: Map<String, Value>,
    pub(crate) token_lifetime: u64,
    pub(crate) checks: Vec<(&'static str, String)>,
}

impl Client {
    /// A client of one provider.
    pub(crate) fn new(relying_party: &RelyingParty) -> Result<Self, SignInError> {
        // No redirects: none of these endpoints has a reason to send us, and our assertions, anywhere else.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(10))
            .build()
            .map_err(|error| SignInError::Unreachable { step: "start", reason: error.to_string() })?;
        Ok(Self {
            issuer: relying_party.issuer.clone(),
            id: relying_party.client_id.clone(),
            redirect_uri: relying_party.redirect_uri(),
            key: Key::from_private_jwk(&relying_party.private_jwk)?,
            http,
        })
    }

    /// Begins: the URL for the browser, and what must be remembered until it comes back.
    pub(crate) async fn begin(&self) -> Result<(String, Attempt), SignInError> {
        let provider = discovery::discover(&self.http, &self.issuer).await?;
        let attempt = Attempt::fresh()?;
        let url = pushed_authorization::push(self, &provider, &attempt).await?;
        Ok((url, attempt))
    }

    /// Ends: from the query of the callback to the claims.
    pub(crate) async fn finish(&self, attempt: &Attempt, query: &str) -> Result<SignedIn, SignInError> {
        let mut checks = Vec::new();
        let mut passed = |what, detail: String| checks.push((what, detail));

        let code = callback::code(query, attempt, &self.issuer)?;
        passed("The answer belongs to this browser", "state is the one we made up before".to_owned());
        passed("The answer comes from our provider", format!("iss is {}", self.issuer));

        let provider: Metadata = discovery::discover(&self.http, &self.issuer).await?;
        let tokens = token::redeem(self, &provider, attempt, &code).await?;
        passed("The code was ours to redeem", "code_verifier and our signature were accepted".to_owned());
        passed("A stolen token would be useless", format!("token_type is {}", tokens.token_type));

        let keys = id_token::provider_keys(&self.http, &provider).await?;
        let id_token = id_token::verify(&tokens, &keys, &self.issuer, &self.id, attempt)?;
        passed(
            "The id_token is signed by our provider",
            format!("{} with the published key {}", id_token.algorithm, id_token.kid),
        );
        passed("It is for us, and not too old", format!("aud is {}, exp is ahead", self.id));
        passed("It belongs to this sign-in", "nonce is the one we made up before".to_owned());

        let claims =
            userinfo::claims(&self.http, &provider, attempt, &tokens.access_token, &id_token.claims).await?;
        passed("The claims are about the same person", "sub is the same in both answers".to_owned());

        Ok(SignedIn { claims, id_token: id_token.claims, token_lifetime: tokens.expires_in, checks })
    }
}
