//! What the core asks of plugins: the roles of `wit/`, as traits over plain values.
//!
//! The sandbox implements these over WebAssembly components, tests over a few lines of Rust. A verdict of a plugin is a
//! value here; what it means is decided in [`crate::transaction`].

use std::sync::Arc;

use super::audit::AuditSink;
use super::captcha::Captcha;
pub use super::forms::{Answer, Field, Form};
use super::key_binder::KeyBinder;
use super::plugin_build::PluginBuild;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A named value with an open vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// One login as every call of it sees it (`esignet:types/caller`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Opaque, unique per login, stable over its calls.
    pub transaction: String,
    /// Ten letters and digits that ID systems and biometric devices compare.
    pub short_transaction: String,
    /// The relying party as the ID system knows it.
    pub relying_party: String,
    /// The client of that relying party.
    pub client: String,
    /// BCP 47, the language the person reads.
    pub locale: String,
    /// BCP 47, the languages claims are wanted in, best first.
    pub claims_locales: Vec<String>,
}

/// The person's identifier as typed. Personal data: `Debug` shows the kind only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Individual {
    /// The kind of identifier: "uin", "phone", ….
    pub kind: String,
    /// The identifier.
    pub value: String,
    /// Further fields of the login form.
    pub attributes: Vec<Attribute>,
}

/// What a factor collected and the ID system must judge. A credential: `Debug` hides the value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The factor: "OTP", "PIN", ….
    pub factor: String,
    /// How the value is written: "alpha-numeric", ….
    pub format: String,
    /// The credential.
    #[serde(with = "crate::word::bytes")]
    pub value: Vec<u8>,
    /// Further facts.
    pub attributes: Vec<Attribute>,
}

/// What a factor judged itself. Its facts may be the person's, such as an address: `Debug` hides them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The factor.
    pub factor: String,
    /// Authentication method references (RFC 8176) it claims.
    pub amr: Vec<String>,
    /// Further facts.
    pub attributes: Vec<Attribute>,
}

/// Words for a person: the host's entry for `key` in their language, else `text`. Never markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The key of a catalogue entry.
    pub key: String,
    /// What to show when no catalogue has the key.
    pub text: String,
    /// Values for the entry's placeholders.
    pub arguments: Vec<Attribute>,
}

/// Where an OTP went, masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskedTarget {
    /// "sms", "email", ….
    pub channel: String,
    /// The masked address.
    pub masked: String,
}

/// An OTP is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtpReceipt {
    /// Where it went.
    pub targets: Vec<MaskedTarget>,
    /// How long it can be used, in seconds.
    pub valid_seconds: u32,
    /// When it can be asked for again, in seconds.
    pub resend_after_seconds: u32,
}

/// The person or the credential was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// An open vocabulary: "wrong", "expired", "locked", "unknown", ….
    pub reason: String,
    /// How many tries are left, if that is known.
    pub attempts_left: Option<u32>,
    /// When to try again, in seconds.
    pub retry_after_seconds: Option<u32>,
}

impl Rejection {
    /// A rejection that tells only its reason.
    pub fn of(reason: &str) -> Self {
        Self { reason: reason.to_owned(), attempts_left: None, retry_after_seconds: None }
    }
}

/// Why a plugin gave no answer. Texts are for the operator's log and never reach a page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PluginError {
    /// The person or the credential is not accepted.
    #[error("rejected: {}", .0.reason)]
    Rejected(Rejection),
    /// The ID system, its gateway or the plugin's turn cannot be had now.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The call went over its CPU or wall budget and was ended.
    #[error("timed out: {0}")]
    TimedOut(String),
    /// The component trapped or went over its memory limit; its instance is gone.
    #[error("trapped: {0}")]
    Trapped(String),
    /// The plugin or its configuration is at fault: it said so, or it broke the contract.
    #[error("broken: {0}")]
    Broken(String),
}

/// What an ID system can do (`esignet:id-system/descriptor`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdSystemDescriptor {
    /// Factors it can judge, each with the proof formats it takes.
    pub factors: Vec<(String, Vec<String>)>,
    /// Kinds of identifier it knows, the usual one first.
    pub individual_kinds: Vec<String>,
    /// Channels it can send an OTP over.
    pub otp_channels: Vec<String>,
    /// Claims it can release.
    pub claims: Vec<String>,
    /// BCP 47: the languages it has claims in.
    pub claims_locales: Vec<String>,
    /// What of claims it can state as verified, if anything.
    pub verified: Option<VerifiedOffer>,
}

