//! Metadata (OIDC Discovery §3, RFC 8414, `protocol.md` 1–3): every member is exercised, and none is there that is not.

use std::collections::BTreeSet;

use esignet_protocol::client::Profile;
use esignet_tests::login::{self, AMINA};
use esignet_tests::op::{ED25519, ISSUER, RSA, Setup};
use esignet_tests::{Browser, Key, Op, RelyingParty};
use http::Method;
use serde_json::{Value, json};

/// Each member, and the test that fails when it does not do what it says.
const EXERCISED: [(&str, &str); 50] = [
    ("issuer", "both_documents_are_the_same_and_name_the_issuer"),
    ("authorization_endpoint", "happy_path"),
    ("token_endpoint", "happy_path"),
    ("userinfo_endpoint", "happy_path"),
    ("jwks_uri", "published_keys_are_public_and_complete"),
    ("pushed_authorization_request_endpoint", "happy_path"),
    ("require_pushed_authorization_requests", "authorization::what_cannot_be_trusted_to_redirect_is_a_page"),
    ("scopes_supported", "every_scope_prompt_and_acr_that_is_published_is_taken"),
    ("response_types_supported", "only_what_is_published_is_taken"),
    ("response_modes_supported", "every_response_mode_that_is_published_works"),
    ("grant_types_supported", "only_what_is_published_is_taken"),
    ("code_challenge_methods_supported", "only_what_is_published_is_taken"),
    ("token_endpoint_auth_methods_supported", "only_what_is_published_is_taken"),
    (
        "token_endpoint_auth_signing_alg_values_supported",
        "every_algorithm_for_assertions_that_is_published_works",
    ),
    ("dpop_signing_alg_values_supported", "dpop::every_algorithm_that_is_published_signs_proofs"),
    ("authorization_signing_alg_values_supported", "every_algorithm_that_signs_is_one_of_the_published_keys"),
    ("id_token_encryption_alg_values_supported", "answers"),
    ("id_token_encryption_enc_values_supported", "answers"),
    ("userinfo_encryption_alg_values_supported", "answers"),
    ("userinfo_encryption_enc_values_supported", "answers"),
    ("userinfo_signing_alg_values_supported", "every_algorithm_that_signs_is_one_of_the_published_keys"),
    ("introspection_endpoint", "introspection"),
    ("introspection_endpoint_auth_methods_supported", "introspection, mutual_tls"),
    (
        "introspection_endpoint_auth_signing_alg_values_supported",
        "every_algorithm_for_assertions_that_is_published_works",
    ),
    ("introspection_signing_alg_values_supported", "every_algorithm_that_signs_is_one_of_the_published_keys"),
    ("revocation_endpoint", "introspection"),
    ("revocation_endpoint_auth_methods_supported", "introspection, mutual_tls"),
    (
        "revocation_endpoint_auth_signing_alg_values_supported",
        "every_algorithm_for_assertions_that_is_published_works",
    ),
    (
        "request_object_signing_alg_values_supported",
        "every_algorithm_for_request_objects_that_is_published_works",
    ),
    ("require_signed_request_object", "request_object"),
    ("tls_client_certificate_bound_access_tokens", "mutual_tls"),
    ("authorization_response_iss_parameter_supported", "happy_path"),
    ("request_parameter_supported", "pushed_authorization"),
    ("request_uri_parameter_supported", "pushed_authorization"),
    ("claims_parameter_supported", "claims"),
    ("claim_types_supported", "claims"),
    ("claims_supported", "claims_that_are_published_can_be_had"),
    (
        "subject_types_supported",
        "happy_path::a_person_has_one_subject_at_a_relying_party_and_another_at_the_next",
    ),
    ("id_token_signing_alg_values_supported", "happy_path"),
    ("prompt_values_supported", "every_scope_prompt_and_acr_that_is_published_is_taken"),
    ("ui_locales_supported", "every_language_that_is_published_has_pages"),
    ("claims_locales_supported", "claims::every_language_that_is_published_can_be_had"),
    ("acr_values_supported", "every_scope_prompt_and_acr_that_is_published_is_taken"),
    ("verified_claims_supported", "identity_assurance"),
    ("trust_frameworks_supported", "identity_assurance::what_is_published_can_be_had"),
    ("claims_in_verified_claims_supported", "identity_assurance::what_is_published_can_be_had"),
    ("evidence_supported", "identity_assurance::what_is_published_can_be_had"),
    ("documents_supported", "identity_assurance::what_is_published_can_be_had"),
    ("documents_check_methods_supported", "identity_assurance::what_is_published_can_be_had"),
    ("electronic_records_supported", "identity_assurance::what_is_published_can_be_had"),
];

