//! Every page in every state, filled with made-up people: for the tests here, for checks of accessibility in a browser,
//! for designers and translators (`cargo run -p esignet-web --example gallery`).

use std::collections::BTreeMap;

use bytes::Bytes;
use esignet_protocol::endpoint::answer::{
    AuthorizationResponse, CaptchaView, CookieChange, LoginPage, MethodChoice, View,
};
use esignet_protocol::identity_assurance::offer::{self, AsVerified};
use esignet_protocol::policy::IndividualKind;
use esignet_protocol::ports::plugins::{Attribute, Field, Form, Message, Rejection};
use esignet_protocol::transaction::stage::OfferedClaim;
use esignet_protocol::word::redirect_uri::RedirectUri;
use esignet_protocol::word::response_mode::ResponseMode;
use esignet_protocol::word::time::Timestamp;

use crate::assets::Assets;
use crate::csp;
use crate::locale::Words;
use crate::page::frame::Look;
use crate::page::problem::{self, Trouble};
use crate::page::{login, return_to};
use crate::settings::Branding;

/// One page in one state.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The page and its state, such as `question-wrong`.
    pub name: String,
    /// The whole document.
    pub html: String,
    /// The policy it goes out with.
    pub content_security_policy: String,
}

/// A file that the samples load.
#[derive(Clone, Debug)]
pub struct File {
    /// The path in the samples.
    pub path: String,
    /// The media type.
    pub media_type: &'static str,
    /// The content.
    pub content: Bytes,
}

/// Every page in every state, in the language `locale`.
pub fn pages(locale: &str) -> Vec<Sample> {
    let branding = Branding::default();
    let look = Look::new("", &Assets::new(&branding), &branding);
    let mut samples: Vec<Sample> = views()
        .into_iter()
        .filter_map(|(name, view)| sample(name, login(&look, page(locale, view))))
        .collect();
    samples.extend(returning(&look, locale));
    samples.extend(Trouble::all().filter_map(|trouble| {
        let html = problem::render(&look, Words::of(locale), trouble, "7K3Q9ZBD", Timestamp(1_767_225_600));
        sample(&format!("problem-{}", trouble.name()), html)
    }));
    samples
}

/// The files that the samples load.
pub fn files() -> Vec<File> {
    let assets = Assets::new(&Branding::default());
    let file = |asset: &crate::assets::Asset| File {
        path: format!("/assets/{}", asset.file),
        media_type: asset.media_type,
        content: asset.content.clone(),
    };
    assets.iter().map(file).collect()
}

/// A page of a login with the view.
pub(crate) fn page(locale: &str, view: View) -> LoginPage {
    LoginPage {
        client_name: "Example Health Service".to_owned(),
        client_logo: None,
        client_host: "health.example.org".to_owned(),
        redirect_origin: "https://health.example.org".to_owned(),
        locale: locale.to_owned(),
        form_token: "dGhpcyBpcyBhIGZvcm0gdG9rZW4".to_owned(),
        seconds_left: 300,
        view,
    }
}

fn sample(name: &str, html: askama::Result<String>) -> Option<Sample> {
    let policy = csp::page(Some("https://health.example.org"));
    let content_security_policy = policy.to_str().unwrap_or_default().to_owned();
    html.ok().map(|html| Sample { name: name.to_owned(), html, content_security_policy })
}

