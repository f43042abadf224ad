//! Refusals of HTTP itself, and failures: a page for people, JSON for programs, nothing of the request in either.

use axum::response::Response;
use esignet_protocol::endpoint::answer::ProblemKind;
use esignet_protocol::error::ErrorCode;
use http::header::{self, HeaderMap};

use super::json::{self, status};
use super::page::html;
use super::{Outcome, Reply, Report, incident};
use crate::csp;
use crate::extract::body::BodyRefusal;
use crate::extract::language;
use crate::locale::Words;
use crate::page::problem::{self, Trouble};
use crate::site::Site;

/// Who reads the answers of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    /// Programs.
    Json,
    /// People.
    Page,
}

impl Face {
    /// Who seems to be asking at a path that is no endpoint: browsers say that they take HTML.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
        if accepted.any(|line| line.contains("text/html")) { Self::Page } else { Self::Json }
    }
}

/// A refusal before any endpoint was asked.
pub(crate) fn refuse(site: &Site, headers: &HeaderMap, face: Face, trouble: Trouble) -> Reply {
    let report = |incident| {
        let cause = description(trouble).to_owned();
        Outcome::Refused(Report { code: trouble.name(), cause, incident: Some(incident) })
    };
    show(site, headers, face, trouble, report)
}

/// A failure that no endpoint reported: a page that cannot be written, an endpoint that panicked.
pub(crate) fn failed(site: &Site, headers: &HeaderMap, face: Face, cause: &str) -> Reply {
    let trouble = Trouble::Protocol(ProblemKind::ServerError);
    let report = |incident| {
        Outcome::Failed(Report { code: trouble.name(), cause: cause.to_owned(), incident: Some(incident) })
    };
    show(site, headers, face, trouble, report)
}

/// An endpoint that took too long.
pub(crate) fn timed_out(site: &Site, headers: &HeaderMap, face: Face) -> Reply {
    let trouble = Trouble::Protocol(ProblemKind::Unavailable);
    let report = |incident| {
        let cause = "the endpoint gave no answer in time".to_owned();
        Outcome::Failed(Report { code: trouble.name(), cause, incident: Some(incident) })
    };
    show(site, headers, face, trouble, report)
}

/// A body that is not taken.
pub(crate) fn body(site: &Site, headers: &HeaderMap, face: Face, refusal: BodyRefusal) -> Reply {
    let trouble = match refusal {
        BodyRefusal::MediaType => Trouble::MediaType,
        BodyRefusal::TooLarge => Trouble::TooLarge,
        BodyRefusal::Incomplete => Trouble::Protocol(ProblemKind::MalformedRequest),
    };
    refuse(site, headers, face, trouble)
}

/// A problem page in the language that the browser asks for.
pub(crate) fn page(
    site: &Site,
    headers: &HeaderMap,
    trouble: Trouble,
    outcome: impl FnOnce(String) -> Outcome,
) -> Reply {
    show(site, headers, Face::Page, trouble, outcome)
}

fn show(
    site: &Site,
    headers: &HeaderMap,
    face: Face,
    trouble: Trouble,
    outcome: impl FnOnce(String) -> Outcome,
) -> Reply {
    let incident = incident::new(&*site.provider.entropy);
    let response = match face {
        Face::Json => as_json(trouble, &incident),
        Face::Page => as_page(site, headers, trouble, &incident),
    };
    Reply { response, outcome: outcome(incident) }
}

fn as_json(trouble: Trouble, incident: &str) -> Response {
    let body = json::error(code(trouble).as_str(), description(trouble), incident);
    json::private(status(trouble.status()), &body)
}

fn as_page(site: &Site, headers: &HeaderMap, trouble: Trouble, incident: &str) -> Response {
    let accepted = language::accepted(headers);
    let words = Words::first_of(accepted.iter().map(String::as_str));
    match problem::render(&site.look, words, trouble, incident, site.provider.now()) {
        Ok(page) => html(status(trouble.status()), page, csp::page(None)),
        Err(_) => as_json(trouble, incident),
    }
}

/// The registered code for a refusal of HTTP.
fn code(trouble: Trouble) -> ErrorCode {
    match trouble {
        Trouble::Protocol(ProblemKind::Unavailable) => ErrorCode::TemporarilyUnavailable,
        Trouble::Protocol(ProblemKind::ServerError) => ErrorCode::ServerError,
        Trouble::Protocol(
            ProblemKind::UnknownClient
            | ProblemKind::RequestUri
            | ProblemKind::NotPushed
            | ProblemKind::MalformedRequest
            | ProblemKind::CrossSite
            | ProblemKind::NoLogin,
        )
        | Trouble::NotFound
        | Trouble::MethodNotAllowed
        | Trouble::TooLarge
        | Trouble::MediaType => ErrorCode::InvalidRequest,
    }
}

/// What is said of a refusal of HTTP, in the characters that RFC 6749 §5.2 allows.
fn description(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::NotFound => "There is nothing at this path.",
        Trouble::MethodNotAllowed => "The method is not allowed at this path.",
        Trouble::TooLarge => "The body is larger than 16 KB.",
        Trouble::MediaType => "The body has to be of the type application/x-www-form-urlencoded.",
        Trouble::Protocol(ProblemKind::CrossSite) => "The form came from another site.",
        Trouble::Protocol(ProblemKind::MalformedRequest) => "The request is not well-formed HTTP.",
        Trouble::Protocol(
            ProblemKind::UnknownClient
            | ProblemKind::RequestUri
            | ProblemKind::NotPushed
            | ProblemKind::NoLogin
            | ProblemKind::Unavailable
            | ProblemKind::ServerError,
        ) => code(trouble).description(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_use_only_the_characters_of_the_specification() {
        let allowed = |c: char| matches!(c, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e');
        for trouble in Trouble::all() {
            assert!(description(trouble).chars().all(allowed), "{trouble:?}");
        }
    }
}
