//! Clients declared in files: the store is made to say what they say, by the same steps as on the command line.

use super::Purpose;
use crate::config::Config;
use crate::config::finding::Finding;
use crate::registrations::plan::Unlisted;
use crate::registrations::{Fetching, Registrations, files};

/// Applies the directory of the configuration: all files are judged before the first is applied. A file that differs from
/// what is registered changes it, and the log says which members; a check changes nothing.
pub(crate) async fn apply(config: &Config, registrations: &Registrations, purpose: Purpose) -> Vec<Finding> {
    let Some(directory) = &config.clients_directory else { return Vec::new() };
    let declared = match files::load(std::slice::from_ref(directory)) {
        Ok(declared) => declared,
        Err(findings) => return findings,
    };
    let plan = match registrations.plan(declared, Unlisted::Keep).await {
        Ok(plan) => plan,
        Err(refusal) => return refusal.into_findings(),
    };
    if purpose == Purpose::Check {
        return plan.warnings;
    }
    match registrations.apply(plan, Fetching::Changed).await {
        Ok((done, warnings)) => done.into_iter().flat_map(|done| done.warnings).chain(warnings).collect(),
        Err(refusal) => refusal.into_findings(),
    }
}
