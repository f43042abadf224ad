//! Several ID systems behind one server (`docs/operations/id-systems.md`): each login is led to one of them and stays there, and
//! people of one are never those of another.

use esignet_protocol::id_systems::{IdSystemName, Rule};
use esignet_protocol::word::acr::Acr;
use esignet_protocol::word::client_id::ClientId;
use esignet_tests::call::Call;
use esignet_tests::login::{self, AMINA, LoggedIn, MOUSSA};
use esignet_tests::op::{ACR_OTP, ISSUER, Setup, called};
use esignet_tests::{Browser, Landing, Op, Page, RelyingParty, Site, artifacts};
use serde_json::{Value, json};

const ACR_PIN: &str = "test:acr:pin";
/// Somebody of the foreigners' register, whose number there is Amina's number among the citizens.
const NADIA: &str = "Nadia Haddad";

/// The people of another register: one of them.
fn people(name: &str) -> Value {
    json!({ AMINA.id: {
        "phone": "+49301234567", "email": "nadia@mail.example",
        "claims": { "birthdate": "1979-02-03", "email": "nadia@mail.example" },
        "words": { "en": { "name": name } },
    } })
}

fn rule(plugin: &str) -> Rule {
    Rule { name: IdSystemName(plugin.to_owned()), plugin: plugin.to_owned(), ..Rule::default() }
}

/// Citizens by "uin" and foreigners by "permit".
fn two() -> Setup {
    Setup::default()
        .register("foreigners", "permit", &people(NADIA))
        .led_by(&[rule("mock-identity"), rule("foreigners")])
}

/// Says who one is by an identifier of a kind.
async fn identified(browser: &mut Browser, first: &Page, kind: &str, id: &str) -> Page {
    let form = first.form().fill("individual", id).forge("kind", kind);
    browser.press(first, &form, "continue").await.unwrap().page().unwrap()
}

/// A whole login by the usual code.
async fn signed_in(rp: &RelyingParty, push: Call, kind: &str) -> LoggedIn {
    let (mut browser, first) = login::opened_as(rp, push).await.unwrap();
    let question = identified(&mut browser, &first, kind, AMINA.id).await;
    let landing = login::answer(&mut browser, &question, login::OTP).await.unwrap();
    let response = match landing {
        Landing::Page(consent) => login::allow(&mut browser, &consent).await.unwrap().away().unwrap(),
        Landing::Away(away) => away,
    };
    login::finish(rp, response).await.unwrap()
}

fn kinds(page: &Page) -> Vec<String> {
    page.attributes("input[name=kind]", "value")
}

#[tokio::test]
async fn a_kind_of_identifier_leads_to_its_register_and_two_people_with_one_name_stay_two() {
    let op = two().start().await;
    let rp = op.rp().await;
    let (_, first) = login::opened(&rp).await.unwrap();
    assert_eq!(kinds(&first), ["uin", "permit"]);
    let citizen = signed_in(&rp, rp.push(), "uin").await;
    let rp = rp.another_attempt();
    let foreigner = signed_in(&rp, rp.push(), "permit").await;
    assert_eq!((&citizen.userinfo["name"], &foreigner.userinfo["name"]), (&json!(AMINA.name), &json!(NADIA)));
    // Both registers call them by the same subject: the number and the salt are the same.
    assert_ne!(citizen.userinfo["sub"], foreigner.userinfo["sub"]);

    let before = Op::start().await;
    let rp = before.rp().await;
    let known = login::whole(&rp, AMINA.id).await.unwrap();
    assert_eq!(
        known.userinfo["sub"], citizen.userinfo["sub"],
        "nobody becomes a stranger by a second register"
    );
}

#[tokio::test]
async fn a_name_of_the_operators_outlives_the_plugin_behind_it() {
    let renamed = Rule { name: IdSystemName("mock-identity".to_owned()), ..rule("successor") };
    let setup = Setup::default().register("successor", "number", &people(AMINA.name)).led_by(&[renamed]);
    let op = setup.start().await;
    let rp = op.rp().await;
    let now = signed_in(&rp, rp.push(), "number").await;
    let before = Op::start().await;
    let rp = before.rp().await;
    let earlier = login::whole(&rp, AMINA.id).await.unwrap();
    assert_eq!(now.userinfo["sub"], earlier.userinfo["sub"]);
}

