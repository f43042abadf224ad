use std::collections::{BTreeMap, BTreeSet};

use esignet_protocol::client::LogoId;
use esignet_protocol::endpoint::answer::{CaptchaView, MethodChoice};
use esignet_protocol::identity_assurance::offer::AsVerified;
use esignet_protocol::policy::IndividualKind;
use esignet_protocol::ports::plugins::{Field, Form, Message};
use esignet_protocol::transaction::stage::OfferedClaim;

use super::*;
use crate::assets::Assets;
use crate::sample::{self, Sample};
use crate::settings::Branding;

/// A start tag: its name and attributes as written.
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
}

/// The start tags of a document, and a check that every element which must be closed is closed in order.
fn tags(html: &str) -> Vec<Tag> {
    const VOID: [&str; 5] = ["meta", "link", "input", "img", "br"];
    let mut tags = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html.strip_prefix("<!doctype html>").expect("begins with the doctype");
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("a tag ends");
        let (tag, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closes what is open");
            continue;
        }
        let tag = parse(tag);
        let closes_itself = tag.attributes.contains_key("/");
        if !VOID.contains(&tag.name.as_str()) && !closes_itself {
            open.push(tag.name.clone());
        }
        tags.push(tag);
    }
    assert!(open.is_empty(), "still open: {open:?}");
    tags
}

fn parse(tag: &str) -> Tag {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut attributes = BTreeMap::new();
    let mut add = |name: &str, value: &str| {
        assert!(
            attributes.insert(name.to_owned(), value.to_owned()).is_none(),
            "{name} stands twice in <{tag}>"
        );
    };
    let mut name = name.to_owned();
    if let Some(plain) = name.strip_suffix('/') {
        name = plain.to_owned();
        add("/", "");
    }
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Tag { name, attributes };
        }
        if rest == "/" {
            add("/", "");
            rest = "";
            continue;
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (attribute, after) = rest.split_at(end);
        if let Some(value) = after.strip_prefix("=\"") {
            let (value, after) = value.split_once('"').expect("a value ends");
            add(attribute, value);
            rest = after;
        } else {
            assert!(!after.starts_with('='), "an unquoted value in <{tag}>");
            add(attribute, "");
            rest = after;
        }
    }
}

/// What a reader sees: all that stands outside tags.
fn visible(html: &str) -> String {
    html.split('<').filter_map(|part| Some(part.split_once('>')?.1)).collect()
}

fn all_samples() -> Vec<(String, Sample)> {
    let of = |locale: String| sample::pages(&locale).into_iter().map(move |page| (locale.clone(), page));
    crate::locales().into_iter().flat_map(of).collect()
}

fn rendered(page: LoginPage) -> String {
    let branding = Branding::default();
    login(&Look::new("", &Assets::new(&branding), &branding), page).expect("renders")
}

fn message(text: &str) -> Message {
    Message { key: "no-such-key".to_owned(), text: text.to_owned(), arguments: Vec::new() }
}

#[test]
fn every_view_and_every_problem_has_a_sample() {
    let names: BTreeSet<String> = sample::pages("en").into_iter().map(|page| page.name).collect();
    for view in ["identify", "question", "pause", "busy", "consent", "return"] {
        assert!(names.contains(view), "{view}");
    }
    let problems = names.iter().filter(|name| name.starts_with("problem-")).count();
    assert_eq!(problems, problem::Trouble::all().count());
}

#[test]
fn every_page_is_a_document_with_one_main_one_heading_and_a_language() {
    for (locale, page) in all_samples() {
        let tags = tags(&page.html);
        let count = |name: &str| tags.iter().filter(|tag| tag.name == name).count();
        for once in ["html", "head", "title", "body", "header", "main", "h1"] {
            assert_eq!(count(once), 1, "{once} in {locale} {}", page.name);
        }
        let html = &tags[0].attributes;
        assert_eq!(html["lang"], locale);
        assert_eq!(html["dir"], if locale == "ar" { "rtl" } else { "ltr" });
    }
}

