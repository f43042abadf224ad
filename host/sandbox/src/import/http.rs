//! `esignet:host/http`: requests to upstreams that the operator named and granted.
//!
//! A plugin cannot name a host, so it cannot make the server talk to one (SSRF); what it can choose is checked here
//! before the port sees it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::fetch::{Fetch, FetchError, UpstreamRequest, UpstreamResponse};
use tokio::task::JoinSet;

use super::CallState;
use crate::accept;
use crate::bindings::esignet::host::http::{self, Error, Request, Response};
use crate::breaker::{Breaker, Ended, IsOpen};
use crate::metrics::{CIRCUIT_OPEN, OfBuild};
use crate::trace;

mod request;

/// The most requests of one `fetch-all`.
const REQUESTS_AT_ONCE: usize = 64;
/// The most headers of a response that a plugin gets to see, and their bytes in all.
const RESPONSE_HEADERS: usize = 64;
const RESPONSE_HEADER_BYTES: usize = 16 * 1024;

/// How many requests one call made.
#[derive(Debug, Default)]
pub(crate) struct Count {
    all: u32,
    of_upstream: BTreeMap<String, u32>,
}

impl http::Host for CallState {
    async fn fetch(&mut self, request: Request) -> Result<Response, Error> {
        // A task of its own: what the host computes for an exchange is not the guest's.
        let mut answers = self.fetch_all(vec![request]).await;
        answers.pop().unwrap_or_else(|| Err(Error::Unreachable("the exchange was given up".to_owned())))
    }

    async fn fetch_all(&mut self, requests: Vec<Request>) -> Vec<Result<Response, Error>> {
        let mut answers: Vec<Result<Response, Error>> = Vec::new();
        let mut exchanges = JoinSet::new();
        for (index, request) in requests.into_iter().enumerate() {
            let admitted = if index < REQUESTS_AT_ONCE {
                self.admit_request(request)
            } else {
                Err(Error::Denied("too many requests at once".to_owned()))
            };
            answers.push(Err(Error::Unreachable("the exchange was given up".to_owned())));
            match (admitted, answers.last_mut()) {
                (Ok((request, breaker)), _) => {
                    let host = &self.plugin.sandbox.host;
                    let watched = (breaker, Arc::clone(&host.clock), Arc::clone(&self.plugin.metrics));
                    let exchange = exchange(Arc::clone(&host.fetch), request, watched);
                    exchanges.spawn(async move { (index, exchange.await) });
                }
                (Err(error), Some(answer)) => *answer = Err(error),
                (Err(_), None) => {}
            }
        }
        // The set aborts what is still under way when this call is ended.
        while let Some(done) = exchanges.join_next().await {
            if let Ok((index, answer)) = done
                && let Some(place) = answers.get_mut(index)
            {
                *place = answer;
            }
        }
        answers
    }
}

impl CallState {
    fn admit_request(&mut self, request: Request) -> Result<(UpstreamRequest, Arc<Breaker>), Error> {
        let plugin = Arc::clone(&self.plugin);
        let admitted = plugin
            .rights
            .upstreams
            .get(&request.upstream)
            .ok_or_else(|| {
                Error::Denied(format!(
                    "the upstream \"{}\" is not asked for in the manifest, or not granted in [plugins.\"{}\".upstreams]",
                    request.upstream, plugin.id
                ))
            })
            .and_then(|grant| {
                self.fetches.admit(&request.upstream, grant.calls, plugin.rights.limits.upstream_calls)?;
                let mut request =
                    request::admitted(&plugin.id, request, grant, plugin.rights.limits.response_kib)?;
                let breaker = plugin.sandbox.upstreams.breaker(&grant.url);
                breaker.admit(plugin.sandbox.host.clock.now()).map_err(|IsOpen| {
                    plugin.metrics.exchanged(&request.upstream, CIRCUIT_OPEN, None);
                    Error::Unreachable("it failed too often lately; its circuit is open".to_owned())
                })?;
                let parent = trace::parent(&mut self.trace, plugin.sandbox.host.entropy.as_ref());
                request.headers.push((trace::HEADER.to_owned(), parent));
                Ok((request, breaker))
            });
        match &admitted {
            Err(Error::Denied(rule) | Error::Invalid(rule)) => self.deny("http", rule),
            Ok(_) | Err(Error::Timeout | Error::Unreachable(_) | Error::TooLarge(_)) => {}
        }
        admitted
    }
}

impl Count {
    fn admit(&mut self, upstream: &str, of_upstream: Option<u32>, all: u32) -> Result<(), Error> {
        if self.all >= all {
            return Err(Error::Denied(format!("one call may make {all} requests: `limits.upstream_calls`")));
        }
        let made = self.of_upstream.entry(upstream.to_owned()).or_default();
        if let Some(most) = of_upstream
            && *made >= most
        {
            return Err(Error::Denied(format!(
                "one call may make {most} requests to this upstream: `calls`"
            )));
        }
        *made += 1;
        self.all += 1;
        Ok(())
    }
}

async fn exchange(
    fetch: Arc<dyn Fetch>,
    request: UpstreamRequest,
    (breaker, clock, metrics): (Arc<Breaker>, Arc<dyn Clock>, Arc<OfBuild>),
) -> Result<Response, Error> {
    let (most, upstream) = (request.max_response_bytes, request.upstream.clone());
    let began = Instant::now();
    let fetched = fetch.fetch(request).await;
    metrics.exchanged(&upstream, outcome(&fetched), Some(began.elapsed()));
    let ended = match &fetched {
        Ok(response) if response.status >= 500 => Ended::Badly,
        Err(FetchError::Timeout | FetchError::Unreachable(_)) => Ended::Badly,
        Ok(_) | Err(FetchError::TooLarge(_)) => Ended::Well,
        Err(FetchError::Invalid(_)) => Ended::Neither,
    };
    if breaker.note(ended, clock.now()) {
        tracing::warn!("an upstream failed too often; its circuit is open");
    }
    match fetched {
        Ok(response) if response.body.len() > most => Err(Error::TooLarge(most as u64)),
        Ok(response) => Ok(shown(response)),
        Err(FetchError::Timeout) => Err(Error::Timeout),
        Err(FetchError::Unreachable(reason)) => Err(Error::Unreachable(accept::cut(&reason, 256))),
        Err(FetchError::TooLarge(limit)) => Err(Error::TooLarge(limit)),
        Err(FetchError::Invalid(reason)) => Err(Error::Invalid(accept::cut(&reason, 256))),
    }
}

/// How an exchange ended, in a word.
const fn outcome(fetched: &Result<UpstreamResponse, FetchError>) -> &'static str {
    match fetched {
        Ok(response) => match response.status {
            ..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            500.. => "5xx",
        },
        Err(FetchError::Timeout) => "timeout",
        Err(FetchError::Unreachable(_)) => "unreachable",
        Err(FetchError::TooLarge(_)) => "too-large",
        Err(FetchError::Invalid(_)) => "invalid",
    }
}

/// The response without cookies, and with as many headers as a plugin may see.
fn shown(response: UpstreamResponse) -> Response {
    let mut left = RESPONSE_HEADER_BYTES;
    let headers = response
        .headers
        .into_iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("set-cookie"))
        .take(RESPONSE_HEADERS)
        .take_while(|(name, value)| {
            left.checked_sub(name.len() + value.len()).inspect(|rest| left = *rest).is_some()
        })
        .collect();
    Response { status: response.status, headers, body: response.body }
}

#[cfg(test)]
#[path = "http/tests.rs"]
mod tests;
