use super::output::Stream;
use super::*;
use crate::grant::Grant;
use crate::import::testing::{Nobody, call};

#[test]
fn what_the_two_runtimes_import_is_served_and_nothing_of_http_or_another_version() {
    for name in ["wasi:cli/stdout@0.2.12", "wasi:sockets/tcp@0.2.9", "wasi:io/poll@0.2.0"] {
        assert!(serves(name), "{name}");
    }
    for name in [
        "wasi:http/outgoing-handler@0.2.9",
        "wasi:http/types@0.2.0",
        "wasi:cli/run@0.2.0",
        "wasi:keyvalue/store@0.2.0-draft",
        "wasi:cli/stdout@0.3.0",
        "wasi:cli/stdout@0.2.",
        "wasi:cli/stdout@0.2.0-rc",
        "wasi:cli/stdout",
        "esignet:host/log@0.1.0",
    ] {
        assert!(!serves(name), "{name}");
    }
}

#[test]
fn a_flood_on_stdout_is_dropped_and_then_ends_the_call() {
    let mut call = call(&Grant::default(), Nobody);
    let line = [b"a line of a flood".as_slice(), b"\n"].concat();
    let refused = (0..100_000).find_map(|_| call.write(Stream::Stdout, &line).err());
    assert_eq!(refused, Some(Stopped::Quota("log: lines")));
    assert!(call.log.dropped() > 0);
}

#[test]
fn a_flood_without_an_end_of_line_is_no_larger_than_a_line_in_memory() {
    let mut call = call(&Grant::default(), Nobody);
    let refused = (0..100_000).find_map(|_| call.write(Stream::Stderr, &[b'x'; 4096]).err());
    assert_eq!(refused, Some(Stopped::Quota("log: lines")));
    call.end_output();
}

#[test]
fn lines_and_log_share_one_budget() {
    use crate::bindings::esignet::host::log::{Host, Level};

    let mut grant = Grant::default();
    grant.limits.log_bytes = Some(64);
    let mut call = call(&grant, Nobody);
    call.write(Stream::Stdout, &[b'x'; 60]).unwrap();
    assert_eq!(call.log.dropped(), 0, "the line is not over");
    call.end_output();
    call.log(Level::Info, "event".to_owned(), Vec::new()).unwrap();
    assert_eq!(call.log.dropped(), 1);
}

#[test]
fn randomness_is_the_ports_and_out_of_the_budget_of_crypto() {
    let mut call = call(&Grant::default(), Nobody);
    assert_eq!(call.entropy(3).unwrap(), [9, 9, 9]);
    assert_eq!(call.random_word().unwrap(), 0x0909_0909_0909_0909);
    assert_eq!(call.entropy(u64::MAX), Err(Stopped::Quota("wasi: randomness")));
    let refused = (0..1_000).find_map(|_| call.entropy(64 * 1024).err());
    assert_eq!(refused, Some(Stopped::Quota("crypto: digests")));
}
