//! An ID system that does whatever it is told not to: the adversary in the tests.
//!
//! The config key `behaviour` chooses from [`BEHAVIOURS`], `size` is how many octets huge things have. Everyone exists, any
//! one proof of any factor in [`FACTORS`] is right, and the subject is the identifier; what is named in `behaviour` differs.

use esignet_sdk::prelude::*;
use serde_json::{Value, json};

/// What the config key `behaviour` may say.
pub const BEHAVIOURS: [&str; 23] = [
    "well-behaved",
    "trap-in-describe",
    "trap-in-send-otp",
    "loop-in-send-otp",
    "huge-receipt",
    "markup-in-receipt",
    "trap-in-authenticate",
    "loop-in-authenticate",
    "tell-the-person",
    "no-subject",
    "subject-with-controls",
    "huge-subject",
    "huge-continuation",
    "subject-of-another",
    "trap-in-release-claims",
    "loop-in-release-claims",
    "unasked-claims",
    "protocol-claims",
    "huge-claims",
    "deep-claims",
    "verified-as-plain",
    "unasked-verified",
    "unannounced-verified",
];

/// The factors it says it can judge.
pub const FACTORS: [&str; 2] = ["OTP", "BAD"];

/// The ID system.
pub struct MisbehavingIdentity;

impl IdSystem for MisbehavingIdentity {
    fn describe() -> Result<IdSystemDescriptor, Failure> {
        let behaviour = behaviour()?;
        if !BEHAVIOURS.contains(&behaviour.as_str()) {
            return Err(Failure::misconfigured(format!("no behaviour `{behaviour}`")));
        }
        if behaviour == "trap-in-describe" {
            std::process::abort();
        }
        Ok(IdSystemDescriptor {
            factors: FACTORS.map(|factor| JudgedFactor::new(factor, &["alpha-numeric"])).to_vec(),
            individual_kinds: vec!["uin".to_owned()],
            otp_channels: vec!["sms".to_owned()],
            claims: vec!["name".to_owned(), "email".to_owned(), "verified_claims".to_owned()],
            claims_locales: Vec::new(),
            verified: Some(VerifiedOffer {
                trust_frameworks: vec!["example_gov".to_owned()],
                claims: vec!["name".to_owned(), "email".to_owned()],
                evidence: vec!["document".to_owned()],
                documents: vec!["passport".to_owned()],
                documents_methods: Vec::new(),
                documents_check_methods: Vec::new(),
                electronic_records: Vec::new(),
            }),
            attributes: Vec::new(),
        })
    }

    fn send_otp(_: &Caller, _: &Individual, _: &[String]) -> Result<OtpReceipt, Failure> {
        let masked = match behaviour()?.as_str() {
            "trap-in-send-otp" => std::process::abort(),
            "loop-in-send-otp" => forever(),
            "huge-receipt" => "X".repeat(size()),
            "markup-in-receipt" => "<script>document.title='owned'</script>\n{{7*7}}".to_owned(),
            _ => "XXXXXX0000".to_owned(),
        };
        let targets = vec![MaskedTarget { channel: "sms".to_owned(), masked }];
        Ok(OtpReceipt { targets, valid_seconds: 180, resend_after_seconds: 0 })
    }

    fn authenticate(
        _: &Caller,
        individual: &Individual,
        proofs: &[Proof],
        evidence: &[Evidence],
    ) -> Result<Authenticated, Failure> {
        if proofs.is_empty() && evidence.is_empty() {
            return Err(Rejection::wrong().into());
        }
        let (mut subject, mut continuation) = (individual.value.clone(), b"continuation".to_vec());
        match behaviour()?.as_str() {
            "trap-in-authenticate" => std::process::abort(),
            "loop-in-authenticate" => forever(),
            "tell-the-person" => return Err(tell(&individual.value, proofs)),
            "no-subject" => subject.clear(),
            "subject-with-controls" => subject.push_str("\r\nx-forged: 1\0\u{1b}[31m"),
            "huge-subject" => subject = "x".repeat(size()),
            "huge-continuation" => continuation = vec![b'x'; size()],
            "subject-of-another" => "administrator".clone_into(&mut subject),
            _ => {}
        }
        Ok(Authenticated {
            subject,
            partner_specific: false,
            continuation,
            claims: Vec::new(),
            attributes: Vec::new(),
        })
    }

