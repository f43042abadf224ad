//! The imports again, for a sandbox with a [`Witness`](crate::witness::Witness): each does what it does anyway, and leaves a note.
//!
//! They stand in front of the others in the linker, so a sandbox without a witness has nothing of it.

mod crypto;

use std::time::Instant;

use wasmtime::component::{HasData, Linker};

use super::CallState;
use crate::bindings::esignet::host;
use crate::bindings::esignet::host::cache::Error as CacheError;
use crate::bindings::esignet::host::http::{Error as HttpError, Request, Response};
use crate::bindings::esignet::host::log::Level;
use crate::rights::Rights;
use crate::witness::SeenImport;

/// The most characters of a name.
const NAME_CHARS: usize = 96;

/// A call that leaves notes.
pub(super) struct Told<'a>(&'a mut CallState);

struct OfCalls;

impl HasData for OfCalls {
    type Data<'a> = Told<'a>;
}

fn told(state: &mut CallState) -> Told<'_> {
    Told(state)
}

/// Puts imports that leave notes in front of those that a plugin has.
pub(crate) fn in_front(linker: &mut Linker<CallState>, rights: &Rights) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    host::log::add_to_linker::<_, OfCalls>(linker, told)?;
    host::config::add_to_linker::<_, OfCalls>(linker, told)?;
    host::clock::add_to_linker::<_, OfCalls>(linker, told)?;
    host::crypto::add_to_linker::<_, OfCalls>(linker, told)?;
    if rights.http || rights.wasi {
        host::http::add_to_linker::<_, OfCalls>(linker, told)?;
    }
    if rights.cache || rights.wasi {
        host::cache::add_to_linker::<_, OfCalls>(linker, told)?;
    }
    linker.allow_shadowing(false);
    Ok(())
}

/// A function of the contract, what it was given, and since when it is under way.
struct Note {
    interface: &'static str,
    function: &'static str,
    arguments: String,
    since: Instant,
}

fn note(interface: &'static str, function: &'static str, arguments: String) -> Note {
    Note { interface, function, arguments, since: Instant::now() }
}

impl Told<'_> {
    fn leave(&mut self, note: Note, outcome: impl Into<String>) {
        let Note { interface, function, arguments, since } = note;
        let took = since.elapsed();
        self.0.seen.add(SeenImport { interface, function, arguments, outcome: outcome.into(), took });
    }

    /// A name in quotes, without what is the person's.
    fn name(&self, name: &str) -> String {
        format!("\"{}\"", self.0.personal.cut(name, NAME_CHARS))
    }

    fn request(&self, request: &Request) -> String {
        let Request { upstream, method, path, query, headers, body, .. } = request;
        let (upstream, method) = (self.name(upstream), self.0.personal.cut(method, 16));
        let path = self.0.personal.cut(path, NAME_CHARS);
        let more = [(query.len(), "in the query"), (headers.len(), "headers")];
        let more = more.into_iter().filter(|(count, _)| *count > 0);
        let more: Vec<String> = more.map(|(count, what)| format!(", {count} {what}")).collect();
        format!("{upstream} {method} {path}{}, {}", more.concat(), octets(body))
    }
}

fn octets(bytes: &[u8]) -> String {
    match bytes.len() {
        1 => "1 byte".to_owned(),
        count => format!("{count} bytes"),
    }
}

impl host::log::Host for Told<'_> {
    fn log(&mut self, level: Level, event: String, fields: Vec<(String, String)>) -> wasmtime::Result<()> {
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let fields_told = if fields.is_empty() { String::new() } else { format!(", {} fields", fields.len()) };
        let note = note("log", "log", format!("{level} {}{fields_told}", self.name(&event)));
        let dropped = self.0.log.dropped();
        let logged = host::log::Host::log(self.0, level_of(level), event, fields);
        let is_dropped = self.0.log.dropped() > dropped;
        self.leave(note, if logged.is_err() { "ended" } else if is_dropped { "dropped" } else { "done" });
        logged
    }
}

/// The contract's levels cannot be copied.
fn level_of(level: &str) -> Level {
    match level {
        "debug" => Level::Debug,
        "info" => Level::Info,
        "warn" => Level::Warn,
        _ => Level::Error,
    }
}

impl host::config::Host for Told<'_> {
    fn get(&mut self, key: String) -> Option<String> {
        let note = note("config", "get", self.name(&key));
        let value = host::config::Host::get(self.0, key);
        self.leave(note, value.as_ref().map_or_else(|| "not set".to_owned(), |value| octets(value.as_bytes())));
        value
    }
}

impl host::clock::Host for Told<'_> {
    fn now(&mut self) -> u64 {
        let note = note("clock", "now", String::new());
        let now = host::clock::Host::now(self.0);
        self.leave(note, now.to_string());
        now
    }
}

