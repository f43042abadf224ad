//! Forms: what is asked, in words that people can read.

use std::collections::BTreeSet;

use esignet_protocol::ports::plugins::{Field, Form, Message};

use super::super::bench::{Bench, ensure, fail, login, skip, tells};
use super::super::{Case, Unmet, Verdict};
use super::is_shown;

pub(super) const CASES: &[Case] = &[
    Case::of_factor("auth-factor/forms/fields", "a form has a field to fill in", fields),
    Case::of_factor(
        "auth-factor/forms/words",
        "every text of a form is there, also for a host without an entry for it",
        words,
    ),
    Case::of_factor(
        "auth-factor/forms/keys",
        "the manifest has every key of a form in every language that it has",
        keys,
    ),
    Case::of_factor(
        "auth-factor/forms/arguments",
        "no place for an argument is left open in any language",
        arguments,
    ),
    Case::of_factor(
        "auth-factor/forms/constraints",
        "a field has constraints of the vocabulary",
        constraints,
    ),
    Case::of_factor(
        "auth-factor/forms/constraints-can-be-met",
        "there is an answer that meets the constraints of a field",
        can_be_met,
    ),
    Case::of_factor("auth-factor/forms/choices", "a choice has options, each once", choices),
    Case::of_factor(
        "auth-factor/forms/same-in-every-language",
        "a form asks for the same fields in every language",
        same_in_every_language,
    ),
    Case::of_factor(
        "auth-factor/forms/nothing-of-the-person",
        "a form does not show the identifier",
        nothing_of_the_person,
    ),
    Case::of_factor(
        "auth-factor/forms/no-secret-shown",
        "a code, a PIN or a password is asked for in a field of that kind",
        no_secret_shown,
    ),
    Case::of_factor(
        "auth-factor/forms/resend-bounded",
        "another code can be had within ten minutes, if ever",
        resend_bounded,
    ),
];

const CONSTRAINTS: [&str; 6] = ["length", "min-length", "max-length", "characters", "option", "autocomplete"];
/// Those of an image, which the host reads by itself.
const OF_IMAGES: [&str; 2] = ["media-type", "data"];

fn form(bench: &Bench<'_>) -> Result<Form, Unmet> {
    Ok(bench.asked(Some(&bench.somebody()))?.form)
}

fn form_in(bench: &Bench<'_>, locale: &str) -> Result<Form, Unmet> {
    let mut caller = login();
    locale.clone_into(&mut caller.locale);
    Ok(bench.asked_as(&caller, Some(&bench.somebody()))?.form)
}

fn messages(form: &Form) -> Vec<&Message> {
    let of_fields = form.fields.iter().flat_map(|field| std::iter::once(&field.label).chain(&field.hint));
    [&form.title, &form.submit].into_iter().chain(of_fields).collect()
}

fn languages(bench: &Bench<'_>) -> Result<Vec<String>, Unmet> {
    let languages: Vec<String> = bench.plugin.manifest().messages.keys().cloned().collect();
    if languages.is_empty() { skip("its manifest has no [messages]") } else { Ok(languages) }
}

fn fields(bench: &mut Bench<'_>) -> Verdict {
    let form = form(bench)?;
    ensure(form.fields.iter().any(|field| !is_shown(&field.kind)), || {
        "there is nothing to fill in".to_owned()
    })
}

fn words(bench: &mut Bench<'_>) -> Verdict {
    let form = form_in(bench, "x-kit")?;
    let empty = messages(&form).into_iter().find(|message| message.text.trim().is_empty());
    empty.map_or(Ok(()), |message| fail(format!("the message \"{}\" has no `text`", message.key)))
}

fn keys(bench: &mut Bench<'_>) -> Verdict {
    let languages = languages(bench)?;
    let form = form(bench)?;
    for language in languages {
        let known = bench.plugin.manifest().messages.get(&language);
        let missing = messages(&form)
            .into_iter()
            .filter(|message| !message.key.is_empty())
            .find(|message| known.is_none_or(|known| !known.contains_key(&message.key)));
        if let Some(message) = missing {
            return fail(format!("[messages.{language}] has no \"{}\"", message.key));
        }
    }
    Ok(())
}

fn arguments(bench: &mut Bench<'_>) -> Verdict {
    for language in languages(bench)? {
        let form = form_in(bench, &language)?;
        let open = messages(&form)
            .into_iter()
            .find(|message| message.text.split_once('{').is_some_and(|(_, rest)| rest.contains('}')));
        if let Some(message) = open {
            return fail(format!(
                "in \"{language}\" the message \"{}\" reads: {}",
                message.key, message.text
            ));
        }
    }
    Ok(())
}