fn views() -> Vec<(&'static str, View)> {
    let otp = || vec![method(0, &["OTP"])];
    let several = || vec![method(0, &["OTP"]), method(1, &["PIN"]), method(2, &["OTP", "PIN"])];
    let uin = || vec![kind("uin", 10, true)];
    let kinds = || vec![kind("uin", 10, true), kind("phone", 15, true), kind("email", 100, false)];
    let unknown = || Some(rejection("unknown", None, None));
    vec![
        ("identify", identify(otp(), uin(), None)),
        ("identify-choices", identify(several(), kinds(), None)),
        ("identify-rejected", identify(several(), uin(), unknown())),
        ("identify-locked", identify(otp(), kinds(), Some(rejection("locked", None, Some(900))))),
        ("identify-captcha", with_captcha(challenge(None))),
        ("identify-captcha-wrong", with_captcha(challenge(Some(rejection("wrong", None, None))))),
        ("identify-captcha-problem", with_captcha(CaptchaView::Unavailable)),
        ("identify-captcha-locked", with_captcha(CaptchaView::Exhausted)),
        ("question", question(otp_form(), None, (1, 1), Some(0))),
        ("question-step", question(otp_form(), None, (2, 3), Some(28))),
        ("question-wrong", question(otp_form(), Some(rejection("wrong", Some(2), None)), (1, 1), Some(28))),
        ("question-every-field", question(every_field(), None, (1, 2), None)),
        (
            "question-every-field-wrong",
            question(every_field(), Some(rejection("malformed", None, None)), (1, 2), None),
        ),
        (
            "pause",
            View::Pause { message: message("no-key", "Your ID system asks for a short pause."), seconds: 5 },
        ),
        ("busy", View::Busy),
        ("consent", View::Consent { claims: claims(), key_binding: false, remembered_for: 365 * 86_400 }),
        (
            "consent-essential",
            View::Consent {
                claims: claims().into_iter().filter(|claim| claim.essential).collect(),
                key_binding: false,
                remembered_for: 0,
            },
        ),
        (
            "consent-verified",
            View::Consent { claims: verified_claims(), key_binding: false, remembered_for: 0 },
        ),
        (
            "consent-nothing",
            View::Consent { claims: Vec::new(), key_binding: false, remembered_for: 365 * 86_400 },
        ),
        (
            "consent-key-binding",
            View::Consent { claims: claims(), key_binding: true, remembered_for: 365 * 86_400 },
        ),
    ]
}

fn returning(look: &Look, locale: &str) -> Option<Sample> {
    let response = AuthorizationResponse {
        redirect_uri: RedirectUri::parse("https://health.example.org/callback").ok()?,
        mode: ResponseMode::FormPost,
        parameters: vec![("code", "a-code".to_owned()), ("state", "\"><script>".to_owned())],
        cookie: CookieChange::Clear,
        cause: None,
    };
    sample("return", return_to::render(look, Words::of(locale), &response))
}

fn identify(methods: Vec<MethodChoice>, kinds: Vec<IndividualKind>, rejection: Option<Rejection>) -> View {
    let login_hint = rejection.is_some().then(|| "4125 8896 01".to_owned());
    View::Identify {
        methods,
        kinds,
        login_hint,
        chosen: (None, None),
        rejection,
        captcha: CaptchaView::Absent,
    }
}

/// The first page with a captcha, after something was typed.
pub(crate) fn with_captcha(captcha: CaptchaView) -> View {
    View::Identify {
        methods: vec![method(0, &["OTP"]), method(1, &["PIN"])],
        kinds: vec![kind("uin", 10, true)],
        login_hint: Some("4125889601".to_owned()),
        chosen: (Some(1), Some("uin".to_owned())),
        rejection: None,
        captcha,
    }
}

fn challenge(rejection: Option<Rejection>) -> CaptchaView {
    let form = Form {
        title: message("no-key", "Show that you are a person"),
        fields: vec![field(
            "answer",
            "text",
            message("no-key", "How much is seven and five? Write it in digits."),
        )],
        submit: message("continue", "Continue"),
        resend_after_seconds: None,
    };
    CaptchaView::Asked { form: Box::new(form), rejection }
}

fn question(
    form: Form,
    rejection: Option<Rejection>,
    (step, steps): (usize, usize),
    resend_in: Option<u64>,
) -> View {
    View::Question { step, steps, form, rejection, resend_in }
}

fn method(index: usize, factors: &[&str]) -> MethodChoice {
    let factors = factors.iter().map(|factor| (*factor).to_owned()).collect();
    MethodChoice { index, acr: "mosip:idp:acr:generated-code".to_owned(), factors }
}