impl host::http::Host for Told<'_> {
    async fn fetch(&mut self, request: Request) -> Result<Response, HttpError> {
        let note = note("http", "fetch", self.request(&request));
        let answer = host::http::Host::fetch(self.0, request).await;
        self.leave(note, responded(&answer));
        answer
    }

    async fn fetch_all(&mut self, requests: Vec<Request>) -> Vec<Result<Response, HttpError>> {
        let asked: Vec<String> = requests.iter().map(|request| self.request(request)).collect();
        let note = note("http", "fetch-all", asked.join("; "));
        let answers = host::http::Host::fetch_all(self.0, requests).await;
        self.leave(note, answers.iter().map(responded).collect::<Vec<_>>().join("; "));
        answers
    }
}

fn responded(answer: &Result<Response, HttpError>) -> String {
    match answer {
        Ok(response) => format!("{}, {}", response.status, octets(&response.body)),
        Err(HttpError::Denied(rule)) => format!("denied: {rule}"),
        Err(HttpError::Timeout) => "timeout".to_owned(),
        Err(HttpError::Unreachable(_)) => "unreachable".to_owned(),
        Err(HttpError::TooLarge(most)) => format!("larger than {most} bytes"),
        Err(HttpError::Invalid(rule)) => format!("invalid: {rule}"),
    }
}

impl host::cache::Host for Told<'_> {
    async fn get(&mut self, key: String) -> Result<Option<Vec<u8>>, CacheError> {
        let note = note("cache", "get", self.name(&key));
        let found = host::cache::Host::get(self.0, key).await;
        self.leave(note, kept(&found));
        found
    }

    async fn put(&mut self, key: String, value: Vec<u8>, ttl_seconds: u32) -> Result<(), CacheError> {
        let note = note("cache", "put", format!("{}, {}, {ttl_seconds} s", self.name(&key), octets(&value)));
        let put = host::cache::Host::put(self.0, key, value, ttl_seconds).await;
        self.leave(note, put.as_ref().map_or_else(not_cached, |()| "done".to_owned()));
        put
    }

    async fn put_if_absent(&mut self, key: String, value: Vec<u8>, ttl_seconds: u32) -> Result<bool, CacheError> {
        let arguments = format!("{}, {}, {ttl_seconds} s", self.name(&key), octets(&value));
        let note = note("cache", "put-if-absent", arguments);
        let put = host::cache::Host::put_if_absent(self.0, key, value, ttl_seconds).await;
        let told = |put: &bool| if *put { "done" } else { "one is there" }.to_owned();
        self.leave(note, put.as_ref().map_or_else(not_cached, told));
        put
    }

    async fn take(&mut self, key: String) -> Result<Option<Vec<u8>>, CacheError> {
        let note = note("cache", "take", self.name(&key));
        let found = host::cache::Host::take(self.0, key).await;
        self.leave(note, kept(&found));
        found
    }
}

fn kept(found: &Result<Option<Vec<u8>>, CacheError>) -> String {
    match found {
        Ok(Some(value)) => octets(value),
        Ok(None) => "not there".to_owned(),
        Err(error) => not_cached(error),
    }
}

fn not_cached(error: &CacheError) -> String {
    match error {
        CacheError::Quota => "over the quota".to_owned(),
        CacheError::TooLarge(most) => format!("larger than {most} bytes"),
        CacheError::Unavailable => "unavailable".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::Grant;
    use crate::import::testing::{Nobody, call};
    use crate::personal::Personal;

    #[tokio::test]
    async fn what_a_call_asks_for_is_noted_by_names_and_sizes_and_without_the_person() {
        let mut call = call(&Grant::default(), Nobody);
        call.personal = std::sync::Arc::new(Personal::of(["2053718694"]));
        let mut watched = Told(&mut call);
        host::cache::Host::put(&mut watched, "of-2053718694".into(), b"secret".to_vec(), 60).await.unwrap();
        host::config::Host::get(&mut watched, "otp".into());
        let request = Request {
            upstream: "register".into(),
            method: "GET".into(),
            path: "/people/2053718694".into(),
            query: vec![("a".into(), "b".into())],
            headers: Vec::new(),
            body: b"body".to_vec(),
            timeout_ms: None,
        };
        assert!(host::http::Host::fetch(&mut watched, request).await.is_err());
        let fields = vec![("otp".to_owned(), "111111".to_owned())];
        host::log::Host::log(&mut watched, Level::Info, "sent".into(), fields).unwrap();
        let (imports, more) = std::mem::take(&mut call.seen).into_parts();
        let told: Vec<String> = imports
            .iter()
            .map(|seen| format!("{}.{} {} → {}", seen.interface, seen.function, seen.arguments, seen.outcome))
            .collect();
        assert_eq!(told[0], "cache.put \"of-[redacted]\", 6 bytes, 60 s → done");
        assert_eq!(told[1], "config.get \"otp\" → not set");
        assert!(
            told[2].starts_with("http.fetch \"register\" GET /people/[redacted], 1 in the query, 4 bytes → denied"),
            "{}",
            told[2]
        );
        assert_eq!(told[3], "log.log info \"sent\", 1 fields → done");
        let all = told.join("\n");
        assert!(!all.contains("2053718694") && !all.contains("111111") && !all.contains("secret"), "{all}");
        assert_eq!(more, 0);
    }
}
