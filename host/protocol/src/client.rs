//! A registered client: who it is, what it may ask for, and how it proves itself (OIDC Registration §2, RFC 7591 §2).

use std::collections::{BTreeMap, BTreeSet};

use esignet_jose::algorithm::Algorithm;
use esignet_jose::jwk::JwkSet;
use serde::{Deserialize, Serialize};

use crate::word::acr::Acr;
use crate::word::client_id::ClientId;
use crate::word::locale::{self, is_tag};
use crate::word::redirect_uri::RedirectUri;

/// The security profile of a client (`protocol.md` §0). Nothing weaker than what stands here exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// FAPI 2.0 Security Profile: PAR, PKCE S256, `private_key_jwt`, DPoP.
    #[default]
    Fapi2,
}

/// A client as registered and as stored: the same words in a file, on the command line and in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its identifier.
    pub client_id: ClientId,
    /// What end-users read, by BCP 47 tag. The entry of the server's first language must be there.
    pub client_name: BTreeMap<String, String>,
    /// The relying party as the ID system knows it; several clients may belong to one.
    pub relying_party_id: String,
    /// Its security profile.
    #[serde(default)]
    pub profile: Profile,
    /// Where authorization responses may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// The public keys it authenticates with.
    pub jwks: JwkSet,
    /// What its id_tokens are signed with.
    #[serde(default = "es256")]
    pub id_token_signed_response_alg: Algorithm,
    /// Claims it may ask for; empty means none but `sub`.
    #[serde(default)]
    pub claims: BTreeSet<String>,
    /// Authentication context classes it may use; empty means all that the server offers.
    #[serde(default)]
    pub acr_values: Vec<Acr>,
    /// The sector of its pairwise subjects (OIDC Core §8.1); the host of its redirect URIs when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier: Option<String>,
}

/// What is wrong with a registration: all of it at once, each with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct RegistrationError {
    /// The metadata member.
    pub field: &'static str,
    /// What is wrong and how to mend it.
    pub problem: String,
}

const fn es256() -> Algorithm {
    Algorithm::Es256
}

impl Client {
    /// Checks what the types cannot: lists that must not be empty, keys that can be used, one sector.
    pub fn findings(&self) -> Vec<RegistrationError> {
        let mut findings = Vec::new();
        let mut find = |field, problem: &str| {
            findings.push(RegistrationError { field, problem: problem.to_owned() });
        };
        if self.client_name.is_empty() {
            find("client_name", "give a name in at least one language, such as { en = \"Example Bank\" }");
        }
        if self
            .client_name
            .iter()
            .any(|(tag, name)| !is_tag(tag) || name.trim().is_empty() || name.len() > 256)
        {
            find("client_name", "each name stands under a BCP 47 tag and has 1 to 256 characters");
        }
        if self.relying_party_id.is_empty() || self.relying_party_id.len() > 128 {
            find("relying_party_id", "has 1 to 128 characters");
        }
        if self.redirect_uris.is_empty() || self.redirect_uris.len() > 20 {
            find("redirect_uris", "register 1 to 20 redirect URIs");
        }
        let may_sign = |algorithm: &Algorithm| AUTHENTICATION_ALGORITHMS.contains(algorithm);
        if !self.jwks.iter().any(|key| key.algorithms().iter().any(may_sign)) {
            find("jwks", "register at least one public key for ES256, PS256 or EdDSA");
        }
        let hosts: BTreeSet<_> = self.redirect_uris.iter().map(RedirectUri::host).collect();
        if self.sector_identifier.is_none() && hosts.len() > 1 {
            find(
                "sector_identifier",
                "the redirect URIs have several hosts, so name the sector (OIDC Core section 8.1)",
            );
        }
        findings
    }

    /// The sector that pairwise subjects of this client belong to.
    pub fn sector(&self) -> String {
        let first_host = || self.redirect_uris.first().map(RedirectUri::host).unwrap_or_default();
        self.sector_identifier.clone().unwrap_or_else(first_host)
    }

    /// The name to show to somebody who reads `locale`.
    pub fn name(&self, locale: &str) -> &str {
        let tags: Vec<String> = self.client_name.keys().cloned().collect();
        let best = locale::best_match([locale, "en"], &tags).map(str::to_owned);
        let named = best.and_then(|tag| self.client_name.get(&tag));
        named.or_else(|| self.client_name.values().next()).map_or(self.client_id.as_str(), String::as_str)
    }
}

/// What clients of the profiles that exist may sign with (FAPI 2.0 SP §5.4.1).
pub const AUTHENTICATION_ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa];