fn list(rp: &RelyingParty, member: &str) -> Vec<String> {
    let values = rp.metadata[member].as_array().unwrap_or_else(|| panic!("{member} is a list"));
    values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_member_has_a_test_and_no_test_is_for_a_member_that_is_gone() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let published: BTreeSet<_> = rp.metadata.as_object().unwrap().keys().map(String::as_str).collect();
    let exercised: BTreeSet<_> = EXERCISED.iter().map(|(member, _)| *member).collect();
    assert_eq!(published, exercised);
}

#[tokio::test]
async fn both_documents_are_the_same_and_name_the_issuer() {
    let op = Op::start().await;
    let oidc = op.wire.get(&format!("{ISSUER}/.well-known/openid-configuration")).await.unwrap();
    let oauth = op.wire.get(&format!("{ISSUER}/.well-known/oauth-authorization-server")).await.unwrap();
    assert_eq!((oidc.status, oauth.status), (200, 200));
    assert_eq!(oidc.json(), oauth.json());
    assert_eq!(oidc.json()["issuer"], ISSUER);
    assert!(oidc.header("content-type").starts_with("application/json"));
    assert_eq!(oidc.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn published_keys_are_public_and_complete() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let reply = op.wire.get(&rp.endpoint("jwks_uri")).await.unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    let set = reply.json();
    let keys = set["keys"].as_array().unwrap();
    assert!(!keys.is_empty());
    for key in keys {
        for member in ["kty", "kid", "use", "alg"] {
            assert!(key[member].is_string(), "{member} of {key}");
        }
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private} is published");
        }
    }
}

#[tokio::test]
async fn only_what_is_published_is_taken() {
    let op = Op::start().await;
    let rp = op.rp().await;
    assert_eq!(list(&rp, "response_types_supported"), ["code"]);
    assert_eq!(list(&rp, "grant_types_supported"), ["authorization_code"]);
    assert_eq!(list(&rp, "code_challenge_methods_supported"), ["S256"]);
    for endpoint in ["token", "introspection", "revocation"] {
        let methods = list(&rp, &format!("{endpoint}_endpoint_auth_methods_supported"));
        assert_eq!(methods, ["private_key_jwt"], "{endpoint}");
        assert_eq!(
            list(&rp, &format!("{endpoint}_endpoint_auth_signing_alg_values_supported")),
            list(&rp, "token_endpoint_auth_signing_alg_values_supported"),
            "{endpoint}"
        );
    }
    assert_eq!(rp.metadata["require_signed_request_object"], false);
    assert_eq!(rp.metadata["require_pushed_authorization_requests"], true);
    assert_eq!(rp.metadata["request_uri_parameter_supported"], false);
    assert_eq!(rp.metadata["request_parameter_supported"], false);
    assert_eq!(rp.metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(rp.metadata["subject_types_supported"], json!(["pairwise"]));
}

#[tokio::test]
async fn every_scope_prompt_and_acr_that_is_published_is_taken() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for scope in list(&rp, "scopes_supported") {
        let reply = rp
            .push()
            .set("scope", format!("openid {scope}").replace("openid openid", "openid"))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status, 201, "{scope}");
    }
    for prompt in list(&rp, "prompt_values_supported") {
        assert_eq!(rp.push().set("prompt", &prompt).send().await.unwrap().status, 201, "{prompt}");
    }
    for acr in list(&rp, "acr_values_supported") {
        let claims = json!({ "id_token": { "acr": { "essential": true, "value": acr } } }).to_string();
        let response = login::respond(&rp, rp.push().set("claims", claims), AMINA.id).await.unwrap();
        let logged_in = login::finish(&rp, response).await.unwrap();
        assert_eq!(rp.verified(&logged_in.id_token).await.unwrap()["acr"], acr.as_str());
    }
}

#[tokio::test]
async fn a_response_mode_that_no_client_may_have_is_not_published() {
    let op = Setup::default().floor(Profile::Fapi2MessageSigning).start().await;
    let rp = op.register("signs", &Key::p256(), &json!({ "profile": "fapi2-message-signing" })).await;
    let published = list(&rp, "response_modes_supported");
    for mode in ["query", "form_post", "query.jwt", "form_post.jwt", "jwt"] {
        let push = rp.push_signed(&rp.request_object().claim("response_mode", mode));
        let is_taken = push.send().await.unwrap().status == 201;
        assert_eq!(is_taken, published.iter().any(|name| name == mode), "{mode}");
    }
}

