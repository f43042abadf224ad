//! The end of a login: claims are released, a code is issued, the browser goes back (OIDC Core §3.1.2.5).

use super::notices::Telling;
use crate::audit::event::{Action, Event, Outcome};
use crate::client::Client;
use crate::consent::give::settle;
use crate::consent::reuse::Agreement;
use crate::endpoint::answer::{Answer, RedirectTarget};
use crate::endpoint::key_binding::KeyHolder;
use crate::error::Fault;
use crate::error::wire::Cause;
use crate::issue::claims::{self, ReleasedClaims};
use crate::issue::release::Release;
use crate::issue::{GrantId, IssuedCode};
use crate::ports::key_binder::Person;
use crate::ports::plugins::VerifiedOffer;
use crate::provider::Provider;
use crate::transaction::Transaction;
use crate::transaction::stage::{Authenticated, OfferedClaim};
use crate::word::handle::{Code, random_text};

/// Somebody else than the relying party expects logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OtherPerson {
    /// OIDC Core §3.1.2.1.
    #[error("the login is not that of the id_token_hint")]
    NotOfTheHint,
    /// OIDC Core §5.5.1.
    #[error("the login is not that of the requested sub")]
    NotOfTheClaim,
}

/// Whether the person is the one that the request named, if it named one.
pub fn is_expected(transaction: &Transaction, authenticated: &Authenticated) -> Result<(), OtherPerson> {
    let subject = &authenticated.login.subject;
    if transaction.request.expected_subject.as_ref().is_some_and(|expected| expected != subject) {
        return Err(OtherPerson::NotOfTheHint);
    }
    let mut asked = transaction.request.claims.subjects().peekable();
    if asked.peek().is_some() && !asked.any(|value| value.as_str() == Some(subject)) {
        return Err(OtherPerson::NotOfTheClaim);
    }
    Ok(())
}

/// Releases, issues, answers. A failure goes to the relying party: the login itself is over.
pub(super) async fn handle(
    provider: &Provider,
    client: &Client,
    transaction: &Transaction,
    authenticated: &Authenticated,
    agreement: &Agreement,
) -> Answer {
    let target = RedirectTarget::of(&transaction.client_id, &transaction.request);
    match issue(provider, client, transaction, authenticated, agreement).await {
        Ok(code) => target.code(provider, code.expose().to_owned()),
        Err(fault) => {
            provider.audit.note(|_| {
                let failed = Event::new(Action::Code, Outcome::Failed).of(transaction);
                failed.after(authenticated.login.trace.as_deref()).because(fault.code())
            });
            target.error(provider, fault.code(), Cause::Fault(fault))
        }
    }
}

async fn issue(
    provider: &Provider,
    client: &Client,
    transaction: &Transaction,
    authenticated: &Authenticated,
    agreement: &Agreement,
) -> Result<Code, Fault> {
    // The consent is on the disk before there is anything that it allows (I2, I3).
    let (consent, granted) = settle(provider, client, transaction, authenticated, agreement).await?;
    let telling = Telling { provider, client, transaction, authenticated };
    if let Agreement::Given(given) = agreement
        && !given.is_empty()
    {
        telling.consent_given(given);
    }
    if matches!(agreement, Agreement::Given(_)) {
        note_consent(provider, transaction, authenticated, (granted, consent.is_some()));
    }
    let mut released = release(provider, client, transaction, authenticated, granted).await?;
    if transaction.request.scope.has_key_binding() {
        released.holder = Some(Box::new(holder(provider, client, transaction, authenticated)?));
    }
    let now = provider.now();
    let entropy = provider.entropy.as_ref();
    let code = Code::random(entropy);
    let request = &transaction.request;
    let lifetimes = &provider.policy.lifetimes;
    let issued = IssuedCode {
        grant: GrantId(random_text(entropy)),
        client_id: transaction.client_id.clone(),
        redirect_uri: request.redirect_uri.clone(),
        code_challenge: request.code_challenge.clone(),
        dpop_jkt: request.dpop_jkt.clone(),
        nonce: request.nonce.clone(),
        scope: request.scope.clone(),
        login: authenticated.login.clone(),
        consent,
        sealed_claims: claims::seal(code.expose(), &released)?,
        expires_at: now.plus(lifetimes.code),
    };
    // A replay must be noticed for as long as a token from this code can live.
    let remember_until = issued.expires_at.plus(lifetimes.access_token);
    provider.stores.grants.issue_code(&code.hash(), &issued, remember_until).await?;
    // The one event of a login that waits for the disk, and with it all that it told before: nobody gets a code that the
    // record does not know of.
    let told = Event::new(Action::Code, Outcome::Success).of(transaction);
    provider.audit.settle(|_| told.after(authenticated.login.trace.as_deref())).await?;
    telling.signed_in();
    Ok(code)
}

/// Whose key may be bound with what the code becomes.
fn holder(
    provider: &Provider,
    client: &Client,
    transaction: &Transaction,
    authenticated: &Authenticated,
) -> Result<KeyHolder, Fault> {
    let id_system = transaction.pins.id_system(provider.plugins.as_ref(), &authenticated.id_system)?;
    let (login, verdict) = (&authenticated.login, &authenticated.verdict);
    // What an ID system said to itself is for nobody else.
    let is_binder = provider.policy.key_binding.as_ref().is_some_and(|terms| terms.plugin == id_system.id());
    let person = Person {
        subject: verdict.subject.clone(),
        continuation: if is_binder { verdict.continuation.clone() } else { Vec::new() },
        acr: login.acr.as_str().to_owned(),
        amr: login.amr.clone(),
        authenticated_at: login.auth_time.0,
    };
    Ok(KeyHolder { caller: transaction.caller(client), id_system: id_system.build(), person })
}

fn note_consent(
    provider: &Provider,
    transaction: &Transaction,
    authenticated: &Authenticated,
    (granted, is_kept): (&[OfferedClaim], bool),
) {
    provider.audit.note(|key| {
        let subject = key.subject(transaction.client_id.as_str(), &authenticated.login.subject);
        Event::new(Action::Consent, Outcome::Success)
            .of(transaction)
            .after(authenticated.login.trace.as_deref())
            .with("subject", subject)
            .with("remembered", is_kept)
            .with_words("claims", granted.iter().map(|claim| claim.name.as_str()))
    });
}

/// Asks the ID system for what was agreed to; whatever else it gives is dropped.
async fn release(
    provider: &Provider,
    client: &Client,
    transaction: &Transaction,
    authenticated: &Authenticated,
    granted: &[OfferedClaim],
) -> Result<ReleasedClaims, Fault> {
    if granted.is_empty() {
        return Ok(ReleasedClaims::default());
    }
    let id_system = transaction.pins.id_system(provider.plugins.as_ref(), &authenticated.id_system)?;
    let release = Release { request: &transaction.request, granted, locale: &transaction.locale };
    let caller = transaction.caller(client);
    let continuation = &authenticated.verdict.continuation;
    let given = id_system.release_claims(&caller, continuation, &release.wanted()).await;
    let given = given.map_err(|error| Fault::Plugin { plugin: id_system.id().to_owned(), error })?;
    let nothing = VerifiedOffer::default();
    let offer = id_system.descriptor().verified.as_ref().unwrap_or(&nothing);
    Ok(release.kept(given, offer, provider.now()))
}
