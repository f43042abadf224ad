use async_trait::async_trait;

use super::*;
use crate::id_systems::{IdSystems, Way};
use crate::ports::plugins::{AuthFactorDescriptor, Caller, Individual, Input, PluginError, Step};
use crate::word::acr::Acr;

/// A factor of some build.
struct Built(PluginBuild, AuthFactorDescriptor);

#[async_trait]
impl AuthFactor for Built {
    fn id(&self) -> &str {
        &self.0.id
    }
    fn build(&self) -> PluginBuild {
        self.0.clone()
    }
    fn descriptor(&self) -> &AuthFactorDescriptor {
        &self.1
    }
    async fn begin(&self, _: &Caller, _: Option<&Individual>) -> Result<Step, PluginError> {
        Err(PluginError::Broken("idle".to_owned()))
    }
    async fn resume(
        &self,
        _: &Caller,
        _: Option<&Individual>,
        _: &[u8],
        _: Input,
    ) -> Result<Step, PluginError> {
        Err(PluginError::Broken("idle".to_owned()))
    }
}

/// One present build of the factor OTP, and nothing kept: a node that was started again.
struct Restarted(PluginBuild);

impl Plugins for Restarted {
    fn id_system(&self) -> Option<Arc<dyn IdSystem>> {
        None
    }
    fn factor(&self, factor: &str) -> Option<Arc<dyn AuthFactor>> {
        let built = Built(self.0.clone(), AuthFactorDescriptor::default());
        (factor == "OTP").then(|| Arc::new(built) as Arc<dyn AuthFactor>)
    }
}

fn otp(version: &str, digest: &str) -> PluginBuild {
    PluginBuild { id: "otp".to_owned(), version: version.to_owned(), digest: digest.to_owned() }
}

fn method(factors: &[&str]) -> Method {
    Method { acr: Acr("a".to_owned()), factors: factors.iter().map(|factor| (*factor).to_owned()).collect() }
}

/// What a login is held to that began with version 1.0.0 of the OTP.
fn pins(methods: &[Method]) -> Pins {
    let (plugins, sole) = (Restarted(otp("1.0.0", "a")), IdSystems::default());
    let way = |method: &Method| Way { method: method.clone(), kinds: Vec::new() };
    Pins::of(&sole.loaded(&plugins), methods.iter().map(way).collect())
}

#[test]
fn a_login_is_held_to_the_factors_that_it_was_offered() {
    let pins = pins(&[method(&["OTP"]), method(&["OTP", "PIN"])]);
    assert!(pins.has(&Restarted(otp("1.0.0", "a")), "OTP"));
    assert!(!pins.has(&Restarted(otp("1.0.0", "a")), "PIN"), "it was not loaded");
}

#[test]
fn a_build_that_is_gone_is_stood_in_for_by_a_compatible_one_and_by_no_other() {
    let pins = pins(&[method(&["OTP"])]);
    let found = pins.factor(&Restarted(otp("1.1.0", "b")), "OTP").unwrap();
    assert_eq!(found.build().digest, "b");
    let refused = pins.factor(&Restarted(otp("2.0.0", "c")), "OTP").err().unwrap().to_string();
    assert!(refused.contains("the factor OTP") && refused.contains("otp 1.0.0"), "{refused}");
    assert!(!pins.is_offered(&Restarted(otp("2.0.0", "c")), "OTP"));
}

#[test]
fn the_number_of_a_method_outlives_the_factor() {
    struct Nothing;
    impl Plugins for Nothing {
        fn id_system(&self) -> Option<Arc<dyn IdSystem>> {
            None
        }
        fn factor(&self, _: &str) -> Option<Arc<dyn AuthFactor>> {
            None
        }
    }
    let pins = pins(&[method(&["OTP"])]);
    assert!(pins.has(&Nothing, "OTP") && !pins.is_offered(&Nothing, "OTP"));
}

#[test]
fn a_login_from_before_there_were_pins_takes_what_is_loaded() {
    let pins: Pins = serde_json::from_str(r#"{"id_system":null,"factors":{}}"#).unwrap();
    let present = Restarted(otp("3.0.0", "z"));
    assert!(pins.has(&present, "OTP") && pins.is_offered(&present, "OTP"));
    assert!(pins.factor(&present, "OTP").is_ok());
}
