use super::facts::{Facts, digest_of};
use super::minisign::{KeyId, NotASignature, Prehash, PublicKey, Signer, UnverifiedSignature};
use super::refusal::{NotCounted, Refusal};
use super::section::{self, Malformed};
use super::trust::{Component, IdPattern, Publisher, Revoked, Trust};

/// A component of one custom section.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0\0\x05\x04name";
/// What the standard tool signed: `minisign 0.11`, key without a password.
const OF_MINISIGN: &[u8] = b"\0asm\x0d\0\x01\0";

const ID: &str = "xx.country.register";

fn signer(number: u8) -> Signer {
    Signer::new(KeyId([number; 8]), &[number; 32]).unwrap()
}

fn comment(id: &str, version: &str) -> String {
    Facts::parse(&format!("timestamp:1790000000 id:{id} version:{version}")).unwrap().to_string()
}

fn signed(component: &[u8], signer: &Signer, comment: &str) -> String {
    signer.sign(&Prehash::of(component), comment).unwrap().to_string()
}

fn publisher(name: &str, signers: &[&Signer]) -> Publisher {
    let keys = signers.iter().map(|signer| signer.public_key().clone()).collect();
    Publisher { name: name.to_owned(), keys, plugins: None }
}

/// Trusts the keys 1 and 2 as `ministry` and 3 as `auditor`.
fn trust() -> Trust {
    let (first, second, third) = (signer(1), signer(2), signer(3));
    let publishers = vec![publisher("ministry", &[&first, &second]), publisher("auditor", &[&third])];
    Trust { publishers, ..Trust::default() }
}

fn judge(trust: &Trust, id: &str, file: &[u8]) -> Result<super::Admitted, Refusal> {
    let split = section::split(file);
    let bytes = split.as_ref().map_or(file, |split| split.signed);
    let signatures = split.map(|split| split.signatures.into_iter().map(str::to_owned).collect());
    trust.judge(&Component { id, signed: bytes, digest: &digest_of(bytes), signatures: &signatures })
}

fn by(numbers: &[u8]) -> Vec<u8> {
    let signatures: Vec<String> =
        numbers.iter().map(|number| signed(COMPONENT, &signer(*number), &comment(ID, "1.4.2"))).collect();
    section::append(COMPONENT, &signatures)
}

