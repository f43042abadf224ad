//! What people are told of, over a channel that is not the one in which it was done (`esignet:notifier`).

use super::plugins::Attribute;
use crate::word::time::Timestamp;

/// Something that a person may be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeEvent {
    /// A relying party got a code for them.
    SignedIn,
    /// They agreed on the consent page to release claims.
    ConsentGiven,
}

impl NoticeEvent {
    /// Every event that is told.
    pub const ALL: [Self; 2] = [Self::SignedIn, Self::ConsentGiven];

    /// The word that plugins see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::ConsentGiven => "consent-given",
        }
    }
}

/// Something a person should know (`esignet:notifier/notice`). Personal data: `Debug` shows the event only.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// Unique, and the same however often it is brought.
    pub id: String,
    /// What happened.
    pub event: NoticeEvent,
    /// When.
    pub at: Timestamp,
    /// The ID system's stable name for the person, not the pairwise one.
    pub subject: String,
    /// BCP 47, the language the person read.
    pub locale: String,
    /// The client.
    pub client: String,
    /// What the relying party is called in that language.
    pub relying_party_name: String,
    /// Further facts of the event.
    pub attributes: Vec<Attribute>,
}

impl std::fmt::Debug for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notice").field("event", &self.event).finish_non_exhaustive()
    }
}

/// Takes what people are to be told. Nobody waits for it, and nothing fails by it: what cannot be taken is dropped, and the
/// adapter says so in the log.
pub trait Notices: Send + Sync {
    /// Takes one notice, at once.
    fn tell(&self, notice: Notice);
}

/// Nobody is told of anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNotices;

impl Notices for NoNotices {
    fn tell(&self, _notice: Notice) {}
}
