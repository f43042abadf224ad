//! What this deployment allows and promises: discovery is computed from it, and nothing else decides.

use crate::assurance::Assurance;
use crate::client::Profile;
use crate::extension::dpop::nonce::NonceKey;
use crate::id_systems::IdSystems;
use crate::issue::subject::PairwiseKey;
use crate::word::acr::Acr;
use crate::word::issuer::Issuer;

/// The seconds of a day.
pub const DAY: u64 = 86_400;

/// How long things last, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// A pushed request, until a browser opens it (RFC 9126 §2.2, `expires_in`).
    pub pushed_request: u64,
    /// A login, until the person is authenticated.
    pub before_authentication: u64,
    /// A login, from there to the decision.
    pub after_authentication: u64,
    /// A code (`protocol.md` 34: at most 60).
    pub code: u64,
    /// An access token.
    pub access_token: u64,
    /// A consent, for clients that say nothing of it; with 0 none is stored, of any client, and every login asks.
    pub consent: u64,
    /// What happened to a consent, from its end.
    pub consent_history: u64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            pushed_request: 60,
            before_authentication: 300,
            after_authentication: 120,
            code: 60,
            access_token: 300,
            consent: 365 * DAY,
            consent_history: 5 * 365 * DAY,
        }
    }
}

/// How often things may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Pushed requests of one client in a minute.
    pub pushed_requests_per_minute: u64,
    /// Logins that one pushed request may open, in as many browsers.
    pub logins_per_request: u32,
    /// Identifiers that may be tried in one login.
    pub identifiers_per_login: u32,
    /// Answers that may fail in one login.
    pub failures_per_login: u32,
    /// Answers that may fail for one identifier in an hour, over all logins.
    pub failures_per_individual_per_hour: u64,
    /// OTPs sent to one identifier in an hour, over all logins.
    pub otps_per_individual_per_hour: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            pushed_requests_per_minute: 6_000,
            logins_per_request: 5,
            identifiers_per_login: 5,
            failures_per_login: 5,
            failures_per_individual_per_hour: 10,
            otps_per_individual_per_hour: 10,
        }
    }
}

/// A kind of identifier that people may type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndividualKind {
    /// The word that plugins see: "uin", "phone", ….
    pub kind: String,
    /// The label by BCP 47 tag; the page falls back to its own word for the kind.
    pub label: std::collections::BTreeMap<String, String>,
    /// The most characters.
    pub max_length: usize,
    /// Whether only digits are typed (numeric keyboard; digits of other scripts are folded).
    pub digits: bool,
}

/// A captcha stands before whatever is done with an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptchaPolicy {
    /// The id of the plugin.
    pub plugin: String,
    /// Who meets it.
    pub when: CaptchaWhen,
    /// Challenges that are made in one login, those that replace another one included.
    pub challenges_per_login: u32,
}

/// Who meets a captcha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptchaWhen {
    /// Everybody, for every identifier that they name.
    Always,
    /// Whoever names an identifier for which so many OTPs were sent and answers failed in the past hour, over all logins; and
    /// whoever named so many identifiers in this login.
    AfterAttempts(u32),
}

/// Clients may show certificates (RFC 8705).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MutualTls {
    /// Base URL of the endpoints that ask for one, without a slash at the end: the issuer itself, or another host or port
    /// with the issuer's path (RFC 8705 §5, `mtls_endpoint_aliases`).
    pub base: String,
}

/// Keys of wallets are bound here (ADR 104).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyBinding {
    /// The plugin that binds them, by its id.
    pub plugin: String,
    /// How long after the login, in seconds.
    pub max_login_age: u64,
    /// After logins of which classes; of any when it is empty.
    pub acr_values: Vec<Acr>,
    /// How many in an hour, of one person by one client.
    pub bindings_per_person_per_hour: u64,
}

/// The policy of a server.
pub struct Policy {
    /// Who we are.
    pub issuer: Issuer,
    /// The weakest profile that a client may have here (`protocol.md` §0).
    pub floor: Profile,
    /// How long things last.
    pub lifetimes: Lifetimes,
    /// How often things may happen.
    pub bounds: Bounds,
    /// Which factors make which authentication context class.
    pub assurance: Assurance,
    /// Which ID system answers for whom, where there are several.
    pub id_systems: IdSystems,
    /// Kinds of identifier, the usual one first.
    pub individual_kinds: Vec<IndividualKind>,
    /// The captcha, if there is one.
    pub captcha: Option<CaptchaPolicy>,
    /// Languages that pages exist in, the default first.
    pub locales: Vec<String>,
    /// Whether clients may show certificates, and where.
    pub mutual_tls: Option<MutualTls>,
    /// Whether and how keys of wallets are bound.
    pub key_binding: Option<KeyBinding>,
    /// For pairwise subjects.
    pub pairwise_key: PairwiseKey,
    /// For nonces of DPoP proofs, where they are asked for (RFC 9449 §8).
    pub dpop_nonces: Option<NonceKey>,
}

impl Policy {
    /// The URLs that an endpoint with this path below the issuer has, the usual one first.
    pub fn urls(&self, path: &str) -> impl Iterator<Item = String> {
        let usual = self.issuer.endpoint(path);
        let alias = self.mutual_tls.as_ref().map(|mutual_tls| format!("{}{path}", mutual_tls.base));
        let alias = alias.filter(|alias| *alias != usual);
        [usual].into_iter().chain(alias)
    }
}
