//! Asking the host for what was not granted, for what must not be, or for too much.

use esignet_sdk::prelude::*;

use crate::{asking, question, refused};

/// Writes more than any log may take, and goes on as if nothing had been.
pub(crate) fn flood_the_log(_: &Caller) -> Step {
    let line = "flood ".repeat(200);
    for _ in 0..2_000 {
        log::error("flood", &[("line", &line)]);
    }
    question()
}

/// Writes what would be lines, fields and colours of its own in a careless log.
pub(crate) fn inject_into_the_log(_: &Caller) -> Step {
    let forged = "x\n{\"level\":\"ERROR\",\"event\":\"forged\"}\r\nERROR forged";
    log::info(forged, &[("value", forged), ("na\nme", "v"), ("colour", "\u{1b}[31mred\u{1b}[0m\u{7}\0")]);
    log::info("bidi", &[("value", "\u{202e}desrever\u{2028}line\u{85}line"), ("", ""), ("level", "FORGED")]);
    question()
}

pub(crate) fn ask_an_ungranted_upstream(_: &Caller) -> Step {
    let answers = ["never-granted", "", "http://127.0.0.1:1", "127.0.0.1", "register/../other"]
        .map(|name| http::upstream(name).get("/").send());
    if answers.iter().all(|answer| matches!(answer, Err(http::Error::Denied(_)))) {
        return refused("denied");
    }
    refused("not-denied")
}

/// Asks the granted upstream for what is beside the granted paths, by methods that were not granted, too.
pub(crate) fn ask_an_ungranted_path(_: &Caller) -> Step {
    let asked = [("GET", "/private"), ("GET", "/peopleandmore"), ("DELETE", "/people"), ("POST", "/people")]
        .map(|(method, path)| http::upstream(&granted()).request(method, path).send());
    let denied = asked.iter().filter(|answer| matches!(answer, Err(http::Error::Denied(_)))).count();
    refused(&format!("denied-{denied}-of-4"))
}

/// Asks the granted upstream, and goes where it is sent: to the place itself, and to it as a path.
pub(crate) fn chase_a_redirect(_: &Caller) -> Step {
    let Ok(answer) = http::upstream(&granted()).get("/people").send() else { return refused("no-answer") };
    let Some(place) = answer.header("location").map(str::to_owned) else {
        return refused(&format!("no-redirect-but-{}", answer.status));
    };
    let chased = [http::upstream(&place).get("/").send(), http::upstream(&granted()).get(&place).send()];
    refused(if chased.iter().all(is_refused) { "not-followed" } else { "followed" })
}

/// Looks in the cache for what others put there: under the name that all of them use, and under names that would lead to
/// them in a careless store. What is there is its own, if it was here before.
pub(crate) fn read_the_cache_of_others(_: &Caller) -> Step {
    let own = config::get("factor").unwrap_or_default();
    let mut names = vec!["canary".to_owned()];
    for other in ["otp", "totp", "misbehaving", "bad0", "bad1", "one", "other"] {
        names.extend([":", "/", "\0", ".", "::"].map(|between| format!("{other}{between}canary")));
        names.push(format!("../{other}/canary"));
    }
    // One call may use the cache 64 times.
    for name in names.iter().take(60) {
        if let Ok(Some(found)) = cache::get(name)
            && found != own.as_bytes()
        {
            return refused("found-what-is-anothers");
        }
    }
    match cache::put("canary", own.as_bytes(), 600) {
        Ok(()) => refused("found-its-own-alone"),
        Err(_) => refused("no-cache"),
    }
}

pub(crate) fn ask_an_ungranted_key(_: &Caller) -> Step {
    let hmac = crypto::hmac("never-granted", b"x");
    let jws = crypto::sign_jws("never-granted", &[("alg", "none")], b"{}");
    match (hmac, jws) {
        (Err(crypto::Error::NoSuchKey(_)), Err(crypto::Error::NoSuchKey(_))) => refused("no-such-key"),
        _ => refused("not-denied"),
    }
}

/// Paths that a careless client would take to another host, another path or another request.
const EVIL_PATHS: [&str; 18] = [
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example\\",
    "http://evil.example/",
    "@evil.example/",
    ":80@evil.example/",
    "/a\r\nhost: evil.example\r\n\r\n",
    "/a\nx",
    "/a b",
    "/a?admin=1",
    "/a#fragment",
    "/../admin",
    "/a/../../admin",
    "/a/%2e%2e/admin",
    "/a/.%2E/admin",
    "/a\0",
    "relative",
    "",
];

