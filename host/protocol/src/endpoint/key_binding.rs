//! The key-binding endpoint, an extension of ours (ADR 104): binds a key of a wallet to the person who has just signed in.
//!
//! A wallet is a client. It has the person sign in with the scope `key_binding`, and brings the access token that it got for
//! that, bound to a key of its own, with a proof that it holds the key that is to be bound.

use esignet_jose::algorithm::Algorithm;
use serde::{Deserialize, Serialize};

use super::userinfo::{self, RawUserinfo, Refusal as TokenRefusal};
use super::{ClientCertificate, path};
use crate::audit::event::{Action, Event, Outcome};
use crate::error::wire::{Challenge, StepUp};
use crate::error::{ErrorCode, Fault, Refused};
use crate::extension::dpop::{self, DpopError, Expected};
use crate::extension::key_proof::{self, KeyProofRefusal};
use crate::grant::authorization_code::Possession;
use crate::issue::claims;
use crate::issue::{AccessGrant, Confirmation};
use crate::policy::KeyBinding as Terms;
use crate::ports::key_binder::{Binding, KeyBinder, Person};
use crate::ports::plugin_build::PluginBuild;
use crate::ports::plugins::{Caller, PluginError};
use crate::ports::store::{Kept, Window};
use crate::provider::Provider;
use crate::word::handle::{AccessToken, HandleHash};
use crate::word::parameters::{Parameters, ParametersError};
use crate::word::time::Timestamp;

/// Whose key would be bound: kept with a code, and with the access token from it, sealed under each.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeyHolder {
    /// The login as plugins see it.
    pub caller: Caller,
    /// The ID system of the login.
    pub id_system: PluginBuild,
    /// The person as the ID system knows them.
    pub person: Person,
}

/// What became of a key.
#[derive(Serialize)]
pub struct Bound {
    format: String,
    credential: String,
    id: String,
    expires_at: u64,
    /// The person, as the client knows them.
    sub: String,
}

