//! The operator's word on plugins, which may change while the server runs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use super::Source;
use crate::grant::Grant;
use crate::rights::Ceiling;
use crate::signature::Trust;

/// What an operator says of plugins at one time: a [`Source`] of its own.
#[derive(Clone, Debug)]
pub struct Word {
    /// See [`Source::directory`].
    pub directory: PathBuf,
    /// See [`Source::grants`].
    pub grants: BTreeMap<String, Grant>,
    /// See [`Source::ceiling`].
    pub ceiling: Ceiling,
    /// See [`Source::trust`]. Files are judged again when it is another one.
    pub trust: Arc<Trust>,
    /// See [`Source::id_system`].
    pub id_system: Option<String>,
}

impl Word {
    /// What the source says.
    pub fn of(source: Source<'_>) -> Self {
        Self {
            directory: source.directory.to_owned(),
            grants: source.grants.clone(),
            ceiling: source.ceiling.clone(),
            trust: Arc::clone(source.trust),
            id_system: source.id_system.map(str::to_owned),
        }
    }

    /// The word as whoever loads by it wants it.
    pub fn source(&self) -> Source<'_> {
        Source {
            directory: &self.directory,
            grants: &self.grants,
            ceiling: &self.ceiling,
            trust: &self.trust,
            id_system: self.id_system.as_deref(),
        }
    }
}

/// Whether to look for a change of the word, or to read it in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Read it when it looks changed.
    Routinely,
    /// Somebody says that it is to be read now.
    ByOrder,
}

/// Whoever has a word on plugins.
#[async_trait]
pub trait Operator: Send + Sync {
    /// What holds.
    fn word(&self) -> Arc<Word>;
    /// Reads the word anew. One that is wrong is not taken and the last good one holds; the error says what is wrong with it,
    /// whenever it is asked for by order.
    async fn read(&self, asking: Asking) -> Result<(), String>;
    /// Directories whose changes may change the word.
    fn directories(&self) -> Vec<PathBuf>;
}

/// Somebody who never says anything else.
pub(super) struct Unchanging(pub(super) Arc<Word>);

#[async_trait]
impl Operator for Unchanging {
    fn word(&self) -> Arc<Word> {
        Arc::clone(&self.0)
    }

    async fn read(&self, _: Asking) -> Result<(), String> {
        Ok(())
    }

    fn directories(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}
