//! The first page: who asks, how to sign in, and who the person is.

use askama::Template;
use esignet_protocol::endpoint::answer::MethodChoice;
use esignet_protocol::policy::IndividualKind;
use esignet_protocol::ports::plugins::Rejection;
use esignet_protocol::word::locale::best_match;

use super::Setting;
use super::frame::{Asker, Frame, time_left};
use super::rejection::{Asked as During, sentences};
use super::text::plain;
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
    /// Why the last attempt ended.
    pub(crate) rejection: Option<Rejection>,
}

struct Method {
    value: usize,
    label: String,
}

struct Kind {
    value: String,
    label: String,
    inputmode: &'static str,
}

#[derive(Template)]
#[template(path = "identify.html")]
struct Identify<'a> {
    frame: Frame<'a>,
    asker: Asker,
    form_token: String,
    problems: Vec<String>,
    target: Option<&'static str>,
    methods: Vec<Method>,
    kinds: Vec<Kind>,
    individual_label: String,
    individual_dir: &'static str,
    autocomplete: &'static str,
    inputmode: &'static str,
    max_length: usize,
    login_hint: Option<String>,
    time_left: String,
}

/// The HTML of the page.
pub(crate) fn render(setting: Setting<'_>, asked: Asked) -> askama::Result<String> {
    let words = setting.words;
    let problems = sentences(words, asked.rejection.as_ref(), During::Individual);
    let methods = asked
        .methods
        .iter()
        .map(|method| Method { value: method.index, label: ways(words, &method.factors) });
    let kinds: Vec<Kind> = asked.kinds.iter().map(|kind| Kind::new(words, kind)).collect();
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
        target: Some("individual"),
        methods: methods.collect(),
        kinds,
        individual_label,
        // Numbers and addresses run from left to right in every script; the style sheet keeps them at the line's start.
        individual_dir: "ltr",
        autocomplete,
        inputmode,
        max_length: asked.kinds.iter().map(typed_length).max().unwrap_or(MAX_INDIVIDUAL),
        login_hint: asked.login_hint.map(|hint| plain(&hint, MAX_INDIVIDUAL)),
        time_left: time_left(words, setting.seconds_left),
    };
    page.render()
}

impl Kind {
    fn new(words: Words, kind: &IndividualKind) -> Self {
        let inputmode = match kind.kind.as_str() {
            "email" => "email",
            "phone" => "tel",
            _ if kind.digits => "numeric",
            _ => "text",
        };
        Self { value: kind.kind.clone(), label: label(words, kind), inputmode }
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