fn constraints(bench: &mut Bench<'_>) -> Verdict {
    for field in form(bench)?.fields {
        for constraint in &field.constraints {
            let (name, value) = (constraint.name.as_str(), constraint.value.as_str());
            let is_of_image = field.kind == "image" && OF_IMAGES.contains(&name);
            ensure(is_of_image || CONSTRAINTS.contains(&name), || {
                format!("the field {}: \"{name}\" is no constraint", field.name)
            })?;
            let fits = match name {
                "length" | "min-length" | "max-length" => value.parse::<u32>().is_ok(),
                "characters" => matches!(value, "digits" | "alphanumeric"),
                _ => !value.is_empty(),
            };
            ensure(fits, || format!("the field {}: {name} cannot be \"{value}\"", field.name))?;
        }
    }
    Ok(())
}

fn number(field: &Field, name: &str) -> Option<u32> {
    let constraint = field.constraints.iter().find(|constraint| constraint.name == name)?;
    constraint.value.parse().ok()
}

fn can_be_met(bench: &mut Bench<'_>) -> Verdict {
    for field in form(bench)?.fields {
        let least = number(&field, "min-length").unwrap_or(0);
        let most = number(&field, "max-length").unwrap_or(u32::MAX);
        let exact = number(&field, "length");
        ensure(least <= most, || {
            format!("the field {}: nothing is {least} and at most {most} long", field.name)
        })?;
        let reachable = exact.is_none_or(|exact| (least..=most).contains(&exact) && exact > 0);
        ensure(reachable && most > 0, || format!("the field {}: no answer has that length", field.name))?;
    }
    Ok(())
}

fn choices(bench: &mut Bench<'_>) -> Verdict {
    for field in form(bench)?.fields.into_iter().filter(|field| field.kind == "choice") {
        let options: Vec<&str> = field
            .constraints
            .iter()
            .filter(|constraint| constraint.name == "option")
            .map(|constraint| constraint.value.as_str())
            .collect();
        let distinct: BTreeSet<&&str> = options.iter().collect();
        ensure(!options.is_empty(), || format!("the field {} has nothing to choose from", field.name))?;
        ensure(distinct.len() == options.len(), || format!("the field {} has an option twice", field.name))?;
    }
    Ok(())
}

fn same_in_every_language(bench: &mut Bench<'_>) -> Verdict {
    let shape = |form: &Form| -> Vec<(String, String, bool)> {
        form.fields.iter().map(|field| (field.name.clone(), field.kind.clone(), field.required)).collect()
    };
    let usual = shape(&form(bench)?);
    for language in ["fr", "ar", "am", "pt-BR", "x-kit"] {
        let other = shape(&form_in(bench, language)?);
        ensure(other == usual, || {
            format!("in \"{language}\" it asks for {other:?}, and else for {usual:?}")
        })?;
    }
    Ok(())
}

fn nothing_of_the_person(bench: &mut Bench<'_>) -> Verdict {
    let form = form(bench)?;
    let texts: Vec<String> = messages(&form)
        .into_iter()
        .flat_map(|message| {
            let arguments = message.arguments.iter().map(|argument| argument.value.clone());
            arguments.chain([message.text.clone()]).collect::<Vec<_>>()
        })
        .collect();
    tells(&texts, &[bench.somebody().value]).map_or(Ok(()), fail)
}

fn no_secret_shown(bench: &mut Bench<'_>) -> Verdict {
    for field in form(bench)?.fields {
        let named = format!("{} {}", field.name, field.label.key).to_lowercase();
        let words = ["otp", "pin", "password", "passcode"];
        let secret =
            words.iter().any(|word| named.split(|c: char| !c.is_alphanumeric()).any(|part| part == *word));
        let hidden =
            matches!(field.kind.as_str(), "otp" | "pin" | "password" | "notice" | "image" | "checkbox");
        ensure(hidden || !secret, || format!("the field {} is of the kind \"{}\"", field.name, field.kind))?;
    }
    Ok(())
}

fn resend_bounded(bench: &mut Bench<'_>) -> Verdict {
    match form(bench)?.resend_after_seconds {
        None => skip("nothing can be sent again"),
        Some(seconds) => ensure(seconds <= 600, || format!("only after {seconds} s")),
    }
}
