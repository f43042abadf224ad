//! Proving: factor after factor, then the ID system's word on all of them (`protocol.md` 29, `plugins.md` §1).
//!
//! A method's factors are asked in order. What a factor judges itself is evidence, what it hands on is a proof; both go to
//! the ID system in one call, and only its yes makes the login authenticated.

mod bounds;

use std::sync::Arc;

use super::Transaction;
use super::stage::{Authenticated, Delegated, Pending, Proving, Requested, Stage};
use crate::assurance::Method;
use crate::audit::event::{Action, Event, Outcome};
use crate::client::Client;
use crate::consent;
use crate::error::Fault;
use crate::id_systems::IdSystemName;
use crate::issue::authorization_code::Login;
use crate::ports::plugins::{
    AuthFactor, Authentication, Caller, IdSystem, Individual, Input, PluginError, Rejection, Step,
};
use crate::provider::Provider;
use crate::word::time::Timestamp;
use bounds::locked;
pub(super) use bounds::{FAILURES, OTPS};

/// The most steps a factor may take without asking anything: a plugin that goes round in circles is broken.
const MAX_STEPS: usize = 8;
/// One login at work on its factors.
pub struct Prover<'a> {
    provider: &'a Provider,
    client: &'a Client,
    transaction: &'a Transaction,
    caller: Caller,
    name: &'a IdSystemName,
    id_system: Arc<dyn IdSystem>,
    now: Timestamp,
}

/// What a person chose on the first page, and who answers for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// How they want to sign in.
    pub method: Method,
    /// Who they say they are.
    pub individual: Individual,
    /// The ID system.
    pub id_system: IdSystemName,
}

impl<'a> Prover<'a> {
    /// Begins to work for one request, with the ID system of this name.
    pub fn new(
        provider: &'a Provider,
        client: &'a Client,
        transaction: &'a Transaction,
        name: &'a IdSystemName,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let id_system = transaction.pins.id_system(provider.plugins.as_ref(), name)?;
        Ok(Self { provider, client, transaction, caller: transaction.caller(client), name, id_system, now })
    }

    /// Somebody said who they are: the first factor of the method begins.
    pub async fn begin(&self, requested: Requested, chosen: Chosen) -> Result<Stage, Fault> {
        let Chosen { method, individual, id_system } = chosen;
        let attempts = requested.attempts + 1;
        if attempts > self.provider.policy.bounds.identifiers_per_login {
            return Ok(Stage::Requested(Requested { rejection: Some(locked(None)), attempts, ..requested }));
        }
        let proving = Proving {
            acr: method.acr,
            factors: method.factors,
            current: 0,
            individual,
            id_system,
            pending: Pending::None,
            proofs: Vec::new(),
            evidence: Vec::new(),
            reserved: 0,
            failures: requested.failures,
            attempts,
            challenges: requested.challenges,
        };
        let step = self.begin_factor(&proving).await?;
        self.advance(proving, step).await
    }

    /// Something came of what the current factor waited for.
    ///
    /// An answer is counted against the identifier before anybody judges it, so that answers sent at the same time
    /// cannot outrun the bound; what turns out to be right, or no attempt at all, is given back.
    pub async fn resume(&self, mut proving: Proving, mut input: Input) -> Result<Stage, Fault> {
        if matches!(input, Input::Resend)
            && let Some(rejection) = self.no_code_of_its_own(&proving).await?
        {
            input = Input::OtpNotSent(rejection);
        }
        let state = match &proving.pending {
            Pending::Question { state, .. } | Pending::Pause { state, .. } => state.clone(),
            Pending::None => Vec::new(),
        };
        let answered = matches!(input, Input::Answers(_));
        if answered {
            if let Some(rejection) = self.no_more_attempts(&proving.individual).await? {
                return Ok(back_to_start(&proving, rejection));
            }
            proving.reserved += 1;
        }
        let step = match self.resume_factor(&proving, &state, input).await {
            Ok(step) => step,
            Err(fault) => return self.unjudged(&proving, fault).await,
        };
        if answered {
            if let Step::Ask { rejection: Some(rejection), .. } = &step {
                self.note_factor(&proving, Outcome::Refused, |event| event.rejected(rejection));
            }
            match verdict(&step) {
                Verdict::Wrong => {
                    proving.reserved -= 1;
                    if let Some(stage) = self.failed(&mut proving, 1).await? {
                        return Ok(stage);
                    }
                }
                Verdict::NoAttempt => {
                    proving.reserved -= 1;
                    self.give_back(&proving.individual, 1).await?;
                }
                Verdict::Open => {}
            }
        }
        self.advance(proving, step).await
    }

