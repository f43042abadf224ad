//! Signing keys turn while the server serves (`protocol.md` 3, 55; REL-24), and a revoked one is gone at once (REL-25).

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use esignet_protocol::keys::{KeyPolicy, KeyState, states};
use esignet_tests::login::{self, AMINA, LOURDES, MOUSSA};
use esignet_tests::op::Setup;
use esignet_tests::{Op, RelyingParty, Server, Site, jwt, server};
use serde_json::Value;

/// A relying party's memory of the JWK set: it is asked for again when it is as old as the answer allows, never earlier.
struct Cache {
    fetched_at: u64,
    max_age: u64,
    keys: Vec<Value>,
}

impl Cache {
    async fn fetch(rp: &RelyingParty) -> Self {
        let fetched_at = (rp.now)();
        let reply = rp.wire.get(&rp.endpoint("jwks_uri")).await.unwrap();
        let max_age = reply.header("cache-control");
        let max_age = max_age.rsplit_once("max-age=").unwrap().1.parse().unwrap();
        Self { fetched_at, max_age, keys: reply.json()["keys"].as_array().unwrap().clone() }
    }

    async fn refresh(&mut self, rp: &RelyingParty) {
        if (rp.now)() >= self.fetched_at + self.max_age {
            *self = Self::fetch(rp).await;
        }
    }

    /// Verifies with what it holds and tells the `kid`.
    fn verify(&self, token: &str) -> String {
        let (header, _) = jwt::parts(token).unwrap();
        let key = self.keys.iter().find(|key| key["kid"] == header["kid"]);
        let key = key.unwrap_or_else(|| panic!("the key is not in a set that may be used: {header:?}"));
        jwt::verify_es256(token, key).expect("the signature is good");
        header["kid"].as_str().unwrap().to_owned()
    }
}

fn published(keys: &Value) -> BTreeSet<String> {
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn every_two_seconds(jwks_max_age: u64) -> KeyPolicy {
    KeyPolicy {
        rotate_every: 2,
        jwks_max_age,
        poll_every: 1,
        clock_skew: 1,
        publish_ahead: 0,
        ..KeyPolicy::default()
    }
}

/// The tokens of one login: `id_token` and access token.
async fn tokens(rp: RelyingParty, person: &'static str) -> [String; 2] {
    let logged_in = login::whole(&rp.another_attempt(), person).await.unwrap();
    [logged_in.id_token, logged_in.access_token]
}

#[tokio::test]
async fn keys_that_turn_every_two_seconds_under_load_never_fail_a_relying_party_that_caches() {
    let op = Setup::default().turning(every_two_seconds(5)).start().await;
    let (bank, clinic) = (op.rp().await, op.client("clinic").await);
    let rotation = op.rotation();
    let mut caches = Vec::new();
    let mut issued = Vec::new();
    let mut signers = BTreeSet::new();
    for second in 0..60 {
        op.wait(1);
        // Three relying parties whose caches end at different times.
        if caches.len() < 3 {
            caches.push(Cache::fetch(&bank).await);
        }
        let (turned, first, second_one, third) = tokio::join!(
            rotation.turn(&op.provider.keys),
            tokens(bank.clone(), AMINA.id),
            tokens(clinic.clone(), MOUSSA.id),
            tokens(bank.clone(), LOURDES.id),
        );
        turned.unwrap();
        for token in [first, second_one, third].concat() {
            for cache in &mut caches {
                cache.refresh(&bank).await;
                signers.insert(cache.verify(&token));
            }
            issued.push((op.clock.seconds(), token));
        }
        assert!(second < 20 || signers.len() > 2, "the keys turn");
    }
    assert!(signers.len() >= 25, "{} keys signed in a minute", signers.len());

    // Whatever was signed verifies until a minute after it expired.
    for _ in 0..60 {
        op.wait(6);
        rotation.turn(&op.provider.keys).await.unwrap();
        for cache in &mut caches {
            cache.refresh(&bank).await;
        }
        issued.retain(|(issued_at, _)| op.clock.seconds() <= issued_at + 300 + 60);
        for (_, token) in &issued {
            for cache in &caches {
                cache.verify(token);
            }
        }
    }
    assert!(issued.len() < 360, "some are over by now");
    let (_, stored) = rotation.records.load().await.unwrap();
    let with_private_half = stored.iter().filter(|key| key.private.is_some()).count();
    assert!(with_private_half < 12, "{with_private_half} private halves of {} keys are left", stored.len());
}

#[tokio::test]
async fn a_revoked_key_is_unpublished_at_once_and_hints_it_signed_are_worth_nothing() {
    let op = Setup::default().turning(KeyPolicy::default()).start().await;
    let rp = op.rp().await;
    let before = login::whole(&rp, AMINA.id).await.unwrap();
    let leaked = jwt::parts(&before.id_token).unwrap().0["kid"].as_str().unwrap().to_owned();
    let hinted = rp.another_attempt();
    let hint = || hinted.push().set("id_token_hint", &before.id_token);
    assert_eq!(hint().send().await.unwrap().status, 201, "the hint is good");

    let rotation = op.rotation();
    rotation.revoke(std::slice::from_ref(&leaked)).await.unwrap();
    assert!(rotation.turn(&op.provider.keys).await.unwrap(), "the server meets other keys");
    let set = op.wire.get(&rp.endpoint("jwks_uri")).await.unwrap().json();
    assert!(!published(&set).contains(&leaked));
    assert_eq!(hint().send().await.unwrap().verdict(), (400, "invalid_request".to_owned()));
    let after = login::whole(&rp.another_attempt(), AMINA.id).await.unwrap();
    rp.verified(&after.id_token).await.expect("a fresh key signs");
    rp.verified(&before.id_token).await.expect_err("the old one verifies nothing");
    let (_, stored) = rotation.records.load().await.unwrap();
    assert!(states(&stored, rotation.clock.now()).contains(&KeyState::Active));
}

#[tokio::test]
async fn the_set_may_be_kept_for_as_long_as_the_keys_allow() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let reply = op.wire.get(&rp.endpoint("jwks_uri")).await.unwrap();
    assert_eq!(reply.header("cache-control"), "public, max-age=300");
    let op = Setup::default().turning(every_two_seconds(7)).start().await;
    let reply = op.wire.get(&rp.endpoint("jwks_uri")).await.unwrap();
    assert_eq!(reply.header("cache-control"), "public, max-age=7");
}