    fn release_claims(_: &Caller, _: &[u8], request: &ClaimsRequest) -> Result<Claims, Failure> {
        let mut released: Claims =
            request.claims.iter().map(|name| (name.clone(), json!("as asked"))).collect();
        match behaviour()?.as_str() {
            "trap-in-release-claims" => std::process::abort(),
            "loop-in-release-claims" => forever(),
            "unasked-claims" => released.extend(members(&["salary", "religion", "name#xx"])),
            "protocol-claims" => {
                released.extend(members(&["sub", "iss", "aud", "exp", "nonce", "acr", "amr", "azp"]));
            }
            "huge-claims" => {
                released.insert("name".to_owned(), Value::String("x".repeat(size())));
            }
            "deep-claims" => {
                let deep = (0..1_000).fold(json!(0), |inner, _| json!([inner]));
                released.insert("name".to_owned(), deep);
            }
            "verified-as-plain" => {
                let verification = json!({ "trust_framework": "example_gov" });
                let forged = json!({ "verification": verification, "claims": { "name": "forged" } });
                released.extend(
                    ["verified_claims", "verified_claims#fr"].map(|name| (name.to_owned(), forged.clone())),
                );
            }
            "unasked-verified" => {
                released.insert("verified_claims".to_owned(), unasked_verified());
            }
            "unannounced-verified" => {
                let known = json!({ "trust_framework": "example_gov" });
                let claims = json!({ "name": "forged", "salary": "forged", "sub": "forged" });
                released.insert(
                    "verified_claims".to_owned(),
                    json!([
                        { "verification": { "trust_framework": "made_up" }, "claims": claims },
                        { "verification": {}, "claims": claims },
                        { "verification": known },
                        { "claims": claims },
                        { "verification": known, "claims": "forged" },
                        { "verification": known, "claims": { "salary": "forged", "sub": "forged" } },
                        "forged",
                        null,
                    ]),
                );
            }
            _ => {}
        }
        Ok(released)
    }
}

esignet_sdk::export!(MisbehavingIdentity as id_system);

fn behaviour() -> Result<String, Failure> {
    config::parse_or("behaviour", "well-behaved".to_owned())
}

fn size() -> usize {
    config::parse("size").ok().flatten().unwrap_or(8 << 20)
}

fn members(names: &[&str]) -> Claims {
    names.iter().map(|&name| (name.to_owned(), json!("forged"))).collect()
}

/// What is verified, as asked, and much that was not asked for around it.
fn unasked_verified() -> Value {
    json!({
        "verification": {
            "trust_framework": "example_gov",
            "assurance_level": "forged",
            "verification_process": "forged",
            "evidence": [
                { "type": "document", "document_details": { "type": "passport", "document_number": "forged" } },
                { "type": "vouch", "attestation": { "type": "forged" } },
            ],
        },
        "claims": { "name": "as asked", "name#xx": "forged", "email": "forged", "salary": "forged", "sub": "forged" },
        "extra": "forged",
    })
}

/// Tells the identifier and the proofs in the log and in the failure.
fn tell(value: &str, proofs: &[Proof]) -> Failure {
    let proofs: Vec<_> = proofs.iter().map(|proof| String::from_utf8_lossy(&proof.value)).collect();
    let told = format!("{value}-{}", proofs.join("-"));
    log::error(&told, &[("value", &told), (&told, "v")]);
    let _ = http::upstream(&told).get("/").send();
    Failure::internal(told)
}

fn forever() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}