#[tokio::test]
async fn a_client_on_a_test_register_never_reaches_the_real_one() {
    let clinic = ClientId::parse("clinic").unwrap();
    let setup = Setup::default()
        .register("test-register", "uin", &people("Test Person"))
        .led_by(&[Rule { clients: Some(vec![clinic]), ..rule("test-register") }, rule("mock-identity")]);
    let op = setup.start().await;
    let (bank, clinic) = (op.rp().await, op.client("clinic").await);
    assert_eq!(login::whole(&bank, AMINA.id).await.unwrap().userinfo["name"], AMINA.name);
    assert_eq!(login::whole(&clinic, AMINA.id).await.unwrap().userinfo["name"], "Test Person");

    std::fs::remove_file(op.plugins.file("test-register")).unwrap();
    op.plugins.load().await;
    let clinic = clinic.another_attempt();
    assert!(login::to_code(&clinic, AMINA.id).await.is_err(), "there is nobody to ask for it");
    login::whole(&bank.another_attempt(), MOUSSA.id).await.unwrap();
}

#[tokio::test]
async fn a_class_leads_to_the_register_that_is_for_it() {
    let by_pin = Rule { acr_values: Some(vec![Acr(ACR_PIN.to_owned())]), ..rule("high") };
    let setup = Setup::default()
        .shipped("pin")
        .method(ACR_PIN, &["PIN"])
        .register("high", "uin", &people("High Assurance"))
        .led_by(&[by_pin, rule("mock-identity")]);
    let op = setup.start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened_as(&rp, rp.push().set("acr_values", ACR_PIN)).await.unwrap();
    let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    let consent = login::type_in(&mut browser, &question, login::PIN).await.unwrap().page().unwrap();
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    assert_eq!(login::finish(&rp, response).await.unwrap().userinfo["name"], "High Assurance");
    let rp = rp.another_attempt();
    let push = rp.push().set("acr_values", ACR_OTP);
    assert_eq!(signed_in(&rp, push, "uin").await.userinfo["name"], AMINA.name);
}

#[tokio::test]
async fn a_page_shows_the_kinds_that_its_client_reaches_and_takes_no_other() {
    let clinic = ClientId::parse("clinic").unwrap();
    let foreigners = Rule { clients: Some(vec![clinic]), ..rule("foreigners") };
    let setup = Setup::default()
        .register("foreigners", "permit", &people(NADIA))
        .led_by(&[foreigners, Rule { kinds: Some(vec!["uin".to_owned()]), ..rule("mock-identity") }]);
    let op = setup.start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    assert_eq!(kinds(&first), ["uin"]);
    let refused = identified(&mut browser, &first, "permit", AMINA.id).await;
    assert!(refused.form().fields.iter().any(|field| field.name == "individual"), "{}", refused.text());
    assert!(!refused.all(".error").is_empty(), "{}", refused.text());

    let (_, first) = login::opened(&op.client("clinic").await).await.unwrap();
    assert_eq!(kinds(&first), ["permit", "uin"]);
}

#[tokio::test]
async fn somebody_whose_register_judges_no_such_factor_is_told_to_choose_another_way() {
    // The foreigners' register is one by configuration, which judges codes only.
    let register = json!({
        "individual-kinds": ["permit"], "factors": { "OTP": ["alpha-numeric"] }, "otp-channels": ["sms"],
    });
    let setup = Setup::default()
        .shipped("pin")
        .method(ACR_PIN, &["PIN"])
        .shipped("rest-identity")
        .hmac_key("rest-identity", "mask", b"what made-up targets are made of")
        .upstream("rest-identity", "register", "http://127.0.0.1:1")
        .led_by(&[rule("mock-identity"), rule("rest-identity")]);
    let whole = super::rest_identity::config();
    let setup = whole.into_iter().fold(setup, |setup, (key, value)| {
        let mut value = register.get(key).cloned().unwrap_or(value);
        if key == "authenticate" {
            value["body"] = json!({ "code": "{proof.OTP.value}" });
        }
        setup.config("rest-identity", key, value)
    });
    let op = setup.start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened_as(&rp, rp.push().set("acr_values", ACR_PIN)).await.unwrap();
    let told = identified(&mut browser, &first, "permit", AMINA.id).await;
    let said = told.all(".error").join(" ");
    assert!(said.contains("not possible with this kind of identifier"), "{said}");
    // The same login goes on another way.
    let question = identified(&mut browser, &told, "uin", AMINA.id).await;
    let consent = login::type_in(&mut browser, &question, login::PIN).await.unwrap().page().unwrap();
    assert!(consent.form().has_button("allow"), "{}", consent.text());
}

#[tokio::test]
async fn who_guesses_at_one_register_locks_nobody_of_the_other() {
    let op = two().bounds(|bounds| bounds.failures_per_individual_per_hour = 2).start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let mut page = identified(&mut browser, &first, "permit", AMINA.id).await;
    for _ in 0..3 {
        page = login::answer(&mut browser, &page, "999999").await.unwrap().page().unwrap();
    }
    assert!(page.form().fields.iter().any(|field| field.name == "individual"), "locked: {}", page.text());
    let rp = rp.another_attempt();
    assert_eq!(signed_in(&rp, rp.push(), "uin").await.userinfo["name"], AMINA.name);
}