#[tokio::test]
async fn every_response_mode_that_is_published_works() {
    let op = Op::start().await;
    let rp = op.rp().await;
    assert_eq!(
        list(&rp, "response_modes_supported").iter().collect::<BTreeSet<_>>(),
        ["form_post", "form_post.jwt", "jwt", "query", "query.jwt"].map(str::to_owned).iter().collect()
    );
    for mode in list(&rp, "response_modes_supported") {
        let request_uri =
            rp.pushed_as(rp.push().set("prompt", "none").set("response_mode", &mode)).await.unwrap();
        let mut browser = op.browser();
        let landing = browser.open(&rp.authorization_url(&request_uri)).await.unwrap();
        let response = match landing {
            esignet_tests::Landing::Page(page) => {
                browser.press(&page, &page.form(), "").await.unwrap().away().unwrap()
            }
            esignet_tests::Landing::Away(away) => away,
        };
        let error = if mode.ends_with("jwt") {
            let claims = rp.verified(&response.parameter("response")).await.unwrap();
            claims["error"].as_str().unwrap_or_default().to_owned()
        } else {
            response.parameter("error")
        };
        assert_eq!(error, "login_required", "{mode}");
    }
}

#[tokio::test]
async fn every_algorithm_for_assertions_that_is_published_works() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let published: BTreeSet<_> =
        list(&rp, "token_endpoint_auth_signing_alg_values_supported").into_iter().collect();
    let mut works = BTreeSet::new();
    for key in [rp.key.clone(), ED25519.clone(), RSA.clone()] {
        let rp = RelyingParty { key: key.clone(), ..rp.clone() };
        for name in names(&key) {
            let call = rp.push().assertion(&rp.assertion().header("alg", *name));
            assert_eq!(call.send().await.unwrap().status, 201, "{name}");
            works.insert((*name).to_owned());
        }
    }
    assert_eq!(published, works);
}

/// The names of `alg` under which this key may sign (RFC 9864 §2.2: the second one is the fully-specified one).
fn names(key: &Key) -> &'static [&'static str] {
    match key.algorithm() {
        "EdDSA" => &["EdDSA", "Ed25519"],
        "PS256" => &["PS256"],
        _ => &["ES256"],
    }
}

#[tokio::test]
async fn every_algorithm_for_request_objects_that_is_published_works() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let published: BTreeSet<_> =
        list(&rp, "request_object_signing_alg_values_supported").into_iter().collect();
    let mut works = BTreeSet::new();
    for key in [rp.key.clone(), ED25519.clone(), RSA.clone()] {
        let rp = RelyingParty { key: key.clone(), ..rp.clone() };
        for name in names(&key) {
            let object = rp.request_object().header("alg", *name);
            let reply = rp.push_signed(&object).send().await.unwrap();
            assert_eq!(reply.status, 201, "{name}: {}", reply.text());
            works.insert((*name).to_owned());
        }
    }
    assert_eq!(published, works);
}

#[tokio::test]
async fn every_algorithm_that_signs_is_one_of_the_published_keys() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let set = op.wire.get(&rp.endpoint("jwks_uri")).await.unwrap().json();
    let keys: BTreeSet<String> =
        set["keys"].as_array().unwrap().iter().map(|key| key["alg"].as_str().unwrap().to_owned()).collect();
    for member in [
        "id_token_signing_alg_values_supported",
        "userinfo_signing_alg_values_supported",
        "authorization_signing_alg_values_supported",
        "introspection_signing_alg_values_supported",
    ] {
        assert_eq!(list(&rp, member).into_iter().collect::<BTreeSet<_>>(), keys, "{member}");
    }
}

#[tokio::test]
async fn every_language_that_is_published_has_pages() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for tag in list(&rp, "ui_locales_supported") {
        let request_uri = rp.pushed_as(rp.push().set("ui_locales", &tag)).await.unwrap();
        let page = Browser::new(&rp.wire).page(&rp.authorization_url(&request_uri)).await.unwrap();
        assert_eq!(page.attributes("html", "lang"), [tag]);
    }
}

#[tokio::test]
async fn claims_that_are_published_can_be_had() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let published = list(&rp, "claims_supported");
    let protocol = ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce"];
    let of_people: Vec<_> = published.iter().filter(|name| !protocol.contains(&name.as_str())).collect();
    let asked: serde_json::Map<_, _> =
        of_people.iter().map(|name| ((*name).clone(), json!({ "essential": true }))).collect();
    let push = rp.push().set("scope", "openid").set("claims", json!({ "userinfo": asked }).to_string());
    let logged_in = login::finish(&rp, login::respond(&rp, push, AMINA.id).await.unwrap()).await.unwrap();
    let id_token = rp.verified(&logged_in.id_token).await.unwrap();
    for name in of_people {
        assert!(logged_in.userinfo.contains_key(name), "{name}");
    }
    for name in protocol {
        assert!(id_token.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn the_documents_answer_reading_methods_only() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for url in [format!("{ISSUER}/.well-known/openid-configuration"), rp.endpoint("jwks_uri")] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let request = http::Request::builder().method(method.clone()).uri(&url).body(Vec::new()).unwrap();
            let reply = op.wire.send(request).await.unwrap();
            assert_eq!(reply.status, 405, "{method} {url}");
            assert!(reply.header("allow").contains("GET"), "{method} {url}");
        }
    }
    assert!(rp.metadata.get("registration_endpoint").is_none_or(Value::is_null));
}
