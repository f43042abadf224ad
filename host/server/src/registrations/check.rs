//! What a registration asks for and this server does not do.

use std::collections::BTreeSet;

use esignet_jose::algorithm::Algorithm;
use esignet_protocol::client::{Client, Profile};
use esignet_protocol::word::acr::Acr;

use crate::config::client_file::Registration;
use crate::config::finding::Finding;

/// What this server is, as far as a registration depends on it.
#[derive(Clone, Debug)]
pub(crate) struct Here {
    /// The weakest profile.
    pub(crate) floor: Profile,
    /// What there are signing keys for.
    pub(crate) algorithms: Vec<Algorithm>,
    /// The classes that are offered.
    pub(crate) acr_values: Vec<Acr>,
    /// The claims that the ID system releases, where one is loaded.
    pub(crate) claims: Option<BTreeSet<String>>,
}

impl Here {
    /// Errors for what cannot be, warnings for what will not be.
    pub(crate) fn findings(&self, registration: &Registration) -> Vec<Finding> {
        let client = &registration.client;
        let mut findings = Vec::new();
        findings.extend(self.below_the_floor(registration));
        findings.extend(self.without_a_key(registration));
        let unmet: Vec<&str> =
            client.acr_values.iter().filter(|acr| !self.acr_values.contains(acr)).map(Acr::as_str).collect();
        if !unmet.is_empty() {
            findings.push(Finding::warning(
                "client",
                registration.place("acr_values"),
                format!("`acr_values` names what this server does not offer: {}", unmet.join(", ")),
                format!(
                    "offered here: {}",
                    self.acr_values.iter().map(Acr::as_str).collect::<Vec<_>>().join(", ")
                ),
            ));
        }
        findings.extend(self.unreleased(registration));
        findings
    }

    fn below_the_floor(&self, registration: &Registration) -> Option<Finding> {
        let profile = registration.client.profile;
        (profile < self.floor).then(|| {
            Finding::error(
                "client",
                registration.place("profile"),
                format!(
                    "the profile {} is below the server's floor, {}",
                    profile.as_str(),
                    self.floor.as_str()
                ),
                format!(
                    "write profile = \"{}\" here, or set profile_floor = \"{}\" in [server]",
                    self.floor.as_str(),
                    profile.as_str()
                ),
            )
        })
    }

    fn without_a_key(&self, registration: &Registration) -> Vec<Finding> {
        let names = self.algorithms.iter().map(|algorithm| algorithm.as_str()).collect::<Vec<_>>().join(", ");
        let missing = signs(&registration.client).into_iter().filter(|(_, algorithm)| {
            algorithm.is_some_and(|algorithm| !self.algorithms.contains(&algorithm))
        });
        let finding = |(member, algorithm): (&'static str, Option<Algorithm>)| {
            Finding::error(
                "client",
                registration.place(member),
                format!(
                    "`{member}` is {}, for which this server has no key",
                    algorithm.map_or("", Algorithm::as_str)
                ),
                format!("choose of: {names}"),
            )
        };
        missing.map(finding).collect()
    }

    fn unreleased(&self, registration: &Registration) -> Option<Finding> {
        let released = self.claims.as_ref()?;
        let unknown: Vec<&str> = registration
            .client
            .claims
            .iter()
            .filter(|claim| *claim != "sub" && !released.contains(*claim))
            .map(String::as_str)
            .collect();
        (!unknown.is_empty()).then(|| {
            Finding::warning(
                "client",
                registration.place("claims"),
                format!("`claims` names what the ID system does not release: {}", unknown.join(", ")),
                format!("released here: {}", released.iter().cloned().collect::<Vec<_>>().join(", ")),
            )
        })
    }
}

/// What the server must sign for a client, by member. Without its own word the algorithm of `authorization_…` and
/// `introspection_…` is looked at only where it is written, so that a server without ES256 can have clients at all.
fn signs(client: &Client) -> [(&'static str, Option<Algorithm>); 4] {
    let written = |algorithm: Algorithm| (algorithm != Algorithm::Es256).then_some(algorithm);
    [
        ("id_token_signed_response_alg", Some(client.id_token_signed_response_alg)),
        ("userinfo_signed_response_alg", client.userinfo_signed_response_alg),
        ("authorization_signed_response_alg", written(client.authorization_signed_response_alg)),
        ("introspection_signed_response_alg", written(client.introspection_signed_response_alg)),
    ]
}
