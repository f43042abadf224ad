//! One submitted form: what it means for the stage the login is at, and what comes of it.

use super::ways;
use super::{close, complete, end, keep_until, problem};
use crate::audit::event::{Action, Event, Outcome};
use crate::client::Client;
use crate::consent;
use crate::consent::reuse::{self, Agreement};
use crate::endpoint::answer::{Answer, CookieChange, Problem, ProblemKind};
use crate::error::wire::Cause;
use crate::error::{ErrorCode, Fault};
use crate::id_systems::Way;
use crate::policy::IndividualKind;
use crate::ports::plugins::{Individual, Input, Rejection};
use crate::ports::store::{Version, Versioned};
use crate::provider::Provider;
use crate::transaction::Transaction;
use crate::transaction::answers;
use crate::transaction::browser::{Standing, Submission};
use crate::transaction::captcha::{Check, Gate, Identified, Passage, Typed};
use crate::transaction::cookie::LoginCookie;
use crate::transaction::prove::{Chosen, Prover};
use crate::transaction::stage::{OfferedClaim, Pending, Requested, Stage};
use crate::word::digits;
use crate::word::parameters::Parameters;
use crate::word::time::Timestamp;

/// Why a login ends without a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// `action=cancel`.
    #[error("the end-user cancelled")]
    Cancelled,
    /// `action=deny`.
    #[error("the end-user did not consent")]
    Denied,
}

/// What a form means.
pub enum Decision {
    /// The person wants out.
    End(Refusal),
    /// The person said who they are, and answered the captcha if there was one.
    Begin(Box<Identified>),
    /// The person wants another challenge of the captcha.
    Another(Box<Requested>),
    /// Something for the current factor.
    Resume(Input),
    /// The person agreed to release these.
    Release(Vec<OfferedClaim>),
    /// Ask again.
    Ask(Stage),
    /// Nothing that fits the stage: show where the login is.
    Nothing,
}

/// What a form means at the stage a login is at.
pub fn decide(
    transaction: &Transaction,
    ways: &[Way],
    kinds: &[IndividualKind],
    form: &Parameters,
    now: Timestamp,
) -> Decision {
    let action = form.one("action").unwrap_or("continue");
    if action == "cancel" {
        return Decision::End(Refusal::Cancelled);
    }
    match (&transaction.stage, action) {
        (Stage::Requested(requested), "continue") => identify(requested, ways, kinds, form),
        (Stage::Requested(requested), "another") if matches!(requested.captcha, Check::Asked(_)) => {
            let typed = Some(Typed::of(form, kinds));
            Decision::Another(Box::new(Requested { typed, rejection: None, ..requested.clone() }))
        }
        (Stage::Proving(proving), "continue" | "resend") => match (&proving.pending, action) {
            (Pending::Question { form: asked, asked_at, .. }, "resend") => match asked.resend_after_seconds {
                Some(after) if now >= asked_at.plus(u64::from(after)) => Decision::Resume(Input::Resend),
                _ => Decision::Nothing,
            },
            (Pending::Question { form: asked, asked_at, state, .. }, _) => match answers::read(asked, form) {
                Ok(answers) => Decision::Resume(Input::Answers(answers)),
                Err(rejection) => {
                    let mut again = proving.clone();
                    again.pending = Pending::Question {
                        form: asked.clone(),
                        rejection: Some(rejection),
                        asked_at: *asked_at,
                        state: state.clone(),
                    };
                    Decision::Ask(Stage::Proving(again))
                }
            },
            (Pending::Pause { until, .. }, "continue") if now >= *until => Decision::Resume(Input::Waited),
            (Pending::Pause { .. } | Pending::None, _) => Decision::Nothing,
        },
        (Stage::Authenticated(authenticated), "allow") => {
            Decision::Release(consent::granted(&authenticated.offer, form))
        }
        (Stage::Authenticated(_), "deny") => Decision::End(Refusal::Denied),
        (Stage::Requested(_) | Stage::Proving(_) | Stage::Authenticated(_), _) => Decision::Nothing,
    }
}

