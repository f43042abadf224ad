//! Which path is which endpoint: one list, which discovery, tests and the border read alike.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use esignet_protocol::endpoint::path;
use esignet_protocol::error::ErrorCode;
use esignet_protocol::provider::Provider;
use http::Method;

use crate::answer::refusal::Face;
use crate::border;
use crate::settings::WebSettings;
use crate::site::Site;

/// What answers at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// OIDC Discovery §4.
    OpenidConfiguration,
    /// RFC 8414 §3.
    OauthAuthorizationServer,
    /// RFC 7517.
    Jwks,
    /// RFC 9126.
    PushedAuthorization,
    /// RFC 6749 §3.2.
    Token,
    /// RFC 7662.
    Introspection,
    /// RFC 7009.
    Revocation,
    /// OIDC Core §5.3.
    Userinfo,
    /// Keys of wallets (ADR 104).
    KeyBinding,
    /// OIDC Core §3.1.2.
    Authorization,
    /// The login pages.
    Login,
    /// The page of an error code, or the list of all (RFC 6749 §5.2, `error_uri`).
    Guide(Option<ErrorCode>),
    /// A file that pages load, by its place among them.
    Asset(usize),
    /// The logo of a client.
    ClientLogo,
    /// Whether the process lives.
    Live,
    /// Whether logins can be done.
    Ready,
}

/// Who may read an answer from a script of another site (`protocol.md` 31).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cors {
    /// Anybody: there are no cookies to ride on.
    Anybody,
    /// Nobody.
    Nobody,
}

/// One row of the list.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// The path, exactly: no trailing slash, no second spelling; only names of logos vary.
    pub(crate) path: String,
    /// What answers.
    pub(crate) endpoint: Endpoint,
    /// The methods it takes.
    pub(crate) methods: &'static [Method],
    /// Who reads its refusals.
    pub(crate) face: Face,
    /// Who may read it across sites.
    pub(crate) cors: Cors,
}

/// For documents: reading them changes nothing, so asking for their headers alone makes sense.
const READ: &[Method] = &[Method::GET, Method::HEAD];
const POST: &[Method] = &[Method::POST];
/// For what spends or starts something: a `HEAD` of a link preview must not open a login.
const GET_POST: &[Method] = &[Method::GET, Method::POST];

/// The list, for an issuer with this path and for these files.
pub(crate) fn routes<'a>(issuer: &str, assets: impl Iterator<Item = &'a str>) -> Vec<Route> {
    use Cors::{Anybody, Nobody};
    use Endpoint as E;
    use Face::{Json, Page};

    let below = |path: &str| format!("{issuer}{path}");
    // RFC 8414 §3.1: between the host and the path of the issuer.
    let authorization_server = format!("{}{issuer}", path::OAUTH_AUTHORIZATION_SERVER);
    let mut routes: Vec<Route> = [
        (below(path::OPENID_CONFIGURATION), E::OpenidConfiguration, READ, Json, Anybody),
        (authorization_server, E::OauthAuthorizationServer, READ, Json, Anybody),
        (below(path::JWKS), E::Jwks, READ, Json, Anybody),
        (below(path::PUSHED_AUTHORIZATION), E::PushedAuthorization, POST, Json, Nobody),
        (below(path::TOKEN), E::Token, POST, Json, Anybody),
        (below(path::INTROSPECTION), E::Introspection, POST, Json, Nobody),
        (below(path::REVOCATION), E::Revocation, POST, Json, Nobody),
        (below(path::USERINFO), E::Userinfo, GET_POST, Json, Anybody),
        (below(path::KEY_BINDING), E::KeyBinding, POST, Json, Nobody),
        (below(path::AUTHORIZATION), E::Authorization, GET_POST, Page, Nobody),
        (below(path::LOGIN), E::Login, GET_POST, Page, Nobody),
        (below(path::CLIENT_LOGOS) + "{file}", E::ClientLogo, READ, Json, Nobody),
        ("/live".to_owned(), E::Live, READ, Json, Nobody),
        ("/ready".to_owned(), E::Ready, READ, Json, Nobody),
    ]
    .map(|(path, endpoint, methods, face, cors)| Route { path, endpoint, methods, face, cors })
    .into();
    let guide =
        |code: Option<ErrorCode>| Route {
            path: below(&code.map_or_else(
                || path::ERRORS.to_owned(),
                |code| format!("{}/{}", path::ERRORS, code.as_str()),
            )),
            endpoint: E::Guide(code),
            methods: READ,
            face: Page,
            cors: Nobody,
        };
    routes.extend(ErrorCode::ALL.into_iter().map(Some).chain([None]).map(guide));
    let asset = |(place, file): (usize, &str)| Route {
        path: below(&format!("/assets/{file}")),
        endpoint: E::Asset(place),
        methods: READ,
        face: Json,
        cors: Nobody,
    };
    routes.extend(assets.enumerate().map(asset));
    routes
}

