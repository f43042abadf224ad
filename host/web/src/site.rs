//! What every endpoint of one server shares.

use std::sync::Arc;
use std::time::Duration;

use esignet_protocol::provider::Provider;

use crate::assets::Assets;
use crate::csp::Transport;
use crate::page::frame::Look;
use crate::settings::{Ready, WebSettings};

/// A provider with its pages.
pub(crate) struct Site {
    /// What decides.
    pub(crate) provider: Provider,
    /// What pages look like.
    pub(crate) look: Look,
    /// What pages load.
    pub(crate) assets: Assets,
    /// Whether we are reached over TLS.
    pub(crate) transport: Transport,
    /// Whether logins can be done now.
    pub(crate) readiness: Arc<dyn Fn() -> Ready + Send + Sync>,
    /// When an endpoint is given up.
    pub(crate) request_timeout: Duration,
}

impl Site {
    /// The site of a provider.
    pub(crate) fn new(provider: Provider, settings: WebSettings) -> Self {
        let assets = Assets::new(&settings.branding);
        let issuer = &provider.policy.issuer;
        Self {
            look: Look::new(issuer.path(), &assets, &settings.branding),
            assets,
            transport: if issuer.is_https() { Transport::Https } else { Transport::Loopback },
            readiness: settings.readiness,
            request_timeout: settings.request_timeout,
            provider,
        }
    }
}
