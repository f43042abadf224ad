//! The stages of a login, and what each one knows.

use serde::{Deserialize, Serialize};

use super::captcha::{Check, Typed};
use crate::id_systems::IdSystemName;
use crate::identity_assurance::offer::AsVerified;
use crate::issue::authorization_code::Login;
use crate::ports::plugins::{
    Authenticated as Verdict, Evidence, Form, Individual, Message, Proof, Rejection,
};
use crate::word::acr::Acr;
use crate::word::time::Timestamp;

/// How far a login has come.
#[derive(Clone, Serialize, Deserialize)]
pub enum Stage {
    /// The request is open in a browser; nobody has said who they are.
    Requested(Requested),
    /// Somebody has, and is proving it.
    Proving(Box<Proving>),
    /// The ID system knows the person; the person has not yet agreed to the release.
    Authenticated(Box<Authenticated>),
}

impl Stage {
    /// A challenge of the captcha is answered once: it is spent before anybody judges the answers.
    pub fn spend_challenge(&mut self) {
        if let Self::Requested(requested) = self {
            requested.captcha = Check::None;
        }
    }
}

/// Nobody has said who they are.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Requested {
    /// Why the last attempt in this login ended, to be shown.
    pub rejection: Option<Rejection>,
    /// How many identifiers were tried in this login.
    pub attempts: u32,
    /// How many answers were not accepted in this login.
    pub failures: u32,
    /// What stands before the first factor.
    #[serde(default)]
    pub captcha: Check,
    /// How many challenges of the captcha were made in this login.
    #[serde(default)]
    pub challenges: u32,
    /// What was typed already, so that a person whose answer to the captcha was wrong need not type it again.
    #[serde(default)]
    pub typed: Option<Typed>,
}

/// Somebody is proving who they are, one factor of a method after the other.
#[derive(Clone, Serialize, Deserialize)]
pub struct Proving {
    /// The class that the chosen method satisfies.
    pub acr: Acr,
    /// The factors of the chosen method, in order.
    pub factors: Vec<String>,
    /// Which factor is on, from 0.
    pub current: usize,
    /// Who they say they are.
    pub individual: Individual,
    /// The ID system that answers for them, to the end of this attempt. A record from before there were several has none.
    #[serde(default)]
    pub id_system: IdSystemName,
    /// What the person sees.
    pub pending: Pending,
    /// What the ID system must judge, so far.
    pub proofs: Vec<Delegated>,
    /// What factors judged themselves, so far.
    pub evidence: Vec<Evidence>,
    /// Answers that count against the identifier until the ID system has said yes.
    pub reserved: u32,
    /// How many answers were not accepted in this login.
    pub failures: u32,
    /// How many identifiers were tried in this login, this one included.
    pub attempts: u32,
    /// How many challenges of the captcha were made in this login.
    #[serde(default)]
    pub challenges: u32,
}

/// A proof for the ID system, with what its factor needs if the answer is no.
#[derive(Clone, Serialize, Deserialize)]
pub struct Delegated {
    /// What to judge.
    pub proof: Proof,
    /// Which factor of the method it came from.
    pub factor: usize,
    /// Comes back to the factor.
    #[serde(with = "crate::word::bytes")]
    pub state: Vec<u8>,
}

/// What a factor waits for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Pending {
    /// Nothing yet: it is about to begin.
    None,
    /// Answers to a form.
    Question {
        /// The form.
        form: Form,
        /// Why the last answer was not accepted.
        rejection: Option<Rejection>,
        /// When the question was put: the resend button opens from here.
        asked_at: Timestamp,
        /// Comes back to the factor.
        #[serde(with = "crate::word::bytes")]
        state: Vec<u8>,
    },
    /// Time.
    Pause {
        /// Until when.
        until: Timestamp,
        /// What to say meanwhile.
        message: Message,
        /// Comes back to the factor.
        #[serde(with = "crate::word::bytes")]
        state: Vec<u8>,
    },
}

/// The ID system knows the person.
#[derive(Clone, Serialize, Deserialize)]
pub struct Authenticated {
    /// Who logged in and how.
    pub login: Login,
    /// The ID system that knows them.
    #[serde(default)]
    pub id_system: IdSystemName,
    /// The ID system's verdict, with what it wants back.
    pub verdict: Verdict,
    /// What the person is asked to agree to.
    pub offer: Vec<OfferedClaim>,
}

/// A claim that the person may release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedClaim {
    /// Its OpenID Connect name; [`crate::identity_assurance::offer::offered_name`] for a claim to release as verified.
    pub name: String,
    /// Whether the relying party calls it essential.
    pub essential: bool,
    /// Whether it goes to userinfo.
    pub userinfo: bool,
    /// Whether it goes into the id_token.
    pub id_token: bool,
    /// What there is to say of it when it would be released as verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<AsVerified>,
}
