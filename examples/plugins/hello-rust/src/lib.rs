//! The smallest ID system that a whole login goes through: who there is, and the code that is right, are settings of the
//! operator. It sends nothing. For trying things out, never for people.

use std::collections::BTreeMap;

use esignet_sdk::prelude::*;

/// The plugin.
pub struct Hello;

/// By number: `{ "1001": { "name": "Amina" } }`. Read anew in every call, because nothing is remembered between calls.
fn people() -> Result<BTreeMap<String, Claims>, Failure> {
    config::parse_or("people", BTreeMap::new())
}

impl IdSystem for Hello {
    fn describe() -> Result<IdSystemDescriptor, Failure> {
        config::required::<String>("otp")?;
        if people()?.is_empty() {
            return Err(Failure::misconfigured("put someone into the config key `people`"));
        }
        Ok(IdSystemDescriptor {
            factors: vec![JudgedFactor::new("OTP", &["alpha-numeric"])],
            individual_kinds: vec!["uin".to_owned()],
            otp_channels: vec!["sms".to_owned()],
            claims: vec!["name".to_owned()],
            claims_locales: vec!["en".to_owned()],
            verified: None,
            attributes: Vec::new(),
        })
    }

    /// Says that a code was sent, to anyone: an error here would tell who exists.
    fn send_otp(_: &Caller, _: &Individual, channels: &[String]) -> Result<OtpReceipt, Failure> {
        if channels.iter().any(|channel| channel != "sms") {
            return Err(Failure::unsupported("a channel other than sms"));
        }
        let target = MaskedTarget { channel: "sms".to_owned(), masked: "XXXXXXXX".to_owned() };
        Ok(OtpReceipt { targets: vec![target], valid_seconds: 180, resend_after_seconds: 30 })
    }

    fn authenticate(
        _: &Caller,
        individual: &Individual,
        proofs: &[Proof],
        _: &[Evidence],
    ) -> Result<Authenticated, Failure> {
        let otp = match proofs {
            [proof] if proof.factor == "OTP" && proof.format == "alpha-numeric" => proof.value.as_slice(),
            _ => &[],
        };
        let right = crypto::equal(otp, config::required::<String>("otp")?.as_bytes());
        if !right || individual.kind != "uin" || !people()?.contains_key(&individual.value) {
            return Err(Rejection::wrong().into());
        }
        Ok(Authenticated {
            subject: crypto::hex(&crypto::sha256(format!("hello:{}", individual.value).as_bytes())),
            partner_specific: false,
            continuation: individual.value.clone().into_bytes(),
            claims: Vec::new(),
            attributes: Vec::new(),
        })
    }

    fn release_claims(_: &Caller, number: &[u8], request: &ClaimsRequest) -> Result<Claims, Failure> {
        let number = String::from_utf8_lossy(number);
        let known = people()?.remove(number.as_ref());
        let known = known.ok_or_else(|| Failure::internal("the continuation is of nobody"))?;
        Ok(known.into_iter().filter(|(claim, _)| request.claims.contains(claim)).collect())
    }
}

esignet_sdk::export!(Hello as id_system);
