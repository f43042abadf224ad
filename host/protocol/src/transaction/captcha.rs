//! The captcha: what stands between an identifier and whatever is done with it. Nothing is sent, counted or begun for an
//! identifier before the answers were judged, and a challenge is answered once.
//!
//! A challenge is part of the login's record, sealed like all of it. It is taken out before anybody judges its answers, so that
//! neither a second form nor a crash gives a second try at it. The build of the plugin that made it judges it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::prove::{Chosen, FAILURES, OTPS};
use super::stage::Requested;
use super::{Transaction, answers};
use crate::client::Client;
use crate::error::Fault;
use crate::policy::{CaptchaPolicy, CaptchaWhen, IndividualKind};
use crate::ports::captcha::Captcha;
use crate::ports::plugin_build::PluginBuild;
use crate::ports::plugins::{Answer, Form, PluginError, Rejection};
use crate::ports::store::StoreError;
use crate::provider::Provider;
use crate::word::parameters::Parameters;
use crate::word::time::Timestamp;

/// The longest identifier that is shown again, in characters.
const TYPED: usize = 256;

/// What stands before the first factor.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Check {
    /// Nothing.
    #[default]
    None,
    /// A challenge, until it is answered.
    Asked(Box<Asked>),
    /// A challenge that could not be made: the next form tries again.
    Unavailable,
    /// No challenge any more: there were too many in this login.
    Exhausted,
}

impl Check {
    /// The answers that stand in a form, if some are asked; or the same challenge again, for they cannot be right.
    pub fn answers(&self, form: &Parameters) -> Result<Option<Vec<Answer>>, Self> {
        let Self::Asked(asked) = self else { return Ok(None) };
        answers::read(&asked.form, form).map(Some).map_err(|rejection| {
            Self::Asked(Box::new(Asked { rejection: Some(rejection), ..Asked::clone(asked) }))
        })
    }
}

/// A challenge that waits for its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// What made it and judges it.
    pub build: PluginBuild,
    /// The form.
    pub form: Form,
    /// Why the last answer was not accepted, to this challenge or to the one before.
    pub rejection: Option<Rejection>,
    /// Comes back to the plugin.
    #[serde(with = "crate::word::bytes")]
    pub state: Vec<u8>,
}

/// What somebody typed of who they are. Personal data: no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// The number of the method.
    pub method: Option<usize>,
    /// The kind of identifier.
    pub kind: Option<String>,
    /// The identifier.
    pub individual: String,
}

impl Typed {
    /// What stands in a form, right or wrong.
    pub fn of(form: &Parameters, kinds: &[IndividualKind]) -> Self {
        let known = |kind: &&str| kinds.iter().any(|known| known.kind == *kind);
        let individual = form.one("individual").unwrap_or_default().chars();
        Self {
            method: form.one("method").and_then(|index| index.parse().ok()),
            kind: form.one("kind").filter(known).map(str::to_owned),
            individual: individual.filter(|letter| !letter.is_control()).take(TYPED).collect(),
        }
    }
}

/// Somebody said who they are.
pub struct Identified {
    /// Where the login was.
    pub requested: Requested,
    /// How they want to prove it, and who they say they are.
    pub chosen: Chosen,
    /// The answers to the challenge that stood beside it.
    pub answers: Option<Vec<Answer>>,
    /// What they typed.
    pub typed: Typed,
}

/// Whether a login goes on.
pub enum Passage {
    /// The first factor begins.
    Open(Requested, Chosen),
    /// The question is put again, with a captcha.
    Shut {
        /// The question.
        requested: Requested,
        /// What failed, if something did, for the log.
        fault: Option<Fault>,
    },
}

/// The captcha of one login.
pub struct Gate<'a> {
    provider: &'a Provider,
    client: &'a Client,
    transaction: &'a Transaction,
    now: Timestamp,
}

impl<'a> Gate<'a> {
    /// Begins to work for one request.
    pub const fn new(
        provider: &'a Provider,
        client: &'a Client,
        transaction: &'a Transaction,
        now: Timestamp,
    ) -> Self {
        Self { provider, client, transaction, now }
    }

    /// The question who somebody is, with a challenge if one is due whoever they say they are, and what kept it from being made.
    pub async fn stand_before(&self, requested: Requested) -> (Requested, Option<Fault>) {
        let Some(policy) = &self.provider.policy.captcha else { return (requested, None) };
        let due = match policy.when {
            CaptchaWhen::Always => true,
            CaptchaWhen::AfterAttempts(most) => requested.attempts >= most,
        };
        // Nothing is done with one more identifier, so nobody is asked for anything.
        if !due || requested.attempts >= self.provider.policy.bounds.identifiers_per_login {
            return (requested, None);
        }
        self.challenged(policy, requested, None).await
    }