/// Asks the granted upstream for each of them; says how many were refused, or which was not.
pub(crate) fn evil_paths(_: &Caller) -> Step {
    for (at, path) in EVIL_PATHS.iter().enumerate() {
        if !is_refused(&http::upstream(&granted()).get(path).send()) {
            return refused(&format!("not-refused-{at}"));
        }
    }
    refused("all-refused")
}

/// Header fields that are the host's to set, or would end the header.
const EVIL_HEADERS: [(&str, &str); 8] = [
    ("host", "evil.example"),
    ("authorization", "Bearer forged"),
    ("content-length", "0"),
    ("transfer-encoding", "chunked"),
    ("connection", "upgrade"),
    ("x-a", "b\r\nx-forged: 1"),
    ("x a", "b"),
    ("", "b"),
];

/// Asks the granted upstream with each of them; says how many were refused, or which was not.
pub(crate) fn evil_headers(_: &Caller) -> Step {
    for (at, (name, value)) in EVIL_HEADERS.into_iter().enumerate() {
        if !is_refused(&http::upstream(&granted()).get("/").header(name, value).send()) {
            return refused(&format!("not-refused-{at}"));
        }
    }
    let bad_method = http::upstream(&granted()).request("GET / HTTP/1.1\r\nx:", "/").send();
    refused(if is_refused(&bad_method) { "all-refused" } else { "not-refused-method" })
}

fn granted() -> String {
    config::get("upstream").unwrap_or_else(|| "register".to_owned())
}

fn is_refused(answer: &Result<http::Response, http::Error>) -> bool {
    matches!(answer, Err(http::Error::Denied(_) | http::Error::Invalid(_)))
}

/// Puts a million entries, whatever the host says to it, and tells what it said last.
pub(crate) fn flood_the_cache(_: &Caller) -> Step {
    let value = [0xAA; 1024];
    let mut last = Ok(());
    for at in 0..1_000_000_u32 {
        last = cache::put(&format!("flood-{at}"), &value, 600);
    }
    refused(match last {
        Ok(()) => "flooded",
        Err(cache::Error::Quota) => "quota",
        Err(cache::Error::TooLarge(_)) => "too-large",
        Err(cache::Error::Unavailable) => "unavailable",
    })
}

/// Never stops drawing randomness.
pub(crate) fn flood_randomness(_: &Caller) -> Step {
    while crypto::random(1024).is_ok_and(|drawn| !drawn.is_empty()) {}
    refused("no-more-randomness")
}

pub(crate) fn too_much_randomness(_: &Caller) -> Step {
    match crypto::random(u32::MAX) {
        Err(crypto::Error::Invalid(_)) => refused("invalid"),
        _ => refused("not-refused"),
    }
}

/// Never stops logging lines of very many fields, which are cheap to write and dear to read.
pub(crate) fn flood_the_host(_: &Caller) -> Step {
    let fields = vec![("k", "v"); 20_000];
    for _ in 0..100_000 {
        log::info("flood", &fields);
    }
    refused("flooded")
}

/// Never stops asking for settings by names of two mebibytes.
pub(crate) fn flood_with_keys(_: &Caller) -> Step {
    let key = "k".repeat(2 << 20);
    while config::get(&key).is_none() {}
    refused("there-is-one")
}

/// Asks the granted upstream as it may, and tells all that came back wherever words can go.
pub(crate) fn tell_the_answer() -> Step {
    let answer = http::upstream(&granted()).get("/people").send();
    let told = match &answer {
        Ok(http::Response { status, headers, body }) => {
            let headers: Vec<String> =
                headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{status} {} {}", headers.join(", "), String::from_utf8_lossy(body))
        }
        Err(error) => format!("{error:?}"),
    };
    log::info("answer", &[("answer", &told)]);
    asking(&told)
}

/// Tells who the person is in every text that may reach a log, then fails saying it again.
pub(crate) fn tell(individual: Option<&Individual>) -> Failure {
    let value = individual.map_or("nobody", |individual| individual.value.as_str());
    let parted: String = value.chars().flat_map(|c| [c, '\u{7}']).collect();
    for event in [value, &format!("of-{value}-it-is"), &parted] {
        log::warn(event, &[("value", value), (value, "v"), ("status", &format!("of {value}."))]);
    }
    let _ = http::upstream(value).get("/").send();
    let _ = crypto::hmac(value, b"x");
    Failure::unavailable(format!("nothing is known of {value}, {parted}, {}{value}", "x".repeat(251)))
}