#[test]
fn ids_are_unique_and_every_reference_leads_to_one() {
    for (locale, page) in all_samples() {
        let tags = tags(&page.html);
        let ids: Vec<&String> = tags.iter().filter_map(|tag| tag.attributes.get("id")).collect();
        let unique: BTreeSet<&String> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{locale} {}: {ids:?}", page.name);
        for tag in &tags {
            for name in ["for", "aria-describedby", "aria-labelledby", "aria-controls", "data-reveal"] {
                for reference in tag.attributes.get(name).into_iter().flat_map(|list| list.split(' ')) {
                    assert!(
                        unique.iter().any(|id| *id == reference),
                        "{locale} {} {name}={reference}",
                        page.name
                    );
                }
            }
            let anchor = tag.attributes.get("href").and_then(|href| href.strip_prefix('#'));
            assert!(
                anchor.is_none_or(|id| unique.iter().any(|known| *known == id)),
                "{locale} {}",
                page.name
            );
        }
    }
}

#[test]
fn every_control_has_a_label_and_every_form_a_token_and_a_way_out() {
    for (locale, page) in all_samples() {
        let tags = tags(&page.html);
        let labelled: BTreeSet<&String> = tags.iter().filter_map(|tag| tag.attributes.get("for")).collect();
        for input in tags
            .iter()
            .filter(|tag| tag.name == "input" && tag.attributes.get("type").is_none_or(|t| t != "hidden"))
        {
            assert!(labelled.contains(&input.attributes["id"]), "{locale} {}", page.name);
        }
        let form = tags.iter().find(|tag| tag.name == "form" && tag.attributes["action"] == "/login");
        if form.is_some() {
            let has = |name: &str, value: &str| {
                tags.iter().any(|tag| {
                    tag.attributes.get("name").is_some_and(|n| n == name)
                        && tag.attributes.get("value").is_some_and(|v| v == value)
                })
            };
            assert!(has("form", "dGhpcyBpcyBhIGZvcm0gdG9rZW4"), "{}", page.name);
            assert!(has("action", "cancel"), "{}", page.name);
        }
    }
}

#[test]
fn nothing_is_inline_and_nothing_is_foreign() {
    for (_, page) in all_samples() {
        for tag in tags(&page.html) {
            assert_ne!(tag.name, "style", "{}", page.name);
            assert!(tag.name != "script" || tag.attributes.contains_key("src"), "{}", page.name);
            for (name, value) in &tag.attributes {
                assert!(!name.starts_with("on") && name != "style", "{name} in {}", page.name);
                let picture = tag.name == "img" && value.starts_with("data:image/png;base64,");
                assert!(
                    name != "src" || picture || value.starts_with("/assets/"),
                    "{value} in {}",
                    page.name
                );
                assert!(name != "href" || value.starts_with(['/', '#']), "{value} in {}", page.name);
            }
        }
    }
}

#[test]
fn every_page_fits_its_budget() {
    for (locale, page) in all_samples() {
        assert!(page.html.len() <= 10 * 1024, "{locale} {}: {} bytes", page.name, page.html.len());
    }
}

#[test]
fn a_page_with_a_problem_says_so_first_in_its_title() {
    for page in sample::pages("en") {
        let wrong = ["wrong", "rejected", "locked", "problem"].iter().any(|word| page.name.contains(word));
        assert_eq!(page.html.contains("<title>Error: "), wrong, "{}", page.name);
    }
}

#[test]
fn every_page_looks_as_it_did() {
    // The names of files change with their content, which is not what these snapshots are about.
    let unhashed = |html: &str| {
        sample::files().iter().fold(html.to_owned(), |html, file| {
            let mut parts = file.path.split('.');
            let (name, extension) = (parts.next().unwrap_or_default(), parts.next_back().unwrap_or_default());
            html.replace(&file.path, &format!("{name}.HASH.{extension}"))
        })
    };
    for page in sample::pages("en") {
        insta::assert_snapshot!(format!("en-{}", page.name), unhashed(&page.html));
    }
    let arabic =
        sample::pages("ar").into_iter().find(|page| page.name == "question-wrong").expect("there is one");
    insta::assert_snapshot!("ar-question-wrong", unhashed(&arabic.html));
}

