//! What is known of a person: claims in all their languages, and which of them are verified; and what of it is released
//! (OIDC Core §5.2; OpenID Connect for Identity Assurance 1.0).

use std::collections::{BTreeMap, BTreeSet};

use esignet_sdk::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::mapping::{Mapped, Mapping, WrittenMapping};
use crate::pointer::Pointer;
use crate::setting::unusable;
use crate::verdict::{Rule, WrittenRule};

/// Members of tokens and of userinfo that are the host's to write (OIDC Core §2, §5.3.2).
const HOSTS_OWN: [&str; 12] =
    ["sub", "iss", "aud", "exp", "iat", "nbf", "auth_time", "nonce", "acr", "amr", "azp", "verified_claims"];

/// A verification, as the operator writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WrittenVerification {
    trust_framework: String,
    claims: Vec<String>,
    #[serde(default)]
    when: WrittenRule,
    #[serde(default)]
    assurance_level: Option<String>,
    #[serde(default)]
    time: Option<String>,
    #[serde(default)]
    verification_process: Option<String>,
}

struct Verification {
    trust_framework: String,
    claims: Vec<String>,
    when: Rule,
    assurance_level: Option<String>,
    time: Option<Pointer>,
    process: Option<Pointer>,
}

/// How a record is made of the registry's document.
pub(crate) struct Records {
    claims: BTreeMap<String, Mapping>,
    verifications: Vec<Verification>,
}

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Claims, those with a language as `name#fr`.
    claims: Map<String, Value>,
    verified: Vec<Verified>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Verified {
    verification: Map<String, Value>,
    claims: Vec<String>,
}

impl Records {
    /// The mappings of the config keys `claims` and `verified`.
    pub(crate) fn checked(
        claims: BTreeMap<String, WrittenMapping>,
        verified: Vec<WrittenVerification>,
    ) -> Result<Self, Failure> {
        let read = |(name, mapping): (String, WrittenMapping)| {
            let key = format!("claims.{name:?}");
            name_can_be(&key, &name)?;
            Ok((name, mapping.checked(&key)?))
        };
        let claims: BTreeMap<String, Mapping> =
            claims.into_iter().map(read).collect::<Result<_, Failure>>()?;
        let names: BTreeSet<&str> = claims.keys().map(|name| base(name)).collect();
        let read = |(at, written)| verification(&format!("verified[{at}]"), written, &names);
        let verifications = verified.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { claims, verifications })
    }

    /// The claims there can be, without languages.
    pub(crate) fn names(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.claims.keys().map(|name| base(name)).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// The languages that claims are in.
    pub(crate) fn languages(&self) -> Vec<String> {
        let languages: BTreeSet<&str> = self
            .claims
            .keys()
            .filter_map(|name| name.split_once('#'))
            .map(|(_, language)| language)
            .collect();
        languages.into_iter().map(str::to_owned).collect()
    }

    /// What can be verified, for the descriptor.
    pub(crate) fn offer(&self) -> Option<VerifiedOffer> {
        let words = |words: BTreeSet<&String>| words.into_iter().cloned().collect::<Vec<_>>();
        let all = &self.verifications;
        (!all.is_empty()).then(|| VerifiedOffer {
            trust_frameworks: words(all.iter().map(|verification| &verification.trust_framework).collect()),
            claims: words(all.iter().flat_map(|verification| &verification.claims).collect()),
            evidence: Vec::new(),
            documents: Vec::new(),
            documents_methods: Vec::new(),
            documents_check_methods: Vec::new(),
            electronic_records: Vec::new(),
        })
    }

    /// What the document says of a person, and the claims for which it says something unexpected.
    pub(crate) fn of(&self, document: &Value) -> (Record, Vec<&str>) {
        let mut record = Record::default();
        let mut unexpected = Vec::new();
        for (name, mapping) in &self.claims {
            match mapping.of(document) {
                Mapped::Claim(value) if has_its_type(base(name), &value) => {
                    record.claims.insert(name.clone(), value);
                }
                Mapped::Absent => {}
                Mapped::Claim(_) | Mapped::Unexpected => unexpected.push(name.as_str()),
            }
        }
        let holds = |verification: &&Verification| verification.when.fits_document(document);
        let verified = self.verifications.iter().filter(holds).map(|verification| verification.of(document));
        record.verified = verified.collect();
        (record, unexpected)
    }
}

/// The name without a language.
fn base(name: &str) -> &str {
    name.split('#').next().unwrap_or(name)
}

