//! Ways to sign in: which methods a login has, and for which kinds of identifier which ID system answers.

use crate::assurance::{Method, NoMethod};
use crate::authorization_request::AuthorizationRequest;
use crate::client::Client;
use crate::id_systems::Way;
use crate::policy::IndividualKind;
use crate::provider::Provider;
use crate::transaction::Transaction;
use crate::transaction::pins::Pins;

/// The kinds that some way takes, in the operator's order.
pub(super) fn kinds<'a>(ways: &[Way], all: &'a [IndividualKind]) -> Vec<&'a IndividualKind> {
    all.iter().filter(|kind| ways.iter().any(|way| way.answering(&kind.kind).is_some())).collect()
}

/// What a login of this client that begins now is held to, or why none can: somebody must be able to log in.
pub(in crate::endpoint) fn begin(
    provider: &Provider,
    client: &Client,
    request: &AuthorizationRequest,
) -> Result<Pins, NoMethod> {
    let (policy, plugins) = (&provider.policy, provider.plugins.as_ref());
    let loaded = policy.id_systems.loaded(plugins);
    if loaded.systems().is_empty() {
        return Err(NoMethod::Unavailable);
    }
    let (id, kinds) = (&client.client_id, &policy.individual_kinds);
    let can = |method: &Method| method.is_loaded(plugins) && loaded.can_begin(id, method, kinds);
    let methods = policy.assurance.offer(can, &client.acr_values, &request.acr_values, &request.claims)?;
    Ok(Pins::of(&loaded, loaded.ways(id, &methods, kinds)))
}

/// Ways to sign in for a request, best first. They are those that the login began with, so the order is the same on every
/// node and at every step, whatever is put into the directory of plugins meanwhile.
pub(super) fn ways(provider: &Provider, client: &Client, transaction: &Transaction) -> Vec<Way> {
    let (request, policy, pins) = (&transaction.request, &provider.policy, &transaction.pins);
    let plugins = provider.plugins.as_ref();
    let has = |method: &Method| method.factors.iter().all(|factor| pins.has(plugins, factor));
    let offered = policy.assurance.offer(has, &client.acr_values, &request.acr_values, &request.claims);
    let way = |method: Method| {
        let answering =
            |kind: &IndividualKind| Some((kind.kind.clone(), pins.answering(&method, &kind.kind)?));
        Way { kinds: policy.individual_kinds.iter().filter_map(answering).collect(), method }
    };
    offered.unwrap_or_default().into_iter().map(way).collect()
}
