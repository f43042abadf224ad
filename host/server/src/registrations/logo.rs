//! A client's logo: fetched once, when its registration says where it is, and shown from here (`login.md` U14).

use esignet_protocol::client::Client;
use esignet_protocol::ports::fetch::{PublicFetch, PublicRequest};

use super::image;
use super::plan::Change;
use crate::config::finding::Finding;

/// The largest file fetched, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Which logos are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fetching {
    /// Those whose `logo_uri` is new: no start waits for a server that failed at the last one.
    Changed,
    /// Those, and those that could not be had before.
    Missing,
}

/// What is to be done about a logo.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing.
    Keep,
    /// It goes.
    Remove,
    /// It is to be fetched.
    Fetch {
        /// From where.
        uri: String,
        /// Where that is written.
        place: String,
    },
}

/// What came of it.
pub(super) enum Outcome {
    /// The logo there was stays, if there was one.
    Kept,
    /// There is none any more.
    Gone,
    /// The logo there was stays, and this is why.
    Failed(Finding),
    /// A PNG to be shown.
    Fetched(Vec<u8>),
}

impl Wish {
    pub(super) fn of(change: &Change, fetching: Fetching) -> Self {
        let (before, after, place): (Option<&Client>, &Client, String) = match change {
            Change::Create(registration) => (None, &registration.client, registration.place("logo_uri")),
            Change::Replace { stored, client, logo_place } => {
                (Some(&stored.record), client, logo_place.clone())
            }
        };
        let Some(uri) = &after.logo_uri else {
            return if after.logo.is_some() { Self::Remove } else { Self::Keep };
        };
        let is_new = before.is_none_or(|before| before.logo_uri.as_ref() != Some(uri));
        let is_missing = fetching == Fetching::Missing && after.logo.is_none();
        if is_new || is_missing { Self::Fetch { uri: uri.clone(), place } } else { Self::Keep }
    }
}

pub(super) async fn fetch(fetch: &dyn PublicFetch, wish: Wish) -> Outcome {
    let (uri, place) = match wish {
        Wish::Keep => return Outcome::Kept,
        Wish::Remove => return Outcome::Gone,
        Wish::Fetch { uri, place } => (uri, place),
    };
    let failed = |problem: String, fix: &str| {
        let problem = format!("the logo was not taken: {problem}");
        Outcome::Failed(Finding::warning("logo", place, problem, fix))
    };
    let request =
        PublicRequest { url: uri, accept: "image/png, image/jpeg, image/webp", max_bytes: MAX_BYTES };
    let fetched = match fetch.get(request).await {
        Ok(fetched) => fetched,
        Err(refusal) => {
            return failed(
                refusal.to_string(),
                "put the image on a public HTTPS server and register it again; until then the logo there was is shown, or \
                 none",
            );
        }
    };
    let encoded = tokio::task::spawn_blocking(move || image::encode(&fetched.bytes)).await;
    match encoded.unwrap_or(Err(image::ImageRefusal::Unreadable)) {
        Ok(png) => Outcome::Fetched(png),
        Err(refusal) => failed(
            refusal.to_string(),
            "register a PNG, JPEG or WebP of at most 64 KB and 1024 by 1024 pixels",
        ),
    }
}