    /// A new challenge in place of the one that the person cannot read.
    pub async fn another(&self, requested: Requested) -> (Requested, Option<Fault>) {
        let Some(policy) = &self.provider.policy.captcha else { return (requested, None) };
        self.challenged(policy, requested, None).await
    }

    /// Judges the answers, or finds that there must be some first. The challenge is no longer in the login's record.
    pub async fn judge(&self, identified: Identified) -> Result<Passage, StoreError> {
        let Identified { mut requested, chosen, answers, typed } = identified;
        let check = std::mem::take(&mut requested.captcha);
        let Some(policy) = &self.provider.policy.captcha else {
            return Ok(Passage::Open(requested, chosen));
        };
        let (rejection, failed) = match (check, answers) {
            (Check::Exhausted, _) => {
                requested.captcha = Check::Exhausted;
                return Ok(Passage::Shut { requested, fault: None });
            }
            (Check::Asked(asked), Some(answers)) => match self.verify(&asked, answers).await {
                Ok(()) => return Ok(Passage::Open(requested, chosen)),
                Err(Fault::Plugin { error: PluginError::Rejected(rejection), .. }) => (Some(rejection), None),
                Err(fault) => (Some(Rejection::of("unavailable")), Some(fault)),
            },
            (Check::None | Check::Unavailable | Check::Asked(_), _) => {
                if !self.is_due(policy, &requested, &chosen).await? {
                    return Ok(Passage::Open(requested, chosen));
                }
                (None, None)
            }
        };
        requested.rejection = None;
        requested.typed = Some(typed);
        let (requested, fault) = self.challenged(policy, requested, rejection).await;
        Ok(Passage::Shut { requested, fault: failed.or(fault) })
    }

    /// Whether this identifier meets a captcha, in this login.
    async fn is_due(
        &self,
        policy: &CaptchaPolicy,
        requested: &Requested,
        chosen: &Chosen,
    ) -> Result<bool, StoreError> {
        if requested.attempts >= self.provider.policy.bounds.identifiers_per_login {
            return Ok(false);
        }
        let CaptchaWhen::AfterAttempts(most) = policy.when else { return Ok(true) };
        let mut attempts = u64::from(requested.attempts);
        for purpose in [OTPS, FAILURES] {
            let Chosen { id_system, individual, .. } = chosen;
            let key = self.provider.policy.pairwise_key.individual(purpose, id_system, individual);
            attempts = attempts.saturating_add(self.provider.stores.counters.count(&key, self.now).await?);
        }
        Ok(attempts >= u64::from(most))
    }

    async fn challenged(
        &self,
        policy: &CaptchaPolicy,
        mut requested: Requested,
        rejection: Option<Rejection>,
    ) -> (Requested, Option<Fault>) {
        if requested.challenges >= policy.challenges_per_login {
            requested.captcha = Check::Exhausted;
            return (requested, None);
        }
        match self.begin(policy, rejection).await {
            Ok(asked) => {
                requested.challenges += 1;
                requested.captcha = Check::Asked(Box::new(asked));
                (requested, None)
            }
            Err(fault) => {
                requested.captcha = Check::Unavailable;
                (requested, Some(fault))
            }
        }
    }

    async fn begin(&self, policy: &CaptchaPolicy, rejection: Option<Rejection>) -> Result<Asked, Fault> {
        let captcha = self.provider.plugins.captcha(&policy.plugin);
        let captcha = captcha.ok_or_else(|| Fault::NoPlugin(format!("the captcha {}", policy.plugin)))?;
        let begun = captcha.begin(&self.transaction.caller(self.client)).await;
        let challenge = begun.map_err(|error| fault(&captcha, error))?;
        Ok(Asked { build: captcha.build(), form: challenge.form, rejection, state: challenge.state })
    }

    async fn verify(&self, asked: &Asked, answers: Vec<Answer>) -> Result<(), Fault> {
        let captcha = self.provider.plugins.captcha_of(&asked.build);
        let captcha = captcha.ok_or_else(|| {
            let PluginBuild { id, version, .. } = &asked.build;
            Fault::NoPlugin(format!(
                "the captcha that can go on for {id} {version}, which made the challenge"
            ))
        })?;
        let verified = captcha.verify(&self.transaction.caller(self.client), &asked.state, answers).await;
        verified.map_err(|error| fault(&captcha, error))
    }
}

fn fault(captcha: &Arc<dyn Captcha>, error: PluginError) -> Fault {
    Fault::Plugin { plugin: captcha.id().to_owned(), error }
}

#[cfg(test)]
mod tests;