impl Endpoint {
    /// The name in the log.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OpenidConfiguration => "openid_configuration",
            Self::OauthAuthorizationServer => "oauth_authorization_server",
            Self::Jwks => "jwks",
            Self::PushedAuthorization => "pushed_authorization",
            Self::Token => "token",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
            Self::Userinfo => "userinfo",
            Self::KeyBinding => "key_binding",
            Self::Authorization => "authorization",
            Self::Login => "login",
            Self::Guide(_) => "guide",
            Self::Asset(_) => "asset",
            Self::ClientLogo => "client_logo",
            Self::Live => "live",
            Self::Ready => "ready",
        }
    }
}

/// A provider as an HTTP service. Paths lie below the path of its issuer, `/live` and `/ready` at the root.
pub fn router(provider: Provider, settings: WebSettings) -> Router {
    let site = Arc::new(Site::new(provider, settings));
    let files: Vec<String> = site.assets.iter().map(|asset| asset.file.clone()).collect();
    let issuer = site.provider.policy.issuer.path().to_owned();
    let mut router = Router::new().without_v07_checks();
    for route in routes(&issuer, files.iter().map(String::as_str)) {
        let (site, path, route) = (Arc::clone(&site), route.path.clone(), Arc::new(route));
        let serve = move |request: Request| border::serve(Arc::clone(&site), Arc::clone(&route), request);
        router = router.route(&path, any(serve));
    }
    router.fallback(move |request: Request| std::future::ready(border::nowhere(&site, &request)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_script_of_another_site_reads_what_a_browser_authenticates() {
        for route in routes("", std::iter::empty()) {
            let open = [Endpoint::OpenidConfiguration, Endpoint::OauthAuthorizationServer, Endpoint::Jwks]
                .into_iter()
                .chain([Endpoint::Token, Endpoint::Userinfo])
                .any(|endpoint| endpoint == route.endpoint);
            assert_eq!(route.cors == Cors::Anybody, open, "{}", route.path);
        }
    }

    #[test]
    fn the_paths_of_a_tenant_follow_its_issuer() {
        let paths: Vec<String> =
            routes("/tenant", ["a.css"].into_iter()).into_iter().map(|route| route.path).collect();
        for path in [
            "/tenant/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server/tenant",
            "/tenant/login",
            "/tenant/assets/a.css",
            "/live",
        ] {
            assert!(paths.iter().any(|known| known == path), "{path} is not in {paths:?}");
        }
    }

    #[test]
    fn only_documents_answer_head() {
        for route in routes("", ["a.css"].into_iter()) {
            let document = !matches!(
                route.endpoint,
                Endpoint::PushedAuthorization
                    | Endpoint::Token
                    | Endpoint::Introspection
                    | Endpoint::Revocation
                    | Endpoint::Userinfo
                    | Endpoint::KeyBinding
                    | Endpoint::Authorization
                    | Endpoint::Login
            );
            assert_eq!(route.methods.contains(&Method::HEAD), document, "{}", route.path);
        }
    }
}
