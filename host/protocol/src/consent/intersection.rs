//! What a relying party gets is consented ∩ requested ∩ registered ∩ released, whatever anybody asks for, ticks or releases
//! (`protocol.md` 45; T33). The property runs over the functions that a login runs through, from the request to userinfo
//! and the id_token.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use esignet_jose::algorithm::Algorithm;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::record::{Asked, ConsentEntry};
use super::tests::record_of;
use super::{granted, offer, reuse};
use crate::client::Client;
use crate::issue::IssuedCode;
use crate::issue::claims::{self, ReleasedClaims};
use crate::issue::id_token::{self, RESERVED};
use crate::issue::release::Release;
use crate::ports::plugins::{IdSystemDescriptor, VerifiedOffer};
use crate::testing::{CHALLENGE, client, key, parameters, person, request_of};
use crate::word::claims_request::base;
use crate::word::handle::AccessToken;
use crate::word::issuer::Issuer;
use crate::word::locale::is_tag;
use crate::word::scope::{KNOWN, Scope};
use crate::word::time::Timestamp;

const NOW: Timestamp = Timestamp(1_700_000_000);

/// Claims of scopes, a claim of no scope, one that nobody knows, and facts of the protocol.
const NAMES: [&str; 12] = [
    "name",
    "given_name",
    "email",
    "birthdate",
    "phone_number",
    "address",
    "national_number",
    "sub",
    "acr",
    "aud",
    "cnf",
    "auth_time",
];
const TAGS: [&str; 5] = ["", "#fr", "#AR", "#xx", "#fr#x"];
const SCOPES: [&str; 4] = ["profile", "email", "phone", "address"];
const LOCALES: [&str; 3] = ["fr", "ar", "fr-CA"];

static CLIENT: LazyLock<Client> = LazyLock::new(|| client(&key()));

/// A login as everybody who has a say in it would like it.
#[derive(Clone, Debug)]
struct Login {
    scopes: Vec<&'static str>,
    userinfo: BTreeMap<&'static str, bool>,
    id_token: BTreeMap<&'static str, bool>,
    locales: Vec<&'static str>,
    registered: Vec<&'static str>,
    supported: Vec<&'static str>,
    unavailable: Vec<&'static str>,
    ticked: BTreeMap<&'static str, &'static str>,
    released: BTreeMap<String, u8>,
}

fn names() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(NAMES.to_vec(), 0..=NAMES.len())
}

fn wanted() -> impl Strategy<Value = BTreeMap<&'static str, bool>> {
    prop::collection::btree_map(select(NAMES.to_vec()), any::<bool>(), 0..6)
}

fn released() -> impl Strategy<Value = BTreeMap<String, u8>> {
    let name = (select(NAMES.to_vec()), select(TAGS.to_vec()));
    prop::collection::btree_map(name.prop_map(|(name, tag)| format!("{name}{tag}")), any::<u8>(), 0..24)
}

prop_compose! {
    fn login()(
        scopes in subsequence(SCOPES.to_vec(), 0..=SCOPES.len()),
        (userinfo, id_token) in (wanted(), wanted()),
        locales in subsequence(LOCALES.to_vec(), 0..=LOCALES.len()),
        (registered, supported) in (names(), names()),
        unavailable in subsequence(NAMES.to_vec(), 0..4),
        ticked in prop::collection::btree_map(select(NAMES.to_vec()), select(vec!["on", "off", ""]), 0..12),
        released in released(),
    ) -> Login {
        Login { scopes, userinfo, id_token, locales, registered, supported, unavailable, ticked, released }
    }
}

/// Where a claim may go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Userinfo,
    IdToken,
}

impl Login {
    /// The claims that the relying party may get at a place, in whatever languages, by the rule alone and not by our code.
    fn allowed(&self, place: Place) -> BTreeSet<String> {
        let of_scope = |base: &str| {
            let claims_of =
                |scope: &&str| KNOWN.iter().find(|(name, _)| name == scope).map(|(_, claims)| *claims);
            self.scopes.iter().filter_map(claims_of).any(|claims| claims.contains(&base))
        };
        let requested = |base: &str| match place {
            Place::Userinfo => self.userinfo.contains_key(base) || of_scope(base),
            Place::IdToken => self.id_token.contains_key(base),
        };
        let essential =
            |base: &str| [&self.userinfo, &self.id_token].iter().any(|asked| asked.get(base) == Some(&true));
        let consented = |base: &str| essential(base) || self.ticked.get(base) == Some(&"on");
        let readable = |name: &&String| name.split_once('#').is_none_or(|(_, tag)| is_tag(tag));
        let bases = self.released.keys().filter(readable).map(|name| base(name));
        let allowed = bases.filter(|base| {
            consented(base)
                && requested(base)
                && self.registered.contains(base)
                && self.supported.contains(base)
                && !self.unavailable.contains(base)
                && !RESERVED.contains(base)
        });
        allowed.map(str::to_owned).collect()
    }

