//! An audit sink and a key binder that lie, for tests: the setting `behaviour` says how.

use esignet_sdk::prelude::*;

/// The plugin.
pub struct MisbehavingRecords;

fn behaviour() -> String {
    config::get("behaviour").unwrap_or_default()
}

impl AuditSink for MisbehavingRecords {
    fn describe() -> Result<AuditSinkDescriptor, Failure> {
        Ok(AuditSinkDescriptor::new(10))
    }

    fn write(_: &str, events: &[Event]) -> Result<u64, Failure> {
        let (first, last) = (events.first().map_or(0, |event| event.sequence), events.len() as u64);
        match behaviour().as_str() {
            "beyond" => Ok(first + last),
            "before" => Ok(first.saturating_sub(2)),
            "everything" => Ok(u64::MAX),
            "trap" => panic!("as it was told"),
            _ => Ok(first + last - 1),
        }
    }
}

impl KeyBinder for MisbehavingRecords {
    fn describe() -> Result<KeyBinderDescriptor, Failure> {
        let none: [&str; 2] = ["none", "HS256"];
        let algorithms = if behaviour() == "weak-algorithms" { &none[..] } else { &["ES256"][..] };
        Ok(KeyBinderDescriptor::new(algorithms, &["jwt"]))
    }

    fn bind(_: &Caller, _: &Person, _: &str) -> Result<Binding, Failure> {
        let good = Binding {
            format: "jwt".to_owned(),
            credential: "a.b.c".to_owned(),
            id: "binding".to_owned(),
            expires_at: clock::now() + 60,
            attributes: Vec::new(),
        };
        match behaviour().as_str() {
            "other-format" => Ok(Binding { format: "x509-pem".to_owned(), ..good }),
            "large-credential" => Ok(Binding { credential: "x".repeat(17 * 1024), ..good }),
            "steering-credential" => Ok(Binding { credential: "\u{1b}[2J".to_owned(), ..good }),
            "long-over" => Ok(Binding { expires_at: 1, ..good }),
            "no" => Err(Rejection::new("wrong").into()),
            "down" => Err(Failure::unavailable("as it was told")),
            "trap" => panic!("as it was told"),
            _ => Ok(good),
        }
    }
}

esignet_sdk::export!(MisbehavingRecords as audit_sink, key_binder);