/// Why no key is bound.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The token, as at every protected resource.
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    /// A form with the parameter `proof` is wanted, and no more than one.
    #[error("the body is not a form with one proof")]
    Body(#[from] ParametersError),
    /// There is none.
    #[error("proof is missing")]
    ProofMissing,
    /// A token that anybody could use binds no key.
    #[error("the access token is bound to nothing")]
    Unbound,
    /// The login was for something else.
    #[error("the access token does not have the scope key_binding")]
    NoKeyBinding,
    /// The person may be gone.
    #[error("the login is too long ago to bind a key")]
    Stale,
    /// The class of the login is none that keys are bound after.
    #[error("the acr of the login is not one of those after which keys are bound")]
    TooWeak,
    /// The key.
    #[error(transparent)]
    Proof(#[from] KeyProofRefusal),
    /// A bound.
    #[error("more keys of this person were bound than may be in an hour")]
    TooMany,
    /// The binder will not.
    #[error("the binder does not bind a key of this person")]
    Rejected,
}

/// How to sign in anew so that it is enough (RFC 9470 §3).
fn step_up(terms: &Terms) -> StepUp {
    let acr_values = terms.acr_values.iter().map(|acr| acr.as_str().to_owned()).collect();
    StepUp { acr_values, max_age: terms.max_login_age }
}

impl Refusal {
    fn refused(self, terms: &Terms) -> Refused {
        let (code, status, challenge) = match self {
            Self::Token(refusal) => return refusal.into(),
            Self::Body(ParametersError::TooLarge) => (ErrorCode::InvalidRequest, 413, None),
            Self::Body(_) | Self::ProofMissing => (ErrorCode::InvalidRequest, 400, None),
            Self::Unbound => (ErrorCode::InvalidToken, 401, Some(Challenge::Refused)),
            Self::NoKeyBinding => (ErrorCode::InsufficientScope, 403, Some(Challenge::Refused)),
            Self::Stale | Self::TooWeak => {
                let code = ErrorCode::InsufficientUserAuthentication;
                let refused = Refused::request(code, &self).with_challenge(Challenge::Refused);
                return refused.with_step_up(step_up(terms));
            }
            Self::Proof(refusal) => (refusal.code(), refusal.code().status(), None),
            Self::TooMany => (ErrorCode::TemporarilyUnavailable, 429, None),
            Self::Rejected => (ErrorCode::AccessDenied, 403, None),
        };
        let refused = Refused::request(code, &self).with_status(status);
        match challenge {
            Some(challenge) => refused.with_challenge(challenge),
            None => refused,
        }
    }
}

/// The proof of a request.
pub fn parse(body: &Result<Parameters, ParametersError>) -> Result<&str, Refusal> {
    let body = body.as_ref().map_err(|error| Refusal::Body(*error))?;
    body.one("proof").ok_or(Refusal::ProofMissing)
}

/// Whether the login behind a token is one after which a key may be bound.
pub fn decide(grant: &AccessGrant, terms: &Terms, now: Timestamp) -> Result<(), Refusal> {
    if !grant.scope.has_key_binding() {
        return Err(Refusal::NoKeyBinding);
    }
    // Whoever found the token must not have their own key bound.
    if !matches!(grant.confirmation, Some(Confirmation::Jkt(_) | Confirmation::Certificate(_))) {
        return Err(Refusal::Unbound);
    }
    if now > grant.login.auth_time.plus(terms.max_login_age) {
        return Err(Refusal::Stale);
    }
    if !terms.acr_values.is_empty() && !terms.acr_values.contains(&grant.login.acr) {
        return Err(Refusal::TooWeak);
    }
    Ok(())
}

/// Algorithms of keys that this binder binds and that are taken here.
pub fn algorithms(binder: &dyn KeyBinder) -> Vec<Algorithm> {
    let announced = &binder.descriptor().algorithms;
    let is_announced = |algorithm: &Algorithm| {
        Algorithm::accepted_names(&[*algorithm]).iter().any(|name| announced.iter().any(|a| a == name))
    };
    key_proof::ALGORITHMS.into_iter().filter(is_announced).collect()
}

/// Checks the token, the login, the proof; has the key bound.
pub async fn handle(provider: &Provider, terms: &Terms, raw: RawUserinfo) -> Result<Bound, Refused> {
    let now = provider.now();
    let (scheme, token) = userinfo::parse(&raw)?;
    let grant = provider.stores.grants.token(&token.hash(), now).await.map_err(Fault::from)?;
    let grant = grant.ok_or(TokenRefusal::UnknownToken)?;
    let bound = Work { provider, terms, token: &token, grant: &grant, now }.bind(&raw, scheme).await;
    if let Err(refused) = &bound {
        let told = |event: Event| event.by(&grant.client_id).after(grant.login.trace.as_deref());
        provider.audit.note_refusal(Action::KeyBinding, refused, told);
    }
    bound
}

/// One request with a token of ours.
struct Work<'a> {
    provider: &'a Provider,
    terms: &'a Terms,
    token: &'a AccessToken,
    grant: &'a AccessGrant,
    now: Timestamp,
}

