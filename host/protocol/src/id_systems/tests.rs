use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::*;
use crate::ports::plugin_build::PluginBuild;
use crate::ports::plugins::{
    AuthFactor, AuthFactorDescriptor, Authenticated, Authentication, Caller, ClaimsWanted,
    IdSystemDescriptor, Individual, Input, OtpReceipt, PluginError, Step,
};
use crate::transaction::pins::Pins;

/// A register that knows kinds and judges factors.
struct Register(&'static str, IdSystemDescriptor);

fn idle<T>() -> Result<T, PluginError> {
    Err(PluginError::Broken("idle".to_owned()))
}

#[async_trait]
impl IdSystem for Register {
    fn id(&self) -> &str {
        self.0
    }
    fn descriptor(&self) -> &IdSystemDescriptor {
        &self.1
    }
    async fn send_otp(&self, _: &Caller, _: &Individual, _: &[String]) -> Result<OtpReceipt, PluginError> {
        idle()
    }
    async fn authenticate(&self, _: &Caller, _: Authentication<'_>) -> Result<Authenticated, PluginError> {
        idle()
    }
    async fn release_claims(
        &self,
        _: &Caller,
        _: &[u8],
        _: &ClaimsWanted,
    ) -> Result<Map<String, Value>, PluginError> {
        idle()
    }
}

struct Factor(AuthFactorDescriptor);

#[async_trait]
impl AuthFactor for Factor {
    fn id(&self) -> &str {
        &self.0.factor
    }
    fn descriptor(&self) -> &AuthFactorDescriptor {
        &self.0
    }
    async fn begin(&self, _: &Caller, _: Option<&Individual>) -> Result<Step, PluginError> {
        idle()
    }
    async fn resume(
        &self,
        _: &Caller,
        _: Option<&Individual>,
        _: &[u8],
        _: Input,
    ) -> Result<Step, PluginError> {
        idle()
    }
}

/// What is loaded: registers by plugin id, and the factors OTP, PIN and TOTP.
#[derive(Default)]
struct World {
    registers: BTreeMap<&'static str, (Vec<&'static str>, Vec<&'static str>)>,
    sole: Option<&'static str>,
    judging_itself: Option<&'static str>,
}

impl World {
    fn with(mut self, plugin: &'static str, kinds: &[&'static str], factors: &[&'static str]) -> Self {
        self.registers.insert(plugin, (kinds.to_vec(), factors.to_vec()));
        self
    }

    fn without(mut self, plugin: &str) -> Self {
        self.registers.remove(plugin);
        self
    }
}

impl Plugins for World {
    fn id_system(&self) -> Option<Arc<dyn IdSystem>> {
        self.id_system_by(self.sole?)
    }
    fn id_system_by(&self, plugin: &str) -> Option<Arc<dyn IdSystem>> {
        let (id, (kinds, factors)) = self.registers.get_key_value(plugin)?;
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let descriptor = IdSystemDescriptor {
            individual_kinds: owned(kinds),
            factors: owned(factors).into_iter().map(|factor| (factor, Vec::new())).collect(),
            ..Default::default()
        };
        Some(Arc::new(Register(id, descriptor)))
    }
    fn factor(&self, factor: &str) -> Option<Arc<dyn AuthFactor>> {
        let descriptor = AuthFactorDescriptor {
            factor: factor.to_owned(),
            judges_itself: self.judging_itself == Some(factor),
            ..Default::default()
        };
        ["OTP", "PIN", "TOTP"].contains(&factor).then(|| Arc::new(Factor(descriptor)) as Arc<dyn AuthFactor>)
    }
}

/// Citizens by number, foreigners by permit.
fn world() -> World {
    World::default().with("citizens", &["uin", "phone"], &["OTP", "PIN"]).with(
        "foreigners",
        &["permit"],
        &["OTP"],
    )
}

fn rule(plugin: &str) -> Rule {
    Rule { name: IdSystemName(plugin.to_owned()), plugin: plugin.to_owned(), ..Rule::default() }
}

fn for_clients(plugin: &str, clients: &[&str]) -> Rule {
    Rule { clients: Some(clients.iter().map(|id| client(id)).collect()), ..rule(plugin) }
}

fn rules(rules: &[Rule]) -> IdSystems {
    IdSystems { rules: rules.to_vec() }
}

fn client(id: &str) -> ClientId {
    ClientId::parse(id).expect("valid")
}

fn acr(text: &str) -> Acr {
    Acr(text.to_owned())
}

fn method(name: &str, factors: &[&str]) -> Method {
    Method { acr: acr(name), factors: factors.iter().map(|factor| (*factor).to_owned()).collect() }
}

fn kinds(kinds: &[&str]) -> Vec<IndividualKind> {
    let kind = |kind: &&str| IndividualKind {
        kind: (*kind).to_owned(),
        label: BTreeMap::new(),
        max_length: 20,
        digits: false,
    };
    kinds.iter().map(kind).collect()
}

fn answers(list: &IdSystems, world: &World, (client_id, class, kind): (&str, &str, &str)) -> Option<String> {
    let loaded = list.loaded(world);
    loaded.answering(&client(client_id), &acr(class), kind).map(|named| named.name.0.clone())
}

#[test]
fn a_server_without_a_list_asks_its_one_id_system_for_everybody() {
    let world = World { sole: Some("citizens"), ..world() };
    let list = IdSystems::default();
    let loaded = list.loaded(&world);
    assert_eq!(loaded.systems().len(), 1);
    let named = loaded.answering(&client("rp"), &acr("any"), "whatever").unwrap();
    assert!(named.name.is_sole() && named.id_system.id() == "citizens");
    let pins = Pins::of(&loaded, loaded.ways(&client("rp"), &[method("a", &["OTP"])], &kinds(&["uin"])));
    assert!(pins.answering(&method("a", &["OTP"]), "uin").unwrap().is_sole());
    assert!(!serde_json::to_string(&pins).unwrap().contains("ways"), "its records are as they were before");
    assert!(loaded.can_begin(&client("rp"), &method("a", &["TOTP"]), &[]));
}

#[test]
fn each_kind_leads_to_the_id_system_that_knows_it() {
    let list = rules(&[rule("citizens"), rule("foreigners")]);
    let of = |kind| answers(&list, &world(), ("rp", "a", kind));
    assert_eq!(of("uin").as_deref(), Some("citizens"));
    assert_eq!(of("permit").as_deref(), Some("foreigners"));
    assert_eq!(of("passport"), None);
}

#[test]
fn the_first_entry_that_fits_client_class_and_kind_answers() {
    let world = world().with("test", &["uin", "permit"], &["OTP"]).with("abroad", &["uin"], &["OTP"]);
    let abroad =
        Rule { acr_values: Some(vec![acr("high")]), kinds: Some(vec!["uin".to_owned()]), ..rule("abroad") };
    let list = rules(&[for_clients("test", &["sandbox"]), abroad, rule("citizens"), rule("foreigners")]);
    for (asked, expected) in [
        (("sandbox", "high", "uin"), "test"),
        (("sandbox", "low", "permit"), "test"),
        (("bank", "high", "uin"), "abroad"),
        (("bank", "low", "uin"), "citizens"),
        (("bank", "high", "permit"), "foreigners"),
    ] {
        assert_eq!(answers(&list, &world, asked).as_deref(), Some(expected), "{asked:?}");
    }
}

#[test]
fn who_is_to_be_tried_on_a_test_register_never_comes_to_the_real_one_while_it_is_away() {
    let world = world().with("test", &["uin"], &["OTP"]);
    let list = rules(&[for_clients("test", &["sandbox"]), rule("citizens")]);
    assert_eq!(answers(&list, &world, ("sandbox", "a", "uin")).as_deref(), Some("test"));
    let world = world.without("test");
    assert_eq!(answers(&list, &world, ("sandbox", "a", "uin")), None);
    assert_eq!(answers(&list, &world, ("bank", "a", "uin")).as_deref(), Some("citizens"));
}

#[test]
fn one_register_that_is_away_keeps_nobody_from_the_other() {
    let list = rules(&[rule("citizens"), rule("foreigners")]);
    let world = world().without("citizens");
    assert_eq!(answers(&list, &world, ("rp", "a", "permit")).as_deref(), Some("foreigners"));
    assert_eq!(answers(&list, &world, ("rp", "a", "uin")), None);
}

#[test]
fn a_method_is_there_only_where_the_id_system_judges_its_factors_or_they_judge_themselves() {
    let list = rules(&[rule("citizens"), rule("foreigners")]);
    let can = |world: &World, factors: &[&str], kind: &str| {
        list.loaded(world).can_begin(&client("rp"), &method("a", factors), &kinds(&[kind]))
    };
    assert!(can(&world(), &["OTP", "PIN"], "uin"));
    assert!(!can(&world(), &["OTP", "PIN"], "permit"), "the foreigners' register judges no PIN");
    assert!(can(&world(), &["TOTP"], "permit"), "no register judges it, so it judges itself");
    let world = World { judging_itself: Some("PIN"), ..world() };
    assert!(can(&world, &["OTP", "PIN"], "permit"), "its plugin says that it judges itself");
    let loaded = list.loaded(&world);
    assert!(loaded.can_meet(&method("a", &["OTP"])));
}

#[test]
fn a_class_is_met_only_where_some_entry_takes_it() {
    let low = Rule { acr_values: Some(vec![acr("low")]), ..rule("citizens") };
    let list = rules(&[low]);
    let world = world();
    let loaded = list.loaded(&world);
    assert!(loaded.can_meet(&method("low", &["OTP"])));
    assert!(!loaded.can_meet(&method("high", &["OTP"])));
}

#[test]
fn a_login_is_led_to_its_end_as_it_was_at_its_beginning() {
    let (methods, all) = ([method("a", &["OTP"]), method("b", &["PIN"])], kinds(&["uin", "permit"]));
    let world = world();
    let pins = |list: &IdSystems| {
        let loaded = list.loaded(&world);
        Pins::of(&loaded, loaded.ways(&client("rp"), &methods, &all))
    };
    let list = rules(&[rule("citizens"), rule("foreigners")]);
    let begun = pins(&list);
    let begun: Pins = serde_json::from_value(serde_json::to_value(&begun).unwrap()).unwrap();
    // Another node, or this one after a restart, has another list.
    let claims_all = Rule { kinds: Some(vec!["uin".to_owned(), "permit".to_owned()]), ..rule("foreigners") };
    let other = rules(&[claims_all]);
    let of = |pins: &Pins, method: &Method, kind: &str| pins.answering(method, kind).map(|name| name.0);
    assert_eq!(of(&begun, &methods[0], "uin").as_deref(), Some("citizens"));
    assert_eq!(of(&begun, &methods[0], "permit").as_deref(), Some("foreigners"));
    assert_eq!(of(&begun, &methods[1], "permit"), None, "no PIN is judged there");
    let citizens = IdSystemName("citizens".to_owned());
    assert_eq!(begun.id_system(&world, &citizens).unwrap().id(), "citizens");

    let anew = pins(&other).keeping(&begun);
    assert_eq!(of(&anew, &methods[0], "uin").as_deref(), Some("citizens"), "not even when it begins anew");
    assert_eq!(anew.id_system(&world, &citizens).unwrap().build(), PluginBuild::native("citizens"));
    let nobody = IdSystemName("nobody".to_owned());
    assert!(begun.id_system(&world, &nobody).is_err());
    assert!(begun.id_system(&world, &IdSystemName::default()).is_err(), "there is no only one");
}
