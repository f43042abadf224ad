//! The first page: who asks, how to sign in, who the person is, and the captcha if there is one.

use askama::Template;
use esignet_protocol::endpoint::answer::{CaptchaView, MethodChoice};
use esignet_protocol::policy::IndividualKind;
use esignet_protocol::ports::plugins::Rejection;
use esignet_protocol::word::locale::best_match;

use super::Setting;
use super::frame::{Asker, Frame, time_left};
use super::rejection::{Asked as During, sentences};
use super::text::plain;
use crate::form::{self, Control, Field};
use crate::locale::{Arg, Words};

/// The most characters of an identifier when no kind says how many.
const MAX_INDIVIDUAL: usize = 256;

/// What the page asks.
pub(crate) struct Asked {
    /// Ways to sign in, best first.
    pub(crate) methods: Vec<MethodChoice>,
    /// Kinds of identifier, the usual one first.
    pub(crate) kinds: Vec<IndividualKind>,
    /// Prefills the identifier.
    pub(crate) login_hint: Option<String>,
    /// The method and the kind that were chosen already.
    pub(crate) chosen: (Option<usize>, Option<String>),
    /// Why the last attempt ended.
    pub(crate) rejection: Option<Rejection>,
    /// What is asked besides.
    pub(crate) captcha: CaptchaView,
}

struct Method {
    value: usize,
    label: String,
    checked: bool,
}

struct Kind {
    value: String,
    label: String,
    inputmode: &'static str,
    checked: bool,
}

/// A challenge as the template needs it.
struct Captcha {
    heading: String,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "identify.html")]
struct Identify<'a> {
    frame: Frame<'a>,
    asker: Asker,
    form_token: String,
    problems: Vec<String>,
    target: Option<String>,
    individual_error: Option<String>,
    methods: Vec<Method>,
    kinds: Vec<Kind>,
    individual_label: String,
    individual_dir: &'static str,
    autocomplete: &'static str,
    inputmode: &'static str,
    max_length: usize,
    login_hint: Option<String>,
    captcha: Option<Captcha>,
    goes_on: bool,
    time_left: String,
}

/// The HTML of the page.
pub(crate) fn render(setting: Setting<'_>, asked: &Asked) -> askama::Result<String> {
    let words = setting.words;
    let mut problems = sentences(words, asked.rejection.as_ref(), During::Individual);
    let individual_error = problems.first().cloned();
    let of_captcha = captcha_problems(words, &asked.captcha);
    let captcha = Captcha::new(words, &asked.captcha, of_captcha.first());
    let of_individual = individual_error.is_some().then(|| "individual".to_owned());
    let target = of_individual.or_else(|| captcha.as_ref().and_then(Captcha::focus));
    problems.extend(of_captcha);
    let kinds = kinds(words, asked);
    let (individual_label, autocomplete) = match asked.kinds.as_slice() {
        [only] => (label(words, only), autocomplete(&only.kind)),
        _ => (words.t("individual-label").into_owned(), "username"),
    };
    let all_digits = !asked.kinds.is_empty() && asked.kinds.iter().all(|kind| kind.digits);
    let inputmode = match kinds.as_slice() {
        [only] => only.inputmode,
        _ if all_digits => "numeric",
        _ => "text",
    };
    let page = Identify {
        frame: setting.frame(&words.t("identify-title"), !problems.is_empty()),
        asker: setting.asker,
        form_token: setting.form_token,
        problems,
        target,
        individual_error,
        methods: methods(words, asked),
        kinds,
        individual_label,
        // Numbers and addresses run from left to right in every script; the style sheet keeps them at the line's start.
        individual_dir: "ltr",
        autocomplete,
        inputmode,
        max_length: asked.kinds.iter().map(typed_length).max().unwrap_or(MAX_INDIVIDUAL),
        login_hint: asked.login_hint.as_ref().map(|hint| plain(hint, MAX_INDIVIDUAL)),
        captcha,
        goes_on: asked.captcha != CaptchaView::Exhausted,
        time_left: time_left(words, setting.seconds_left),
    };
    page.render()
}

