//! How answers are written: signed and encrypted as a client registered (OIDC Core §5.3.2, §10.2, `protocol.md` 41, 44).

use esignet_jose::jwe::{DecryptionKey, KeyManagement, UndecryptedJwe};
use esignet_jose::jws::MaxLength;
use esignet_tests::login::{self, AMINA};
use esignet_tests::{Key, Op, RelyingParty};
use serde_json::{Map, Value, json};

/// What is in a JWE, after a look at its header.
fn decrypted(jwe: &str, key: &DecryptionKey, algorithm: KeyManagement) -> String {
    assert_eq!(jwe.split('.').count(), 5, "a compact JWE");
    let (header, _) = jwe.split_once('.').unwrap();
    let header: Map<String, Value> =
        serde_json::from_slice(&esignet_tests::jwt::decode(header).unwrap()).unwrap();
    assert_eq!((header["alg"].as_str(), header["enc"].as_str()), (Some(algorithm.as_str()), Some("A256GCM")));
    assert!(!header.contains_key("zip"));
    let jwe = UndecryptedJwe::parse(jwe, MaxLength(32 * 1024), &[algorithm]).unwrap();
    String::from_utf8(jwe.decrypt(key).unwrap().to_vec()).unwrap()
}

async fn registered(op: &Op, id: &str, members: &Value, encryption: Option<&DecryptionKey>) -> RelyingParty {
    let key = Key::p256();
    let mut members = members.clone();
    let keys = [Some(key.public_jwk()), encryption.map(|key| key.public_key().to_value())];
    members["jwks"] = json!({ "keys": keys.into_iter().flatten().collect::<Vec<_>>() });
    op.register(id, &key, &members).await
}

/// The id_token and the body of userinfo of a whole login.
async fn answers(rp: &RelyingParty) -> (String, esignet_tests::Reply) {
    let code = login::to_code(rp, AMINA.id).await.unwrap().parameter("code");
    let tokens = rp.redeem(&code).send().await.unwrap();
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let userinfo = rp.userinfo(&tokens.member("access_token")).send().await.unwrap();
    assert_eq!(userinfo.status, 200, "{}", userinfo.text());
    (tokens.member("id_token"), userinfo)
}

#[tokio::test]
async fn userinfo_is_signed_for_who_registered_it_so() {
    let op = Op::start().await;
    let rp = registered(&op, "signed", &json!({ "userinfo_signed_response_alg": "ES256" }), None).await;
    let (id_token, userinfo) = answers(&rp).await;
    assert_eq!(userinfo.header("content-type"), "application/jwt");
    assert!(userinfo.header("cache-control").contains("no-store"));
    let claims = rp.verified(&userinfo.text()).await.unwrap();
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(rp.issuer.as_str()), Some("signed")));
    assert_eq!(claims["name"], AMINA.name);
    assert_eq!(claims["sub"], rp.verified(&id_token).await.unwrap()["sub"]);
}

#[tokio::test]
async fn what_is_encrypted_was_signed_before_and_opens_for_its_client_only() {
    let op = Op::start().await;
    for algorithm in KeyManagement::ALL {
        let key = DecryptionKey::generate(algorithm).unwrap();
        let members = json!({
            "id_token_encrypted_response_alg": algorithm, "userinfo_encrypted_response_alg": algorithm,
            "userinfo_signed_response_alg": "ES256",
        });
        let id = format!("encrypted-{}", algorithm.as_str().replace('+', "-"));
        let rp = registered(&op, &id, &members, Some(&key)).await;
        let (id_token, userinfo) = answers(&rp).await;
        let inner = rp.verified(&decrypted(&id_token, &key, algorithm)).await.unwrap();
        assert_eq!(inner["nonce"], rp.nonce.as_str());
        assert_eq!(userinfo.header("content-type"), "application/jwt");
        let claims = rp.verified(&decrypted(&userinfo.text(), &key, algorithm)).await.unwrap();
        assert_eq!(claims["name"], AMINA.name);
        assert_eq!(claims["sub"], inner["sub"]);

        let other = DecryptionKey::generate(algorithm).unwrap();
        let jwe = UndecryptedJwe::parse(&id_token, MaxLength(32 * 1024), &[algorithm]).unwrap();
        assert!(jwe.decrypt(&other).is_err());
    }
}

#[tokio::test]
async fn userinfo_that_is_encrypted_and_not_signed_is_its_json() {
    let op = Op::start().await;
    let algorithm = KeyManagement::EcdhEsA256Kw;
    let key = DecryptionKey::generate(algorithm).unwrap();
    let members = json!({ "userinfo_encrypted_response_alg": algorithm });
    let rp = registered(&op, "only-encrypted", &members, Some(&key)).await;
    let (_, userinfo) = answers(&rp).await;
    let claims: Value = serde_json::from_str(&decrypted(&userinfo.text(), &key, algorithm)).unwrap();
    assert_eq!(claims["name"], AMINA.name);
    assert!(claims.get("iss").is_none(), "nobody signed it");
}