fn identify(requested: &Requested, ways: &[Way], kinds: &[IndividualKind], form: &Parameters) -> Decision {
    let again = |reason: &str| {
        let (rejection, typed) = (Some(Rejection::of(reason)), None);
        Decision::Ask(Stage::Requested(Requested { rejection, typed, ..requested.clone() }))
    };
    let index = form.one("method").map_or(Some(0), |index| index.parse().ok());
    let taken = ways::kinds(ways, kinds);
    let kind = match form.one("kind") {
        None => taken.first(),
        Some(word) => taken.iter().find(|kind| kind.kind == word),
    };
    let (Some(way), Some(kind)) = (index.and_then(|index: usize| ways.get(index)), kind) else {
        return again("malformed");
    };
    let typed = form.one("individual").unwrap_or_default().trim();
    let value = if kind.digits { digits::fold(typed) } else { typed.to_owned() };
    if value.is_empty() {
        return again("missing");
    }
    let only_digits = !kind.digits || value.bytes().all(|byte| byte.is_ascii_digit());
    if value.chars().count() > kind.max_length || !only_digits || value.chars().any(char::is_control) {
        return again("malformed");
    }
    // Not every register judges every factor.
    let Some(id_system) = way.answering(&kind.kind).cloned() else { return again("other-way") };
    let individual = Individual { kind: kind.kind.clone(), value, attributes: Vec::new() };
    let typed = Typed::of(form, kinds);
    let answers = match requested.captcha.answers(form) {
        Ok(answers) => answers,
        Err(captcha) => {
            let (rejection, typed) = (None, Some(typed));
            let again = Requested { rejection, captcha, typed, ..requested.clone() };
            return Decision::Ask(Stage::Requested(again));
        }
    };
    let chosen = Chosen { method: way.method.clone(), individual, id_system };
    Decision::Begin(Box::new(Identified { requested: requested.clone(), chosen, answers, typed }))
}

/// Takes a form: at most once, from the right browser, for the page that is shown.
pub(super) async fn handle(provider: &Provider, cookie: &LoginCookie, body: &[u8]) -> Result<Answer, Fault> {
    let now = provider.now();
    let form = match Parameters::parse(body) {
        Ok(form) => form,
        Err(error) => return Ok(Problem::page(ProblemKind::MalformedRequest, &error)),
    };
    let Some(open) = provider.stores.transactions.load(&cookie.id(), now).await? else {
        return Ok(super::no_login());
    };
    let submission = Submission::new(&cookie.secret, body);
    let form_token = form.one("form").unwrap_or_default();
    match open.record.browser.standing(&cookie.secret, form_token, &submission, now) {
        Standing::Foreign => {
            forget(provider, cookie, open, now).await?;
            Ok(super::no_login())
        }
        Standing::Stale => Ok(see_login(CookieChange::Keep, None)),
        Standing::Repeated(secret) => Ok(see_login(CookieChange::Set(cookie.renewed(&secret)), None)),
        Standing::Fresh if now > open.record.deadline => {
            end(provider, cookie, &open.record, ErrorCode::LoginRequired, &super::Refusal::TooLate).await
        }
        Standing::Fresh => {
            let client = client(provider, &open.record).await?;
            let ways = ways::ways(provider, &client, &open.record);
            let decision = decide(&open.record, &ways, &provider.policy.individual_kinds, &form, now);
            Work { provider, client: &client, cookie, now }.carry_out(open, submission, decision).await
        }
    }
}

/// A wrong guess with an old secret ends the memory of what was typed. Losing the race to a newer page is as good.
async fn forget(
    provider: &Provider,
    cookie: &LoginCookie,
    open: Versioned<Transaction>,
    now: Timestamp,
) -> Result<(), Fault> {
    let Versioned { record: mut transaction, version } = open;
    if transaction.browser.remembers(now) {
        transaction.browser.forget();
        let until = keep_until(transaction.deadline);
        provider.stores.transactions.replace(&cookie.id(), &version, &transaction, until).await?;
    }
    Ok(())
}

async fn client(provider: &Provider, transaction: &Transaction) -> Result<std::sync::Arc<Client>, Fault> {
    provider.client(&transaction.client_id).await?.ok_or(Fault::ClientGone)
}