#[test]
fn the_logo_of_a_client_stands_beside_its_name_from_our_own_server() {
    let mut page = sample::page("en", View::Busy);
    assert!(!rendered(sample::page("en", View::Busy)).contains("/clients/"));
    page.client_logo = LogoId::parse(&"a".repeat(43));
    let html = rendered(page);
    let images: Vec<Tag> = tags(&html).into_iter().filter(|tag| tag.name == "img").collect();
    assert_eq!(images.len(), 1);
    assert_eq!(images[0].attributes["src"], format!("/clients/{}.png", "a".repeat(43)));
    assert_eq!(images[0].attributes["alt"], "", "the name beside it says who it is");
}

#[test]
fn names_hints_and_claims_from_outside_are_text() {
    let evil = "<script>alert(1)</script>\"'&\u{202e}";
    let mut page = sample::page(
        "en",
        View::Identify {
            methods: vec![method(0, evil), method(1, "PIN")],
            kinds: vec![kind(evil), kind("phone")],
            login_hint: Some(evil.to_owned()),
            chosen: (Some(1), Some(evil.to_owned())),
            rejection: None,
            captcha: CaptchaView::Absent,
        },
    );
    page.client_name = format!("{evil}😀{}", "n".repeat(500));
    page.client_host = evil.to_owned();
    page.form_token = evil.to_owned();
    let identify = rendered(page);
    let consent = rendered(sample::page(
        "en",
        View::Consent {
            key_binding: false,
            claims: vec![OfferedClaim {
                name: evil.to_owned(),
                essential: false,
                userinfo: true,
                id_token: false,
                verified: Some(AsVerified {
                    purposes: vec![evil.to_owned()],
                    evidence: true,
                    asked_hash: String::new(),
                }),
            }],
            remembered_for: 0,
        },
    ));
    for html in [identify, consent] {
        assert!(!html.contains("<script>") && !visible(&html).contains('\u{202e}'), "{html}");
        assert!(!html.contains(&"n".repeat(100)), "a name is cut");
        assert!(tags(&html).iter().all(|tag| tag.name != "script" || tag.attributes.contains_key("src")));
    }
}

#[test]
fn a_plugins_form_is_text_whatever_it_says() {
    let evil = "\"><img src=x onerror=alert(1)>\u{202e}";
    let field = |kind: &str| Field {
        name: evil.to_owned(),
        kind: kind.to_owned(),
        label: message(evil),
        hint: Some(message(evil)),
        required: true,
        constraints: ["pattern", "autocomplete", "option", "length", "max-length", "characters"]
            .map(|name| esignet_protocol::ports::plugins::Attribute {
                name: name.to_owned(),
                value: evil.to_owned(),
            })
            .into(),
    };
    let kinds = ["text", "otp", "pin", "password", "date", "choice", "checkbox", "phone", "notice", evil];
    let form = Form {
        title: message(evil),
        fields: kinds.map(field).into(),
        submit: message(evil),
        resend_after_seconds: None,
    };
    let view = View::Question { step: 1, steps: 2, form, rejection: None, resend_in: Some(5) };
    let html = rendered(sample::page("en", view));
    assert!(!html.contains("<img src=x") && !visible(&html).contains('\u{202e}'));
    assert!(tags(&html).iter().all(|tag| !tag.attributes.contains_key("onerror")));
}

