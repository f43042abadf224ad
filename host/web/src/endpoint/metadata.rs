//! The public documents: discovery (OIDC Discovery §4, RFC 8414 §3) and keys (RFC 7517 §5).

use esignet_protocol::endpoint::{discovery as protocol, jwks as keys};

use crate::answer::{Reply, json};
use crate::site::Site;

/// How many seconds metadata may be kept: what changes in it changes with a restart.
const METADATA_MAX_AGE: u64 = 300;

pub(super) fn discovery(site: &Site) -> Reply {
    Reply::done(json::public(&protocol::document(&site.provider), METADATA_MAX_AGE), "metadata")
}

pub(super) fn jwks(site: &Site) -> Reply {
    let max_age = site.provider.keys.policy().jwks_max_age;
    Reply::done(json::public(&*keys::document(&site.provider), max_age), "keys")
}
