//! The login pages over HTTP: GET shows where the login is, POST takes the answer of a form on one of them.

use std::time::Duration;

use axum::body::Body;
use esignet_protocol::endpoint::answer::ProblemKind;
use esignet_protocol::endpoint::login;
use esignet_protocol::transaction::browser::WORK_TTL;
use http::Method;
use http::request::Parts;

use crate::answer::{Reply, page, refusal};
use crate::extract::body::{self, Need};
use crate::page::problem::Trouble;
use crate::router::Route;
use crate::site::Site;
use crate::{cookie, csrf};

pub(super) async fn answer(site: &Site, route: &Route, parts: &Parts, body: Body) -> Reply {
    let cookie = cookie::read(&parts.headers, site.transport);
    if parts.method != Method::POST {
        return page::answer(site, &parts.headers, login::show(&site.provider, cookie.as_deref()).await);
    }
    if csrf::decide(&parts.headers, site.provider.policy.issuer.origin()).is_err() {
        let trouble = Trouble::Protocol(ProblemKind::CrossSite);
        return refusal::refuse(site, &parts.headers, route.face, trouble);
    }
    let form = match body::form(&parts.headers, body, Need::Required).await {
        Ok(form) => form,
        Err(refused) => return refusal::body(site, &parts.headers, route.face, refused),
    };
    // A browser drops its first request when a button is pressed twice or the line breaks. What that request began
    // must still end, or the login would be busy until its claim lets go (ADR 5): it runs by itself.
    let provider = site.provider.clone();
    let work = tokio::spawn(async move {
        let submitted = login::submit(&provider, cookie.as_deref(), &form);
        tokio::time::timeout(Duration::from_secs(WORK_TTL), submitted).await
    });
    match work.await {
        Ok(Ok(answer)) => page::answer(site, &parts.headers, answer),
        Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
        Ok(Err(_)) | Err(_) => {
            refusal::refuse(site, &parts.headers, route.face, Trouble::Protocol(ProblemKind::Unavailable))
        }
    }
}
