//! `GET /metrics`: what is counted, as Prometheus reads it, for whoever has the token of the metrics. That token opens nothing
//! else, and the token of the admin API does not open this: who reads metrics changes no registration (ADR 0100).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{self, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use esignet_sandbox::{PluginMetrics, Registry as Plugins};
use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;

use super::answer::Refused;
use super::{Token, admitted, finished};

/// `OpenMetrics` 1.0, as `prometheus_client` writes it.
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is counted, and the token that opens it.
pub(crate) struct Metrics {
    token: Token,
    counted: Registry,
}

impl Metrics {
    /// What is counted of these plugins.
    pub(crate) fn new(token: Token, plugins: Arc<Plugins>) -> Self {
        let mut counted = Registry::default();
        counted.register_collector(Box::new(PluginMetrics::new(plugins)));
        Self { token, counted }
    }

    /// What answers at its path.
    pub(super) fn route(self) -> MethodRouter {
        let metrics = Arc::new(self);
        any(async move |request: Request| {
            let method = request.method().clone();
            finished(&method, metrics.read(&request))
        })
    }

    fn read(&self, request: &Request) -> Result<Response, Refused> {
        admitted(&self.token, request.headers())?;
        if request.method() != Method::GET {
            return Err(Refused::MethodNotAllowed("GET"));
        }
        let mut exposition = String::new();
        let written = text::encode(&mut exposition, &self.counted);
        let mut response = Response::new(Body::from(exposition));
        if written.is_err() {
            // A string takes whatever is written; this would be the encoder's own.
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        }
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        Ok(response)
    }
}
