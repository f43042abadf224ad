use serde_json::{Value, json};

use super::*;
use crate::testing;

fn registered(changes: &Value) -> Client {
    let mut registration = serde_json::to_value(testing::client(&testing::key())).expect("serializes");
    for (member, value) in changes.as_object().expect("an object") {
        registration[member] = value.clone();
    }
    serde_json::from_value(registration).expect("a registration")
}

fn fields(changes: &Value) -> Vec<&'static str> {
    registered(changes).findings().into_iter().map(|finding| finding.field).collect()
}

#[test]
fn a_registration_goes_through_its_stored_form_unchanged() {
    let client = registered(&json!({
        "profile": "fapi2-message-signing", "purpose": { "type": "verify", "title": { "en": "Open an account" } },
        "status": "inactive", "consent_expires_after_minutes": 60,
    }));
    let stored = serde_json::to_value(&client).expect("serializes");
    let again: Client = serde_json::from_value(stored.clone()).expect("reads back");
    assert_eq!(serde_json::to_value(again).expect("serializes"), stored);
    assert!(!client.is_active());
    assert_eq!(client.purpose.expect("a purpose").title("fr"), Some("Open an account"));
}

#[test]
fn a_good_registration_of_every_method_has_no_findings() {
    assert_eq!(fields(&json!({})), [""; 0]);
    assert_eq!(
        fields(&json!({
            "token_endpoint_auth_method": "tls_client_auth", "jwks": { "keys": [] },
            "tls_client_auth_san_dns": "rp.example", "tls_client_certificate_bound_access_tokens": true,
        })),
        [""; 0]
    );
    assert_eq!(fields(&json!({ "token_endpoint_auth_method": "self_signed_tls_client_auth" })), [""; 0]);
    assert_eq!(fields(&json!({ "jwks": { "keys": [] }, "jwks_uri": "https://rp.example/jwks" })), [""; 0]);
    assert_eq!(
        fields(
            &json!({ "profile": "interop", "id_token_signed_response_alg": "RS256", "dpop_bound_access_tokens": false })
        ),
        [""; 0]
    );
}

#[test]
fn each_contradiction_is_found_at_its_member() {
    let table = [
        (json!({ "client_name": {} }), "client_name"),
        (json!({ "purpose": { "title": { "en": " " } } }), "purpose"),
        (json!({ "relying_party_id": "" }), "relying_party_id"),
        (json!({ "consent_expires_after_minutes": 9_999_999_999_u64 }), "consent_expires_after_minutes"),
        (json!({ "redirect_uris": [] }), "redirect_uris"),
        (json!({ "redirect_uris": ["https://a.example/", "https://b.example/"] }), "sector_identifier"),
        (json!({ "logo_uri": "http://rp.example/logo.png" }), "logo_uri"),
        (json!({ "jwks_uri": "https://rp.example/jwks" }), "jwks_uri"),
        (json!({ "jwks": { "keys": [] } }), "jwks"),
        (
            json!({ "jwks": { "keys": [] }, "token_endpoint_auth_method": "self_signed_tls_client_auth" }),
            "jwks",
        ),
        (json!({ "token_endpoint_auth_signing_alg": "RS256" }), "token_endpoint_auth_signing_alg"),
        (json!({ "request_object_signing_alg": "RS256" }), "request_object_signing_alg"),
        (json!({ "id_token_encrypted_response_alg": "RSA-OAEP-256" }), "id_token_encrypted_response_alg"),
        (json!({ "userinfo_encrypted_response_alg": "ECDH-ES" }), "userinfo_encrypted_response_alg"),
        (json!({ "token_endpoint_auth_method": "tls_client_auth" }), "tls_client_auth_subject_dn"),
        (json!({ "tls_client_auth_san_dns": "rp.example" }), "tls_client_auth_subject_dn"),
        (
            json!({ "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "rp" }),
            "tls_client_auth_subject_dn",
        ),
        (
            json!({ "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_ip": "192.0.2" }),
            "tls_client_auth_san_ip",
        ),
        (json!({ "dpop_bound_access_tokens": false }), "dpop_bound_access_tokens"),
        (
            json!({ "dpop_bound_access_tokens": true, "tls_client_certificate_bound_access_tokens": true }),
            "dpop_bound_access_tokens",
        ),
        (json!({ "id_token_signed_response_alg": "RS256" }), "id_token_signed_response_alg"),
        (json!({ "userinfo_signed_response_alg": "RS256" }), "userinfo_signed_response_alg"),
    ];
    for (changes, field) in table {
        assert_eq!(fields(&changes), [field], "{changes}");
    }
}

#[test]
fn only_an_interop_client_can_have_a_bearer_token() {
    for profile in ["fapi2", "fapi2-message-signing"] {
        let stored_badly = json!({ "profile": profile, "dpop_bound_access_tokens": false });
        assert_eq!(registered(&stored_badly).sender_constraint(), SenderConstraint::Dpop, "{profile}");
    }
    assert_eq!(registered(&json!({ "profile": "interop" })).sender_constraint(), SenderConstraint::IfProved);
    let bound = json!({ "profile": "interop", "dpop_bound_access_tokens": true });
    assert_eq!(registered(&bound).sender_constraint(), SenderConstraint::Dpop);
    let by_certificate = json!({ "tls_client_certificate_bound_access_tokens": true });
    assert_eq!(registered(&by_certificate).sender_constraint(), SenderConstraint::Certificate);
}

#[test]
fn what_a_client_may_sign_with_is_its_profiles_or_the_one_it_named() {
    let all = |client: &Client| client.assertion_algorithms().collect::<Vec<_>>();
    assert_eq!(all(&registered(&json!({}))), [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa]);
    assert!(all(&registered(&json!({ "profile": "interop" }))).contains(&Algorithm::Rs256));
    let named = registered(&json!({ "token_endpoint_auth_signing_alg": "PS256" }));
    assert_eq!(all(&named), [Algorithm::Ps256]);
    // A stored algorithm that the profile does not allow is none at all.
    assert!(all(&registered(&json!({ "token_endpoint_auth_signing_alg": "RS256" }))).is_empty());
}

#[test]
fn profiles_are_ordered_by_strength() {
    assert!(Profile::Interop < Profile::Fapi2 && Profile::Fapi2 < Profile::Fapi2MessageSigning);
    for profile in Profile::ALL {
        assert_eq!(serde_json::to_value(profile).expect("serializes"), profile.as_str());
    }
    for method in AuthenticationMethod::ALL {
        assert_eq!(serde_json::to_value(method).expect("serializes"), method.as_str());
    }
}