/// What an ID system can state as verified (`esignet:id-system/verified-offer`), in the words of OIDC4IDA §8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifiedOffer {
    /// Trust frameworks it verifies under.
    pub trust_frameworks: Vec<String>,
    /// Claims it can state as verified.
    pub claims: Vec<String>,
    /// Types of evidence.
    pub evidence: Vec<String>,
    /// Types of documents.
    pub documents: Vec<String>,
    /// How documents are verified.
    pub documents_methods: Vec<String>,
    /// How documents are checked.
    pub documents_check_methods: Vec<String>,
    /// Types of electronic records.
    pub electronic_records: Vec<String>,
}

/// All factors of one login, for the ID system to verify together.
#[derive(Clone, Copy, Debug)]
pub struct Authentication<'a> {
    /// Who the person says they are.
    pub individual: &'a Individual,
    /// What the ID system must judge.
    pub proofs: &'a [Proof],
    /// What factors judged themselves.
    pub evidence: &'a [Evidence],
}

/// The ID system knows the person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticated {
    /// The ID system's stable name for the person.
    pub subject: String,
    /// Whether `subject` already is for this relying party alone.
    pub partner_specific: bool,
    /// Opaque; comes back to [`IdSystem::release_claims`].
    #[serde(with = "crate::word::bytes")]
    pub continuation: Vec<u8>,
    /// Claims it cannot release for this person.
    pub unavailable_claims: Vec<String>,
    /// Claims it cannot state as verified for this person.
    #[serde(default)]
    pub unverified_claims: Vec<String>,
}

/// What a person agreed to release (`esignet:id-system/claims-request`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimsWanted {
    /// Names, some of them with a language tag.
    pub claims: Vec<String>,
    /// `verified_claims` elements as they are asked for (OIDC4IDA §5.3–5.6).
    pub verified_claims: Vec<serde_json::Value>,
}

/// The country's ID system.
#[async_trait]
pub trait IdSystem: Send + Sync {
    /// The plugin's id, as the operator configured it.
    fn id(&self) -> &str;
    /// Which build of it this is.
    fn build(&self) -> PluginBuild {
        PluginBuild::native(self.id())
    }
    /// What it said of itself when it was loaded.
    fn descriptor(&self) -> &IdSystemDescriptor;
    /// Sends a one-time code to the person.
    async fn send_otp(
        &self,
        caller: &Caller,
        individual: &Individual,
        channels: &[String],
    ) -> Result<OtpReceipt, PluginError>;
    /// Verifies all factors of a login together.
    async fn authenticate(
        &self,
        caller: &Caller,
        authentication: Authentication<'_>,
    ) -> Result<Authenticated, PluginError>;
    /// Releases the claims the person agreed to; what is verified is in the member `verified_claims`. The host drops what was
    /// not asked for.
    async fn release_claims(
        &self,
        caller: &Caller,
        continuation: &[u8],
        wanted: &ClaimsWanted,
    ) -> Result<serde_json::Map<String, serde_json::Value>, PluginError>;
}

/// What a factor is (`esignet:auth-factor/descriptor`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthFactorDescriptor {
    /// "OTP", "PIN", …: the word the acr mapping uses.
    pub factor: String,
    /// Values it may put into `amr`.
    pub amr: Vec<String>,
    /// Whether the person must have named themselves first.
    pub needs_individual: bool,
    /// Whether it sends codes itself, when it begins and when it is asked for another: they count as OTPs of the identifier.
    pub sends_codes: bool,
    /// Whether it judges by itself and needs no ID system that judges it.
    pub judges_itself: bool,
}

/// What should happen next in a factor (`esignet:auth-factor/step`). `state` is opaque and comes back.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask the person.
    Ask {
        /// The form.
        form: Form,
        /// Why the last answer was not accepted.
        rejection: Option<Rejection>,
        /// Comes back with the answers.
        state: Vec<u8>,
    },
    /// Have the ID system send an OTP.
    DeliverOtp {
        /// Channels to use, none for the usual one.
        channels: Vec<String>,
        /// Comes back with the receipt.
        state: Vec<u8>,
    },
    /// Let time pass.
    Pause {
        /// How long.
        seconds: u32,
        /// What to say meanwhile.
        message: Message,
        /// Comes back.
        state: Vec<u8>,
    },
    /// Proved by the factor itself.
    Proved(Evidence),
    /// For the ID system to judge.
    Delegate {
        /// What to judge.
        proof: Proof,
        /// Comes back with the rejection if it says no.
        state: Vec<u8>,
    },
    /// This factor cannot be passed in this login any more.
    Refused(Rejection),
}

