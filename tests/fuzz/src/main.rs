//! The fuzz targets: one function a parser of bytes from outside, which says what must hold for any bytes.
//!
//! All of them are in one program, so that it is built once; the environment variable `ESIGNET_FUZZ_TARGET` names the one
//! that runs. `cargo xtask fuzz` builds and runs it. A panic is a finding, and so is an allocation out of proportion.

#![no_main]

mod allocation;
mod party;
mod signature;
mod target;

use std::sync::OnceLock;

/// What is done with an input.
type Target = fn(&[u8]);

/// Every target by its name, which is also the name of its file and of the directory with its seeds.
const TARGETS: &[(&str, Target)] = &[
    ("authorize_params", target::authorize_params::run),
    ("certificate", target::certificate::run),
    ("claims_param", target::claims_param::run),
    ("client_assertion", target::client_assertion::run),
    ("cookie", target::cookie::run),
    ("distinguished_name", target::distinguished_name::run),
    ("dpop_proof", target::dpop_proof::run),
    ("jwe_decrypt", target::jwe_decrypt::run),
    ("jwk_parse", target::jwk_parse::run),
    ("jws_verify", target::jws_verify::run),
    ("minisign", target::minisign::run),
    ("par_body", target::par_body::run),
    ("plugin_sections", target::plugin_sections::run),
    ("redirect_uri", target::redirect_uri::run),
    ("request_object", target::request_object::run),
];

static CHOSEN: OnceLock<Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(init: choose(), |input: &[u8]| {
    allocation::bounded(input, *CHOSEN.get().expect("a target is chosen before the first input"));
});

fn choose() {
    let name = std::env::var("ESIGNET_FUZZ_TARGET").unwrap_or_default();
    let Some((_, target)) = TARGETS.iter().find(|(known, _)| *known == name) else {
        eprintln!("ESIGNET_FUZZ_TARGET names no target; run `cargo xtask fuzz`");
        std::process::exit(2);
    };
    CHOSEN.get_or_init(|| *target);
}
