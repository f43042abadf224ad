//! A registered client: who it is, what it may ask for, and how it proves itself (OIDC Registration §2, RFC 7591 §2).

pub mod finding;
pub mod logo;
pub mod purpose;

use std::collections::{BTreeMap, BTreeSet};

use esignet_jose::algorithm::Algorithm;
use esignet_jose::jwe::{ContentEncryption, KeyManagement};
use esignet_jose::jwk::JwkSet;
use serde::{Deserialize, Serialize};

use crate::issue::nested::Encryption;
use crate::word::acr::Acr;
use crate::word::client_id::ClientId;
use crate::word::locale;
use crate::word::redirect_uri::RedirectUri;
pub use finding::RegistrationError;
pub use logo::LogoId;
pub use purpose::Purpose;

/// The security profile of a client (`protocol.md` §0), the weakest first: a server's floor is compared with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// For relying parties whose library cannot do all of FAPI 2.0: PAR optional, PKCE or `nonce`, RS256 and bearer tokens
    /// allowed. Opt-in for each client, and for the server.
    Interop,
    /// FAPI 2.0 Security Profile: PAR, PKCE S256, `private_key_jwt` or mutual TLS, sender-constrained tokens.
    #[default]
    Fapi2,
    /// FAPI 2.0 Message Signing: as [`Fapi2`](Self::Fapi2), with signed requests (RFC 9101) and signed responses (JARM).
    Fapi2MessageSigning,
}

impl Profile {
    /// Every profile, the weakest first.
    pub const ALL: [Self; 3] = [Self::Interop, Self::Fapi2, Self::Fapi2MessageSigning];

    /// The word in a registration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Interop => "interop",
            Self::Fapi2 => "fapi2",
            Self::Fapi2MessageSigning => "fapi2-message-signing",
        }
    }

    /// What may sign assertions and request objects (FAPI 2.0 SP §5.4.1; `protocol.md` §0).
    pub const fn signing_algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Interop => &[Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa, Algorithm::Rs256],
            Self::Fapi2 | Self::Fapi2MessageSigning => {
                &[Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa]
            }
        }
    }
}

/// How a client authenticates where it calls itself (OIDC Core §9, RFC 8705 §2). Secrets do not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationMethod {
    /// A JWT signed with its key (OIDC Core §9).
    #[default]
    PrivateKeyJwt,
    /// A certificate of a trusted issuer, known by its subject (RFC 8705 §2.1).
    TlsClientAuth,
    /// A certificate whose key is registered (RFC 8705 §2.2).
    SelfSignedTlsClientAuth,
}

impl AuthenticationMethod {
    /// Every method, the usual one first.
    pub const ALL: [Self; 3] = [Self::PrivateKeyJwt, Self::TlsClientAuth, Self::SelfSignedTlsClientAuth];

    /// The registered word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }

    /// Whether it needs a certificate of the connection.
    pub const fn is_mutual_tls(self) -> bool {
        match self {
            Self::PrivateKeyJwt => false,
            Self::TlsClientAuth | Self::SelfSignedTlsClientAuth => true,
        }
    }
}

/// What access tokens of a client are bound to (FAPI 2.0 SP §5.3.2.1: sender-constrained).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderConstraint {
    /// To the key of a DPoP proof, which must come (RFC 9449 §5).
    Dpop,
    /// To the certificate of the connection, which must come (RFC 8705 §3).
    Certificate,
    /// To the key of a proof when one comes; else it is a bearer token. `interop` only.
    IfProved,
}

/// Whether a client may do anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It may.
    #[default]
    Active,
    /// It is known and refused everywhere.
    Inactive,
}

