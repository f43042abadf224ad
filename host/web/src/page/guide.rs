//! The error catalogue for developers of relying parties: `docs/errors/`, a page for each code, where `error_uri` leads
//! (RFC 6749 §5.2). The pages are our own text, the same for everybody, and in English.

use askama::Template;
use esignet_protocol::endpoint::path;
use esignet_protocol::error::ErrorCode;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

use super::frame::Look;

#[derive(Template)]
#[template(path = "guide.html")]
struct Guide<'a> {
    look: &'a Look,
    title: &'a str,
    body: String,
}

/// The page of a code, or the list of all.
pub(crate) fn render(look: &Look, code: Option<ErrorCode>) -> askama::Result<String> {
    let (title, text) = match code {
        Some(code) => (code.as_str(), text(code)),
        None => ("Errors", include_str!("../../../../docs/errors/README.md")),
    };
    Guide { look, title, body: body(text, look) }.render()
}

/// What the catalogue says of a code. Without a page for it this does not compile.
fn text(code: ErrorCode) -> &'static str {
    use ErrorCode as E;
    match code {
        E::AccessDenied => include_str!("../../../../docs/errors/access_denied.md"),
        E::ConsentRequired => include_str!("../../../../docs/errors/consent_required.md"),
        E::InvalidAuthorizationDetails => {
            include_str!("../../../../docs/errors/invalid_authorization_details.md")
        }
        E::InvalidClient => include_str!("../../../../docs/errors/invalid_client.md"),
        E::InvalidDpopProof => include_str!("../../../../docs/errors/invalid_dpop_proof.md"),
        E::InvalidGrant => include_str!("../../../../docs/errors/invalid_grant.md"),
        E::InvalidRequest => include_str!("../../../../docs/errors/invalid_request.md"),
        E::InvalidRequestObject => include_str!("../../../../docs/errors/invalid_request_object.md"),
        E::InvalidScope => include_str!("../../../../docs/errors/invalid_scope.md"),
        E::InvalidToken => include_str!("../../../../docs/errors/invalid_token.md"),
        E::InsufficientUserAuthentication => {
            include_str!("../../../../docs/errors/insufficient_user_authentication.md")
        }
        E::InvalidProof => include_str!("../../../../docs/errors/invalid_proof.md"),
        E::InsufficientScope => include_str!("../../../../docs/errors/insufficient_scope.md"),
        E::LoginRequired => include_str!("../../../../docs/errors/login_required.md"),
        E::RegistrationNotSupported => include_str!("../../../../docs/errors/registration_not_supported.md"),
        E::RequestNotSupported => include_str!("../../../../docs/errors/request_not_supported.md"),
        E::RequestUriNotSupported => include_str!("../../../../docs/errors/request_uri_not_supported.md"),
        E::ServerError => include_str!("../../../../docs/errors/server_error.md"),
        E::TemporarilyUnavailable => include_str!("../../../../docs/errors/temporarily_unavailable.md"),
        E::UnauthorizedClient => include_str!("../../../../docs/errors/unauthorized_client.md"),
        E::UnmetAuthenticationRequirements => {
            include_str!("../../../../docs/errors/unmet_authentication_requirements.md")
        }
        E::UnsupportedGrantType => include_str!("../../../../docs/errors/unsupported_grant_type.md"),
        E::UnsupportedResponseType => include_str!("../../../../docs/errors/unsupported_response_type.md"),
        E::UseDpopNonce => include_str!("../../../../docs/errors/use_dpop_nonce.md"),
    }
}

/// Our markdown as markup. A link to another page of the catalogue leads there; one to elsewhere in the repository has
/// nothing to lead to here, so its words stay and the link goes.
fn body(markdown: &str, look: &Look) -> String {
    let mut dropped = false;
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(|event| {
        if let Event::Start(Tag::Link { link_type, dest_url, title, id }) = event {
            let url = served(&dest_url, look);
            dropped = url.is_none();
            return url.map(|url| Event::Start(Tag::Link { link_type, dest_url: url.into(), title, id }));
        }
        let ends_dropped = dropped && matches!(event, Event::End(TagEnd::Link));
        dropped &= !ends_dropped;
        (!ends_dropped).then_some(event)
    });
    let mut markup = String::new();
    html::push_html(&mut markup, events);
    markup
}

/// Where a link of a page leads when the page is served.
fn served(link: &str, look: &Look) -> Option<String> {
    let (file, fragment) = link.split_once('#').map_or((link, ""), |(file, fragment)| (file, fragment));
    let page = file.strip_suffix(".md").filter(|page| !page.contains('/'))?;
    let page = if page == "README" { String::new() } else { format!("/{page}") };
    let fragment = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
    Some(format!("{}{}{page}{fragment}", look.base, path::ERRORS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;
    use crate::settings::Branding;

    fn look() -> Look {
        let branding = Branding::default();
        Look::new("/tenant", &Assets::new(&branding), &branding)
    }

    #[test]
    fn every_code_has_a_page_that_says_causes_and_what_to_do() {
        for code in ErrorCode::ALL {
            let page = render(&look(), Some(code)).expect("renders");
            assert!(page.contains(&format!("<h1>{}</h1>", code.as_str())), "{}", code.as_str());
            assert!(text(code).contains("## "), "{} says more than its name", code.as_str());
            assert!(text(code).contains("Specification:"), "{}", code.as_str());
        }
    }

    #[test]
    fn the_list_names_every_code_and_links_to_its_page() {
        let list = render(&look(), None).expect("renders");
        for code in ErrorCode::ALL {
            let link = format!("href=\"/tenant/errors/{}\"", code.as_str());
            assert!(list.contains(&link), "{} is not in docs/errors/README.md", code.as_str());
        }
    }

    #[test]
    fn links_stay_inside_of_what_is_served() {
        assert_eq!(served("invalid_grant.md", &look()).as_deref(), Some("/tenant/errors/invalid_grant"));
        assert_eq!(served("README.md#pages", &look()).as_deref(), Some("/tenant/errors#pages"));
        for elsewhere in ["../relying-parties/libraries.md", "https://evil.example", "javascript:alert(1)"] {
            assert_eq!(served(elsewhere, &look()), None, "{elsewhere}");
        }
        let markup = body("[a](../x.md) and [b](invalid_grant.md)", &look());
        assert_eq!(markup, "<p>a and <a href=\"/tenant/errors/invalid_grant\">b</a></p>\n");
    }
}
