use std::sync::Arc;

use super::*;
use crate::id_systems::IdSystems;
use crate::ports::plugins::{
    AuthFactor, AuthFactorDescriptor, Caller, IdSystem, Individual, Input, PluginError, Step,
};

struct Having(Vec<&'static str>);

struct Idle(AuthFactorDescriptor);

#[async_trait::async_trait]
impl AuthFactor for Idle {
    fn id(&self) -> &str {
        &self.0.factor
    }
    fn descriptor(&self) -> &AuthFactorDescriptor {
        &self.0
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

impl Plugins for Having {
    fn id_system(&self) -> Option<Arc<dyn IdSystem>> {
        None
    }
    fn factor(&self, factor: &str) -> Option<Arc<dyn AuthFactor>> {
        let descriptor = AuthFactorDescriptor { factor: factor.to_owned(), ..Default::default() };
        self.0.contains(&factor).then(|| Arc::new(Idle(descriptor)) as Arc<dyn AuthFactor>)
    }
}

fn acr(text: &str) -> Acr {
    Acr(text.to_owned())
}

fn assurance() -> Assurance {
    let method = |name: &str, factors: &[&str]| Method {
        acr: acr(name),
        factors: factors.iter().map(|factor| (*factor).to_owned()).collect(),
    };
    Assurance {
        methods: vec![method("low", &["OTP"]), method("high", &["OTP", "PIN"]), method("bio", &["BIO"])],
    }
}

fn offered(claims: &str, preferred: &[Acr], registered: &[Acr]) -> Result<Vec<String>, NoMethod> {
    let claims = ClaimsRequest::parse(claims).expect("valid");
    let plugins = Having(vec!["OTP", "PIN"]);
    let methods = assurance().offer(|method| method.is_loaded(&plugins), registered, preferred, &claims)?;
    Ok(methods.into_iter().map(|method| method.acr.0).collect())
}

#[test]
fn a_method_is_offered_only_when_every_factor_of_it_is_loaded() {
    let acrs =
        |factors: &[&'static str]| assurance().acrs(&IdSystems::default().loaded(&Having(factors.to_vec())));
    assert_eq!(acrs(&["OTP"]), [acr("low")]);
    assert_eq!(acrs(&["PIN"]), []);
    assert_eq!(offered("{}", &[], &[]), Ok(vec!["low".to_owned(), "high".to_owned()]));
}

#[test]
fn acr_values_are_a_preference_and_not_a_condition() {
    assert_eq!(
        offered("{}", &[acr("high"), acr("unknown")], &[]),
        Ok(vec!["high".to_owned(), "low".to_owned()])
    );
    assert_eq!(offered("{}", &[acr("unknown")], &[]), Ok(vec!["low".to_owned(), "high".to_owned()]));
}

#[test]
fn an_essential_acr_is_a_condition() {
    let essential = r#"{"id_token":{"acr":{"essential":true,"values":["high"]}}}"#;
    assert_eq!(offered(essential, &[acr("low")], &[]), Ok(vec!["high".to_owned()]));
    let impossible = r#"{"id_token":{"acr":{"essential":true,"value":"bio"}}}"#;
    assert_eq!(offered(impossible, &[], &[]), Err(NoMethod::EssentialAcr));
}

#[test]
fn a_client_gets_only_the_classes_it_is_registered_for() {
    assert_eq!(offered("{}", &[], &[acr("high")]), Ok(vec!["high".to_owned()]));
    assert_eq!(offered("{}", &[], &[acr("bio")]), Err(NoMethod::Unavailable));
}