/// A client as registered and as stored: the same words in a file, on the command line, in the admin API and in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its identifier.
    pub client_id: ClientId,
    /// What end-users read, by BCP 47 tag. The entry of the server's first language must be there.
    pub client_name: BTreeMap<String, String>,
    /// The relying party as the ID system knows it; several clients may belong to one.
    pub relying_party_id: String,
    /// Whether it may do anything.
    #[serde(default)]
    pub status: Status,
    /// Its security profile.
    #[serde(default)]
    pub profile: Profile,
    /// Where authorization responses may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// Why it asks people to sign in, as they read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Where its logo was fetched from; the logo itself is checked and stored apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// The image that came of `logo_uri`. Set by the server: no registration names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<LogoId>,

    /// How it authenticates.
    #[serde(default)]
    pub token_endpoint_auth_method: AuthenticationMethod,
    /// The one algorithm of its assertions, if it names one (OIDC Registration §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<Algorithm>,
    /// Its public keys by value; empty when they are at `jwks_uri`, or when it needs none.
    #[serde(default, skip_serializing_if = "JwkSet::is_blank")]
    pub jwks: JwkSet,
    /// Where its public keys are; never beside `jwks` (RFC 7591 §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// The subject of its certificate, RFC 4514 (RFC 8705 §2.1.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_subject_dn: Option<String>,
    /// A DNS name of its certificate (RFC 8705 §2.1.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_dns: Option<String>,
    /// A URI of its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_uri: Option<String>,
    /// An IP address of its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_ip: Option<String>,
    /// An e-mail address of its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_email: Option<String>,
    /// Whether its tokens are bound to its certificate (RFC 8705 §3.4).
    #[serde(default, skip_serializing_if = "is_false")]
    pub tls_client_certificate_bound_access_tokens: bool,
    /// Whether its tokens are always bound by DPoP (RFC 9449 §5.2). Without a word: where they are not bound otherwise, but
    /// for `interop`, which need not bind them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_bound_access_tokens: Option<bool>,

    /// Whether it sends signed requests only (RFC 9101 §10.5). With `fapi2-message-signing` it does without a word.
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_signed_request_object: bool,
    /// The one algorithm of its request objects, if it names one (OIDC Registration §2, RFC 9101 §10.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<Algorithm>,
    /// What its authorization responses are signed with (JARM §3).
    #[serde(default = "es256")]
    pub authorization_signed_response_alg: Algorithm,
    /// What its id_tokens are signed with.
    #[serde(default = "es256")]
    pub id_token_signed_response_alg: Algorithm,
    /// What its id_tokens are encrypted with, if they are (OIDC Registration §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_alg: Option<KeyManagement>,
    /// How the content of encrypted id_tokens is encrypted.
    #[serde(default)]
    pub id_token_encrypted_response_enc: ContentEncryption,
    /// What userinfo is signed with; without it userinfo is JSON (OIDC Core §5.3.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// What userinfo is encrypted with, if it is: signed first, then encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_alg: Option<KeyManagement>,
    /// How the content of encrypted userinfo is encrypted.
    #[serde(default)]
    pub userinfo_encrypted_response_enc: ContentEncryption,
    /// What introspection answers are signed with (RFC 9701 §6).
    #[serde(default = "es256")]
    pub introspection_signed_response_alg: Algorithm,

    /// Claims it may ask for; empty means none but `sub`.
    #[serde(default)]
    pub claims: BTreeSet<String>,
    /// Whether it is a wallet, which may have keys bound to people (ADR 104).
    #[serde(default, skip_serializing_if = "is_false")]
    pub key_binding: bool,
    /// Authentication context classes it may use; empty means all that the server offers.
    #[serde(default)]
    pub acr_values: Vec<Acr>,
    /// The sector of its pairwise subjects (OIDC Core §8.1); the host of its redirect URIs when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier: Option<String>,
    /// How long a stored consent for it can be used again, in minutes: 0 asks every time; without it the server decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_expires_after_minutes: Option<u64>,
}

const fn es256() -> Algorithm {
    Algorithm::Es256
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Client {
    /// Whether it may do anything.
    pub fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    /// What its access tokens are bound to.
    pub fn sender_constraint(&self) -> SenderConstraint {
        if self.tls_client_certificate_bound_access_tokens {
            SenderConstraint::Certificate
        } else if self.profile == Profile::Interop && self.dpop_bound_access_tokens != Some(true) {
            SenderConstraint::IfProved
        } else {
            // FAPI 2.0 SP §5.3.2.1: no word of a registration makes a bearer token.
            SenderConstraint::Dpop
        }
    }

    /// Whether a request of it counts only as a request object (FAPI 2.0 Message Signing §5.3.1, RFC 9101 §10.5).
    pub fn signs_requests(&self) -> bool {
        self.require_signed_request_object || self.profile == Profile::Fapi2MessageSigning
    }

    /// What may sign its assertions: those of its profile, or the one it named.
    pub fn assertion_algorithms(&self) -> impl Iterator<Item = Algorithm> + '_ {
        narrowed(self.profile, self.token_endpoint_auth_signing_alg)
    }

    /// What may sign its request objects: those of its profile, or the one it named.
    pub fn request_object_algorithms(&self) -> impl Iterator<Item = Algorithm> + '_ {
        narrowed(self.profile, self.request_object_signing_alg)
    }

    /// How its id_tokens are encrypted, if they are.
    pub fn id_token_encryption(&self) -> Option<Encryption> {
        let enc = self.id_token_encrypted_response_enc;
        self.id_token_encrypted_response_alg.map(|alg| Encryption { alg, enc })
    }

    /// How its userinfo is encrypted, if it is.
    pub fn userinfo_encryption(&self) -> Option<Encryption> {
        let enc = self.userinfo_encrypted_response_enc;
        self.userinfo_encrypted_response_alg.map(|alg| Encryption { alg, enc })
    }

    /// The sector that pairwise subjects of this client belong to.
    pub fn sector(&self) -> String {
        let first_host = || self.redirect_uris.first().map(RedirectUri::host).unwrap_or_default();
        self.sector_identifier.clone().unwrap_or_else(first_host)
    }

    /// The name to show to somebody who reads `locale`.
    pub fn name(&self, locale: &str) -> &str {
        words(&self.client_name, locale).unwrap_or(self.client_id.as_str())
    }
}

fn narrowed(profile: Profile, named: Option<Algorithm>) -> impl Iterator<Item = Algorithm> {
    let of_profile = profile.signing_algorithms().iter().copied();
    of_profile.filter(move |algorithm| named.is_none_or(|named| named == *algorithm))
}

/// The text for somebody who reads `locale`: theirs, else English, else any.
pub(crate) fn words<'a>(texts: &'a BTreeMap<String, String>, locale: &str) -> Option<&'a str> {
    let tags: Vec<String> = texts.keys().cloned().collect();
    let best = locale::best_match([locale, "en"], &tags).and_then(|tag| texts.get(tag));
    best.or_else(|| texts.values().next()).map(String::as_str)
}

#[cfg(test)]
mod tests;
