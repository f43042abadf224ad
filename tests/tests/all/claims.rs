//! Claims returned = consented ∩ requested ∩ registered ∩ released by the ID system (`protocol.md` 45): nothing else, ever.

use std::collections::BTreeSet;

use esignet_tests::login::{self, AMINA, ARJUN, HIRUT, LOURDES};
use esignet_tests::{Landing, Op, RelyingParty};
use serde_json::{Map, Value, json};

const ALL: [&str; 10] = [
    "name",
    "given_name",
    "family_name",
    "gender",
    "birthdate",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "address",
];
const SCOPES: [(&str, &[&str]); 4] = [
    ("profile", &["name", "given_name", "family_name", "gender", "birthdate"]),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("address", &["address"]),
];

/// Numbers that look random and are the same in every run (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.throw().is_multiple_of(sides)
    }
}

/// One request, at random.
struct Case {
    scope: Vec<&'static str>,
    userinfo: Map<String, Value>,
    id_token: Map<String, Value>,
    ticked: BTreeSet<&'static str>,
}

impl Case {
    fn random(dice: &mut Dice) -> Self {
        let scope = SCOPES.iter().map(|(name, _)| *name).filter(|_| dice.one_in(3)).collect();
        let mut asked = |sides| {
            let mut members = Map::new();
            for name in ALL.iter().copied().chain(["shoe_size", "sub", "iss"]) {
                if dice.one_in(sides) {
                    let essential = dice.one_in(3);
                    members.insert(
                        name.to_owned(),
                        if essential { json!({ "essential": true }) } else { Value::Null },
                    );
                }
            }
            members
        };
        let (userinfo, id_token) = (asked(3), asked(5));
        Self { scope, userinfo, id_token, ticked: ALL.iter().copied().filter(|_| dice.one_in(2)).collect() }
    }

    fn expected(&self, registered: &[&str], available: &[&str], to_userinfo: bool) -> BTreeSet<String> {
        let of_scope = |name: &str| {
            SCOPES.iter().any(|(scope, claims)| self.scope.contains(scope) && claims.contains(&name))
        };
        let essential = |name: &str| {
            [&self.userinfo, &self.id_token].iter().any(|asked| asked.get(name).is_some_and(Value::is_object))
        };
        ALL.iter()
            .filter(|name| {
                if to_userinfo {
                    of_scope(name) || self.userinfo.contains_key(**name)
                } else {
                    self.id_token.contains_key(**name)
                }
            })
            .filter(|name| registered.contains(name) && available.contains(name))
            .filter(|name| essential(name) || self.ticked.contains(*name))
            .map(|name| (*name).to_owned())
            .collect()
    }
}

async fn run(rp: &RelyingParty, case: &Case, person: &str) -> (Map<String, Value>, Map<String, Value>) {
    let scope = ["openid"].iter().chain(&case.scope).copied().collect::<Vec<_>>().join(" ");
    let claims = json!({ "userinfo": case.userinfo, "id_token": case.id_token });
    let push = rp.push().set("scope", scope).set("claims", claims.to_string());
    let (mut browser, first) = login::opened_as(rp, push).await.unwrap();
    let question = login::identify(&mut browser, &first, person).await.unwrap().page().unwrap();
    let landing = match login::answer(&mut browser, &question, login::OTP).await.unwrap() {
        Landing::Page(consent) => {
            let mut form = consent.form();
            for field in form.fields.iter_mut().filter(|field| field.kind == "checkbox") {
                field.sent = case.ticked.iter().any(|name| field.name == format!("claim.{name}"));
            }
            browser.press(&consent, &form, "allow").await.unwrap()
        }
        away @ Landing::Away(_) => away,
    };
    let logged_in = login::finish(rp, landing.away().unwrap()).await.unwrap();
    let id_token = rp.verified(&logged_in.id_token).await.unwrap();
    (logged_in.userinfo, id_token)
}

