//! The OpenID Provider as pure decisions over ports: every rule of the specifications is here, and no I/O.
//!
//! An endpoint is one file with three functions: `parse` and `decide` are pure and hold every MUST, `handle` loads through
//! the [`ports`], decides, and saves. Nothing here reads a clock, makes a random number, or knows HTTP, a database or
//! WebAssembly: those are adapters, which depend on this crate and never the other way round.
//!
//! # The map
//!
//! | specification | file |
//! |---|---|
//! | RFC 6749 §3.1, §4.1.1–2 (authorization endpoint), RFC 9126 §4 | `endpoint/authorization.rs` |
//! | RFC 6749 §3.2, §4.1.3–4 (token endpoint) | `endpoint/token.rs` |
//! | RFC 6749 §4.1.3 (authorization code grant) | `grant/authorization_code.rs` |
//! | RFC 6749 §3.3, OIDC Core §5.4 (scope) | `word/scope.rs` |
//! | RFC 6750, OIDC Core §5.3 (userinfo) | `endpoint/userinfo.rs` |
//! | RFC 7009 (revocation) | `endpoint/revocation.rs` |
//! | RFC 7517 §5 (JWK set) | `endpoint/jwks.rs` |
//! | RFC 7519 §5.2, OIDC Core §10.2 (nested JWTs) | `issue/nested.rs` |
//! | OIDC Core §10.1.1 (keys turn while serving) | `keys/plan.rs` |
//! | RFC 7523, OIDC Core §9 (`private_key_jwt`) | `client_auth/private_key_jwt.rs` |
//! | RFC 7636 (PKCE) | `word/code_challenge.rs` |
//! | RFC 7662, RFC 9701 (introspection) | `endpoint/introspection.rs` |
//! | RFC 7800 §3 (what a token is bound to) | `issue/confirmation.rs` |
//! | RFC 8414, OIDC Discovery (metadata) | `endpoint/discovery.rs` |
//! | RFC 9068 (access token as JWT) | `issue/access_token.rs` |
//! | RFC 8705 §2 (mutual TLS) | `client_auth/mtls.rs` |
//! | RFC 9101 (request objects) | `extension/request_object.rs` |
//! | RFC 9126 §2 (pushed authorization requests) | `endpoint/pushed_authorization.rs` |
//! | RFC 9207 (issuer in the response), form_post | `endpoint/answer.rs` |
//! | RFC 9449 (DPoP) | `extension/dpop.rs` |
//! | RFC 9449 §8 (nonces) | `extension/dpop/nonce.rs` |
//! | RFC 9700 §2.1 (redirect URIs) | `word/redirect_uri.rs` |
//! | OIDC Core §2, §3.1.3.6 (id_token) | `issue/id_token.rs` |
//! | OIDC Core §3.1.2.1 (`id_token_hint`) | `extension/id_token_hint.rs` |
//! | OIDC Core §3.1.2.2 (what a request must say) | `authorization_request/validation.rs` |
//! | OIDC Core §3.1.2.1 (`prompt`) | `word/prompt.rs` |
//! | OIDC Core §3.1.2.3 (the end-user logs in) | `transaction/prove.rs`, `transaction/prove/bounds.rs` |
//! | OIDC Core §3.1.2.4 (the end-user consents) | `consent/mod.rs` |
//! | OIDC Core §5.3.2 (the answer of userinfo) | `issue/userinfo.rs` |
//! | JARM §2 (signed responses) | `extension/jarm.rs` |
//! | OIDC Core §3.1.2.1 (`prompt=consent`), §3.1.2.4 (a consent given before) | `consent/reuse.rs` |
//! | ISO/IEC TS 27560, Kantara Consent Receipt 1.1 (receipts) | `consent/receipt.rs` |
//! | OIDC Core §5.2, RFC 4647 §3.4 (languages of claims) | `issue/languages.rs` |
//! | OIDC Core §5.5 (`claims`) | `word/claims_request.rs` |
//! | OIDC Core §5.5.1.1, RFC 8176 (`acr`, `amr`) | `assurance/mod.rs` |
//! | OIDC Core §8 (pairwise subjects) | `issue/subject.rs` |
//! | OIDC Core §2, §8 (the end-user is known to one of several ID systems) | `id_systems/mod.rs` |
//! | OIDC4IDA §5.3–5.6 (`verified_claims` in a request) | `identity_assurance/request.rs` |
//! | OIDC4IDA §5.3, §5.5 (`value`, `max_age`, `essential`, `purpose`) | `identity_assurance/constraint.rs` |
//! | OIDC4IDA §5.6–5.7 (what is returned, what is omitted) | `identity_assurance/matching.rs` |
//! | OIDC4IDA §5.7.3 (what the end-user is asked) | `identity_assurance/offer.rs` |
//! | OIDC4IDA §8 (metadata) | `identity_assurance/metadata.rs` |
//! | FIPS 180-4 (the chain of the audit log) | `audit/chain.rs` |
//! | RFC 7800 §3, RFC 9449 §4.3 (a key that is to be bound is held) | `extension/key_proof.rs` |
//! | RFC 9470 §3 (a login that is not enough) | `endpoint/key_binding.rs` |
//! | OIDC Registration §2 (clients) | `client.rs` |
//! | OIDC Registration §2, OIDC Core §10.1.1 (`jwks_uri` and its rollover) | `client_keys.rs` |
//! | OIDC Registration §2, RFC 7591 §2 (what a registration must not say) | `client/finding.rs` |
//! | OIDC Registration §2 (`logo_uri`) | `client/logo.rs` |
#![forbid(unsafe_code)]

pub mod assurance;
pub mod audit;
pub mod authorization_request;
pub mod client;
pub mod client_auth;
pub mod client_keys;
pub mod consent;
pub mod endpoint;
pub mod error;
pub mod extension;
pub mod grant;
pub mod id_systems;
pub mod identity_assurance;
pub mod issue;
pub mod keys;
pub mod policy;
pub mod ports;
pub mod provider;
#[cfg(test)]
pub(crate) mod testing;
pub mod transaction;
pub mod word;

#[cfg(test)]
mod map {
    #[test]
    fn every_file_of_the_map_is_there() {
        let map = include_str!("lib.rs").lines().filter(|line| line.starts_with("//! |"));
        let files: Vec<&str> = map.filter_map(|row| row.rsplit('`').nth(1)).collect();
        assert!(files.len() > 20, "the map has lost its rows");
        for file in files {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
            assert!(path.is_file(), "{file} is in the map and not in the crate");
        }
    }
}
