//! The answers of a form, read by the form that was asked (`wit/deps/auth-factor`, `record field`).
//!
//! The host checks what a field's constraints say before a plugin sees anything, so that a slip of the finger is no
//! failed attempt.

use crate::ports::plugins::{Answer, Field, Form, Rejection};
use crate::word::digits;
use crate::word::parameters::Parameters;

/// The answers, or why the form has to be asked again.
pub fn read(form: &Form, parameters: &Parameters) -> Result<Vec<Answer>, Rejection> {
    let asked = form.fields.iter().filter(|field| field.is_answered());
    asked
        .filter_map(|field| read_field(field, parameters.one(&format!("answer.{}", field.name))).transpose())
        .collect()
}

fn read_field(field: &Field, typed: Option<&str>) -> Result<Option<Answer>, Rejection> {
    let value = match field.kind.as_str() {
        // A code is read off a message and typed with spaces, in the digits of one's own script.
        "otp" | "pin" => digits::fold(typed.unwrap_or_default()),
        // A password is whatever was typed, spaces included.
        "password" => typed.unwrap_or_default().to_owned(),
        _ => typed.unwrap_or_default().trim().to_owned(),
    };
    if value.is_empty() {
        return if field.required { Err(Rejection::of("missing")) } else { Ok(None) };
    }
    if fits(field, &value) {
        Ok(Some(Answer { name: field.name.clone(), value: value.into_bytes() }))
    } else {
        Err(Rejection::of("malformed"))
    }
}

fn fits(field: &Field, value: &str) -> bool {
    let length = value.chars().count();
    let number = |text: &str| text.parse::<usize>().ok();
    let options: Vec<&str> = constraint(field, "option").collect();
    let one_line = !value.chars().any(char::is_control);
    let lengths = constraint(field, "length").filter_map(number).all(|exact| length == exact)
        && constraint(field, "min-length").filter_map(number).all(|least| length >= least)
        && constraint(field, "max-length").filter_map(number).all(|most| length <= most);
    let characters = constraint(field, "characters").all(|characters| match characters {
        "digits" => value.bytes().all(|byte| byte.is_ascii_digit()),
        "alphanumeric" => value.chars().all(char::is_alphanumeric),
        _ => true,
    });
    let date = field.kind != "date" || is_date(value);
    let checkbox = field.kind != "checkbox" || value == "on";
    one_line && lengths && characters && date && checkbox && (options.is_empty() || options.contains(&value))
}

/// `YYYY-MM-DD`, as HTML date fields send it.
fn is_date(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let shaped = matches!(parts.as_slice(), [year, month, day] if year.len() == 4 && month.len() == 2 && day.len() == 2);
    shaped && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn constraint<'a>(field: &'a Field, name: &'a str) -> impl Iterator<Item = &'a str> {
    field
        .constraints
        .iter()
        .filter(move |constraint| constraint.name == name)
        .map(|constraint| constraint.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::plugins::{Attribute, Message};

    fn form(kind: &str, constraints: &[(&str, &str)]) -> Form {
        let words = || Message { key: String::new(), text: String::new(), arguments: Vec::new() };
        let constraints = constraints
            .iter()
            .map(|(name, value)| Attribute { name: (*name).to_owned(), value: (*value).to_owned() })
            .collect();
        let field = Field {
            name: "x".to_owned(),
            kind: kind.to_owned(),
            label: words(),
            hint: None,
            required: true,
            constraints,
        };
        Form { title: words(), fields: vec![field], submit: words(), resend_after_seconds: None }
    }

    fn answer(form: &Form, body: &str) -> Result<String, String> {
        let parameters = Parameters::parse(body.as_bytes()).expect("well formed");
        let answers = read(form, &parameters).map_err(|rejection| rejection.reason)?;
        Ok(String::from_utf8(answers[0].value.clone()).expect("text"))
    }

    #[test]
    fn a_code_is_folded_and_checked_before_a_plugin_sees_it() {
        let form = form("otp", &[("length", "6"), ("characters", "digits")]);
        assert_eq!(answer(&form, "answer.x=111+111").as_deref(), Ok("111111"));
        assert_eq!(answer(&form, "answer.x=%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1%D9%A1").as_deref(), Ok("111111"));
        assert_eq!(answer(&form, "answer.x=11111"), Err("malformed".to_owned()));
        assert_eq!(answer(&form, "answer.x=11111a"), Err("malformed".to_owned()));
        assert_eq!(answer(&form, "answer.y=111111"), Err("missing".to_owned()));
        assert_eq!(answer(&form, "answer.x=+++"), Err("missing".to_owned()));
    }

    #[test]
    fn a_password_keeps_its_spaces() {
        assert_eq!(answer(&form("password", &[]), "answer.x=+a+b+").as_deref(), Ok(" a b "));
    }

    #[test]
    fn a_choice_is_one_of_its_options_and_a_date_is_a_date() {
        let choice = form("choice", &[("option", "a"), ("option", "b")]);
        assert_eq!(answer(&choice, "answer.x=b").as_deref(), Ok("b"));
        assert_eq!(answer(&choice, "answer.x=c"), Err("malformed".to_owned()));
        assert_eq!(answer(&form("date", &[]), "answer.x=1990-01-31").as_deref(), Ok("1990-01-31"));
        assert_eq!(answer(&form("date", &[]), "answer.x=31.1.1990"), Err("malformed".to_owned()));
    }
}