impl Work<'_> {
    async fn bind(&self, raw: &RawUserinfo, scheme: userinfo::Scheme) -> Result<Bound, Refused> {
        self.possession(raw, scheme).await?;
        let refused = |refusal: Refusal| refusal.refused(self.terms);
        decide(self.grant, self.terms, self.now).map_err(refused)?;
        let client = self.provider.client(&self.grant.client_id).await.map_err(Fault::from)?;
        if !client.ok_or(TokenRefusal::UnknownClient)?.key_binding {
            return Err(refused(Refusal::NoKeyBinding));
        }
        let holder: KeyHolder =
            claims::open_as(claims::KEY_HOLDER, self.token.expose(), &self.grant.sealed_holder)
                .map_err(Fault::from)?;
        let binder = self.binder(&holder)?;
        let proof = parse(&raw.body).map_err(refused)?;
        let taken = algorithms(binder.as_ref());
        let proved = key_proof::decide(proof, (self.token, &taken), &self.provider.policy, self.now);
        let proved = proved.map_err(|refusal| self.proof_refused(refusal))?;
        match key_proof::spend(self.provider, &proved, self.now).await {
            Ok(()) => {}
            Err(DpopError::Refused(refusal)) => return Err(self.proof_refused(KeyProofRefusal::Use(refusal))),
            Err(DpopError::Fault(fault)) => return Err(fault.into()),
        }
        self.within_bounds().await?.then_some(()).ok_or_else(|| refused(Refusal::TooMany))?;
        // As every plugin gets it: the members of RFC 7638 §3.2 in their order, and nothing that the wallet wrote besides.
        let jwk = proved.key.to_bare_value().to_string();
        let binding = self.ask(binder.as_ref(), &holder, &jwk).await?;
        self.provider
            .audit
            .settle(|_| {
                let told = Event::new(Action::KeyBinding, Outcome::Success).by(&self.grant.client_id);
                told.after(self.grant.login.trace.as_deref())
                    .with("plugin", binder.id())
                    .with("format", &binding.format)
                    .with("acr", self.grant.login.acr.as_str())
            })
            .await?;
        let Binding { format, credential, id, expires_at } = binding;
        Ok(Bound { format, credential, id, expires_at, sub: self.grant.login.subject.clone() })
    }

    /// That the token is used by whom it is bound to (RFC 9449 §7, RFC 8705 §3).
    async fn possession(&self, raw: &RawUserinfo, scheme: userinfo::Scheme) -> Result<(), Refused> {
        userinfo::decide_scheme(self.grant, scheme)?;
        let proof = if scheme == userinfo::Scheme::Dpop {
            let expected =
                Expected { method: "POST", path: path::KEY_BINDING, access_token: Some(self.token) };
            let checked = dpop::check(self.provider, &raw.dpop, expected, self.now).await;
            checked.map_err(|error| match error {
                DpopError::Refused(refusal) => Refused::from(TokenRefusal::from(refusal))
                    .with_nonce(self.provider.policy.dpop_nonces.as_ref(), self.now),
                DpopError::Fault(fault) => fault.into(),
            })?
        } else {
            None
        };
        let certificate = raw.client_certificate.as_ref().map(ClientCertificate::thumbprint);
        let possession = Possession { proof: proof.as_ref(), certificate: certificate.as_deref() };
        Ok(userinfo::decide_possession(self.grant, possession)?)
    }

    /// The binder; where it is the ID system of the login, too, the build that the login was made with.
    fn binder(&self, holder: &KeyHolder) -> Result<std::sync::Arc<dyn KeyBinder>, Fault> {
        let plugins = self.provider.plugins.as_ref();
        let found = if holder.id_system.id == self.terms.plugin {
            plugins.key_binder_of(&holder.id_system)
        } else {
            plugins.key_binder(&self.terms.plugin)
        };
        found.ok_or_else(|| Fault::NoPlugin(format!("the key binder {}", self.terms.plugin)))
    }

    fn proof_refused(&self, refusal: KeyProofRefusal) -> Refused {
        let refused = Refusal::from(refusal).refused(self.terms);
        refused.with_nonce(self.provider.policy.dpop_nonces.as_ref(), self.now)
    }

    async fn within_bounds(&self) -> Result<bool, Fault> {
        let (client, subject) = (&self.grant.client_id, &self.grant.login.subject);
        let key = HandleHash::of(format!("key binding {client} {subject}").as_bytes());
        let window = Window { seconds: 3_600, kept: Kept::OverACleanStop };
        let count = self.provider.stores.counters.increment(&key, window, self.now).await?;
        Ok(count <= self.terms.bindings_per_person_per_hour)
    }

    async fn ask(&self, binder: &dyn KeyBinder, holder: &KeyHolder, jwk: &str) -> Result<Binding, Refused> {
        let fault = |error| Fault::Plugin { plugin: binder.id().to_owned(), error };
        match binder.bind(&holder.caller, &holder.person, jwk).await {
            Ok(binding) if binding.expires_at <= self.now.0 => {
                Err(fault(PluginError::Broken("a binding that is over already".to_owned())).into())
            }
            Ok(binding) => Ok(binding),
            Err(PluginError::Rejected(_)) => Err(Refusal::Rejected.refused(self.terms)),
            Err(error) => Err(fault(error).into()),
        }
    }
}

#[cfg(test)]
mod tests;
