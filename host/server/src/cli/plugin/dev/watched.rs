//! The sources of a project: whether somebody saved something.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use esignet_build::Project;
use tokio::time::sleep;

/// From one look to the next. What differs must look the same twice, so that what is half written is not built.
const EVERY: Duration = Duration::from_millis(150);

/// What tells one content of a file from another.
type Look = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

/// The sources as they looked when they were built last.
pub(super) struct Sources {
    directory: PathBuf,
    built: Look,
    before: Look,
}

impl Sources {
    /// The sources as they look now.
    pub(super) fn of(directory: &Path) -> Self {
        let built = look(directory);
        Self { directory: directory.to_owned(), before: built.clone(), built }
    }

    /// Returns once somebody saved something and is done with it.
    pub(super) async fn changed(&mut self) {
        let mut last = look(&self.directory);
        loop {
            sleep(EVERY).await;
            let now = look(&self.directory);
            if now != self.built && now == last {
                self.before = std::mem::replace(&mut self.built, now);
                return;
            }
            last = now;
        }
    }

    /// Whether this file is one of those that changed last.
    pub(super) fn has_changed(&self, file: &str) -> bool {
        self.before.get(Path::new(file)) != self.built.get(Path::new(file))
    }
}

/// A folder that cannot be read for a moment has nothing in it, and is looked at again.
fn look(directory: &Path) -> Look {
    let files = Project::open(directory).and_then(|project| project.files()).unwrap_or_default();
    let about = |path: PathBuf| {
        let about = fs::metadata(directory.join(&path)).ok()?;
        Some((path, (about.len(), about.modified().ok())))
    };
    files.into_iter().filter_map(about).collect()
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_save_is_noticed_once_and_what_a_build_makes_is_not() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("plugin.js"), "1").unwrap();
        let mut sources = Sources::of(directory.path());
        fs::write(directory.path().join("p.wasm"), "made").unwrap();
        fs::write(directory.path().join("dev.log"), "what this command says, kept by somebody").unwrap();
        assert!(timeout(EVERY * 4, sources.changed()).await.is_err(), "nobody saved anything");
        fs::write(directory.path().join("plugin.js"), "22").unwrap();
        timeout(Duration::from_secs(10), sources.changed()).await.unwrap();
        assert!(sources.has_changed("plugin.js") && !sources.has_changed("dev.toml"));
        assert!(timeout(EVERY * 4, sources.changed()).await.is_err(), "it is built once");
        fs::write(directory.path().join("dev.toml"), "").unwrap();
        timeout(Duration::from_secs(10), sources.changed()).await.unwrap();
        assert!(sources.has_changed("dev.toml"));
    }
}
