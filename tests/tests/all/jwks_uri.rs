//! Keys at `jwks_uri` are used for whatever the keys of a client are for (OIDC Registration §2, OIDC Core §10.1.1,
//! `protocol.md` 4). How they are read, from where, and how often is shown by `clients` and by the protocol crate.

use esignet_jose::jwe::{DecryptionKey, KeyManagement, UndecryptedJwe};
use esignet_jose::jws::MaxLength;
use esignet_tests::login::{self, AMINA};
use esignet_tests::{Key, Op, RelyingParty};
use serde_json::{Value, json};

const AT: &str = "https://rp.example/jwks.json";
const ALGORITHM: KeyManagement = KeyManagement::EcdhEs;

/// A client without any registered key.
async fn registered(op: &Op, key: &Key, mut members: Value) -> RelyingParty {
    members["jwks"] = json!({ "keys": [] });
    members["jwks_uri"] = json!(AT);
    op.register("elsewhere", key, &members).await
}

fn publish(op: &Op, keys: &[Value]) {
    op.published.put(AT, json!({ "keys": keys }));
}

fn decrypted(jwe: &str, key: &DecryptionKey) -> String {
    let jwe = UndecryptedJwe::parse(jwe, MaxLength(32 * 1024), &[ALGORITHM]).unwrap();
    String::from_utf8(jwe.decrypt(key).unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn published_keys_authenticate_sign_requests_and_are_encrypted_to() {
    let op = Op::start().await;
    let (signing, opening) = (Key::p256(), DecryptionKey::generate(ALGORITHM).unwrap());
    publish(&op, &[signing.public_jwk(), opening.public_key().to_value()]);
    let members = json!({
        "profile": "fapi2-message-signing",
        "id_token_encrypted_response_alg": ALGORITHM, "userinfo_encrypted_response_alg": ALGORITHM,
        "userinfo_signed_response_alg": "ES256",
    });
    let rp = registered(&op, &signing, members).await;

    let stranger = rp.request_object().signed_by(&Key::p256()).encode();
    let refused =
        rp.push_signed(&rp.request_object()).set("request", stranger.as_str()).send().await.unwrap();
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (400, "invalid_request_object"),
        "{}",
        refused.text()
    );

    let response = login::respond(&rp, rp.push_signed(&rp.request_object()), AMINA.id).await.unwrap();
    let code =
        rp.verified(&response.parameter("response")).await.unwrap()["code"].as_str().unwrap().to_owned();
    let tokens = rp.redeem(&code).send().await.unwrap();
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let id_token = rp.verified(&decrypted(&tokens.member("id_token"), &opening)).await.unwrap();
    let userinfo = rp.userinfo(&tokens.member("access_token")).send().await.unwrap();
    let claims = rp.verified(&decrypted(&userinfo.text(), &opening)).await.unwrap();
    assert_eq!(claims["name"], AMINA.name);
    assert_eq!(claims["sub"], id_token["sub"]);
}

#[tokio::test]
async fn a_key_that_cannot_be_had_to_encrypt_to_costs_no_code() {
    let op = Op::start().await;
    let (signing, opening) = (Key::p256(), DecryptionKey::generate(ALGORITHM).unwrap());
    publish(&op, &[signing.public_jwk()]);
    let members = json!({ "id_token_encrypted_response_alg": ALGORITHM });
    let rp = registered(&op, &signing, members).await;
    let code = login::to_code(&rp, AMINA.id).await.unwrap().parameter("code");
    let without = rp.redeem(&code).send().await.unwrap();
    assert!(without.status >= 500, "{}", without.text());
    assert_eq!(without.member("id_token"), "", "nothing goes out in the clear instead");

    publish(&op, &[signing.public_jwk(), opening.public_key().to_value()]);
    op.wait(31);
    let tokens = rp.redeem(&code).send().await.unwrap();
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    rp.verified(&decrypted(&tokens.member("id_token"), &opening)).await.unwrap();
}