    /// Follows the steps until the person is needed, or the ID system has spoken.
    async fn advance(&self, mut proving: Proving, mut step: Step) -> Result<Stage, Fault> {
        for _ in 0..MAX_STEPS {
            step = match step {
                Step::Ask { form, rejection, state } => {
                    proving.pending = Pending::Question { form, rejection, asked_at: self.now, state };
                    return Ok(Stage::Proving(Box::new(proving)));
                }
                Step::Pause { seconds, message, state } => {
                    proving.pending =
                        Pending::Pause { until: self.now.plus(u64::from(seconds)), message, state };
                    return Ok(Stage::Proving(Box::new(proving)));
                }
                Step::Refused(rejection) => {
                    self.note_factor(&proving, Outcome::Refused, |event| event.rejected(&rejection));
                    return Ok(back_to_start(&proving, rejection));
                }
                Step::DeliverOtp { channels, state } => {
                    let input = self.deliver(&proving, &channels).await?;
                    self.resume_factor(&proving, &state, input).await?
                }
                Step::Proved(evidence) => {
                    self.note_factor(&proving, Outcome::Success, |event| event);
                    proving.evidence.push(evidence);
                    match self.next(proving).await? {
                        Next::Factor(with, step) => {
                            proving = *with;
                            step
                        }
                        Next::Stage(stage) => return Ok(stage),
                    }
                }
                Step::Delegate { proof, state } => {
                    let factor = proving.current;
                    proving.proofs.push(Delegated { proof, factor, state });
                    match self.next(proving).await? {
                        Next::Factor(with, step) => {
                            proving = *with;
                            step
                        }
                        Next::Stage(stage) => return Ok(stage),
                    }
                }
            };
        }
        let plugin = self.factor(&proving)?.id().to_owned();
        Err(Fault::Plugin {
            plugin,
            error: PluginError::Broken(format!("took {MAX_STEPS} steps without a question")),
        })
    }

    /// The next factor of the method, or the verdict when there is none left.
    async fn next(&self, mut proving: Proving) -> Result<Next, Fault> {
        if proving.current + 1 < proving.factors.len() {
            proving.current += 1;
            let step = self.begin_factor(&proving).await?;
            return Ok(Next::Factor(Box::new(proving), step));
        }
        if proving.reserved == 0 {
            // Nobody typed anything, and the ID system judges all the same.
            if let Some(rejection) = self.no_more_attempts(&proving.individual).await? {
                return Ok(Next::Stage(back_to_start(&proving, rejection)));
            }
            proving.reserved = 1;
        }
        let proofs: Vec<_> = proving.proofs.iter().map(|delegated| delegated.proof.clone()).collect();
        let authentication =
            Authentication { individual: &proving.individual, proofs: &proofs, evidence: &proving.evidence };
        match self.id_system.authenticate(&self.caller, authentication).await {
            Ok(verdict) => {
                self.give_back(&proving.individual, u64::from(proving.reserved)).await?;
                Ok(Next::Stage(self.authenticated(&proving, verdict)?))
            }
            Err(error) => {
                self.note(&proving, Action::Authentication, Outcome::of(&error), |event| {
                    event.failed_by(self.id_system.id(), &error)
                });
                if let PluginError::Rejected(rejection) = error {
                    return self.rejected(proving, rejection).await;
                }
                self.unjudged(&proving, self.id_system_fault(error)).await
            }
        }
    }

