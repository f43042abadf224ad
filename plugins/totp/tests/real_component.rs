//! The component as it is shipped, in the sandbox that it will run in: what the logic's own tests cannot see.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, with the reason")]

use std::path::PathBuf;

use esignet_harness::{CacheFault, Call, Harness, Plugin, answers, caller, person};
use esignet_protocol::ports::plugins::{PluginError, Step};

/// The example of the README.
const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";
const CODE: &str = "230308";

/// The component that `cargo xtask plugins` built.
fn component() -> PathBuf {
    let executable = std::env::current_exe().unwrap();
    let built =
        executable.ancestors().map(|target| target.join("plugins/totp.wasm")).find(|file| file.is_file());
    built.expect("totp.wasm is not built: run `cargo xtask plugins` first")
}

fn totp() -> Plugin {
    let harness = Harness::of(component()).hmac_key("totp", KEY).at(1_800_000_000);
    harness.compiled_in(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("harness")).load().unwrap()
}

/// Amina types a code in a login of that name.
fn typed(plugin: &Plugin, login: &str, code: &str) -> Call<Step> {
    let factor = plugin.factor().unwrap();
    let amina = person("uin", "2053718694");
    let Step::Ask { state, .. } = factor.begin(&caller(login), Some(&amina)).answer() else {
        panic!("it does not ask");
    };
    factor.resume(&caller(login), Some(&amina), &state, answers(&[("totp", code)]))
}

#[test]
fn the_code_of_the_readme_is_proved_once_and_only_once_in_all_logins() {
    let plugin = totp();
    let call = typed(&plugin, "t-1", CODE);
    let cache: Vec<_> = call.report.host_calls.iter().filter(|call| call.interface == "cache").collect();
    assert_eq!(cache.len(), 1);
    assert_eq!((cache[0].function, cache[0].answer.as_deref()), ("put-if-absent", Ok("put")));
    assert!(matches!(call.answer(), Step::Proved(evidence) if evidence.amr == ["otp"]));
    let again = typed(&plugin, "t-2", CODE).answer();
    assert!(matches!(again, Step::Ask { rejection: Some(rejection), .. } if rejection.reason == "expired"));
}

#[test]
fn a_code_that_cannot_be_marked_as_used_lets_nobody_in() {
    let plugin = totp();
    for fault in [CacheFault::Unavailable, CacheFault::Full] {
        plugin.cache().fail(Some(fault));
        let call = typed(&plugin, "t-1", CODE);
        assert!(matches!(call.error(), Some(PluginError::Unavailable(_))), "{:?}", call.report);
    }
    plugin.cache().fail(None);
    assert!(matches!(typed(&plugin, "t-1", CODE).answer(), Step::Proved(_)));
}

#[test]
fn the_clock_of_the_host_decides_which_code_is_right() {
    let plugin = totp();
    plugin.clock().advance(59);
    assert!(matches!(typed(&plugin, "t-1", CODE).answer(), Step::Proved(_)), "one step late is let in");
    plugin.clock().advance(1);
    let late = typed(&plugin, "t-2", CODE).answer();
    assert!(matches!(late, Step::Ask { rejection: Some(rejection), .. } if rejection.reason == "wrong"));
}

#[test]
fn a_call_stays_far_below_its_limits_and_says_nothing() {
    let plugin = totp();
    drop(typed(&plugin, "t-1", "000000"));
    let reports = plugin.reports();
    assert_eq!(
        reports.iter().map(esignet_harness::Report::function).collect::<Vec<_>>(),
        ["describe", "begin", "resume"]
    );
    for report in reports {
        let ended = report.ended.as_ref().unwrap();
        assert!(ended.cpu.as_millis() < 10 && ended.memory_kib < 4_096, "{ended:?}");
        assert!(report.log.is_empty() && report.denials() == 0);
    }
}