fn see_login(cookie: CookieChange, cause: Option<Cause>) -> Answer {
    Answer::SeeLogin { cookie, cause }
}

/// One decision being carried out.
struct Work<'a> {
    provider: &'a Provider,
    client: &'a Client,
    cookie: &'a LoginCookie,
    now: Timestamp,
}

impl Work<'_> {
    /// Claims the login, does the work, settles. The claim comes first: of two equal forms one calls the plugins.
    async fn carry_out(
        &self,
        open: Versioned<Transaction>,
        submission: Submission,
        decision: Decision,
    ) -> Result<Answer, Fault> {
        let Versioned { record: mut transaction, version } = open;
        let entropy = self.provider.entropy.as_ref();
        match decision {
            Decision::Nothing => return Ok(see_login(CookieChange::Keep, None)),
            Decision::Ask(stage) => {
                transaction.stage = stage;
                transaction.browser.claim(submission, entropy, self.now);
                return self.settle(transaction, &version, None).await;
            }
            Decision::Begin(_) | Decision::Another(_) => transaction.stage.spend_challenge(),
            Decision::End(_) | Decision::Resume(_) | Decision::Release(_) => {}
        }
        transaction.browser.claim(submission, entropy, self.now);
        let until = keep_until(transaction.deadline);
        let transactions = &self.provider.stores.transactions;
        let Some(version) = transactions.replace(&self.cookie.id(), &version, &transaction, until).await?
        else {
            return Ok(see_login(CookieChange::Keep, None));
        };

        let stage = match decision {
            Decision::End(refusal) => {
                self.note_denial(&transaction, refusal);
                return end(self.provider, self.cookie, &transaction, ErrorCode::AccessDenied, &refusal)
                    .await;
            }
            Decision::Release(granted) => {
                return self.release(&transaction, &Agreement::Given(granted)).await;
            }
            Decision::Begin(identified) => match self.gate(&transaction).judge(*identified).await? {
                Passage::Open(requested, chosen) => {
                    let name = chosen.id_system.clone();
                    let prover = Prover::new(self.provider, self.client, &transaction, &name, self.now);
                    match prover {
                        Ok(prover) => prover.begin(requested, chosen).await,
                        Err(fault) => Err(fault),
                    }
                }
                Passage::Shut { requested, fault } => {
                    transaction.stage = Stage::Requested(requested);
                    return self.settle(transaction, &version, fault.map(Cause::Fault)).await;
                }
            },
            Decision::Another(requested) => {
                let (requested, fault) = self.gate(&transaction).another(*requested).await;
                transaction.stage = Stage::Requested(requested);
                return self.settle(transaction, &version, fault.map(Cause::Fault)).await;
            }
            Decision::Resume(input) => self.resume(&transaction, input).await,
            Decision::Ask(_) | Decision::Nothing => Ok(transaction.stage.clone()),
        };
        match stage {
            Ok(Stage::Authenticated(authenticated)) => {
                transaction.deadline = self.now.plus(self.provider.policy.lifetimes.after_authentication);
                transaction.stage = Stage::Authenticated(authenticated);
                if let Some(answer) = self.skip_consent(&transaction).await? {
                    return Ok(answer);
                }
                self.settle(transaction, &version, None).await
            }
            Ok(Stage::Requested(requested)) => self.ask_who(transaction, requested, (&version, None)).await,
            Ok(stage) => {
                transaction.stage = stage;
                self.settle(transaction, &version, None).await
            }
            // A plugin that fails costs this attempt; the person may try again or another way, with what is loaded now.
            Err(fault @ (Fault::Plugin { .. } | Fault::NoPlugin(_))) => {
                let requested = unavailable(&transaction.stage);
                if let Ok(pins) = ways::begin(self.provider, self.client, &transaction.request) {
                    transaction.pins = pins.keeping(&transaction.pins);
                }
                self.ask_who(transaction, requested, (&version, Some(fault))).await
            }
            Err(fault) => Ok(problem(fault)),
        }
    }

    fn gate<'b>(&'b self, transaction: &'b Transaction) -> Gate<'b> {
        Gate::new(self.provider, self.client, transaction, self.now)
    }

    /// Asks anew who the person is, with a captcha if one is due.
    async fn ask_who(
        &self,
        mut transaction: Transaction,
        requested: Requested,
        (version, fault): (&Version, Option<Fault>),
    ) -> Result<Answer, Fault> {
        let (requested, failed) = self.gate(&transaction).stand_before(requested).await;
        transaction.stage = Stage::Requested(requested);
        self.settle(transaction, version, fault.or(failed).map(Cause::Fault)).await
    }

    fn note_denial(&self, transaction: &Transaction, refusal: Refusal) {
        if let (Refusal::Denied, Stage::Authenticated(authenticated)) = (refusal, &transaction.stage) {
            let trace = authenticated.login.trace.as_deref();
            let denied = Event::new(Action::Consent, Outcome::Refused);
            self.provider.audit.note(|_| denied.of(transaction).after(trace));
        }
    }

    async fn resume(&self, transaction: &Transaction, input: Input) -> Result<Stage, Fault> {
        let Stage::Proving(proving) = transaction.stage.clone() else {
            return Ok(transaction.stage.clone());
        };
        let name = proving.id_system.clone();
        Prover::new(self.provider, self.client, transaction, &name, self.now)?.resume(*proving, input).await
    }

    /// Nothing is asked, or was agreed to before, or the wrong person is there: no consent page.
    async fn skip_consent(&self, transaction: &Transaction) -> Result<Option<Answer>, Fault> {
        let Stage::Authenticated(authenticated) = &transaction.stage else {
            return Ok(None);
        };
        if let Err(refusal) = complete::is_expected(transaction, authenticated) {
            let answer =
                end(self.provider, self.cookie, transaction, ErrorCode::LoginRequired, &refusal).await?;
            return Ok(Some(answer));
        }
        if transaction.request.scope.has_key_binding() {
            // It lasts beyond the login, so it is asked each time.
            return Ok(None);
        }
        let agreement = if authenticated.offer.is_empty() {
            (!transaction.request.prompt.consent).then_some(Agreement::NothingAsked)
        } else {
            reuse::find(self.provider, self.client, transaction, authenticated, self.now).await?
        };
        match agreement {
            Some(agreement) => Ok(Some(self.release(transaction, &agreement).await?)),
            None => Ok(None),
        }
    }

    /// The code, for the one who answers the pushed request first.
    async fn release(&self, transaction: &Transaction, agreement: &Agreement) -> Result<Answer, Fault> {
        let Stage::Authenticated(authenticated) = &transaction.stage else {
            return Ok(see_login(CookieChange::Keep, None));
        };
        if !close(self.provider, self.cookie, transaction).await? {
            return Ok(super::answered());
        }
        Ok(complete::handle(self.provider, self.client, transaction, authenticated, agreement).await)
    }

    async fn settle(
        &self,
        mut transaction: Transaction,
        version: &Version,
        cause: Option<Cause>,
    ) -> Result<Answer, Fault> {
        transaction.browser.settle(self.provider.entropy.as_ref(), self.now);
        let until = keep_until(transaction.deadline);
        let transactions = &self.provider.stores.transactions;
        let replaced = transactions.replace(&self.cookie.id(), version, &transaction, until).await?;
        let cookie = match replaced {
            Some(_) => CookieChange::Set(self.cookie.renewed(transaction.browser.secret())),
            None => CookieChange::Keep,
        };
        Ok(see_login(cookie, cause))
    }
}

/// Where a login goes whose plugin failed.
fn unavailable(stage: &Stage) -> Requested {
    let (attempts, failures, challenges) = match stage {
        Stage::Requested(requested) => (requested.attempts + 1, requested.failures, requested.challenges),
        Stage::Proving(proving) => (proving.attempts, proving.failures, proving.challenges),
        Stage::Authenticated(_) => (0, 0, 0),
    };
    let rejection = Some(Rejection::of("unavailable"));
    Requested { rejection, attempts, failures, challenges, ..Requested::default() }
}

#[cfg(test)]
mod tests;