    /// A plugin failed before it said anything of an answer: an outage must not lock people out.
    async fn unjudged<T>(&self, proving: &Proving, fault: Fault) -> Result<T, Fault> {
        self.give_back(&proving.individual, u64::from(proving.reserved)).await?;
        Err(fault)
    }

    /// The ID system said no. It does not say to which factor, so the first one whose proof it judged asks again, and
    /// those after it begin anew.
    async fn rejected(&self, mut proving: Proving, rejection: Rejection) -> Result<Next, Fault> {
        let reserved = std::mem::take(&mut proving.reserved);
        if let Some(stage) = self.failed(&mut proving, reserved).await? {
            return Ok(Next::Stage(stage));
        }
        let Some(first) = proving.proofs.drain(..).next() else {
            return Ok(Next::Stage(back_to_start(&proving, rejection)));
        };
        proving.current = first.factor;
        let before: Vec<&String> = proving.factors.iter().take(first.factor).collect();
        proving.evidence.retain(|evidence| before.contains(&&evidence.factor));
        let step = self.resume_factor(&proving, &first.state, Input::Rejected(rejection)).await?;
        Ok(Next::Factor(Box::new(proving), step))
    }

    /// The ID system said yes.
    fn authenticated(
        &self,
        proving: &Proving,
        verdict: crate::ports::plugins::Authenticated,
    ) -> Result<Stage, Fault> {
        let mut amr: Vec<String> =
            proving.evidence.iter().flat_map(|evidence| evidence.amr.iter().cloned()).collect();
        for delegated in &proving.proofs {
            amr.extend(self.factor_at(proving, delegated.factor)?.descriptor().amr.iter().cloned());
        }
        amr.sort_unstable();
        amr.dedup();
        let subject = self.subject(&verdict);
        let descriptor = self.id_system.descriptor();
        let offer = consent::offer(&self.transaction.request, self.client, descriptor, &verdict);
        let of = self.named();
        let trace = self.provider.audit.trace(&self.transaction.id, of, &verdict.subject);
        let login = Login { subject, acr: proving.acr.clone(), amr, auth_time: self.now, trace };
        self.note(proving, Action::Authentication, Outcome::Success, |event| {
            let event = event.after(login.trace.as_deref());
            event.with("acr", login.acr.as_str()).with_words("amr", login.amr.iter().map(String::as_str))
        });
        let id_system = self.name.clone();
        Ok(Stage::Authenticated(Box::new(Authenticated { login, id_system, verdict, offer })))
    }

    /// What the relying party knows the person by (`protocol.md` 52). Of several ID systems each has subjects of its own: one
    /// that says the same as another means somebody else. What is partner-specific the operator allowed.
    fn subject(&self, verdict: &crate::ports::plugins::Authenticated) -> String {
        if verdict.partner_specific {
            return verdict.subject.clone();
        }
        self.provider.policy.pairwise_key.subject(&self.client.sector(), self.named(), &verdict.subject)
    }

    /// What subjects and pseudonyms of its people are derived over.
    fn named(&self) -> &str {
        if self.name.is_sole() { self.id_system.id() } else { &self.name.0 }
    }

    /// Records what happened in this login to the identifier, by its pseudonym.
    fn note(&self, proving: &Proving, action: Action, outcome: Outcome, said: impl FnOnce(Event) -> Event) {
        self.provider.audit.note(|key| {
            let event = Event::new(action, outcome).of(self.transaction);
            said(event.with("individual", key.individual(&proving.individual)))
        });
    }

