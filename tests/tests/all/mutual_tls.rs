//! Mutual TLS (RFC 8705, `protocol.md` 20, 21): clients that are known by a certificate, and tokens that are bound to one.
//!
//! The handshake itself is a matter of the real binary; here a request simply has the certificate of its connection.

use std::sync::Arc;

use esignet_protocol::endpoint::ClientCertificate;
use esignet_tests::login::{self, AMINA};
use esignet_tests::op::Setup;
use esignet_tests::{Call, Key, Op, RelyingParty};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use serde_json::{Value, json};

const MTLS: &str = "https://mtls.op.example";

/// A certificate for `CN=rp,O=Bank` and the DNS name `rp.example`, and its key as a JWK.
fn certificate(is_trusted: bool) -> (ClientCertificate, Value) {
    let pair = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["rp.example".to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Bank");
    params.distinguished_name.push(DnType::CommonName, "rp");
    let der: Arc<[u8]> = params.self_signed(&pair).unwrap().der().as_ref().into();
    let (x, y) = pair.public_key_raw()[1..].split_at(32);
    let base64url = esignet_tests::jwt::base64url;
    let jwk = json!({ "kty": "EC", "crv": "P-256", "use": "sig", "x": base64url(x), "y": base64url(y) });
    (ClientCertificate { der, is_trusted }, jwk)
}

async fn op() -> Op {
    Setup::default().mutual_tls(MTLS).start().await
}

/// A call as an mTLS client makes it: its id instead of an assertion, and the certificate of the connection.
fn shown(call: Call, rp: &RelyingParty, certificate: Option<&ClientCertificate>) -> Call {
    call.unauthenticated().set("client_id", &rp.client_id).certificate(certificate.cloned())
}

/// A whole login of a client that authenticates by certificate and whose tokens are bound to it.
async fn tokens(rp: &RelyingParty, certificate: &ClientCertificate) -> esignet_tests::Reply {
    let push = shown(rp.push().unproved(), rp, Some(certificate));
    let code = login::respond(rp, push, AMINA.id).await.unwrap().parameter("code");
    shown(rp.redeem(&code).unproved(), rp, Some(certificate)).send().await.unwrap()
}

fn thumbprint(certificate: &ClientCertificate) -> String {
    esignet_tests::jwt::sha256(&certificate.der)
}

#[tokio::test]
async fn a_client_known_by_the_name_in_its_certificate_gets_tokens_bound_to_it() {
    let op = op().await;
    let (own, _) = certificate(true);
    let members = json!({
        "token_endpoint_auth_method": "tls_client_auth", "jwks": { "keys": [] },
        "tls_client_auth_subject_dn": "CN=rp,O=Bank", "tls_client_certificate_bound_access_tokens": true,
    });
    let rp = op.register("by-name", &Key::p256(), &members).await;
    let tokens = tokens(&rp, &own).await;
    assert_eq!((tokens.status, tokens.member("token_type")), (200, "Bearer".to_owned()), "{}", tokens.text());
    let token = tokens.member("access_token");
    let (_, claims) = esignet_tests::jwt::parts(&token).unwrap();
    assert_eq!(claims["cnf"], json!({ "x5t#S256": thumbprint(&own) }));

    let ask = |certificate: Option<&ClientCertificate>| {
        let bearer = format!("Bearer {token}");
        let call = Call::get(&rp.wire, &rp.userinfo_endpoint()).header("authorization", &bearer);
        call.certificate(certificate.cloned())
    };
    assert_eq!(ask(Some(&own)).send().await.unwrap().json()["name"], AMINA.name);
    let (other, _) = certificate(true);
    for stolen in [None, Some(&other)] {
        let refused = ask(stolen).send().await.unwrap();
        assert_eq!(refused.verdict(), (401, "invalid_token".to_owned()));
        assert_eq!(refused.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    }
    let about = shown(rp.about("introspection_endpoint", &token), &rp, Some(&own)).send().await.unwrap();
    assert_eq!(about.json()["cnf"]["x5t#S256"], thumbprint(&own).as_str());
}

#[tokio::test]
async fn a_client_known_by_its_key_may_make_its_certificate_itself() {
    let op = op().await;
    let (own, jwk) = certificate(false);
    let members = json!({
        "token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": { "keys": [jwk] },
        "tls_client_certificate_bound_access_tokens": true,
    });
    let rp = op.register("by-key", &Key::p256(), &members).await;
    let tokens = tokens(&rp, &own).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let (other, _) = certificate(true);
    let refused = shown(rp.push().unproved(), &rp, Some(&other)).send().await.unwrap();
    assert_eq!(refused.verdict(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn the_same_rules_hold_wherever_the_client_calls_itself() {
    let op = op().await;
    let (own, _) = certificate(true);
    let (untrusted, _) = certificate(false);
    let members = json!({
        "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "rp.example",
        "tls_client_certificate_bound_access_tokens": true,
    });
    let rp = op.register("everywhere", &Key::p256(), &members).await;
    let calls = [
        ("PAR", rp.push().unproved()),
        ("token", rp.redeem("unknown").unproved()),
        ("introspection", rp.about("introspection_endpoint", "unknown")),
        ("revocation", rp.about("revocation_endpoint", "unknown")),
    ];
    for (what, call) in calls {
        let by = |certificate| shown(call.clone(), &rp, certificate);
        let invalid_client = (401, "invalid_client".to_owned());
        assert_eq!(by(None).send().await.unwrap().verdict(), invalid_client, "{what}: none");
        assert_eq!(by(Some(&untrusted)).send().await.unwrap().verdict(), invalid_client, "{what}: untrusted");
        let by_assertion = call.clone().certificate(Some(own.clone())).send().await.unwrap();
        assert_eq!(by_assertion.verdict(), invalid_client, "{what}: another method than the registered one");
        let good = by(Some(&own)).send().await.unwrap();
        assert_ne!(good.error(), "invalid_client", "{what}: {}", good.text());
    }
}

#[tokio::test]
async fn a_certificate_is_no_credential_of_a_client_that_signs() {
    let op = op().await;
    let rp = op.rp().await;
    let (any, _) = certificate(true);
    let reply = shown(rp.push(), &rp, Some(&any)).send().await.unwrap();
    assert_eq!(reply.verdict(), (400, "invalid_client".to_owned()), "no credential was sent");
}

#[tokio::test]
async fn a_client_that_signs_can_have_its_tokens_bound_to_its_certificate() {
    let op = op().await;
    let (own, _) = certificate(false);
    let members = json!({ "tls_client_certificate_bound_access_tokens": true });
    let rp = op.register("signs-and-shows", &Key::p256(), &members).await;
    // The pushed request needs no certificate: what it binds is decided at the token endpoint.
    let code = login::respond(&rp, rp.push().unproved(), AMINA.id).await.unwrap().parameter("code");
    let without = rp.redeem(&code).unproved().send().await.unwrap();
    assert_eq!(without.verdict(), (400, "invalid_request".to_owned()), "{}", without.text());

    let code = login::respond(&rp, rp.push().unproved(), AMINA.id).await.unwrap().parameter("code");
    let tokens = rp.redeem(&code).unproved().certificate(Some(own.clone())).send().await.unwrap();
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let (_, claims) = esignet_tests::jwt::parts(&tokens.member("access_token")).unwrap();
    assert_eq!(claims["cnf"]["x5t#S256"], thumbprint(&own).as_str());
}

#[tokio::test]
async fn a_proof_may_name_either_url_of_an_endpoint() {
    let op = op().await;
    let rp = op.rp().await;
    let alias = rp.metadata["mtls_endpoint_aliases"]["token_endpoint"].as_str().unwrap().to_owned();
    let code = login::to_code(&rp, AMINA.id).await.unwrap().parameter("code");
    let tokens = rp.redeem(&code).proof(&rp.proof("POST", &alias)).send().await.unwrap();
    assert_eq!(tokens.status, 200, "{}", tokens.text());
}

#[tokio::test]
async fn metadata_tells_where_certificates_are_shown_and_nothing_of_it_where_they_are_not() {
    let with = op().await;
    let rp = with.rp().await;
    let aliases = rp.metadata["mtls_endpoint_aliases"].as_object().unwrap();
    for (member, url) in aliases {
        let usual = rp.endpoint(member);
        assert_eq!(url.as_str().unwrap().strip_prefix(MTLS), usual.strip_prefix(&rp.issuer), "{member}");
    }
    assert!(!aliases.contains_key("authorization_endpoint"), "browsers have no certificate");
    assert_eq!(rp.metadata["tls_client_certificate_bound_access_tokens"], true);
    let methods = json!(["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"]);
    assert_eq!(rp.metadata["token_endpoint_auth_methods_supported"], methods);

    let without = Op::start().await.rp().await;
    assert!(without.metadata.get("mtls_endpoint_aliases").is_none());
    assert_eq!(without.metadata["tls_client_certificate_bound_access_tokens"], false);
    assert_eq!(without.metadata["token_endpoint_auth_methods_supported"], json!(["private_key_jwt"]));
}