/// The ways to sign in. The one that was chosen before is chosen, else the first.
fn methods(words: Words, asked: &Asked) -> Vec<Method> {
    let chosen = asked.methods.iter().position(|method| Some(method.index) == asked.chosen.0).unwrap_or(0);
    let method = |(at, method): (usize, &MethodChoice)| Method {
        value: method.index,
        label: ways(words, &method.factors),
        checked: at == chosen,
    };
    asked.methods.iter().enumerate().map(method).collect()
}

/// The kinds of identifier, likewise.
fn kinds(words: Words, asked: &Asked) -> Vec<Kind> {
    let chosen = asked.chosen.1.as_ref();
    let chosen = asked.kinds.iter().position(|kind| Some(&kind.kind) == chosen).unwrap_or(0);
    asked.kinds.iter().enumerate().map(|(at, kind)| Kind::new(words, kind, at == chosen)).collect()
}

fn captcha_problems(words: Words, captcha: &CaptchaView) -> Vec<String> {
    match captcha {
        CaptchaView::Absent => Vec::new(),
        CaptchaView::Asked { rejection, .. } => sentences(words, rejection.as_ref(), During::Captcha),
        CaptchaView::Unavailable => vec![words.t("captcha-unavailable").into_owned()],
        CaptchaView::Exhausted => vec![words.t("captcha-exhausted").into_owned()],
    }
}

impl Captcha {
    fn new(words: Words, captcha: &CaptchaView, problem: Option<&String>) -> Option<Self> {
        let CaptchaView::Asked { form, .. } = captcha else { return None };
        let fields = form::fields(words, &form.fields, problem);
        Some(Self { heading: words.message(&form.title), fields })
    }

    /// The control that the summary leads to.
    fn focus(&self) -> Option<String> {
        self.fields.iter().find(|field| field.error.is_some()).map(Field::focus)
    }
}

impl Kind {
    fn new(words: Words, kind: &IndividualKind, checked: bool) -> Self {
        let inputmode = match kind.kind.as_str() {
            "email" => "email",
            "phone" => "tel",
            _ if kind.digits => "numeric",
            _ => "text",
        };
        Self { value: kind.kind.clone(), label: label(words, kind), inputmode, checked }
    }
}

/// What a kind is called: the operator's word in the language, ours, the operator's first, the kind itself.
fn label(words: Words, kind: &IndividualKind) -> String {
    let tags: Vec<String> = kind.label.keys().cloned().collect();
    let operator = best_match([words.lang()], &tags).and_then(|tag| kind.label.get(tag));
    let ours = || words.find(&format!("kind-{}", kind.kind)).map(std::borrow::Cow::into_owned);
    let first = || kind.label.values().next().cloned();
    plain(&operator.cloned().or_else(ours).or_else(first).unwrap_or_else(|| kind.kind.clone()), 80)
}

/// WCAG 2.2 §1.3.5 names purposes for some kinds; an identifier is what one signs in with.
fn autocomplete(kind: &str) -> &'static str {
    match kind {
        "email" => "email",
        "phone" => "tel",
        _ => "username",
    }
}

/// Digits are typed in groups, so there is room for as many spaces.
fn typed_length(kind: &IndividualKind) -> usize {
    if kind.digits { kind.max_length.saturating_mul(2) } else { kind.max_length }
}

/// The factors of a method, in words: "One-time code and PIN".
fn ways(words: Words, factors: &[String]) -> String {
    let word = |factor: &String| {
        let ours = words.find(&format!("factor-{}", factor.to_ascii_lowercase()));
        ours.map_or_else(|| plain(factor, 40), std::borrow::Cow::into_owned)
    };
    let joined = factors.iter().map(word).reduce(|first, second| {
        words.with("method-and", &[("first", Arg::Word(&first)), ("second", Arg::Word(&second))]).into_owned()
    });
    joined.unwrap_or_default()
}
