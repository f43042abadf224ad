//! What is wrong with a registration: all of it at once, each with its member and a way to mend it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use esignet_jose::algorithm::Algorithm;
use esignet_jose::certificate::DistinguishedName;
use url::Url;

use super::{AuthenticationMethod, Client, Profile};
use crate::word::issuer::is_loopback;
use crate::word::locale::is_tag;
use crate::word::redirect_uri::RedirectUri;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct RegistrationError {
    /// The metadata member.
    pub field: &'static str,
    /// What is wrong and how to mend it.
    pub problem: String,
}

/// The longest consent that can be used again: two years, in minutes.
const MAX_CONSENT_MINUTES: u64 = 2 * 366 * 24 * 60;

#[derive(Default)]
struct Found(Vec<RegistrationError>);

impl Found {
    fn add(&mut self, field: &'static str, problem: impl Into<String>) {
        self.0.push(RegistrationError { field, problem: problem.into() });
    }
}

impl Client {
    /// Checks what the types cannot, and what one member says of another.
    pub fn findings(&self) -> Vec<RegistrationError> {
        let mut found = Found::default();
        self.check_words(&mut found);
        self.check_addresses(&mut found);
        self.check_keys(&mut found);
        self.check_certificate_subject(&mut found);
        self.check_tokens(&mut found);
        found.0
    }

    fn check_words(&self, found: &mut Found) {
        if self.client_name.is_empty() {
            found.add(
                "client_name",
                "give a name in at least one language, such as { en = \"Example Bank\" }",
            );
        }
        let bad_name =
            |(tag, name): (&String, &String)| !is_tag(tag) || name.trim().is_empty() || name.len() > 256;
        if self.client_name.iter().any(bad_name) {
            found.add("client_name", "each name stands under a BCP 47 tag and has 1 to 256 characters");
        }
        if let Some(purpose) = &self.purpose
            && purpose.title.iter().chain(&purpose.subtitle).any(bad_name)
        {
            found.add("purpose", "each text stands under a BCP 47 tag and has 1 to 256 characters");
        }
        if self.relying_party_id.is_empty() || self.relying_party_id.len() > 128 {
            found.add("relying_party_id", "has 1 to 128 characters");
        }
        if self.consent_expires_after_minutes.is_some_and(|minutes| minutes > MAX_CONSENT_MINUTES) {
            found.add("consent_expires_after_minutes", format!("set it from 0 to {MAX_CONSENT_MINUTES}"));
        }
    }

    fn check_addresses(&self, found: &mut Found) {
        if self.redirect_uris.is_empty() || self.redirect_uris.len() > 20 {
            found.add("redirect_uris", "register 1 to 20 redirect URIs");
        }
        let hosts: BTreeSet<_> = self.redirect_uris.iter().map(RedirectUri::host).collect();
        if self.sector_identifier.is_none() && hosts.len() > 1 {
            found.add(
                "sector_identifier",
                "the redirect URIs have several hosts, so name the sector (OIDC Core section 8.1)",
            );
        }
        for (field, uri) in [("jwks_uri", &self.jwks_uri), ("logo_uri", &self.logo_uri)] {
            if uri.as_ref().is_some_and(|uri| !can_be_fetched(uri)) {
                found.add(field, "is an https URL of at most 1024 characters without user name or fragment");
            }
        }
    }

