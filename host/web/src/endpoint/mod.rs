//! One thin file per endpoint: read the request, let the protocol handle it, answer.

mod asset;
mod authorization;
mod client_logo;
mod guide;
mod health;
mod introspection;
mod key_binding;
mod login;
mod metadata;
mod pushed_authorization;
mod revocation;
mod token;
mod userinfo;

use axum::body::Body;
use esignet_protocol::endpoint::RawRequest;
use esignet_protocol::word::parameters::Parameters;
use http::HeaderName;
use http::header;
use http::request::Parts;

use crate::answer::{Reply, refusal};
use crate::extract::body::{self, Need};
use crate::extract::{client_certificate, values};
use crate::router::{Endpoint, Route};
use crate::site::Site;

/// RFC 9449 §4.1.
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// What the endpoint of a route answers.
pub(crate) async fn answer(site: &Site, route: &Route, parts: &Parts, body: Body) -> Reply {
    match route.endpoint {
        Endpoint::OpenidConfiguration | Endpoint::OauthAuthorizationServer => metadata::discovery(site),
        Endpoint::Jwks => metadata::jwks(site),
        Endpoint::PushedAuthorization => pushed_authorization::answer(site, route, parts, body).await,
        Endpoint::Token => token::answer(site, route, parts, body).await,
        Endpoint::Introspection => introspection::answer(site, route, parts, body).await,
        Endpoint::Revocation => revocation::answer(site, route, parts, body).await,
        Endpoint::Userinfo => userinfo::answer(site, route, parts, body).await,
        Endpoint::KeyBinding => key_binding::answer(site, route, parts, body).await,
        Endpoint::Authorization => authorization::answer(site, route, parts, body).await,
        Endpoint::Login => login::answer(site, route, parts, body).await,
        Endpoint::Guide(code) => guide::answer(site, parts, code),
        Endpoint::Asset(place) => asset::answer(site, parts, place),
        Endpoint::ClientLogo => client_logo::answer(site, route, parts).await,
        Endpoint::Live => health::live(),
        Endpoint::Ready => health::ready(site, parts),
    }
}

/// A request to a JSON endpoint, or why its body is not taken.
async fn raw(site: &Site, route: &Route, parts: &Parts, body: Body) -> Result<RawRequest, Reply> {
    let form = body::form(&parts.headers, body, Need::Required).await;
    let bytes = form.map_err(|refused| refusal::body(site, &parts.headers, route.face, refused))?;
    Ok(RawRequest {
        parameters: Parameters::parse(&bytes),
        dpop: values(&parts.headers, &DPOP),
        authorization: values(&parts.headers, &header::AUTHORIZATION),
        accept: values(&parts.headers, &header::ACCEPT),
        client_certificate: client_certificate(parts),
    })
}
