//! One login, from the opened request to the code.
//!
//! A stage is a struct and a step consumes it: [`stage::Requested`] → [`stage::Proving`] → [`stage::Authenticated`] →
//! an [`crate::issue::IssuedCode`]. Between two requests a login is this record, sealed, in the store: no node and no
//! plugin instance remembers anything of it.

pub mod answers;
pub mod browser;
pub mod captcha;
pub mod cookie;
pub mod pins;
pub mod prove;
pub mod stage;

use serde::{Deserialize, Serialize};

use crate::authorization_request::AuthorizationRequest;
use crate::client::Client;
use crate::issue::languages::Languages;
use crate::ports::entropy::Entropy;
use crate::ports::plugins::Caller;
use crate::word::client_id::ClientId;
use crate::word::handle::{HandleHash, random_text};
use crate::word::time::Timestamp;
use browser::Browser;
use pins::Pins;
use stage::Stage;

/// One login as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct Transaction {
    /// What plugins see of it: opaque, not the handle a browser holds.
    pub id: String,
    /// Ten letters and digits for ID systems and devices.
    pub short_id: String,
    /// Who asks.
    pub client_id: ClientId,
    /// The pushed request this came from, spent when the login completes.
    pub request_uri: HandleHash,
    /// What is asked.
    pub request: AuthorizationRequest,
    /// The language of the pages.
    pub locale: String,
    /// Whose browser it is.
    pub browser: Browser,
    /// When it ends by itself.
    pub deadline: Timestamp,
    /// The builds of plugins that it is held to. A record from before there were any has none, and takes what is loaded.
    #[serde(default)]
    pub pins: Pins,
    /// How far it has come.
    pub stage: Stage,
}

impl Transaction {
    /// Fresh ids for a login.
    pub fn ids(entropy: &dyn Entropy) -> (String, String) {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let mut bytes = [0_u8; 10];
        entropy.fill(&mut bytes);
        let letter =
            |byte: &u8| ALPHABET.get(usize::from(byte % 32)).map_or('A', |letter| char::from(*letter));
        (random_text(entropy), bytes.iter().map(letter).collect())
    }

    /// This login as a plugin sees it.
    pub fn caller(&self, client: &Client) -> Caller {
        let languages = Languages::of(&self.request.claims_locales, &self.locale);
        Caller {
            transaction: self.id.clone(),
            short_transaction: self.short_id.clone(),
            relying_party: client.relying_party_id.clone(),
            client: client.client_id.to_string(),
            locale: self.locale.clone(),
            claims_locales: languages.tags().into_iter().map(str::to_owned).collect(),
        }
    }
}
