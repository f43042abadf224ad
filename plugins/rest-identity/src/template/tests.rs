use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> Result<Vec<Part>, String> {
    Template::parse(text, Operation::Authenticate).map(|template| template.0)
}

#[test]
fn text_and_placeholders_are_told_apart() {
    let literal = |text: &str| Part::Literal(text.to_owned());
    assert_eq!(parsed(""), Ok(vec![]));
    assert_eq!(parsed("a {{b}} c"), Ok(vec![literal("a {b} c")]));
    assert_eq!(
        parsed("a{individual.value}b{proof.OTP.value}"),
        Ok(vec![
            literal("a"),
            Part::Placeholder(Placeholder::IndividualValue),
            literal("b"),
            Part::Placeholder(Placeholder::ProofValue("OTP".to_owned())),
        ])
    );
    assert_eq!(
        parsed("{{{individual.kind}}}"),
        Ok(vec![literal("{"), Part::Placeholder(Placeholder::IndividualKind), literal("}")])
    );
}

#[test]
fn what_is_not_well_formed_or_not_known_is_refused() {
    for text in [
        "{",
        "}",
        "{individual.value",
        "{individual.{value}",
        "a}b",
        "{}",
        "{ individual.value }",
        "{INDIVIDUAL.value}",
        "{caller}",
        "{caller.secret}",
        "{proof.OTP}",
        "{proof..value.x.y}",
        "{continuation.token}",
    ] {
        assert!(parsed(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_with_its_braces_doubled_is_itself(text in "\\PC{0,40}|[{}a ]{0,20}") {
        let doubled = text.replace('{', "{{").replace('}', "}}");
        let expected = if text.is_empty() { vec![] } else { vec![Part::Literal(text)] };
        prop_assert_eq!(parsed(&doubled), Ok(expected));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}|[{}a-z.]{0,30}") {
        let _read = parsed(&text);
    }
}
