//! Clients declared in files: the store is made to say what they say, by the same steps as on the command line.

use super::Purpose;
use crate::config::Config;
use crate::config::client_file::Registration;
use crate::config::finding::Finding;
use crate::registrations::plan::Unlisted;
use crate::registrations::{Fetching, Refusal, Registrations, files};

/// How often the files are compared with the store when other nodes change it at the same time.
const ATTEMPTS: usize = 10;

/// Applies the directory of the configuration: all files are judged before the first is applied. A file that differs from
/// what is registered changes it, and the log says which members; a check changes nothing.
pub(crate) async fn apply(config: &Config, registrations: &Registrations, purpose: Purpose) -> Vec<Finding> {
    let Some(directory) = &config.clients_directory else { return Vec::new() };
    let declared = match files::load(std::slice::from_ref(directory)) {
        Ok(declared) => declared,
        Err(findings) => return findings,
    };
    for _ in 1..ATTEMPTS {
        match attempt(&declared, registrations, purpose).await {
            // Another node starts with the same files and was faster.
            Err(Refusal::Taken(_) | Refusal::Changed(_)) => {}
            outcome => return outcome.unwrap_or_else(Refusal::into_findings),
        }
    }
    attempt(&declared, registrations, purpose).await.unwrap_or_else(Refusal::into_findings)
}

async fn attempt(
    declared: &[Registration],
    registrations: &Registrations,
    purpose: Purpose,
) -> Result<Vec<Finding>, Refusal> {
    let plan = registrations.plan(declared.to_vec(), Unlisted::Keep).await?;
    if purpose == Purpose::Check {
        return Ok(plan.warnings);
    }
    let (done, warnings) = registrations.apply(plan, Fetching::Changed).await?;
    Ok(done.into_iter().flat_map(|done| done.warnings).chain(warnings).collect())
}
