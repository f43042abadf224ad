//! The conformance kit: what every plugin of a role must do whatever it is for, as cases that run against the real component.
//!
//! A case begins with a plugin that was just loaded. It passes, fails with what was seen, or is skipped with the reason, such
//! as that the fixture has nobody who gets in. After each case the kit looks at every call that was made: none may have
//! trapped, run out of its limits or broken the contract, and none may have asked for what was not granted.
//!
//! | What | File |
//! |---|---|
//! | what a case has in its hands, and how it ends | `bench.rs` |
//! | cases of ID systems | `id_system.rs`, `id_system/` |
//! | cases of factors | `auth_factor.rs`, `auth_factor/` |
//! | what the author wrote down | `own.rs` |
//! | results for people, for programs, for CI | `results.rs`, `results/` |

use std::path::Path;
use std::time::{Duration, Instant};

use esignet_sandbox::Role;

use crate::error::HarnessError;
use crate::fixture::Fixture;
use crate::harness::Plugin;

mod auth_factor;
mod bench;
mod id_system;
mod own;
mod results;

pub use bench::Bench;
pub use results::Results;

/// Why a case did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// The plugin does not do what it must; what was seen.
    Failed(String),
    /// The case does not apply, or cannot be told; why.
    Skipped(String),
}

/// How a case ended.
pub type Verdict = Result<(), Unmet>;

/// One thing that every plugin of a role must do.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The name, which stays the same over releases: role, topic and case.
    pub id: &'static str,
    /// The role.
    pub role: Role,
    /// What must hold, in a sentence.
    pub says: &'static str,
    run: fn(&mut Bench<'_>) -> Verdict,
}

impl Case {
    const fn of_id_system(id: &'static str, says: &'static str, run: fn(&mut Bench<'_>) -> Verdict) -> Self {
        Self { id, role: Role::IdSystem, says, run }
    }

    const fn of_factor(id: &'static str, says: &'static str, run: fn(&mut Bench<'_>) -> Verdict) -> Self {
        Self { id, role: Role::AuthFactor, says, run }
    }
}

/// Every case of every role, in the order in which they run.
pub fn cases() -> Vec<Case> {
    id_system::TOPICS.iter().chain(auth_factor::TOPICS).flat_map(|topic| topic.iter()).copied().collect()
}

/// How one case ended in one world.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The fixture's name; empty when there is none.
    pub fixture: String,
    /// The case's name.
    pub id: String,
    /// What must hold.
    pub says: String,
    /// How it ended.
    pub verdict: Verdict,
    /// How long it took.
    pub elapsed: Duration,
}

/// Runs every case of every role that the component has, and the author's own, in each of these worlds. Without one it
/// runs in a world without anybody, in which much is skipped.
pub fn run(
    component: &Path,
    fixtures: &[Fixture],
    compiled: Option<&Path>,
    mut seen: impl FnMut(&Outcome),
) -> Result<Results, HarnessError> {
    let nobody = [Fixture::default()];
    let mut outcomes = Vec::new();
    let mut id = String::new();
    for fixture in if fixtures.is_empty() { &nobody } else { fixtures } {
        let mut harness = fixture.harness(component);
        if let Some(directory) = compiled {
            harness = harness.compiled_in(directory);
        }
        let plugin = harness.load()?;
        id.clone_from(&plugin.manifest().plugin.id);
        let mut bench = Bench::new(plugin, fixture);
        in_world(&mut bench, |outcome| {
            seen(&outcome);
            outcomes.push(outcome);
        });
    }
    Ok(Results { plugin: id, outcomes })
}

fn in_world(bench: &mut Bench<'_>, mut ended: impl FnMut(Outcome)) {
    let fixture = bench.fixture();
    let roles = bench.plugin.roles().to_vec();
    for role in roles.iter().filter(|role| cases().iter().all(|case| case.role != **role)) {
        ended(Outcome {
            fixture: fixture.name.clone(),
            id: role.as_str().to_owned(),
            says: "every plugin of the role does what it must".to_owned(),
            verdict: Err(Unmet::Skipped("the kit has no cases for this role".to_owned())),
            elapsed: Duration::ZERO,
        });
    }
    for case in cases().into_iter().filter(|case| roles.contains(&case.role)) {
        let begun = Instant::now();
        let verdict = bench.renew().and_then(|()| (case.run)(bench)).and_then(|()| bench.all_was_sound());
        ended(Outcome {
            fixture: fixture.name.clone(),
            id: case.id.to_owned(),
            says: case.says.to_owned(),
            verdict,
            elapsed: begun.elapsed(),
        });
    }
    for person in &fixture.people {
        let begun = Instant::now();
        let verdict = bench.renew().and_then(|()| own::expected(bench, person));
        ended(Outcome {
            fixture: fixture.name.clone(),
            id: format!("fixture/{}", person.name),
            says: own::says(person),
            verdict: verdict.and_then(|()| bench.all_was_sound()),
            elapsed: begun.elapsed(),
        });
    }
}

/// Runs one case of the kit by its name, against a plugin that is loaded in that world.
pub fn run_one(id: &str, plugin: Plugin, fixture: &Fixture) -> Option<Verdict> {
    let case = cases().into_iter().find(|case| case.id == id)?;
    let mut bench = Bench::new(plugin, fixture);
    Some(bench.renew().and_then(|()| (case.run)(&mut bench)).and_then(|()| bench.all_was_sound()))
}

/// The table of all cases of a role, in Markdown.
pub fn table(role: Role) -> String {
    let rows = cases().into_iter().filter(|case| case.role == role);
    let rows: Vec<String> = rows.map(|case| format!("| `{}` | {} |\n", case.id, case.says)).collect();
    format!("| case | what must hold |\n|---|---|\n{}", rows.concat())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_role_has_its_cases_each_with_a_name_of_its_own() {
        for (role, prefix) in [(Role::IdSystem, "id-system/"), (Role::AuthFactor, "auth-factor/")] {
            let of_role: Vec<Case> = cases().into_iter().filter(|case| case.role == role).collect();
            assert!(of_role.len() >= 40, "{prefix} has {} cases", of_role.len());
            assert!(of_role.iter().all(|case| case.id.starts_with(prefix)));
        }
        let names: BTreeSet<&str> = cases().iter().map(|case| case.id).collect();
        assert_eq!(names.len(), cases().len());
        for case in cases() {
            assert!(!case.says.ends_with('.') && !case.says.contains('|'), "{}", case.says);
        }
    }
}
