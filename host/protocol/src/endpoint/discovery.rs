//! Metadata (OIDC Discovery §3, RFC 8414 §2), computed from policy: what is not built is not advertised.

use esignet_jose::algorithm::Algorithm;
use esignet_jose::jwe::{ContentEncryption, KeyManagement};
use serde_json::{Map, Value, json};

use super::{key_binding, path};
use crate::client::{AuthenticationMethod, Profile};
use crate::extension::dpop;
use crate::identity_assurance::metadata;
use crate::provider::Provider;
use crate::word::acr::Acr;
use crate::word::response_mode::ResponseMode;
use crate::word::scope;

/// The document, the same at both well-known places.
pub fn document(provider: &Provider) -> Value {
    let mut members = Map::new();
    for part in [endpoints, requests, clients, answers, login, released, key_binding] {
        if let Value::Object(part) = part(provider) {
            members.extend(part);
        }
    }
    if let Some(aliases) = mutual_tls(provider) {
        members.extend(aliases);
    }
    Value::Object(members)
}

/// Where everything is.
fn endpoints(provider: &Provider) -> Value {
    let at = |path: &str| provider.policy.issuer.endpoint(path);
    json!({
        "issuer": provider.policy.issuer,
        "authorization_endpoint": at(path::AUTHORIZATION),
        "token_endpoint": at(path::TOKEN),
        "userinfo_endpoint": at(path::USERINFO),
        "jwks_uri": at(path::JWKS),
        "pushed_authorization_request_endpoint": at(path::PUSHED_AUTHORIZATION),
        "introspection_endpoint": at(path::INTROSPECTION),
        "revocation_endpoint": at(path::REVOCATION),
    })
}

/// What requests may say.
fn requests(provider: &Provider) -> Value {
    let signing = algorithms(provider);
    let binds_keys = provider.key_binder().is_some();
    let scopes = scope::KNOWN.iter().map(|(name, _)| *name);
    let scopes = scopes.filter(|name| *name != scope::KEY_BINDING || binds_keys);
    json!({
        // RFC 9126 §5: whether nobody may come without; an `interop` client may.
        "require_pushed_authorization_requests": provider.policy.floor > Profile::Interop,
        "scopes_supported": scopes.collect::<Vec<_>>(),
        "response_types_supported": ["code"],
        "response_modes_supported": ResponseMode::values(provider.policy.floor).collect::<Vec<_>>(),
        // The default of RFC 8414 §2 includes the implicit grant.
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        // OIDC Discovery §3: at the authorization endpoint. Where requests are pushed, `request` is taken (RFC 9126 §3).
        "request_parameter_supported": false,
        // The default of OIDC Discovery §3 is true.
        "request_uri_parameter_supported": false,
        "require_signed_request_object": provider.policy.floor > Profile::Fapi2,
        "request_object_signing_alg_values_supported": signing,
        "claims_parameter_supported": true,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
    })
}

/// How clients authenticate, and what tokens are bound to.
fn clients(provider: &Provider) -> Value {
    let has_certificates = provider.policy.mutual_tls.is_some();
    let methods: Vec<&str> = AuthenticationMethod::ALL
        .into_iter()
        .filter(|method| has_certificates || !method.is_mutual_tls())
        .map(AuthenticationMethod::as_str)
        .collect();
    let signing = algorithms(provider);
    json!({
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": signing,
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": signing,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": signing,
        "dpop_signing_alg_values_supported": dpop::algorithm_names(),
        "tls_client_certificate_bound_access_tokens": has_certificates,
    })
}

/// How answers are written.
fn answers(provider: &Provider) -> Value {
    let signed = provider.keys.algorithms();
    json!({
        "authorization_response_iss_parameter_supported": true,
        "authorization_signing_alg_values_supported": signed,
        "id_token_signing_alg_values_supported": signed,
        "userinfo_signing_alg_values_supported": signed,
        "introspection_signing_alg_values_supported": signed,
        "id_token_encryption_alg_values_supported": KeyManagement::ALL,
        "id_token_encryption_enc_values_supported": ContentEncryption::ALL,
        "userinfo_encryption_alg_values_supported": KeyManagement::ALL,
        "userinfo_encryption_enc_values_supported": ContentEncryption::ALL,
        "subject_types_supported": ["pairwise"],
        "claim_types_supported": ["normal"],
    })
}

/// What the login offers, from what is loaded.
fn login(provider: &Provider) -> Value {
    let policy = &provider.policy;
    let acrs = policy.assurance.acrs(&policy.id_systems.loaded(provider.plugins.as_ref()));
    json!({
        "ui_locales_supported": policy.locales,
        "acr_values_supported": acrs.iter().map(Acr::as_str).collect::<Vec<_>>(),
    })
}

/// What the ID systems can release, some one thing, some another.
fn released(provider: &Provider) -> Value {
    let loaded = provider.policy.id_systems.loaded(provider.plugins.as_ref());
    let systems = loaded.systems();
    if systems.is_empty() {
        return json!({});
    }
    let descriptors = || systems.iter().map(|named| named.id_system.descriptor());
    let always = ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce"];
    let claims = always.into_iter().chain(descriptors().flat_map(|of| of.claims.iter().map(String::as_str)));
    let mut members = Map::from_iter([("claims_supported".to_owned(), json!(metadata::once(claims)))]);
    let locales = descriptors().flat_map(|of| of.claims_locales.iter().map(String::as_str));
    let locales = metadata::once(locales);
    if !locales.is_empty() {
        members.insert("claims_locales_supported".to_owned(), json!(locales));
    }
    members.extend(metadata::members(descriptors().filter_map(|of| of.verified.as_ref())));
    members.into()
}

/// Where keys of wallets are bound, if they are (ADR 104). No specification has these members.
fn key_binding(provider: &Provider) -> Value {
    let Some(binder) = provider.key_binder() else { return json!({}) };
    let algorithms = key_binding::algorithms(binder.as_ref());
    json!({
        "key_binding_endpoint": provider.policy.issuer.endpoint(path::KEY_BINDING),
        "key_binding_signing_alg_values_supported": Algorithm::accepted_names(&algorithms),
        "key_binding_formats_supported": binder.descriptor().formats,
    })
}

/// RFC 8705 §5: the endpoints that clients call themselves, where they are asked for a certificate.
fn mutual_tls(provider: &Provider) -> Option<Map<String, Value>> {
    let base = &provider.policy.mutual_tls.as_ref()?.base;
    let mut aliases = json!({
        "token_endpoint": format!("{base}{}", path::TOKEN),
        "userinfo_endpoint": format!("{base}{}", path::USERINFO),
        "pushed_authorization_request_endpoint": format!("{base}{}", path::PUSHED_AUTHORIZATION),
        "introspection_endpoint": format!("{base}{}", path::INTROSPECTION),
        "revocation_endpoint": format!("{base}{}", path::REVOCATION),
    });
    if provider.key_binder().is_some()
        && let Some(aliases) = aliases.as_object_mut()
    {
        aliases.insert("key_binding_endpoint".to_owned(), json!(format!("{base}{}", path::KEY_BINDING)));
    }
    Some(Map::from_iter([("mtls_endpoint_aliases".to_owned(), aliases)]))
}

/// What clients may sign with here, by the weakest profile that there may be.
fn algorithms(provider: &Provider) -> Vec<&'static str> {
    Algorithm::accepted_names(provider.policy.floor.signing_algorithms())
}