/// A site whose keys turn every two seconds, or as `keys` says.
fn site(keys: &str) -> Site {
    let site = Site::new("sled:store").unwrap();
    let config = std::fs::read_to_string(site.config()).unwrap();
    let config = config.replace("[keys]\n", &format!("[keys]\n{keys}\n"));
    std::fs::write(site.config(), config).unwrap();
    site
}

async fn jwks(server: &Server, rp: &RelyingParty) -> BTreeSet<String> {
    published(&server.wire.get(&rp.endpoint("jwks_uri")).await.unwrap().json())
}

#[tokio::test]
async fn the_real_server_turns_its_keys_every_two_seconds_and_no_signature_fails() {
    let site = site(
        "rotate_every_seconds = 2\njwks_max_age_seconds = 1\npublish_ahead_seconds = 0\npoll_seconds = 1\n\
         clock_skew_seconds = 1",
    );
    site.configure("[bounds]\notps_per_individual_per_hour = 10_000").unwrap();
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let began = Instant::now();
    let mut cache = Cache::fetch(&rp).await;
    let mut signers = BTreeSet::new();
    let mut first = None;
    while began.elapsed() < Duration::from_secs(12) {
        let [id_token, access_token] = tokens(rp.clone(), AMINA.id).await;
        cache.refresh(&rp).await;
        signers.insert(cache.verify(&id_token));
        signers.insert(cache.verify(&access_token));
        first.get_or_insert(id_token);
    }
    assert!(signers.len() >= 3, "{} keys signed in twelve seconds", signers.len());
    Cache::fetch(&rp).await.verify(&first.unwrap());
    let ready = server.wire.get(&format!("{}/ready", site.issuer)).await.unwrap();
    assert_eq!(ready.status, 200, "{}", ready.text());
    assert_eq!(server.stop().await.unwrap(), Some(0), "{}", server.log());
}

#[tokio::test]
async fn an_operator_lists_turns_and_revokes_keys_with_the_server_stopped() {
    let site = site("algorithms = [\"ES256\", \"EdDSA\"]");
    let config = site.config().display().to_string();
    let listed = || {
        let (code, output, errors) = site.run(&["keys", "list", "--json", "--config", &config]).unwrap();
        assert_eq!(code, 0, "{errors}");
        serde_json::from_str::<Vec<Value>>(&output).unwrap()
    };
    assert!(listed().is_empty(), "before the first start");
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let before = login::whole(&rp, AMINA.id).await.unwrap();
    let (code, _, errors) = site.run(&["keys", "list", "--config", &config]).unwrap();
    assert_eq!(code, 2);
    assert!(errors.contains("stop the server first"), "{errors}");
    server.stop().await.unwrap();

    let keys = listed();
    assert_eq!(keys.iter().map(|key| key["alg"].as_str().unwrap()).collect::<Vec<_>>(), ["ES256", "EdDSA"]);
    assert!(keys.iter().all(|key| key["state"] == "active" && key["retire_at"].is_null()));
    let (code, output, errors) = site.run(&["keys", "rotate", "--config", &config]).unwrap();
    assert_eq!(code, 0, "{errors}");
    assert_eq!(output.lines().filter(|line| line.contains("\tnext\t")).count(), 2, "{output}");
    let next = listed().into_iter().find(|key| key["state"] == "next").unwrap();
    let now = server::system_time();
    assert!(next["activate_at"].as_u64().unwrap() > now + 3_000, "no relying party is surprised");

    let leaked = keys[0]["kid"].as_str().unwrap().to_owned();
    let (code, _, errors) = site.run(&["keys", "revoke", "--config", &config, "nobody"]).unwrap();
    assert_eq!(code, 2);
    assert!(errors.contains("nobody") && errors.contains("keys list"), "{errors}");
    let (code, output, errors) = site.run(&["keys", "revoke", "--config", &config, &leaked]).unwrap();
    assert_eq!(code, 0, "{errors}");
    assert!(output.starts_with(&format!("revoked {leaked}\n")), "{output}");

    let server = site.start().await.unwrap();
    assert!(!jwks(&server, &rp).await.contains(&leaked));
    rp.verified(&before.id_token).await.expect_err("what it signed is worth nothing");
    let hinted = rp.another_attempt().push().set("id_token_hint", &before.id_token).send().await.unwrap();
    assert_eq!(hinted.verdict(), (400, "invalid_request".to_owned()));
    let after = login::whole(&rp.another_attempt(), AMINA.id).await.unwrap();
    rp.verified(&after.id_token).await.expect("a fresh key signs at once");
}