/// What came of a factor's last step (`esignet:auth-factor/input`).
#[derive(Clone, PartialEq, Eq)]
pub enum Input {
    /// The person answered.
    Answers(Vec<Answer>),
    /// The person asked for the same again.
    Resend,
    /// The OTP is on its way.
    OtpSent(OtpReceipt),
    /// The OTP was not sent.
    OtpNotSent(Rejection),
    /// The pause is over.
    Waited,
    /// The ID system said no.
    Rejected(Rejection),
}

/// One way to prove who one is.
#[async_trait]
pub trait AuthFactor: Send + Sync {
    /// The plugin's id, as the operator configured it.
    fn id(&self) -> &str;
    /// Which build of it this is.
    fn build(&self) -> PluginBuild {
        PluginBuild::native(self.id())
    }
    /// What it said of itself when it was loaded.
    fn descriptor(&self) -> &AuthFactorDescriptor;
    /// Starts the factor in one login.
    async fn begin(&self, caller: &Caller, individual: Option<&Individual>) -> Result<Step, PluginError>;
    /// Goes on with what came of the last step.
    async fn resume(
        &self,
        caller: &Caller,
        individual: Option<&Individual>,
        state: &[u8],
        input: Input,
    ) -> Result<Step, PluginError>;
}

/// The plugins that are loaded now. Cheap to ask: no call into a component.
pub trait Plugins: Send + Sync {
    /// The ID system that answers for logins where there is no list of several, if one is loaded.
    fn id_system(&self) -> Option<Arc<dyn IdSystem>>;
    /// The ID system that a plugin speaks to, by the plugin's id, if it is loaded.
    fn id_system_by(&self, plugin: &str) -> Option<Arc<dyn IdSystem>> {
        self.id_system().filter(|id_system| id_system.id() == plugin)
    }
    /// The plugin for a factor, by the factor's word.
    fn factor(&self, factor: &str) -> Option<Arc<dyn AuthFactor>>;

    /// The ID system for a login that began with a build: that one while it is there, else one that can go on for it.
    fn id_system_of(&self, begun: &PluginBuild) -> Option<Arc<dyn IdSystem>> {
        self.id_system_by(&begun.id).filter(|present| begun.can_go_on_with(&present.build()))
    }
    /// The plugin for a factor for a login that began with a build, likewise.
    fn factor_of(&self, factor: &str, begun: &PluginBuild) -> Option<Arc<dyn AuthFactor>> {
        self.factor(factor).filter(|present| begun.can_go_on_with(&present.build()))
    }
    /// Whether a login that has that build may still be offered the factor. One that is under way in it goes on either way.
    fn offers_still(&self, factor: &str, begun: &PluginBuild) -> bool {
        self.factor_of(factor, begun).is_some()
    }
    /// The captcha of that id, if it is loaded.
    fn captcha(&self, _plugin: &str) -> Option<Arc<dyn Captcha>> {
        None
    }
    /// The captcha for a challenge that a build made: that one while it is there, else one that can go on for it.
    fn captcha_of(&self, begun: &PluginBuild) -> Option<Arc<dyn Captcha>> {
        self.captcha(&begun.id).filter(|present| begun.can_go_on_with(&present.build()))
    }

    /// The audit sink of that id.
    fn audit_sink(&self, _id: &str) -> Option<Arc<dyn AuditSink>> {
        None
    }

    /// The key binder of that id.
    fn key_binder(&self, _id: &str) -> Option<Arc<dyn KeyBinder>> {
        None
    }
    /// The key binder for a login that began with a build of the same plugin, as [`Plugins::id_system_of`].
    fn key_binder_of(&self, begun: &PluginBuild) -> Option<Arc<dyn KeyBinder>> {
        self.key_binder(&begun.id).filter(|present| begun.can_go_on_with(&present.build()))
    }
}