#[tokio::test]
async fn a_login_whose_register_went_away_ends_where_it_began() {
    let op = two().start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let question = identified(&mut browser, &first, "permit", AMINA.id).await;
    std::fs::remove_file(op.plugins.file("foreigners")).unwrap();
    op.plugins.load().await;
    let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    assert_eq!(login::finish(&rp, response).await.unwrap().userinfo["name"], NADIA);
    let (_, first) = login::opened(&rp.another_attempt()).await.unwrap();
    assert_eq!(kinds(&first), ["uin"], "nobody new is led there");
}

#[tokio::test]
async fn discovery_tells_what_any_of_them_can_do() {
    let unmet = Rule { acr_values: Some(vec![Acr(ACR_OTP.to_owned())]), ..rule("mock-identity") };
    let setup = Setup::default()
        .shipped("pin")
        .method(ACR_PIN, &["PIN"])
        .register("foreigners", "permit", &people(NADIA))
        .led_by(&[unmet, Rule { acr_values: Some(vec![Acr(ACR_OTP.to_owned())]), ..rule("foreigners") }]);
    let op = setup.start().await;
    let document = op.wire.get(&format!("{ISSUER}/.well-known/openid-configuration")).await.unwrap().json();
    assert_eq!(
        document["acr_values_supported"],
        json!([ACR_OTP]),
        "nobody is led anywhere by the other class"
    );
    let claims = document["claims_supported"].as_array().unwrap();
    assert_eq!(claims.iter().filter(|claim| **claim == "name").count(), 1, "each once");
    let languages = document["claims_locales_supported"].as_array().unwrap();
    assert!(languages.contains(&json!("ar")), "the citizens' register has them: {languages:?}");
    assert_eq!(document["verified_claims_supported"], json!(true));
}

#[tokio::test]
async fn a_consent_to_the_release_of_one_register_is_none_to_that_of_the_other() {
    let op = two().start().await;
    let rp = op.rp().await;
    signed_in(&rp, rp.push(), "uin").await;
    for (kind, is_asked) in [("uin", false), ("permit", true)] {
        let rp = rp.another_attempt();
        let (mut browser, first) = login::opened(&rp).await.unwrap();
        let question = identified(&mut browser, &first, kind, AMINA.id).await;
        let landing = login::answer(&mut browser, &question, login::OTP).await.unwrap();
        assert_eq!(matches!(landing, Landing::Page(_)), is_asked, "{kind}");
    }
}

/// The operator's view, with the real binary.
fn site() -> Site {
    let site = Site::new("memory").unwrap();
    let mock = std::fs::read(artifacts::plugin("mock-identity").unwrap()).unwrap();
    let component = site.directory.path().join("foreigners.draft");
    std::fs::write(&component, called("foreigners", &mock).unwrap()).unwrap();
    site.add("foreigners", &component).unwrap();
    let config = std::fs::read_to_string(site.config()).unwrap();
    std::fs::write(site.config(), config.replacen("id_system = \"mock-identity\"\n", "", 1)).unwrap();
    site
}

fn listed(entries: &str) -> Site {
    let site = site();
    site.configure(entries).unwrap();
    site.configure(&format!(
        "[plugins.foreigners.config]\nnumber-kind = \"permit\"\npeople = {:?}\n",
        people(NADIA).to_string()
    ))
    .unwrap();
    site
}

const BOTH: &str = "[[id_systems]]\nname = \"citizens\"\nplugin = \"mock-identity\"\n\n\
                    [[id_systems]]\nplugin = \"foreigners\"\nkinds = [\"permit\"]\n";

#[tokio::test]
async fn the_real_binary_leads_people_by_its_configuration_and_shows_where() {
    let site = listed(BOTH);
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    assert_eq!(signed_in(&rp, rp.push(), "uin").await.userinfo["name"], AMINA.name);
    let rp = rp.another_attempt();
    assert_eq!(signed_in(&rp, rp.push(), "permit").await.userinfo["name"], NADIA);
    let verbose = server.wire.get(&format!("{}/ready?verbose", site.issuer)).await.unwrap().json();
    assert_eq!(verbose["id_systems"][0]["name"], "citizens");
    assert_eq!(verbose["id_systems"][1]["kinds"], json!(["permit"]));
    let (code, listed, errors) = site.run(&["plugin", "list"]).unwrap();
    assert_eq!(code, 0, "{listed}{errors}");
    assert!(listed.contains("answers as citizens for all that is left"), "{listed}");
    assert!(listed.contains("answers as foreigners for identifiers permit"), "{listed}");
    assert_eq!(server.stop().await.unwrap(), Some(0));
}

