//! The public documents: discovery (OIDC Discovery §4, RFC 8414 §3) and keys (RFC 7517 §5).

use esignet_protocol::endpoint::{discovery as protocol, jwks as keys};

use crate::answer::{Reply, json};
use crate::site::Site;

pub(super) fn discovery(site: &Site) -> Reply {
    Reply::done(json::public(&protocol::document(&site.provider)), "metadata")
}

pub(super) fn jwks(site: &Site) -> Reply {
    Reply::done(json::public(keys::document(&site.provider)), "keys")
}
