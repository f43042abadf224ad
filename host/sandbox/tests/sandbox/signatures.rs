//! Signed plugins in the directory: what is let in, what is refused, and when the last good one stays.

use std::sync::Arc;

use esignet_protocol::ports::plugins::Plugins;
use esignet_sandbox::signature::minisign::{KeyId, Prehash, Signer};
use esignet_sandbox::signature::{Publisher, Revoked, Trust, section};
use esignet_sandbox::{CodeSource, Manifest, embed};

use crate::world::{World, begin, plugin, refusal, wasm};

fn signer(number: u8) -> Signer {
    Signer::new(KeyId([number; 8]), &[number; 32]).unwrap()
}

fn signed(component: &[u8], by: &Signer, version: &str) -> Vec<u8> {
    let manifest = Manifest::text_of(component).unwrap().replace("\"0.1.0\"", &format!("\"{version}\""));
    let component = embed(component, &manifest).unwrap();
    let signature = by.sign(&Prehash::of(&component), &format!("id:otp version:{version}")).unwrap();
    section::append(&component, &[signature.to_string()])
}

/// A world that trusts the publisher `ministry` with the key 1.
fn world() -> World {
    let mut world = World::new();
    let keys = vec![signer(1).public_key().clone()];
    let publishers = vec![Publisher { name: "ministry".to_owned(), keys, plugins: None }];
    world.trust = Arc::new(Trust { publishers, ..Trust::default() });
    world
}

fn change(world: &mut World, change: impl FnOnce(&mut Trust)) {
    let mut trust = Trust::clone(&world.trust);
    change(&mut trust);
    world.trust = Arc::new(trust);
}

#[tokio::test]
async fn a_signed_plugin_is_loaded_with_who_signed_it_and_its_digest_is_that_of_the_unsigned_one() {
    let world = world();
    world.put("otp", &signed(&wasm("otp"), &signer(1), "0.1.0"));
    let report = world.load().await;
    let otp = plugin(&report, "otp");
    assert!(otp.outcome.is_ok(), "{otp:?}");
    assert_eq!((&otp.signed_by[..], otp.version.as_deref()), (&["ministry".to_owned()][..], Some("0.1.0")));
    assert!(begin(&world.registry.factor("OTP").unwrap()).await.is_ok());

    let unsigned = World::new();
    unsigned.put("otp", &wasm("otp"));
    let report = unsigned.load().await;
    assert_eq!(plugin(&report, "otp").digest, otp.digest);
    assert_eq!(plugin(&report, "otp").code, Some(CodeSource::Cached), "one component, compiled once");
}

#[tokio::test]
async fn whatever_is_not_signed_well_is_refused_and_the_last_good_one_stays() {
    let mut world = world();
    change(&mut world, |trust| {
        drop(trust.minimum_versions.insert("otp".to_owned(), "0.1.0".parse().unwrap()));
    });
    let component = wasm("otp");
    world.put("otp", &signed(&component, &signer(1), "0.1.0"));
    world.load().await;
    let mut tampered = signed(&component, &signer(1), "0.1.0");
    tampered[component.len() / 2] ^= 1;
    let behind = [&signed(&component, &signer(1), "0.1.0")[..], b"\0\x05\x04name"].concat();
    for (file, rule, mend) in [
        (component.clone(), "nobody signed it", "esignet plugin sign"),
        (tampered, "is not over this file", "get the file again"),
        (signed(&component, &signer(2), "0.1.0"), "belongs to no publisher", "[plugins.publishers.NAME]"),
        (signed(&component, &signer(1), "0.0.9"), "it is version 0.0.9", "minimum_version"),
        (behind, "follows a signature", "copy it whole"),
    ] {
        world.put("otp", &file);
        let report = world.load().await;
        let told = refusal(&report, "otp");
        assert!(told.contains(rule) && told.contains(mend) && told.contains("otp.wasm"), "{told}");
        assert!(plugin(&report, "otp").kept_last_good, "{told}");
        assert!(begin(&world.registry.factor("OTP").unwrap()).await.is_ok());
    }
}

#[tokio::test]
async fn a_build_that_is_revoked_while_logins_still_end_on_it_ends_them_nowhere() {
    let mut world = world();
    world.put("otp", &signed(&wasm("otp"), &signer(1), "1.0.0"));
    let digest = plugin(&world.load().await, "otp").digest.clone().unwrap();
    let begun = world.registry.factor("OTP").unwrap().build();
    world.put("otp", &signed(&wasm("otp"), &signer(1), "2.0.0"));
    world.load().await;
    assert!(world.registry.factor_of("OTP", &begun).is_some(), "it drains");
    change(&mut world, |trust| {
        trust.revoked.digests.insert(digest);
    });
    world.load().await;
    assert!(world.registry.factor_of("OTP", &begun).is_none());
    assert!(begin(&world.registry.factor("OTP").unwrap()).await.is_ok(), "the present one goes on");
}

#[tokio::test]
async fn what_is_revoked_goes_also_where_the_directory_cannot_be_listed() {
    let mut world = world();
    world.put("otp", &signed(&wasm("otp"), &signer(1), "1.0.0"));
    let digest = plugin(&world.load().await, "otp").digest.clone().unwrap();
    let begun = world.registry.factor("OTP").unwrap().build();
    std::fs::remove_dir_all(world.home.path()).unwrap();
    world.load().await;
    assert!(world.registry.factor("OTP").is_some(), "a directory that is gone changes nothing");
    change(&mut world, |trust| {
        trust.revoked.digests.insert(digest);
    });
    world.load().await;
    assert!(world.registry.factor("OTP").is_none() && world.registry.factor_of("OTP", &begun).is_none());
}

#[tokio::test]
async fn another_list_of_what_is_revoked_leaves_a_plugin_as_it_is() {
    let mut world = world();
    world.put("otp", &signed(&wasm("otp"), &signer(1), "0.1.0"));
    world.load().await;
    let before = world.registry.factor("OTP").unwrap();
    change(&mut world, |trust| {
        trust.revoked.digests.insert("0f".repeat(32));
    });
    world.load().await;
    assert!(
        Arc::ptr_eq(&before, &world.registry.factor("OTP").unwrap()),
        "neither linked nor described again"
    );
}

#[tokio::test]
async fn what_is_revoked_does_not_stay_as_the_last_good_one() {
    let digest = {
        let world = world();
        world.put("otp", &signed(&wasm("otp"), &signer(1), "0.1.0"));
        plugin(&world.load().await, "otp").digest.clone().unwrap()
    };
    let key = signer(1).public_key().clone();
    for revoked in [
        Revoked { digests: [digest].into(), ..Revoked::default() },
        Revoked { keys: vec![key], ..Revoked::default() },
    ] {
        let mut world = world();
        world.put("otp", &signed(&wasm("otp"), &signer(1), "0.1.0"));
        world.load().await;
        change(&mut world, |trust| trust.revoked = revoked);
        let report = world.load().await;
        assert!(refusal(&report, "otp").contains("revoked"));
        assert!(!plugin(&report, "otp").kept_last_good);
        assert!(world.registry.factor("OTP").is_none(), "nothing of it runs any more");
    }
}