fn name_can_be(key: &str, name: &str) -> Result<(), Failure> {
    let (base, language) = name.split_once('#').map_or((name, None), |(base, tag)| (base, Some(tag)));
    let letter = |octet: u8| octet.is_ascii_graphic() && !b"\"'<>\\#".contains(&octet);
    if base.is_empty() || !base.bytes().all(letter) {
        return Err(unusable(key, "it is no name of a claim"));
    }
    if HOSTS_OWN.contains(&base) {
        return Err(unusable(
            key,
            "only the host writes it; `person.subject` and `verified` have places of their own",
        ));
    }
    let subtag =
        |subtag: &str| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_tag = |tag: &str| {
        tag.len() >= 2
            && tag.split('-').all(subtag)
            && tag.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
    };
    match language {
        Some(tag) if !is_tag(tag) => {
            Err(unusable(key, "what follows the # is no language (BCP 47), such as fr"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether a claim is of the type that OIDC Core §5.1 gives it, where it is another one than a string.
fn has_its_type(name: &str, value: &Value) -> bool {
    match name {
        "email_verified" | "phone_number_verified" => value.is_boolean(),
        "address" => value.is_object(),
        "updated_at" => value.is_number(),
        _ => true,
    }
}

fn verification(
    key: &str,
    written: WrittenVerification,
    names: &BTreeSet<&str>,
) -> Result<Verification, Failure> {
    if written.claims.is_empty() || written.trust_framework.is_empty() {
        return Err(unusable(key, "name a `trust-framework` and at least one of `claims`"));
    }
    if let Some(unmapped) = written.claims.iter().find(|name| !names.contains(name.as_str())) {
        let mend = format!("{unmapped:?} is not among `claims`; map it there, or take it out here");
        return Err(unusable(&format!("{key}.claims"), mend));
    }
    let at = |name: &str, pointer: Option<String>| {
        pointer.map(|pointer| Pointer::parse(&format!("{key}.{name}"), &pointer)).transpose()
    };
    let when = written.when.checked(&format!("{key}.when"))?;
    if when.is_about_status() {
        return Err(unusable(
            &format!("{key}.when.status"),
            "it is about the content alone; use `pointer` and `equals`",
        ));
    }
    Ok(Verification {
        when,
        time: at("time", written.time)?,
        process: at("verification-process", written.verification_process)?,
        trust_framework: written.trust_framework,
        claims: written.claims,
        assurance_level: written.assurance_level,
    })
}

impl Verification {
    fn of(&self, document: &Value) -> Verified {
        let at = |pointer: &Option<Pointer>| pointer.as_ref().and_then(|pointer| pointer.text(document));
        let members = [
            ("trust_framework", Some(self.trust_framework.clone())),
            ("assurance_level", self.assurance_level.clone()),
            ("time", at(&self.time)),
            ("verification_process", at(&self.process)),
        ];
        let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        Verified { verification: members.collect(), claims: self.claims.clone() }
    }
}

impl Record {
    /// Which of the claims there are, and which are verified.
    pub(crate) fn statuses(&self, names: &[String]) -> Vec<ClaimStatus> {
        let status = |name: &String| ClaimStatus {
            claim: name.clone(),
            available: self.claims.keys().any(|known| base(known) == name),
            verified: self.verified.iter().any(|verified| verified.claims.contains(name)),
            attributes: Vec::new(),
        };
        names.iter().map(status).collect()
    }

    /// The claims named, each in the best of the languages, and tagged in every other of them that there is.
    pub(crate) fn release(&self, names: &[String], languages: &[String]) -> Claims {
        let mut released = Claims::new();
        for name in names {
            if let Some((base, language)) = name.split_once('#') {
                self.release_tagged(base, language, &mut released);
                continue;
            }
            let best =
                languages.iter().find_map(|language| self.tagged(name, language)).map(|(_, value)| value);
            let any = || self.claims.iter().find(|(known, _)| base(known) == name).map(|(_, value)| value);
            if let Some(value) = best.or_else(|| self.claims.get(name)).or_else(any) {
                released.insert(name.clone(), value.clone());
            }
            for language in languages {
                self.release_tagged(name, language, &mut released);
            }
        }
        released
    }

    fn release_tagged(&self, base: &str, language: &str, released: &mut Claims) {
        if let Some((name, value)) = self.tagged(base, language) {
            released.insert(name.clone(), value.clone());
        }
    }

    /// The claim in a language, or in the language without its region: who asks for `fr-CA` gets `fr`.
    fn tagged(&self, base: &str, language: &str) -> Option<(&String, &Value)> {
        let primary = language.split('-').next().unwrap_or(language);
        let in_language = |wanted: &str| {
            let tagged = |known: &str| {
                known
                    .split_once('#')
                    .is_some_and(|(name, tag)| name == base && tag.eq_ignore_ascii_case(wanted))
            };
            self.claims.iter().find(|(known, _)| tagged(known))
        };
        in_language(language).or_else(|| in_language(primary))
    }

    /// Each verification, with the claims and the members that any of the `elements` asks for. The host compares them with
    /// what exactly was asked.
    pub(crate) fn release_verified(&self, elements: &[Value], languages: &[String]) -> Vec<Value> {
        let asked = |part: &str| {
            let members = elements.iter().filter_map(|element| element.get(part)?.as_object());
            members.flat_map(Map::keys).cloned().collect::<BTreeSet<String>>()
        };
        let (members, names) = (asked("verification"), asked("claims"));
        let release = |verified: &Verified| {
            let is_verified = |name: &&String| verified.claims.iter().any(|claim| claim == base(name));
            let names: Vec<String> = names.iter().filter(is_verified).cloned().collect();
            let mut verification = verified.verification.clone();
            verification.retain(|member, _| member == "trust_framework" || members.contains(member));
            let claims = self.release(&names, languages);
            (!claims.is_empty()).then(|| json!({ "verification": verification, "claims": claims }))
        };
        self.verified.iter().filter_map(release).collect()
    }
}

#[cfg(test)]
mod tests;
