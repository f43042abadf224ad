//! The plugin's log (`esignet:host/log`).
//!
//! An event is a short constant name in kebab-case; fields carry the rest. What a person typed, codes, tokens, claims and
//! identifiers do not belong in a log: the host redacts what it recognises, and cannot recognise everything.

use crate::bindings::host::esignet::host::log::{self, Level};

/// For whoever debugs the plugin; usually not kept.
pub fn debug(event: &str, fields: &[(&str, &str)]) {
    write(Level::Debug, event, fields);
}

/// Something happened that an operator may want to know.
pub fn info(event: &str, fields: &[(&str, &str)]) {
    write(Level::Info, event, fields);
}

/// Something an operator should look at.
pub fn warn(event: &str, fields: &[(&str, &str)]) {
    write(Level::Warn, event, fields);
}

/// Something an operator must mend.
pub fn error(event: &str, fields: &[(&str, &str)]) {
    write(Level::Error, event, fields);
}

fn write(level: Level, event: &str, fields: &[(&str, &str)]) {
    let fields: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    log::log(level, event, &fields);
}