    fn check_keys(&self, found: &mut Found) {
        if self.jwks_uri.is_some() && !self.jwks.is_blank() {
            found.add("jwks_uri", "keep one of jwks and jwks_uri (RFC 7591 section 2)");
        }
        let of_profile = self.profile.signing_algorithms();
        let may_sign = |algorithm: &Algorithm| of_profile.contains(algorithm);
        let signs = self.jwks.iter().any(|key| key.algorithms().iter().any(may_sign));
        let names = of_profile.iter().map(|algorithm| algorithm.as_str()).collect::<Vec<_>>().join(", ");
        let method = self.token_endpoint_auth_method;
        if method == AuthenticationMethod::PrivateKeyJwt && self.jwks_uri.is_none() && !signs {
            found.add("jwks", format!("register at least one public key for {names}, or a jwks_uri"));
        }
        let needs_keys = method == AuthenticationMethod::SelfSignedTlsClientAuth;
        if needs_keys && self.jwks_uri.is_none() && self.jwks.is_empty() {
            found.add(
                "jwks",
                "register the public key of the certificate (RFC 8705 section 2.2.2), or a jwks_uri",
            );
        }
        let signed = self.signs_requests();
        if method == AuthenticationMethod::TlsClientAuth && signed && self.jwks_uri.is_none() && !signs {
            found.add("jwks", format!("register a public key for {names}: request objects must be signed"));
        }
        let chosen = [
            ("token_endpoint_auth_signing_alg", self.token_endpoint_auth_signing_alg),
            ("request_object_signing_alg", self.request_object_signing_alg),
        ];
        for (field, algorithm) in chosen {
            if algorithm.is_some_and(|algorithm| !of_profile.contains(&algorithm)) {
                found.add(field, format!("the profile {} allows {names}", self.profile.as_str()));
            }
        }
        let encrypts = [
            ("id_token_encrypted_response_alg", self.id_token_encrypted_response_alg),
            ("userinfo_encrypted_response_alg", self.userinfo_encrypted_response_alg),
        ];
        for (field, algorithm) in encrypts {
            if algorithm.is_some_and(|algorithm| self.jwks_uri.is_none() && !self.jwks.encrypts(algorithm)) {
                found.add(
                    field,
                    "register a public key with use \"enc\" for this algorithm in jwks, or a jwks_uri",
                );
            }
        }
    }

    /// RFC 8705 §2.1.2: exactly one, and only where it is looked at.
    fn check_certificate_subject(&self, found: &mut Found) {
        let names = [
            &self.tls_client_auth_subject_dn,
            &self.tls_client_auth_san_dns,
            &self.tls_client_auth_san_uri,
            &self.tls_client_auth_san_ip,
            &self.tls_client_auth_san_email,
        ];
        let given = names.into_iter().flatten().count();
        let unreadable =
            |text: &String| DistinguishedName::parse(text).err().map(|error| format!("{error} (RFC 4514)"));
        if let Some(problem) = self.tls_client_auth_subject_dn.as_ref().and_then(unreadable) {
            found.add("tls_client_auth_subject_dn", problem);
        }
        if self.tls_client_auth_san_ip.as_ref().is_some_and(|ip| ip.parse::<IpAddr>().is_err()) {
            found.add("tls_client_auth_san_ip", "is an IPv4 or IPv6 address, such as 192.0.2.7");
        }
        let looked_at = self.token_endpoint_auth_method == AuthenticationMethod::TlsClientAuth;
        if looked_at && given != 1 {
            found.add(
                "tls_client_auth_subject_dn",
                "name the certificate by exactly one of tls_client_auth_subject_dn, …_san_dns, …_san_uri, …_san_ip \
                 and …_san_email (RFC 8705 section 2.1.2)",
            );
        }
        if !looked_at && given != 0 {
            found.add(
                "tls_client_auth_subject_dn",
                "names of certificates are for token_endpoint_auth_method = \"tls_client_auth\"",
            );
        }
    }

    fn check_tokens(&self, found: &mut Found) {
        if self.tls_client_certificate_bound_access_tokens && self.dpop_bound_access_tokens == Some(true) {
            found.add(
                "dpop_bound_access_tokens",
                "a token is bound in one way: keep this or tls_client_certificate_bound_access_tokens",
            );
        }
        let unbound =
            !self.tls_client_certificate_bound_access_tokens && self.dpop_bound_access_tokens == Some(false);
        if unbound && self.profile != Profile::Interop {
            found.add(
                "dpop_bound_access_tokens",
                "tokens of this profile are sender-constrained (FAPI 2.0 SP section 5.3.2.1): remove the member, or bind \
                 them by tls_client_certificate_bound_access_tokens = true",
            );
        }
        let signed = [
            ("id_token_signed_response_alg", Some(self.id_token_signed_response_alg)),
            ("userinfo_signed_response_alg", self.userinfo_signed_response_alg),
            ("authorization_signed_response_alg", Some(self.authorization_signed_response_alg)),
            ("introspection_signed_response_alg", Some(self.introspection_signed_response_alg)),
        ];
        for (field, algorithm) in signed {
            if algorithm == Some(Algorithm::Rs256) && self.profile != Profile::Interop {
                found.add(field, "RS256 is for the profile interop; choose ES256, PS256 or EdDSA");
            }
        }
    }
}

/// Whether the text is a URL that a server may be asked to fetch. Whether its host is one is looked at when it is.
fn can_be_fetched(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    secure && bare && url.has_host() && text.len() <= 1024
}