    /// Records what became of the factor that is on.
    fn note_factor(&self, proving: &Proving, outcome: Outcome, said: impl FnOnce(Event) -> Event) {
        let factor = proving.factors.get(proving.current).map(String::as_str).unwrap_or_default();
        self.note(proving, Action::Factor, outcome, |event| said(event.with("factor", factor)));
    }

    fn factor(&self, proving: &Proving) -> Result<Arc<dyn AuthFactor>, Fault> {
        self.factor_at(proving, proving.current)
    }

    fn factor_at(&self, proving: &Proving, at: usize) -> Result<Arc<dyn AuthFactor>, Fault> {
        let word = proving.factors.get(at).map(String::as_str).unwrap_or_default();
        self.transaction.pins.factor(self.provider.plugins.as_ref(), word)
    }

    async fn begin_factor(&self, proving: &Proving) -> Result<Step, Fault> {
        if let Some(rejection) = self.no_code_of_its_own(proving).await? {
            return Ok(Step::Refused(rejection));
        }
        let factor = self.factor(proving)?;
        let begun = factor.begin(&self.caller, Some(&proving.individual)).await;
        begun.or_else(refused).map_err(|error| self.factor_fault(proving, factor.as_ref(), error))
    }

    async fn resume_factor(&self, proving: &Proving, state: &[u8], input: Input) -> Result<Step, Fault> {
        let factor = self.factor(proving)?;
        let resumed = factor.resume(&self.caller, Some(&proving.individual), state, input).await;
        resumed.or_else(refused).map_err(|error| self.factor_fault(proving, factor.as_ref(), error))
    }

    fn factor_fault(&self, proving: &Proving, factor: &dyn AuthFactor, error: PluginError) -> Fault {
        self.note_factor(proving, Outcome::Failed, |event| event.failed_by(factor.id(), &error));
        Fault::Plugin { plugin: factor.id().to_owned(), error }
    }

    fn id_system_fault(&self, error: PluginError) -> Fault {
        Fault::Plugin { plugin: self.id_system.id().to_owned(), error }
    }
}

/// Where a factor's end leads.
enum Next {
    /// To another factor, which has begun, or to the same one again.
    Factor(Box<Proving>, Step),
    /// To the person.
    Stage(Stage),
}

/// What a factor made of an answer.
enum Verdict {
    /// It was not accepted.
    Wrong,
    /// It was no attempt: a slip of the finger, or something the factor asks besides.
    NoAttempt,
    /// It is for others to say, or the factor is satisfied.
    Open,
}

/// What the step after an answer says of the answer. A plugin's reason for not counting is believed for the few words
/// that mean that nothing was judged.
fn verdict(step: &Step) -> Verdict {
    const NOT_JUDGED: [&str; 3] = ["malformed", "missing", "too-soon"];
    match step {
        Step::Ask { rejection: Some(rejection), .. } if NOT_JUDGED.contains(&rejection.reason.as_str()) => {
            Verdict::NoAttempt
        }
        Step::Ask { rejection: Some(_), .. } | Step::Refused(_) => Verdict::Wrong,
        Step::Ask { rejection: None, .. } | Step::DeliverOtp { .. } | Step::Pause { .. } => {
            Verdict::NoAttempt
        }
        Step::Proved(_) | Step::Delegate { .. } => Verdict::Open,
    }
}

/// A login that goes back to the question who the person is.
fn back_to_start(proving: &Proving, rejection: Rejection) -> Stage {
    Stage::Requested(Requested {
        rejection: Some(rejection),
        attempts: proving.attempts,
        failures: proving.failures,
        challenges: proving.challenges,
        ..Requested::default()
    })
}

/// A factor that rejects the person as a whole has refused.
fn refused(error: PluginError) -> Result<Step, PluginError> {
    match error {
        PluginError::Rejected(rejection) => Ok(Step::Refused(rejection)),
        other @ (PluginError::Unavailable(_)
        | PluginError::TimedOut(_)
        | PluginError::Trapped(_)
        | PluginError::Broken(_)) => Err(other),
    }
}