fn kind(kind: &str, max_length: usize, digits: bool) -> IndividualKind {
    IndividualKind { kind: kind.to_owned(), label: BTreeMap::new(), max_length, digits }
}

fn rejection(reason: &str, attempts_left: Option<u32>, retry_after_seconds: Option<u32>) -> Rejection {
    Rejection { reason: reason.to_owned(), attempts_left, retry_after_seconds }
}

fn message(key: &str, text: &str) -> Message {
    Message { key: key.to_owned(), text: text.to_owned(), arguments: Vec::new() }
}

fn attribute(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: value.to_owned() }
}

fn otp_form() -> Form {
    let mut hint = message("otp-hint-sms", "We sent a code of 6 digits to the phone XXXXXX4417.");
    hint.arguments = vec![attribute("length", "6"), attribute("targets", "XXXXXX4417")];
    let field = Field {
        hint: Some(hint),
        constraints: vec![attribute("length", "6"), attribute("characters", "digits")],
        ..field("otp", "otp", message("otp-label", "One-time code"))
    };
    Form {
        title: message("otp-title", "Enter the code we sent you"),
        fields: vec![field],
        submit: message("otp-submit", "Continue"),
        resend_after_seconds: Some(30),
    }
}

fn field(name: &str, kind: &str, label: Message) -> Field {
    Field {
        name: name.to_owned(),
        kind: kind.to_owned(),
        label,
        hint: None,
        required: true,
        constraints: Vec::new(),
    }
}

/// A black dot.
const DOT: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR42mNgAAAAAgAB5Sfe/AAAAABJRU5ErkJggg==";

/// One field of each kind, and one of a kind that does not exist.
fn every_field() -> Form {
    let kinds = [
        ("notice", "Answer as your papers say."),
        ("text", "Mother's family name"),
        ("otp", "Code"),
        ("pin", "PIN"),
        ("password", "Password"),
        ("date", "Date of birth"),
        ("choice", "Place of birth"),
        ("checkbox", "I have a new passport"),
        ("phone", "Phone number"),
        ("image", "Six letters, drawn by hand"),
        ("hologram", "A kind of field that does not exist"),
    ];
    let drawn = |(kind, label): &(&str, &str)| {
        let options = ["North", "South"].map(|option| attribute("option", option));
        let constraints = match *kind {
            "choice" => options.into(),
            "image" => vec![attribute("media-type", "image/png"), attribute("data", DOT)],
            _ => Vec::new(),
        };
        let hint = (*kind == "text").then(|| message("no-key", "As on the birth certificate."));
        let required = *kind != "checkbox";
        Field { hint, required, constraints, ..field(kind, kind, message("no-key", label)) }
    };
    Form {
        title: message("no-key", "Questions about you"),
        fields: kinds.iter().map(drawn).collect(),
        submit: message("continue", "Continue"),
        resend_after_seconds: None,
    }
}

fn claims() -> Vec<OfferedClaim> {
    let claim = |(name, essential): &(&str, bool)| OfferedClaim {
        name: (*name).to_owned(),
        essential: *essential,
        userinfo: true,
        id_token: false,
        verified: None,
    };
    [
        ("name", true),
        ("birthdate", true),
        ("email", false),
        ("phone_number#fr", false),
        ("blood_group", false),
    ]
    .iter()
    .map(claim)
    .collect()
}

/// Claims to release as verified: one fixed, one to choose, with and without evidence and purpose.
fn verified_claims() -> Vec<OfferedClaim> {
    let verified = |name: &str, (essential, evidence): (bool, bool), purposes: &[&str]| {
        let purposes = purposes.iter().map(|purpose| (*purpose).to_owned()).collect();
        OfferedClaim {
            name: offer::offered_name(name),
            essential,
            userinfo: true,
            id_token: false,
            verified: Some(AsVerified { purposes, evidence, asked_hash: String::new() }),
        }
    };
    let mut claims = claims();
    claims.push(verified("given_name", (true, true), &["To open an account", "The law wants <b>proof</b>"]));
    claims.push(verified("birthdate", (false, false), &[]));
    claims
}