#[test]
fn a_picture_that_is_none_is_the_words_that_stand_for_it() {
    let evil = "iVBO\"><img src=x onerror=alert(1)>";
    let picture = |media_type: &str, data: &str| {
        let attribute = |name: &str, value: &str| esignet_protocol::ports::plugins::Attribute {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let field = Field {
            name: "picture".to_owned(),
            kind: "image".to_owned(),
            label: message("Six letters"),
            hint: None,
            required: false,
            constraints: vec![attribute("media-type", media_type), attribute("data", data)],
        };
        let (title, submit) = (message("T"), message("S"));
        let form = Form { title, fields: vec![field], submit, resend_after_seconds: None };
        let asked = CaptchaView::Asked { form: Box::new(form), rejection: None };
        rendered(sample::page("en", sample::with_captcha(asked)))
    };
    let drawn = |html: &str| tags(html).into_iter().filter(|tag| tag.name == "img").count();
    let good = picture("image/png", "iVBORw0KGgo=");
    assert_eq!(drawn(&good), 1);
    assert!(good.contains("alt=\"Six letters\""));
    for (media_type, data) in [("image/png", evil), ("image/svg+xml", "iVBORw0KGgo="), ("", "")] {
        let html = picture(media_type, data);
        assert_eq!(drawn(&html), 0, "{html}");
        assert!(html.contains("Six letters") && !html.contains("onerror"), "{html}");
    }
}

#[test]
fn the_hidden_state_of_a_login_is_not_in_its_urls() {
    for (_, page) in all_samples() {
        for tag in tags(&page.html) {
            let url = tag.attributes.get("href").or(tag.attributes.get("action"));
            assert!(url.is_none_or(|url| !url.contains('?')), "{}", page.name);
        }
    }
}

#[test]
fn waiting_pages_come_again_without_script_and_show_the_login() {
    for name in ["pause", "busy", "question"] {
        let page = sample::pages("en").into_iter().find(|page| page.name == name).expect("there is one");
        let refresh = "<noscript><meta http-equiv=\"refresh\" content=\"";
        let content = page.html.split(refresh).nth(1).expect("refreshes").split('"').next().expect("ends");
        let (seconds, url) = content.split_once(";url=").expect("has a target");
        assert_eq!(url, "/login");
        let expected = [("pause", "301"), ("busy", "2"), ("question", "301")];
        assert!(expected.contains(&(name, seconds)), "{name} {seconds}");
    }
}

#[test]
fn voluntary_claims_are_off_and_essential_ones_are_no_choice() {
    let html =
        sample::pages("en").into_iter().find(|page| page.name == "consent").expect("there is one").html;
    let boxes: Vec<Tag> = tags(&html)
        .into_iter()
        .filter(|tag| tag.attributes.get("type").is_some_and(|t| t == "checkbox"))
        .collect();
    let names: Vec<&str> = boxes.iter().map(|tag| tag.attributes["name"].as_str()).collect();
    assert_eq!(names, ["claim.email", "claim.phone_number#fr", "claim.blood_group"]);
    assert!(boxes.iter().all(|tag| !tag.attributes.contains_key("checked")));
}

#[test]
fn a_claim_to_release_as_verified_says_so_and_what_for_as_text() {
    let html = sample::pages("en")
        .into_iter()
        .find(|page| page.name == "consent-verified")
        .expect("there is one")
        .html;
    assert_eq!(html.matches("Officially checked").count(), 2);
    assert_eq!(html.matches("details of the documents").count(), 1);
    assert!(
        html.contains("name=\"claim.verified_claims.birthdate\""),
        "a choice apart from the plain claim's"
    );
    assert!(visible(&html).contains("To open an account") && !html.contains("<b>proof"));
    let plain =
        sample::pages("en").into_iter().find(|page| page.name == "consent").expect("there is one").html;
    assert!(!plain.contains("class=\"note\""));
}

#[test]
fn every_word_of_a_template_is_in_the_catalogue() {
    let templates = [
        include_str!("../templates/frame.html"),
        include_str!("../templates/asker.html"),
        include_str!("../templates/summary.html"),
        include_str!("../templates/deadline.html"),
        include_str!("../templates/cancel.html"),
        include_str!("../templates/identify.html"),
        include_str!("../templates/question.html"),
        include_str!("../templates/field.html"),
        include_str!("../templates/wait.html"),
        include_str!("../templates/consent.html"),
        include_str!("../templates/claim-notes.html"),
        include_str!("../templates/problem.html"),
        include_str!("../templates/return.html"),
    ];
    let mut seen = 0;
    for template in templates {
        for rest in template.split("words.t(\"").skip(1) {
            let key = rest.split('"').next().expect("ends");
            assert!(Words::of("en").find(key).is_some(), "{key}");
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} words found");
}

fn method(index: usize, factor: &str) -> MethodChoice {
    MethodChoice { index, acr: "acr".to_owned(), factors: vec![factor.to_owned()] }
}

fn kind(kind: &str) -> IndividualKind {
    IndividualKind { kind: kind.to_owned(), label: BTreeMap::new(), max_length: 10, digits: true }
}
