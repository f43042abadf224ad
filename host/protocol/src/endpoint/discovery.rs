//! Metadata (OIDC Discovery §3, RFC 8414 §2), computed from policy: what is not built is not advertised.

use serde_json::{Value, json};

use super::path;
use crate::client::Profile;
use crate::extension::dpop;
use crate::identity_assurance::metadata;
use crate::provider::Provider;
use crate::word::acr::Acr;
use crate::word::response_mode::ResponseMode;
use crate::word::scope;

/// The document, the same at both well-known places.
pub fn document(provider: &Provider) -> Value {
    let policy = &provider.policy;
    let at = |path: &str| policy.issuer.endpoint(path);
    let mut document = json!({
        "issuer": policy.issuer,
        "authorization_endpoint": at(path::AUTHORIZATION),
        "token_endpoint": at(path::TOKEN),
        "userinfo_endpoint": at(path::USERINFO),
        "jwks_uri": at(path::JWKS),
        "pushed_authorization_request_endpoint": at(path::PUSHED_AUTHORIZATION),
        "require_pushed_authorization_requests": true,
        "scopes_supported": scope::KNOWN.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "response_types_supported": ["code"],
        "response_modes_supported": ResponseMode::ALL.map(ResponseMode::as_str),
        // The default of RFC 8414 §2 includes the implicit grant.
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": Profile::Fapi2.signing_algorithms(),
        "dpop_signing_alg_values_supported": dpop::ALGORITHMS,
        "authorization_response_iss_parameter_supported": true,
        "request_parameter_supported": false,
        // The default of OIDC Discovery §3 is true.
        "request_uri_parameter_supported": false,
        "claims_parameter_supported": true,
        "claim_types_supported": ["normal"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": provider.keys.algorithms(),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": policy.locales,
        "acr_values_supported": policy.assurance.acrs(provider.plugins.as_ref()).iter().map(Acr::as_str).collect::<Vec<_>>(),
    });
    if let (Some(members), Some(id_system)) = (document.as_object_mut(), provider.plugins.id_system()) {
        let always =
            ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce"].map(str::to_owned);
        let released = id_system.descriptor().claims.iter().cloned();
        members.insert("claims_supported".to_owned(), always.into_iter().chain(released).collect());
        let locales = &id_system.descriptor().claims_locales;
        if !locales.is_empty() {
            members.insert("claims_locales_supported".to_owned(), locales.clone().into());
        }
        members.extend(id_system.descriptor().verified.iter().flat_map(metadata::members));
    }
    document
}
