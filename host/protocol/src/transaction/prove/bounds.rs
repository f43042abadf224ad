//! Bounds of one identifier over all logins: answers that were not accepted, and codes that are sent (`login.md`).

use super::{Prover, back_to_start};
use crate::audit::event::{Action, Outcome};
use crate::error::Fault;
use crate::ports::plugins::{Individual, Input, PluginError, Rejection};
use crate::ports::store::{Kept, StoreError, Window};
use crate::transaction::stage::{Proving, Stage};

/// Counts answers for an identifier that were not accepted.
pub(in crate::transaction) const FAILURES: &str = "failures";
/// Counts OTPs that were sent for an identifier.
pub(in crate::transaction) const OTPS: &str = "otps";
/// The window of the counters of an identifier.
const HOUR: u64 = 3600;
/// What is counted before anybody has judged it. A crash may lose it, and with it the login it was for; no disk is
/// waited for on the way of somebody who is right.
const UNDER_WAY: Window = Window { seconds: HOUR, kept: Kept::OverACleanStop };
/// What was not accepted. No stop takes it back.
const FAILED: Window = Window { seconds: HOUR, kept: Kept::OverAnyStop };

impl Prover<'_> {
    /// One more answer was not accepted: the stage to go to when it was one too many for this login. What was counted
    /// while it was under way is replaced by one failure that no stop takes back.
    pub(super) async fn failed(
        &self,
        proving: &mut Proving,
        reserved: u32,
    ) -> Result<Option<Stage>, StoreError> {
        self.count(&proving.individual, FAILURES, FAILED).await?;
        self.give_back(&proving.individual, u64::from(reserved)).await?;
        proving.failures += 1;
        let bound = self.provider.policy.bounds.failures_per_login;
        Ok((proving.failures >= bound).then(|| back_to_start(proving, locked(None))))
    }

    fn failures_bound(&self) -> u64 {
        self.provider.policy.bounds.failures_per_individual_per_hour
    }

    /// Has the ID system send an OTP, within bounds for the identifier over all logins.
    pub(super) async fn deliver(&self, proving: &Proving, channels: &[String]) -> Result<Input, Fault> {
        let sent = self.send_otp(&proving.individual, channels).await;
        match &sent {
            Ok(Input::OtpNotSent(rejection)) => {
                self.note(proving, Action::Otp, Outcome::Refused, |event| event.rejected(rejection));
            }
            Ok(_) => self.note(proving, Action::Otp, Outcome::Success, |event| event),
            Err(fault) => {
                let code = fault.code();
                self.note(proving, Action::Otp, Outcome::Failed, |event| event.because(code));
            }
        }
        sent
    }

    async fn send_otp(&self, individual: &Individual, channels: &[String]) -> Result<Input, Fault> {
        if let Some(rejection) = self.no_more_codes(individual).await? {
            return Ok(Input::OtpNotSent(rejection));
        }
        match self.id_system.send_otp(&self.caller, individual, channels).await {
            Ok(receipt) => Ok(Input::OtpSent(receipt)),
            Err(PluginError::Rejected(rejection)) => Ok(Input::OtpNotSent(rejection)),
            Err(error) => Err(self.id_system_fault(error)),
        }
    }

    /// Counts a code that is about to be sent to an identifier, whoever sends it, or says why none may be.
    async fn no_more_codes(&self, individual: &Individual) -> Result<Option<Rejection>, StoreError> {
        if let Some(rejection) = self.locked(individual).await? {
            return Ok(Some(rejection));
        }
        let bound = self.provider.policy.bounds.otps_per_individual_per_hour;
        let sent = self.count(individual, OTPS, UNDER_WAY).await?;
        Ok((sent > bound).then(|| locked(Some(HOUR))))
    }

    /// The same where the present factor would send a code itself (ADR 0097).
    pub(super) async fn no_code_of_its_own(&self, proving: &Proving) -> Result<Option<Rejection>, Fault> {
        if !self.factor(proving)?.descriptor().sends_codes {
            return Ok(None);
        }
        Ok(self.no_more_codes(&proving.individual).await?)
    }

    /// Whether too many answers for an identifier failed lately, in whatever login.
    async fn locked(&self, individual: &Individual) -> Result<Option<Rejection>, StoreError> {
        let key = self.provider.policy.pairwise_key.individual(FAILURES, self.name, individual);
        let failures = self.provider.stores.counters.count(&key, self.now).await?;
        Ok((failures >= self.failures_bound()).then(|| locked(Some(HOUR))))
    }

    /// Counts an answer that is about to be judged, or says why none may be.
    pub(super) async fn no_more_attempts(
        &self,
        individual: &Individual,
    ) -> Result<Option<Rejection>, StoreError> {
        let under_way = self.count(individual, FAILURES, UNDER_WAY).await?;
        Ok((under_way > self.failures_bound()).then(|| locked(Some(HOUR))))
    }

    pub(super) async fn give_back(&self, individual: &Individual, count: u64) -> Result<(), StoreError> {
        let key = self.provider.policy.pairwise_key.individual(FAILURES, self.name, individual);
        self.provider.stores.counters.give_back(&key, count, self.now).await
    }

    async fn count(&self, individual: &Individual, purpose: &str, window: Window) -> Result<u64, StoreError> {
        let key = self.provider.policy.pairwise_key.individual(purpose, self.name, individual);
        self.provider.stores.counters.increment(&key, window, self.now).await
    }
}

/// Too many attempts.
pub(super) fn locked(retry_after_seconds: Option<u64>) -> Rejection {
    Rejection {
        reason: "locked".to_owned(),
        attempts_left: Some(0),
        retry_after_seconds: retry_after_seconds.and_then(|seconds| u32::try_from(seconds).ok()),
    }
}
