//! An audit sink that posts events as lines of JSON to the upstream `archive`.
//!
//! Log and number name an event for ever, so the archive can drop what it has already. [`lines`] writes, over plain values;
//! this file asks.

mod lines;

use esignet_sdk::prelude::*;
use serde::Deserialize;

/// The plugin.
pub struct AuditHttp;

/// What the archive may answer, when it stored less than it was sent.
#[derive(Deserialize)]
struct Reply {
    stored: u64,
}

impl AuditSink for AuditHttp {
    fn describe() -> Result<AuditSinkDescriptor, Failure> {
        Ok(AuditSinkDescriptor::new(config::parse_or("batch", 500)?))
    }

    fn write(log: &str, events: &[Event]) -> Result<u64, Failure> {
        let path = config::get("path").unwrap_or_else(|| "/".to_owned());
        let request = http::upstream("archive").post(&path).header("content-type", "application/x-ndjson");
        let response = request.body(lines::of(log, events)?).send()?.success()?;
        let last = events.last().map_or(0, |event| event.sequence);
        // A status of 200 to 299 says that all is stored, unless the content says how far.
        Ok(response.json::<Reply>().map_or(last, |reply| reply.stored))
    }
}

esignet_sdk::export!(AuditHttp as audit_sink);
