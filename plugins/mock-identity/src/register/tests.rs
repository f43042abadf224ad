use super::*;

const AMINA: &str = "2053718694";
const LOCKED: &str = "7261093845";
const UNAVAILABLE: &str = "8435217069";
const NOBODY: &str = "1000000009";

/// Not a digest, but what a digest is for: the same for the same, and different for these tests' different values.
fn fold(data: &[u8]) -> Vec<u8> {
    let mut folded = vec![7_u8; 32];
    for (at, octet) in data.iter().enumerate() {
        let cell = folded.get_mut((at * 7) % 32).unwrap();
        *cell = cell.wrapping_mul(31).wrapping_add(*octet);
    }
    folded
}

fn register() -> Register {
    Register { settings: Settings::default(), sha256: fold, equal: |a, b| a == b }
}

fn uin(value: &str) -> Individual {
    Individual { kind: "uin".into(), value: value.into(), attributes: vec![] }
}

fn send(individual: &Individual, channels: &[&str]) -> Result<OtpReceipt, Failure> {
    let channels: Vec<String> = channels.iter().map(|&channel| channel.to_owned()).collect();
    register().send_otp(individual, register().person(None, individual).unwrap().as_ref(), &channels)
}

fn judged(
    individual: &Individual,
    proofs: &[Proof],
    evidence: &[Evidence],
) -> Result<Authenticated, Failure> {
    let person = register().person(None, individual).unwrap();
    register().authenticate(person.as_ref(), (proofs, evidence))
}

fn authenticate(individual: &Individual, otp: &str) -> Result<Authenticated, Failure> {
    judged(individual, &[Proof::new("OTP", "alpha-numeric", otp)], &[])
}

/// What of a masked target tells nothing about the person: letters and digits replaced by their class.
fn shape(receipt: &OtpReceipt) -> Vec<(String, String)> {
    let class = |c: char| match c {
        '0'..='9' => '9',
        'a'..='z' => 'a',
        other => other,
    };
    let targets = receipt.targets.iter();
    targets.map(|target| (target.channel.clone(), target.masked.chars().map(class).collect())).collect()
}

#[test]
fn a_code_goes_to_the_persons_masked_phone_and_email() {
    let receipt = send(&uin(AMINA), &[]).unwrap();
    let targets: Vec<_> = receipt.targets.iter().map(|t| (t.channel.as_str(), t.masked.as_str())).collect();
    assert_eq!(targets, [("sms", "XXXXXX1417"), ("email", "aXXXXXX@XXXX")]);
    assert_eq!((receipt.valid_seconds, receipt.resend_after_seconds), (180, 30));
}

#[test]
fn a_code_goes_over_the_channel_that_was_asked_for_only() {
    let receipt = send(&uin(AMINA), &["email"]).unwrap();
    assert_eq!(shape(&receipt), [("email".to_owned(), "aXXXXXX@XXXX".to_owned())]);
    assert!(matches!(send(&uin(AMINA), &["pigeon"]), Err(Failure::Unsupported(_))));
}

#[test]
fn enumeration_sending_a_code_to_nobody_looks_like_sending_one_to_somebody() {
    let known = send(&uin(AMINA), &[]).unwrap();
    let unknown = send(&uin(NOBODY), &[]).unwrap();
    assert_eq!(shape(&known), shape(&unknown));
    assert_eq!(known.valid_seconds, unknown.valid_seconds);
    assert_eq!(unknown, send(&uin(NOBODY), &[]).unwrap(), "asking twice must not tell");
    assert_ne!(unknown.targets, send(&uin("1000000017"), &[]).unwrap().targets);
}

#[test]
fn enumeration_nobody_with_the_right_code_is_told_what_somebody_with_a_wrong_one_is() {
    let nobody = authenticate(&uin(NOBODY), "111111");
    assert_eq!(nobody, Err(Failure::Rejected(Rejection::wrong())));
    assert_eq!(nobody, authenticate(&uin(AMINA), "111112"));
    assert_eq!(nobody, authenticate(&uin(LOCKED), "111112"));
}

#[test]
fn an_identifier_of_another_kind_is_nobodys() {
    let phone = Individual { kind: "phone".into(), ..uin(AMINA) };
    assert_eq!(authenticate(&phone, "111111"), Err(Failure::Rejected(Rejection::wrong())));
}

#[test]
fn the_right_code_gives_a_stable_subject_that_does_not_show_the_number() {
    let first = authenticate(&uin(AMINA), "111111").unwrap();
    let again = authenticate(&uin(AMINA), "111111").unwrap();
    assert_eq!(first.subject, again.subject);
    assert_eq!(first.subject.len(), 2 * SUBJECT_OCTETS);
    assert!(!first.subject.contains(AMINA));
    assert!(!first.partner_specific);
    assert_ne!(first.subject, authenticate(&uin("3819204756"), "111111").unwrap().subject);
}

