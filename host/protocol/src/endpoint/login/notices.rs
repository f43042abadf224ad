//! What people are told of a login, once it is done: by facts that it leaves, and to nobody who would hold it up.

use crate::client::Client;
use crate::ports::notices::{Notice, NoticeEvent};
use crate::ports::plugins::Attribute;
use crate::provider::Provider;
use crate::transaction::Transaction;
use crate::transaction::stage::{Authenticated, OfferedClaim};
use crate::word::handle::random_text;

/// One login that people are told of.
pub(super) struct Telling<'a> {
    pub(super) provider: &'a Provider,
    pub(super) client: &'a Client,
    pub(super) transaction: &'a Transaction,
    pub(super) authenticated: &'a Authenticated,
}

impl Telling<'_> {
    /// The person agreed on the page to release these.
    pub(super) fn consent_given(&self, granted: &[OfferedClaim]) {
        let names: Vec<&str> = granted.iter().map(|claim| claim.name.as_str()).collect();
        self.tell(NoticeEvent::ConsentGiven, vec![attribute("claims", names.join(" "))]);
    }

    /// The relying party has a code.
    pub(super) fn signed_in(&self) {
        let login = &self.authenticated.login;
        let facts =
            vec![attribute("acr", login.acr.as_str().to_owned()), attribute("amr", login.amr.join(" "))];
        self.tell(NoticeEvent::SignedIn, facts);
    }

    fn tell(&self, event: NoticeEvent, mut attributes: Vec<Attribute>) {
        let verdict = &self.authenticated.verdict;
        let (pins, plugins) = (&self.transaction.pins, self.provider.plugins.as_ref());
        if let Ok(id_system) = pins.id_system(plugins, &self.authenticated.id_system) {
            attributes.push(attribute("id-system", id_system.id().to_owned()));
        }
        if verdict.partner_specific {
            attributes.push(attribute("partner-specific", "true".to_owned()));
        }
        self.provider.notices.tell(Notice {
            id: random_text(self.provider.entropy.as_ref()),
            event,
            at: self.provider.now(),
            subject: verdict.subject.clone(),
            locale: self.transaction.locale.clone(),
            client: self.client.client_id.to_string(),
            relying_party_name: self.client.name(&self.transaction.locale).to_owned(),
            attributes,
        });
    }
}

fn attribute(name: &str, value: String) -> Attribute {
    Attribute { name: name.to_owned(), value }
}
