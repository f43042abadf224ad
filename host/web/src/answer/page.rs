//! What a browser gets: pages, redirects by 303 (RFC 9700 §4.12), and the form that posts a response.

use axum::body::Body;
use axum::response::Response;
use esignet_protocol::endpoint::answer::{Answer, AuthorizationResponse, CookieChange, LoginPage, View};
use esignet_protocol::word::response_mode::ResponseMode;
use http::header::{self, HeaderMap};
use http::{HeaderValue, StatusCode};

use super::json::insert;
use super::refusal::{self, Face};
use super::{Outcome, Reply};
use crate::extract::language;
use crate::locale::Words;
use crate::page::problem::Trouble;
use crate::page::return_to;
use crate::site::Site;
use crate::{cookie, csp, page};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// The answer of a browser-facing endpoint, as a response. `headers` are those of the request.
pub(crate) fn answer(site: &Site, headers: &HeaderMap, answer: Answer) -> Reply {
    match answer {
        Answer::Page { page, cookie, cause } => {
            let mut reply = login(site, headers, *page, &cookie);
            if let (Outcome::Done(shown), Some(cause)) = (&reply.outcome, cause) {
                reply.outcome = Outcome::of(shown, &cause, None);
            }
            reply
        }
        Answer::SeeLogin { cookie, cause } => {
            let response = with_cookie(see_other(&site.look.login), site, &cookie);
            let outcome =
                cause.map_or(Outcome::Done("see_login"), |cause| Outcome::of("see_login", &cause, None));
            Reply { response, outcome }
        }
        Answer::Return(response) => return_to(site, headers, &response),
        Answer::Problem(problem) => {
            let outcome = |incident| {
                Outcome::of(Trouble::Protocol(problem.kind).name(), &problem.cause, Some(incident))
            };
            refusal::page(site, headers, Trouble::Protocol(problem.kind), outcome)
        }
    }
}

fn login(site: &Site, headers: &HeaderMap, page: LoginPage, cookie: &CookieChange) -> Reply {
    let name = match &page.view {
        View::Identify { .. } => "identify",
        View::Question { .. } => "question",
        View::Pause { .. } => "pause",
        View::Busy => "busy",
        View::Consent { .. } => "consent",
    };
    let policy = csp::page(Some(&page.redirect_origin));
    match page::login(&site.look, page) {
        Ok(html) => Reply::done(with_cookie(self::html(StatusCode::OK, html, policy), site, cookie), name),
        Err(error) => refusal::failed(site, headers, Face::Page, &error.to_string()),
    }
}

/// The authorization response: by query, or by a form that posts itself.
fn return_to(site: &Site, headers: &HeaderMap, response: &AuthorizationResponse) -> Reply {
    let sent = match response.mode {
        ResponseMode::Query | ResponseMode::QueryJwt => {
            let parameters = response.parameters.iter().map(|(name, value)| (*name, value.as_str()));
            see_other(&response.redirect_uri.with_query(parameters))
        }
        ResponseMode::FormPost | ResponseMode::FormPostJwt => {
            let accepted = language::accepted(headers);
            let words = Words::first_of(accepted.iter().map(String::as_str));
            match return_to::render(&site.look, words, response) {
                Ok(html) => {
                    self::html(StatusCode::OK, html, csp::page(Some(&response.redirect_uri.origin())))
                }
                Err(error) => return refusal::failed(site, headers, Face::Page, &error.to_string()),
            }
        }
    };
    let sent = with_cookie(sent, site, &response.cookie);
    let outcome = match &response.cause {
        None => Outcome::Done("code"),
        Some(cause) => Outcome::of("error", cause, None),
    };
    Reply { response: sent, outcome }
}

/// A page with its policy.
pub(crate) fn html(status: StatusCode, html: String, policy: HeaderValue) -> Response {
    let mut response = sized(status, HTML, Body::from(html));
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// A response with a body of some type.
pub(crate) fn sized(status: StatusCode, media_type: HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

fn see_other(location: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    insert(&mut response, header::LOCATION, location);
    response
}

fn with_cookie(mut response: Response, site: &Site, change: &CookieChange) -> Response {
    if let Some(value) = cookie::write(change, site.transport) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}