#[tokio::test]
async fn exactly_what_was_asked_registered_released_and_agreed_to_comes_out() {
    let protocol: BTreeSet<_> =
        ["iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "at_hash"]
            .map(str::to_owned)
            .into();
    let without_email_and_address: Vec<_> =
        ALL.into_iter().filter(|name| !name.starts_with("email") && *name != "address").collect();
    let op = Op::start().await;
    let mut dice = Dice(2);
    for number in 0..40 {
        let case = Case::random(&mut dice);
        let (client, registered) =
            if number % 4 == 0 { ("modest", &["name"][..]) } else { ("bank", &ALL[..]) };
        let (person, available) =
            if number % 3 == 0 { (LOURDES, &without_email_and_address[..]) } else { (AMINA, &ALL[..]) };
        let (userinfo, id_token) = run(&op.client(client).await, &case, person.id).await;

        let mut expected = case.expected(registered, available, true);
        expected.insert("sub".to_owned());
        let context = || {
            format!(
                "case {number}: scope {:?}, userinfo {:?}, id_token {:?}, ticked {:?}",
                case.scope, case.userinfo, case.id_token, case.ticked
            )
        };
        assert_eq!(userinfo.keys().cloned().collect::<BTreeSet<_>>(), expected, "{}", context());
        let in_id_token: BTreeSet<_> =
            id_token.keys().filter(|name| !protocol.contains(*name)).cloned().collect();
        assert_eq!(in_id_token, case.expected(registered, available, false), "{}", context());
    }
}

#[tokio::test]
async fn claims_come_in_the_languages_that_were_asked_for() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let response = login::respond(&rp, rp.push().set("claims_locales", "fr ar"), AMINA.id).await.unwrap();
    let userinfo = login::finish(&rp, response).await.unwrap().userinfo;
    assert_eq!(userinfo["gender#fr"], "femme");
    assert_eq!(userinfo["name#ar"], "أمينة بنعلي");
    for name in userinfo.keys() {
        let base = name.split('#').next().unwrap_or_default();
        assert!(base == "sub" || ALL.contains(&base), "{name}");
    }
}

/// Signs Amina in with `claims`, and further parameters.
async fn userinfo_of(rp: &RelyingParty, claims: Value, parameters: &[(&str, &str)]) -> Map<String, Value> {
    let push = rp.push().set("scope", "openid").set("claims", claims.to_string());
    let push = parameters.iter().fold(push, |push, (name, value)| push.set(name, *value));
    let response = login::respond(rp, push, AMINA.id).await.unwrap();
    let mut userinfo = login::finish(rp, response).await.unwrap().userinfo;
    userinfo.remove("sub");
    userinfo
}

#[tokio::test]
async fn without_claims_locales_a_claim_comes_in_the_language_of_the_pages_and_in_no_other() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let asked = json!({ "userinfo": { "gender": null, "birthdate": null } });
    for (locale, gender) in [("fr", "femme"), ("ar", "أنثى"), ("en", "female"), ("xx", "female")] {
        let userinfo = userinfo_of(&rp, asked.clone(), &[("ui_locales", locale)]).await;
        assert_eq!(Value::from(userinfo), json!({ "gender": gender, "birthdate": "1991-04-17" }), "{locale}");
    }
}

#[tokio::test]
async fn a_language_that_there_is_not_falls_back_to_a_wider_one_or_to_the_next() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let asked = json!({ "userinfo": { "gender": null } });
    let in_french = json!({ "gender": "femme", "gender#fr": "femme" });
    for locales in ["fr-CA", "xx fr", "XX-yy FR-ca-x-private"] {
        let parameters = [("claims_locales", locales), ("ui_locales", "ar")];
        assert_eq!(Value::from(userinfo_of(&rp, asked.clone(), &parameters).await), in_french, "{locales}");
    }
    let none = userinfo_of(&rp, asked, &[("claims_locales", "xx"), ("ui_locales", "ar")]).await;
    assert_eq!(Value::from(none), json!({ "gender": "female" }), "the ID system's own choice");
}

#[tokio::test]
async fn a_claim_that_is_asked_for_in_a_language_comes_in_it_and_is_one_line_on_the_page() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let asked = json!({ "userinfo": { "name#ar": null, "gender#fr-CA": null, "name#xx": null, "shoe_size#fr": null },
        "id_token": { "name": null } });
    let push = rp.push().set("scope", "openid").set("claims", asked.to_string());
    let (mut browser, first) = login::opened_as(&rp, push).await.unwrap();
    let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
    assert_eq!(consent.all(".choices label"), ["Full name", "Gender"]);
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    let mut userinfo = logged_in.userinfo;
    userinfo.remove("sub");
    assert_eq!(Value::from(userinfo), json!({ "name#ar": "أمينة بنعلي", "gender#fr": "femme" }));
    let id_token = rp.verified(&logged_in.id_token).await.unwrap();
    assert_eq!(id_token["name"], AMINA.name);
    assert!(!id_token.contains_key("name#ar") && !id_token.contains_key("gender#fr"));
}

#[tokio::test]
async fn every_language_that_is_published_can_be_had() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let published = rp.metadata["claims_locales_supported"].as_array().unwrap();
    let published: Vec<_> = published.iter().map(|tag| tag.as_str().unwrap()).collect();
    let mut had = BTreeSet::new();
    for person in [AMINA, HIRUT, ARJUN] {
        let push = rp.push().set("scope", "openid profile").set("claims_locales", published.join(" "));
        let response = login::respond(&rp, push, person.id).await.unwrap();
        let userinfo = login::finish(&rp, response).await.unwrap().userinfo;
        had.extend(userinfo.keys().filter_map(|name| name.strip_prefix("name#")).map(str::to_owned));
    }
    assert_eq!(had.iter().map(String::as_str).collect::<Vec<_>>(), published);
}