#[test]
fn what_the_list_leaves_open_is_told_before_anybody_signs_in() {
    for (entries, expected) in [
        (
            "[[id_systems]]\nplugin = \"foreigner\"\n",
            vec!["no ID system of a plugin foreigner", "did you mean \"foreigners\"?"],
        ),
        ("[[id_systems]]\nplugin = \"otp\"\n", vec!["the plugin otp is no ID system"]),
        (
            "[[id_systems]]\nplugin = \"mock-identity\"\nkinds = [\"permit\"]\n[[id_systems]]\nplugin = \"foreigners\"\n",
            vec!["knows no identifier of kind \"permit\"", "it knows: uin"],
        ),
        (
            "[[id_systems]]\nplugin = \"mock-identity\"\n[[id_systems]]\nplugin = \"mock-identity\"\nclients = [\"bank\"]\n\
             [[id_systems]]\nplugin = \"foreigners\"\n",
            vec!["no login is ever led to the ID system mock-identity by this entry"],
        ),
        (
            "[[id_systems]]\nplugin = \"mock-identity\"\n[[id_systems]]\nplugin = \"foreigners\"\n\
             [[login.individual]]\nkind = \"uin\"\n[[login.individual]]\nkind = \"permit\"\n[[login.individual]]\nkind = \"passport\"\n",
            vec!["no ID system answers for identifiers of kind \"passport\""],
        ),
        (
            "[[id_systems]]\nplugin = \"mock-identity\"\n[[id_systems]]\nname = \"mock-identity\"\nplugin = \"foreigners\"\n",
            vec!["give each ID system one name and one plugin"],
        ),
        (
            "[[id_systems]]\nplugin = \"mock-identity\"\nacr_values = [\"mosip:idp:acr:generated-kode\"]\n",
            vec!["no method of [assurance] is of the class", "did you mean"],
        ),
        (
            "[[id_systems]]\nplugin = \"mock-identity\"\n",
            vec!["nobody is led to the ID system of the plugin foreigners"],
        ),
        (
            "[plugins.mock-identity]\npartner_specific_subjects = true\n\n\
             [[id_systems]]\nplugin = \"mock-identity\"\n[[id_systems]]\nplugin = \"foreigners\"\n\
             [plugins.foreigners]\npartner_specific_subjects = true\n",
            vec!["both decide what people are called"],
        ),
        (
            "[assurance]\n\"test:pin\" = [[\"PIN\"]]\n\"mosip:idp:acr:generated-code\" = [[\"OTP\"]]\n\
             [[id_systems]]\nplugin = \"mock-identity\"\nacr_values = [\"mosip:idp:acr:generated-code\"]\n\
             [[id_systems]]\nplugin = \"foreigners\"\nclients = [\"bank\"]\n",
            vec!["the class cannot be met for other clients"],
        ),
    ] {
        let site = listed(entries);
        site.ship("pin").unwrap();
        let file = site.config().display().to_string();
        let (code, output, errors) = site.run(&["check", &file]).unwrap();
        let said = format!("{output}{errors}");
        assert_ne!(code, 0, "{entries}: {said}");
        for expected in expected {
            assert!(said.contains(expected), "{expected} is not said of\n{entries}: {said}");
        }
    }
}

#[test]
fn two_registers_that_know_a_kind_are_told_apart_by_the_operator_or_not_taken() {
    let entries = "[[id_systems]]\nplugin = \"mock-identity\"\n[[id_systems]]\nplugin = \"foreigners\"\n";
    let site = listed(entries);
    let config = std::fs::read_to_string(site.config()).unwrap();
    std::fs::write(site.config(), config.replacen("number-kind = \"permit\"", "number-kind = \"uin\"", 1))
        .unwrap();
    let check = || {
        let (code, output, errors) = site.run(&["check", &site.config().display().to_string()]).unwrap();
        (code, format!("{output}{errors}"))
    };
    let (code, said) = check();
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("belong to mock-identity and to foreigners"), "{said}");
    let config = std::fs::read_to_string(site.config()).unwrap();
    let told_apart = config.replacen(
        "plugin = \"mock-identity\"\n",
        "plugin = \"mock-identity\"\nclients = [\"bank\"]\n",
        1,
    );
    std::fs::write(site.config(), told_apart).unwrap();
    let (code, said) = check();
    assert!(!said.contains("belong to"), "{code}: {said}");
}

#[test]
fn one_id_system_needs_no_list_and_both_ways_at_once_are_refused() {
    let site = Site::new("memory").unwrap();
    site.configure("[[id_systems]]\nplugin = \"mock-identity\"\n").unwrap();
    let (code, output, errors) = site.run(&["check", &site.config().display().to_string()]).unwrap();
    let said = format!("{output}{errors}");
    assert!(code == 2 && said.contains("take it out of [plugins]"), "{said}");
}