    /// What it does get, through the code of a login: from userinfo and in the id_token.
    fn returned(&self) -> (Map<String, Value>, Map<String, Value>) {
        let mut client = CLIENT.clone();
        client.claims = self.registered.iter().map(|name| (*name).to_owned()).collect();
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
        let id_system = IdSystemDescriptor { claims: owned(&self.supported), ..Default::default() };
        let asked = |wanted: &BTreeMap<&str, bool>| {
            wanted
                .iter()
                .map(|(name, essential)| ((*name).to_owned(), json!({ "essential": essential })))
                .collect()
        };
        let (userinfo, id_token): (Map<_, _>, Map<_, _>) = (asked(&self.userinfo), asked(&self.id_token));
        let wanted = json!({ "userinfo": userinfo, "id_token": id_token }).to_string();
        let scope = ["openid"].iter().chain(&self.scopes).copied().collect::<Vec<_>>().join(" ");
        let locales = self.locales.join(" ");
        let mut parts = vec![("scope", Some(scope.as_str())), ("claims", Some(wanted.as_str()))];
        parts.extend((!locales.is_empty()).then_some(("claims_locales", Some(locales.as_str()))));
        let request = request_of(&client, &parts);

        let offer = offer(&request, &client, &id_system, &person(&self.unavailable));
        let ticks: Vec<(String, &str)> =
            self.ticked.iter().map(|(name, value)| (format!("claim.{name}"), *value)).collect();
        let ticks: Vec<(&str, &str)> = ticks.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let granted = granted(&offer, &parameters(&ticks));

        // The same login a second time, on the stored consent, gets the same.
        let question = Asked::of(&request, &offer);
        let hash = question.hash(&client);
        let record = record_of((question, hash), granted.clone(), NOW, NOW.plus(60));
        let stored = reuse::decide(&ConsentEntry::given(None, record), &request, &offer, &client, (60, NOW));
        assert_eq!(stored.as_ref(), Ok(&granted));

        let given = self.released.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let release = Release { request: &request, granted: &granted, locale: "ar" };
        let released = release.kept(given, &VerifiedOffer::default(), NOW);
        let sealed = claims::seal("code", &released).expect("seals");
        let released: ReleasedClaims = claims::open("code", &sealed).expect("opens");
        let issuer = Issuer::parse("https://id.example.org").expect("an issuer");
        let token = AccessToken::issued("token".to_owned());
        let signer = (&token, Algorithm::Es256);
        let id_token = id_token::claims(&code(&request.scope), released.for_id_token(), signer, &issuer, NOW);
        (released.for_userinfo(), id_token)
    }
}

fn code(scope: &Scope) -> IssuedCode {
    let value = json!({
        "grant": "g", "client_id": "rp", "redirect_uri": "https://rp.example/cb", "code_challenge": CHALLENGE,
        "dpop_jkt": null, "nonce": "n", "scope": scope, "sealed_claims": "",
        "login": { "subject": "our subject", "acr": "our acr", "amr": ["otp"], "auth_time": NOW },
        "expires_at": NOW.0 + 60,
    });
    serde_json::from_value(value).expect("a code")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn what_is_returned_is_exactly_what_is_consented_requested_registered_and_released(login in login()) {
        let (userinfo, mut id_token) = login.returned();
        for (name, value) in userinfo.iter().chain(&id_token) {
            let facts = RESERVED.contains(&name.as_str());
            // A name alone may have the value of any language; a tagged one has its own.
            let same = |released: &&String| *released == name || (!name.contains('#') && base(released) == name);
            let mut values = login.released.iter().filter(|(released, _)| same(released));
            prop_assert!(facts || values.any(|(_, released)| json!(released) == *value));
        }
        let bases = |claims: &Map<String, Value>| -> BTreeSet<String> {
            claims.keys().map(|name| base(name).to_owned()).collect()
        };
        prop_assert_eq!(bases(&userinfo), login.allowed(Place::Userinfo));
        prop_assert_eq!(&id_token["sub"], "our subject");
        prop_assert_eq!(&id_token["acr"], "our acr");
        id_token.retain(|name, _| !RESERVED.contains(&name.as_str()));
        prop_assert_eq!(bases(&id_token), login.allowed(Place::IdToken));
    }
}