fn not_counted(outcome: Result<super::Admitted, Refusal>) -> NotCounted {
    match outcome {
        Err(Refusal::TooFew { mut not_counted, .. }) => not_counted.remove(0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_publisher_signed_is_let_in_with_who_and_which_version() {
    for (numbers, who) in
        [(&[1][..], &["ministry"][..]), (&[3, 1], &["auditor", "ministry"]), (&[9, 3], &["auditor"])]
    {
        let admitted = judge(&trust(), ID, &by(numbers)).unwrap();
        assert_eq!(admitted.signed_by, who);
        assert_eq!(admitted.version.unwrap().to_string(), "1.4.2");
    }
}

#[test]
fn nothing_is_let_in_where_nobody_is_trusted_or_nobody_signed() {
    assert_eq!(judge(&Trust::default(), ID, &by(&[1])), Err(Refusal::NoPublishers));
    assert_eq!(judge(&Trust::default(), ID, COMPONENT), Err(Refusal::NoPublishers));
    assert_eq!(judge(&trust(), ID, COMPONENT), Err(Refusal::Unsigned));
    let unknown = NotCounted::UnknownKey { key_id: KeyId([9; 8]) };
    assert_eq!(not_counted(judge(&trust(), ID, &by(&[9]))), unknown);
}

#[test]
fn publishers_are_counted_and_not_their_signatures() {
    let two = Trust { needed: 2, ..trust() };
    for numbers in [&[1][..], &[1, 1], &[1, 2], &[1, 2, 9], &[9, 8, 3]] {
        assert!(
            matches!(judge(&two, ID, &by(numbers)), Err(Refusal::TooFew { needed: 2, .. })),
            "{numbers:?}"
        );
    }
    assert_eq!(judge(&two, ID, &by(&[2, 3])).unwrap().signed_by, ["auditor", "ministry"]);
    let none = Trust { needed: 0, ..trust() };
    assert_eq!(judge(&none, ID, COMPONENT), Err(Refusal::Unsigned), "none needed is one needed");
}

#[test]
fn one_changed_byte_anywhere_is_one_signature_less() {
    let file = by(&[1]);
    for at in 8..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(judge(&trust(), ID, &changed).is_err() || is_untrusted(&file, at), "byte {at}");
        changed[at] ^= 0x81;
        assert!(judge(&trust(), ID, &changed).is_err() || is_untrusted(&file, at), "byte {at}");
        assert!(judge(&trust(), ID, &file[..at]).is_err(), "cut off at {at}");
    }
}

/// Whether the byte belongs to the untrusted comment, which anybody may change.
fn is_untrusted(file: &[u8], at: usize) -> bool {
    let text = b"untrusted comment: ";
    let begins = file.windows(text.len()).position(|window| window == text).unwrap() + text.len();
    let ends = begins + file[begins..].iter().position(|byte| *byte == b'\n').unwrap();
    (begins..ends).contains(&at)
}

#[test]
fn a_signature_over_other_bytes_or_of_another_key_under_the_same_id_is_forged() {
    let forged = NotCounted::Forged { publisher: "ministry".to_owned(), key_id: KeyId([1; 8]) };
    let elsewhere = signed(b"other bytes", &signer(1), &comment(ID, "1.4.2"));
    let impostor = Signer::new(KeyId([1; 8]), &[7; 32]).unwrap();
    let impostor = signed(COMPONENT, &impostor, &comment(ID, "1.4.2"));
    for signature in [elsewhere, impostor] {
        let file = section::append(COMPONENT, &[signature]);
        assert_eq!(not_counted(judge(&trust(), ID, &file)), forged);
        let anything = Trust { required: false, ..trust() };
        assert_eq!(not_counted(judge(&anything, ID, &file)), forged, "even where unsigned files are taken");
    }
    let theirs = signed(COMPONENT, &signer(1), &comment("other", "1.4.2"));
    let comment = theirs.replace("id:other", &format!("id:{ID}"));
    let file = section::append(COMPONENT, &[comment]);
    assert_eq!(not_counted(judge(&trust(), ID, &file)), forged, "the comment is signed too");
}

#[test]
fn a_signature_counts_for_the_plugin_it_names_only() {
    let say = |comment: &str| {
        not_counted(judge(
            &trust(),
            ID,
            &section::append(COMPONENT, &[signed(COMPONENT, &signer(3), comment)]),
        ))
    };
    let publisher = || "auditor".to_owned();
    assert_eq!(
        say("id:other version:1.0.0"),
        NotCounted::OtherPlugin { publisher: publisher(), id: "other".to_owned() }
    );
    assert_eq!(say("timestamp:1 file:a hashed"), NotCounted::NamesNoPlugin { publisher: publisher() });
    assert!(matches!(say(&format!("id:{ID} id:{ID}")), NotCounted::Unclear { .. }));
    let digest = format!("id:{ID} digest:sha256:{}", "0".repeat(64));
    assert_eq!(say(&digest), NotCounted::Contradicts { publisher: publisher() });
}

#[test]
fn a_manifest_says_who_the_plugin_is_where_the_signature_does_not_and_is_not_contradicted() {
    let manifest = format!("[plugin]\nid = \"{ID}\"\nversion = \"2.0.0\"\n");
    let section = [b"\x10esignet:manifest", manifest.as_bytes()].concat();
    let component = [COMPONENT, &[0, u8::try_from(section.len()).unwrap()], &section].concat();
    let file = |comment: &str| section::append(&component, &[signed(&component, &signer(1), comment)]);
    let admitted = judge(&trust(), ID, &file("timestamp:1 file:a hashed")).unwrap();
    assert_eq!(admitted.version.unwrap().to_string(), "2.0.0");
    assert!(judge(&trust(), ID, &file(&comment(ID, "2.0.0"))).is_ok());
    for other in [comment(ID, "2.0.1"), comment("other", "2.0.0")] {
        let contradicts = NotCounted::Contradicts { publisher: "ministry".to_owned() };
        assert_eq!(not_counted(judge(&trust(), ID, &file(&other))), contradicts);
    }
    let twice = [&component[..], &[0, u8::try_from(section.len()).unwrap()], &section].concat();
    let file = section::append(&twice, &[signed(&twice, &signer(1), &comment(ID, "2.0.0"))]);
    assert!(matches!(not_counted(judge(&trust(), ID, &file)), NotCounted::Unclear { .. }), "two manifests");
}

#[test]
fn a_publisher_signs_what_the_operator_lets_it_sign() {
    let mut trust = trust();
    trust.publishers[0].plugins = Some(vec![IdPattern::parse("xx.country.*").unwrap()]);
    assert!(judge(&trust, ID, &by(&[1])).is_ok());
    trust.publishers[0].plugins =
        Some(vec![IdPattern::parse("xx.other.*").unwrap(), IdPattern::parse("otp").unwrap()]);
    let refused = NotCounted::MayNotSign { publisher: "ministry".to_owned() };
    assert_eq!(not_counted(judge(&trust, ID, &by(&[1]))), refused);
    for (pattern, covered, not_covered) in
        [("otp", "otp", "otp2"), ("xx.*", "xx.a.b", "xx."), ("xx.*", "xx.a", "xxa"), ("*", "otp", "")]
    {
        let pattern = IdPattern::parse(pattern).unwrap();
        assert!(pattern.covers(covered) && !pattern.covers(not_covered), "{pattern:?}");
    }
    for bad in ["", "x*", "*x", "a.*.b", "a b", "**"] {
        assert_eq!(IdPattern::parse(bad), None, "{bad}");
    }
}

#[test]
fn what_is_revoked_is_refused_whoever_else_would_sign_it() {
    let digest = digest_of(COMPONENT);
    let revoked = Revoked { digests: [digest.clone()].into(), keys: vec![] };
    let no_digest = Trust { revoked, ..trust() };
    assert_eq!(judge(&no_digest, ID, &by(&[1, 3])), Err(Refusal::DigestRevoked(digest.clone())));
    let anything = Trust { required: false, ..no_digest };
    assert_eq!(judge(&anything, ID, COMPONENT), Err(Refusal::DigestRevoked(digest)), "also unsigned");

    let renamed = Signer::new(KeyId([5; 8]), &[1; 32]).unwrap();
    for key in [signer(1).public_key().clone(), renamed.public_key().clone()] {
        let no_key = Trust { revoked: Revoked { keys: vec![key], ..Revoked::default() }, ..trust() };
        let gone = NotCounted::KeyRevoked { key_id: KeyId([1; 8]) };
        assert_eq!(not_counted(judge(&no_key, ID, &by(&[1]))), gone);
        assert_eq!(judge(&no_key, ID, &by(&[1, 2])).unwrap().signed_by, ["ministry"], "by the new key");
    }
    let mut nobody = Trust {
        revoked: Revoked { keys: vec![signer(9).public_key().clone()], ..Revoked::default() },
        ..trust()
    };
    nobody.publishers.truncate(1);
    assert_eq!(not_counted(judge(&nobody, ID, &by(&[9]))), NotCounted::KeyRevoked { key_id: KeyId([9; 8]) });
}

#[test]
fn what_is_older_than_the_minimum_is_refused_by_every_version_that_is_said() {
    let of = |versions: &[(u8, &str)]| {
        let signatures: Vec<String> = versions
            .iter()
            .map(|(key, version)| signed(COMPONENT, &signer(*key), &comment(ID, version)))
            .collect();
        section::append(COMPONENT, &signatures)
    };
    let minimum = |version: &str, trust: Trust| Trust {
        minimum_versions: [(ID.to_owned(), version.parse().unwrap())].into(),
        ..trust
    };
    let is_refused =
        |trust: &Trust, file: &[u8]| matches!(judge(trust, ID, file), Err(Refusal::TooOld { .. }));
    let trusting = minimum("1.4.0", trust());
    for (versions, refused) in [
        (&[(1, "1.4.0")][..], false),
        (&[(1, "1.10.0")], false),
        (&[(1, "1.4.0+build.1")], false),
        (&[(1, "1.3.9")], true),
        (&[(1, "1.4.0-rc.1")], true),
        (&[(1, "1.4.0"), (3, "1.3.0")], true),
        (&[(1, "1.4.0"), (9, "1.3.0")], false),
    ] {
        assert_eq!(is_refused(&trusting, &of(versions)), refused, "{versions:?}");
    }
    let silent = section::append(COMPONENT, &[signed(COMPONENT, &signer(1), &format!("id:{ID}"))]);
    assert!(is_refused(&trusting, &silent), "whoever does not say how old it is");
    assert!(is_refused(&minimum("1.4.0", Trust::in_anything()), COMPONENT), "also unsigned");
    let after_build = minimum("1.4.0+build.2", trust());
    assert!(!is_refused(&after_build, &of(&[(1, "1.4.0+build.1")])), "builds have no order");
}

#[test]
fn a_file_that_cannot_be_taken_apart_is_refused_whatever_is_required() {
    let behind = [&by(&[1])[..], b"\x01\x01x"].concat();
    let nonsense = section::append(COMPONENT, &["nonsense".to_owned()]);
    for trust in [trust(), Trust::in_anything()] {
        assert_eq!(judge(&trust, ID, &behind), Err(Refusal::Malformed(Malformed::Follows)));
        assert_eq!(judge(&trust, ID, &nonsense), Err(Refusal::NotASignature(NotASignature::Lines)));
    }
}

#[test]
fn what_was_let_in_stays_let_in_only_while_it_would_be_let_in() {
    let admitted = judge(&trust(), ID, &by(&[1])).unwrap();
    let minimum = |version: &str| [(ID.to_owned(), version.parse().unwrap())].into();
    let revoked = |revoked| Trust { revoked, ..trust() };
    let key = signer(1).public_key().clone();
    let cases = [
        ("nothing changed", trust(), true),
        ("an older minimum", Trust { minimum_versions: minimum("1.0.0"), ..trust() }, true),
        ("a newer minimum", Trust { minimum_versions: minimum("2.0.0"), ..trust() }, false),
        ("nobody trusted", Trust::default(), false),
        ("two needed", Trust { needed: 2, ..trust() }, false),
        ("its key revoked", revoked(Revoked { keys: vec![key], ..Revoked::default() }), false),
        (
            "its digest revoked",
            revoked(Revoked { digests: [digest_of(COMPONENT)].into(), ..Revoked::default() }),
            false,
        ),
    ];
    for (name, trust, stays) in cases {
        assert_eq!(trust.still_admits(ID, &admitted), stays, "{name}");
    }
    let unsigned = judge(&Trust::in_anything(), ID, COMPONENT).unwrap();
    assert!(!trust().still_admits(ID, &unsigned), "signatures were not required then and are now");
}

#[test]
fn signatures_of_the_standard_tool_are_taken_and_those_of_its_older_kind_are_not() {
    let key = PublicKey::parse(include_str!("vectors/minisign.pub")).unwrap();
    assert_eq!(key.key_id().to_string(), "5B86F256D66A65C4");
    assert_eq!(key.to_file(), include_str!("vectors/minisign.pub"));
    for text in [include_str!("vectors/facts.minisig"), include_str!("vectors/plain.minisig")] {
        let signature = UnverifiedSignature::parse(text).unwrap();
        assert_eq!(signature.to_string(), text, "as the tool writes it");
        assert!(signature.verify(&key, &Prehash::of(OF_MINISIGN)).is_some());
        assert!(signature.verify(&key, &Prehash::of(COMPONENT)).is_none());
    }
    let legacy = UnverifiedSignature::parse(include_str!("vectors/legacy.minisig"));
    assert_eq!(legacy, Err(NotASignature::Legacy));
    let tool = Publisher { name: "tool".to_owned(), keys: vec![key], plugins: None };
    let trust = Trust { publishers: vec![tool], ..Trust::default() };
    let file = section::append(OF_MINISIGN, &[include_str!("vectors/facts.minisig").to_owned()]);
    assert_eq!(judge(&trust, "empty", &file).unwrap().version.unwrap().to_string(), "1.2.3");
}

#[test]
fn another_implementation_takes_what_is_signed_here() {
    let text = signed(COMPONENT, &signer(1), &comment(ID, "1.4.2"));
    let theirs = minisign_verify::Signature::decode(&text).unwrap();
    let key = minisign_verify::PublicKey::from_base64(&signer(1).public_key().to_string()).unwrap();
    key.verify(COMPONENT, &theirs, false).unwrap();
    assert!(key.verify(b"other", &theirs, false).is_err());
    assert_eq!(theirs.trusted_comment(), comment(ID, "1.4.2"));
}

#[test]
fn what_is_no_key_and_no_signature_is_told_so() {
    let good = signed(COMPONENT, &signer(1), "c");
    let changed = |from: &str, to: &str| UnverifiedSignature::parse(&good.replacen(from, to, 1)).map(drop);
    assert_eq!(changed("", ""), Ok(()));
    assert_eq!(changed("\nRU", "\nRV").unwrap_err(), NotASignature::Encoding);
    assert_eq!(changed("\nRU", "\nR").unwrap_err(), NotASignature::Encoding);
    assert_eq!(changed("\ntrusted comment: c", "").unwrap_err(), NotASignature::Lines);
    assert_eq!(
        changed("trusted comment: c", "trusted comment: \u{1b}[2J").unwrap_err(),
        NotASignature::Comment
    );
    assert_eq!(changed("untrusted", "unknown").unwrap_err(), NotASignature::Lines);
    assert_eq!(UnverifiedSignature::parse(&format!("{good}more\n")), Err(NotASignature::Lines));
    let key = signer(1).public_key().to_string();
    assert_eq!(PublicKey::parse(&key).as_ref(), Ok(signer(1).public_key()));
    for bad in ["", "RW", &key[1..], &format!("{key}A"), &format!("comment\n{key}"), &key.replace("RW", "RU")]
    {
        assert!(PublicKey::parse(bad).is_err(), "{bad}");
    }
    assert!(!format!("{:?}", signer(1)).contains("seed"), "nothing secret is printed");
}
