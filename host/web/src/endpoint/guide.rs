//! The error catalogue over HTTP: documents that anybody may read and keep for a while.

use esignet_protocol::error::ErrorCode;
use http::request::Parts;
use http::{StatusCode, header};

use crate::answer::json::PUBLIC;
use crate::answer::refusal::{self, Face};
use crate::answer::{Reply, page};
use crate::csp;
use crate::page::guide;
use crate::site::Site;

pub(super) fn answer(site: &Site, parts: &Parts, code: Option<ErrorCode>) -> Reply {
    match guide::render(&site.look, code) {
        Ok(html) => {
            let mut response = page::html(StatusCode::OK, html, csp::page(None));
            response.headers_mut().insert(header::CACHE_CONTROL, PUBLIC);
            Reply::done(response, "guide")
        }
        Err(error) => refusal::failed(site, &parts.headers, Face::Page, &error.to_string()),
    }
}
