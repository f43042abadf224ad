use std::collections::BTreeSet;

use esignet_protocol::ports::plugins::Attribute;
use fluent_bundle::FluentResource;

use super::*;

fn keys(source: &Source) -> BTreeSet<String> {
    let lines = source.files.iter().flat_map(|file| file.lines());
    lines
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        .filter_map(|line| Some(line.split_once(" =")?.0.to_owned()))
        .collect()
}

fn message(key: &str, text: &str, arguments: &[(&str, &str)]) -> Message {
    let argument =
        |(name, value): &(&str, &str)| Attribute { name: (*name).to_owned(), value: (*value).to_owned() };
    Message {
        key: key.to_owned(),
        text: text.to_owned(),
        arguments: arguments.iter().map(argument).collect(),
    }
}

#[test]
fn every_catalogue_parses_and_says_no_key_twice() {
    for source in &SOURCES {
        let mut bundle =
            FluentBundle::new_concurrent(vec![source.tag.parse::<LanguageIdentifier>().expect("a tag")]);
        for file in source.files {
            let resource = FluentResource::try_new(file.to_owned()).map_err(|(_, errors)| errors);
            bundle
                .add_resource(resource.expect("parses"))
                .unwrap_or_else(|errors| panic!("{}: {errors:?}", source.tag));
        }
    }
}

#[test]
fn every_language_has_the_keys_of_the_default_one_and_no_others() {
    let default = keys(&SOURCES[0]);
    assert!(default.len() > 100, "only {} keys found", default.len());
    for source in &SOURCES[1..] {
        assert_eq!(keys(source), default, "{}", source.tag);
    }
}

#[test]
fn every_language_uses_the_placeholders_of_the_default_one() {
    let placeholders = |source: &Source, key: &str| -> BTreeSet<String> {
        let all = source.files.join("\n");
        let start = all.find(&format!("\n{key} =")).expect("has the key") + 1;
        let entry: String = all[start..]
            .lines()
            .enumerate()
            .take_while(|(n, line)| *n == 0 || line.starts_with(' '))
            .map(|(_, line)| line)
            .collect();
        entry
            .split('$')
            .skip(1)
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned())
            .collect()
    };
    for key in keys(&SOURCES[0]) {
        for source in &SOURCES[1..] {
            assert_eq!(placeholders(source, &key), placeholders(&SOURCES[0], &key), "{} {key}", source.tag);
        }
    }
}

#[test]
fn every_catalogue_says_whether_a_native_speaker_reviewed_it() {
    for source in &SOURCES {
        for file in source.files {
            assert!(file.lines().next().unwrap_or_default().contains("Reviewed by a native speaker: "));
        }
    }
}

#[test]
fn plural_forms_follow_the_language() {
    assert_eq!(Words::of("en").with("attempts-left", &[("count", Arg::Count(1))]), "You have 1 try left.");
    assert_eq!(Words::of("en").with("attempts-left", &[("count", Arg::Count(2))]), "You have 2 tries left.");
    assert_eq!(Words::of("ar").with("attempts-left", &[("count", Arg::Count(2))]), "بقيت لديك محاولتان.");
    assert_eq!(Words::of("ar").with("attempts-left", &[("count", Arg::Count(3))]), "بقيت لديك 3 محاولات.");
}

#[test]
fn an_unknown_language_gets_the_default_one() {
    let words = Words::first_of(["xx", "zz-ZZ"]);
    assert_eq!((words.lang(), words.dir()), ("en", "ltr"));
    let words = Words::first_of(["xx", "ar-EG"]);
    assert_eq!((words.lang(), words.dir()), ("ar", "rtl"));
}

#[test]
fn a_plugins_message_is_said_in_the_readers_language() {
    let message = message("otp-hint-sms", "English", &[("length", "6"), ("targets", "XXX4417")]);
    assert_eq!(
        Words::of("fr").message(&message),
        "Nous avons envoyé un code de 6 chiffres au téléphone \u{2068}XXX4417\u{2069}."
    );
}

#[test]
fn a_plugins_message_without_an_entry_or_with_missing_values_is_said_in_its_own_words() {
    assert_eq!(Words::of("fr").message(&message("no-such-key", "Own words", &[])), "Own words");
    assert_eq!(
        Words::of("fr").message(&message("otp-hint-sms", "Own words", &[("length", "6")])),
        "Own words"
    );
}

#[test]
fn direction_marks_in_a_value_cannot_leave_their_place() {
    let evil = message("otp-hint-targets", "", &[("length", "6"), ("targets", "abc\u{202e}fed\u{2069}ghi")]);
    assert!(Words::of("en").message(&evil).ends_with("to \u{2068}abcfedghi\u{2069}."));
}

#[test]
fn a_number_with_leading_zeros_stays_as_it_is_written() {
    let hint = message("otp-hint-targets", "", &[("length", "6"), ("targets", "0417")]);
    assert!(Words::of("en").message(&hint).contains("0417"));
}
