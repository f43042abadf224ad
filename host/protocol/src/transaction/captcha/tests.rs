use super::*;
use crate::ports::plugins::{Field, Message};
use crate::testing::parameters;

fn asked() -> Check {
    let words = || Message { key: String::new(), text: String::new(), arguments: Vec::new() };
    let field = Field {
        name: "sum".to_owned(),
        kind: "text".to_owned(),
        label: words(),
        hint: None,
        required: true,
        constraints: Vec::new(),
    };
    let form = Form { title: words(), fields: vec![field], submit: words(), resend_after_seconds: None };
    let build = PluginBuild::native("captcha");
    Check::Asked(Box::new(Asked { build, form, rejection: None, state: b"kept".to_vec() }))
}

#[test]
fn an_answer_that_cannot_be_right_leaves_the_challenge_as_it_was() {
    let Err(Check::Asked(again)) = asked().answers(&parameters(&[("answer.sum", "  ")])) else {
        panic!("nothing was missed")
    };
    assert_eq!(again.rejection, Some(Rejection::of("missing")));
    assert_eq!(again.state, b"kept");
}

#[test]
fn answers_are_read_only_where_a_challenge_asks_for_them() {
    let form = parameters(&[("answer.sum", "7")]);
    let answers = asked().answers(&form).ok().flatten().expect("answers");
    assert_eq!((answers.len(), answers[0].value.as_slice()), (1, b"7".as_slice()));
    for check in [Check::None, Check::Unavailable, Check::Exhausted] {
        assert!(matches!(check.answers(&form), Ok(None)));
    }
}

#[test]
fn what_was_typed_is_shown_again_and_not_without_end() {
    let kinds = [IndividualKind {
        kind: "uin".to_owned(),
        label: std::collections::BTreeMap::new(),
        max_length: 10,
        digits: true,
    }];
    let long = format!("12{}", "3".repeat(400));
    let form = parameters(&[("individual", &long), ("kind", "<b>"), ("method", "1")]);
    let typed = Typed::of(&form, &kinds);
    assert!(typed.individual.starts_with("123") && typed.individual.chars().count() == TYPED);
    assert_eq!((typed.kind, typed.method), (None, Some(1)));
}
