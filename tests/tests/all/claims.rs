//! Claims returned = consented ∩ requested ∩ registered ∩ released by the ID system (`protocol.md` 45): nothing else, ever.

use std::collections::BTreeSet;

use esignet_tests::login::{self, AMINA, LOURDES};
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