#[test]
fn the_continuation_leads_back_to_the_person() {
    let authenticated = authenticate(&uin(AMINA), "111111").unwrap();
    assert_eq!(continued(&authenticated.continuation), Ok(uin(AMINA)));
    assert!(matches!(continued(br#"{"version":2,"uin":"1"}"#), Err(Failure::Internal(_))));
    assert!(matches!(continued(b"nonsense"), Err(Failure::Internal(_))));
}

#[test]
fn a_locked_person_is_rejected_with_the_right_code() {
    send(&uin(LOCKED), &[]).unwrap();
    assert_eq!(authenticate(&uin(LOCKED), "111111"), Err(Failure::Rejected(Rejection::locked())));
}

#[test]
fn a_person_of_a_broken_register_is_unavailable_and_not_rejected() {
    assert!(matches!(send(&uin(UNAVAILABLE), &[]), Err(Failure::Unavailable(_))));
    assert!(matches!(authenticate(&uin(UNAVAILABLE), "111111"), Err(Failure::Unavailable(_))));
}

fn otp(value: &str) -> Proof {
    Proof::new("OTP", "alpha-numeric", value)
}

fn pin(value: &str) -> Proof {
    Proof::new("PIN", "number", value)
}

fn password(value: &str) -> Proof {
    Proof::new("PWD", "alpha-numeric", value)
}

#[test]
fn everybody_has_a_pin_and_a_password_besides_the_code() {
    let all = [otp("111111"), pin("545411"), password("correct horse")];
    let authenticated = judged(&uin(AMINA), &all, &[]).unwrap();
    assert_eq!(authenticated.subject, authenticate(&uin(AMINA), "111111").unwrap().subject);
    for one in all {
        judged(&uin(AMINA), &[one], &[]).unwrap();
    }
}

#[test]
fn all_proofs_of_a_login_have_to_be_right() {
    let right = [otp("111111"), pin("545411"), password("correct horse")];
    let wrong = [otp("545411"), pin("111111"), password("Correct horse")];
    for (at, wrong) in wrong.into_iter().enumerate() {
        let mut proofs = right.clone();
        proofs[at] = wrong;
        assert_eq!(judged(&uin(AMINA), &proofs, &[]), Err(Failure::Rejected(Rejection::wrong())), "{at}");
        let locked = judged(&uin(LOCKED), &proofs, &[]);
        assert_eq!(locked, Err(Failure::Rejected(Rejection::wrong())), "{at}");
    }
    let nobody = judged(&uin(NOBODY), &right, &[]);
    assert_eq!(nobody, Err(Failure::Rejected(Rejection::wrong())));
    assert_eq!(judged(&uin(LOCKED), &right, &[]), Err(Failure::Rejected(Rejection::locked())));
}

#[test]
fn a_person_may_have_a_pin_and_a_password_of_their_own() {
    let json = r#"{ "1": { "phone": "+1", "email": "x@y.example", "pin": "0007", "password": "x" } }"#;
    let person = people::find(Some(json), &uin("1")).unwrap();
    let judge = |proof: Proof| register().authenticate(person.as_ref(), (&[proof], &[]));
    judge(pin("0007")).unwrap();
    judge(password("x")).unwrap();
    assert_eq!(judge(pin("545411")), Err(Failure::Rejected(Rejection::wrong())));
    assert_eq!(judge(password("correct horse")), Err(Failure::Rejected(Rejection::wrong())));
}

#[test]
fn the_word_of_a_factor_that_judges_by_itself_is_taken_for_whom_there_is() {
    let totp = [Evidence::new("TOTP", &["otp"])];
    judged(&uin(AMINA), &[], &totp).unwrap();
    judged(&uin(AMINA), &[pin("545411")], &totp).unwrap();
    let wrong_pin = judged(&uin(AMINA), &[pin("545412")], &totp);
    assert_eq!(wrong_pin, Err(Failure::Rejected(Rejection::wrong())));
    assert_eq!(judged(&uin(NOBODY), &[], &totp), Err(Failure::Rejected(Rejection::wrong())));
    assert_eq!(judged(&uin(LOCKED), &[], &totp), Err(Failure::Rejected(Rejection::locked())));
}

/// The evidence of a factor that sent a code to an address.
fn code_to(channel: &str, address: &str) -> Evidence {
    Evidence::new("OTP", &["otp"]).attribute("channel", channel).attribute("address", address)
}

#[test]
fn an_address_that_was_proved_counts_for_the_person_whose_it_is_and_for_nobody_else() {
    for (channel, address) in [("sms", "+212655501417"), ("email", "Amina.Benali@mail.example")] {
        let evidence = [code_to(channel, address)];
        judged(&uin(AMINA), &[], &evidence).unwrap();
        judged(&uin(AMINA), &[pin("545411")], &evidence).unwrap();
        for other in ["3819204756", NOBODY, LOCKED] {
            assert_eq!(
                judged(&uin(other), &[], &evidence),
                Err(Failure::Rejected(Rejection::wrong())),
                "{other}"
            );
        }
    }
    for elsewhere in [code_to("post", "+212655501417"), code_to("email", "+212655501417"), code_to("sms", "")]
    {
        assert_eq!(judged(&uin(AMINA), &[], &[elsewhere]), Err(Failure::Rejected(Rejection::wrong())));
    }
}

#[test]
fn a_person_who_names_themselves_by_an_address_is_the_same_person() {
    let individual_kinds = ["phone", "email"].map(str::to_owned).to_vec();
    let register = Register { settings: Settings { individual_kinds, ..Settings::default() }, ..register() };
    let named = |kind: &str, value: &str| {
        let individual = Individual { kind: kind.into(), value: value.into(), attributes: vec![] };
        register.person(None, &individual).unwrap()
    };
    let by_number = authenticate(&uin(AMINA), "111111").unwrap();
    for (kind, value) in [("phone", "+212 655-50 14 17"), ("email", "amina.benali@MAIL.example")] {
        let person = named(kind, value);
        let authenticated = register.authenticate(person.as_ref(), (&[otp("111111")], &[])).unwrap();
        assert_eq!(authenticated, by_number, "{kind}");
    }
    assert!(
        named("phone", "+212655501418").is_none() && named("email", "amina-benali@mail.example").is_none()
    );
    assert!(named("uin", AMINA).is_none(), "nobody names themselves by a kind that is not configured");
}

#[test]
fn what_the_register_cannot_judge_and_what_is_not_anothers_to_judge_is_not_judged() {
    for (proofs, evidence) in [
        (vec![], vec![]),
        (vec![otp("111111"), otp("111111")], vec![]),
        (vec![otp("111111"), Proof::new("BIO", "sbi-json", "{}")], vec![]),
        (vec![Proof::new("PIN", "alpha-numeric", "545411")], vec![]),
        (vec![otp("111111")], vec![Evidence::new("PIN", &["pin"])]),
        (vec![], vec![Evidence::new("OTP", &["otp"])]),
        (vec![], vec![Evidence::new("BAD", &["hwk"])]),
        (vec![], vec![Evidence::new("TOTP", &[])]),
        (vec![otp("111111")], vec![Evidence::new("TOTP", &[])]),
    ] {
        let judged = judged(&uin(AMINA), &proofs, &evidence);
        assert!(matches!(judged, Err(Failure::Unsupported(_))), "{proofs:?} {evidence:?}");
    }
}

#[test]
fn everyone_built_in_has_ten_digits_and_a_name_in_three_languages() {
    let people = people::all(None).unwrap();
    assert!(people.len() >= 5);
    for (number, person) in &people {
        assert!(number.len() == 10 && number.bytes().all(|digit| digit.is_ascii_digit()), "{number}");
        assert!(person.words.len() >= 3 && person.words.contains_key("en"), "{number}");
        assert!(person.words.values().all(|words| words.contains_key("name")), "{number}");
        let known = |name: &String| claims::NAMES.contains(&name.as_str());
        assert!(person.verified.iter().all(|verified| verified.claims.iter().all(known)), "{number}");
        assert!(
            person.claims.keys().chain(person.words.values().flat_map(Claims::keys)).all(known),
            "{number}"
        );
    }
}

#[test]
fn people_of_the_operator_take_the_place_of_those_built_in() {
    let json = r#"{ "1000000009": { "phone": "+1", "email": "x@y.example", "claims": { "name": "X" } } }"#;
    assert!(people::find(Some(json), &uin(NOBODY)).unwrap().is_some());
    assert!(people::find(Some(json), &uin(AMINA)).unwrap().is_none());
    register().check(Some(json)).unwrap();
}

#[test]
fn a_mistake_in_the_operators_people_is_found_when_the_plugin_is_loaded() {
    let misspelt = r#"{ "1000000009": { "phone": "+1", "email": "x@y.example", "outcom": "locked" } }"#;
    let failure = register().check(Some(misspelt));
    assert!(
        matches!(failure, Err(Failure::Misconfigured(text)) if text.contains("`people`") && text.contains("outcom"))
    );
    let default = Settings::default;
    for (settings, key) in [
        (Settings { otp: String::new(), ..default() }, "`otp`"),
        (Settings { pin: "12 34".to_owned(), ..default() }, "`pin`"),
        (Settings { password: String::new(), ..default() }, "`password`"),
        (Settings { individual_kinds: Vec::new(), ..default() }, "`individual-kinds`"),
        (Settings { individual_kinds: vec!["passport".to_owned()], ..default() }, "`individual-kinds`"),
    ] {
        let failure = Register { settings, ..register() }.check(None);
        assert!(matches!(failure, Err(Failure::Misconfigured(text)) if text.contains(key)), "{key}");
    }
}
