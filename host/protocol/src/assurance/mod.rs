//! From `acr` to factors and back (OIDC Core §2, §5.5.1.1): a class is met by any of its methods, a method by all of its
//! factors, and an id_token states only what happened.

use serde::{Deserialize, Serialize};

use crate::id_systems::Loaded;
use crate::ports::plugins::Plugins;
use crate::word::acr::Acr;
use crate::word::claims_request::ClaimsRequest;

/// One way to meet a class: every factor, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// The class it meets.
    pub acr: Acr,
    /// The words of its factors, at least one.
    pub factors: Vec<String>,
}

impl Method {
    /// Whether a plugin is loaded for each factor.
    pub fn is_loaded(&self, plugins: &dyn Plugins) -> bool {
        self.factors.iter().all(|factor| plugins.factor(factor).is_some())
    }
}

/// The classes of a server, in the operator's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assurance {
    /// All methods; several may meet one class.
    pub methods: Vec<Method>,
}

/// An essential `acr` was asked for, and no loaded factor can meet it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMethod {
    /// OIDC Core §5.5.1.1.
    #[error("no method meets the essential acr")]
    EssentialAcr,
    /// Nothing can be offered at all.
    #[error("no method is available: the plugins of every method's factors are missing")]
    Unavailable,
}

impl Assurance {
    /// Methods whose factors are all loaded and that somebody can prove to an ID system.
    pub fn available<'a>(&'a self, loaded: &'a Loaded<'a>) -> impl Iterator<Item = &'a Method> {
        self.methods.iter().filter(|method| method.is_loaded(loaded.plugins()) && loaded.can_meet(method))
    }

    /// Methods to offer for a request of those that can be gone, best first: what an essential `acr` claim allows; otherwise what `acr_values`
    /// prefer and then the rest (OIDC Core §3.1.2.1: a preference, not a condition).
    pub fn offer(
        &self,
        can: impl Fn(&Method) -> bool,
        registered: &[Acr],
        preferred: &[Acr],
        claims: &ClaimsRequest,
    ) -> Result<Vec<Method>, NoMethod> {
        let registered = |method: &&Method| registered.is_empty() || registered.contains(&method.acr);
        let mut methods: Vec<Method> =
            self.methods.iter().filter(|method| can(method)).filter(registered).cloned().collect();
        if methods.is_empty() {
            return Err(NoMethod::Unavailable);
        }
        let asked = claims.id_token.get("acr");
        let asked_values: Vec<&str> = asked
            .map(|claim| claim.values.iter().filter_map(|value| value.as_str()).collect())
            .unwrap_or_default();
        if asked.is_some_and(|claim| claim.essential) && !asked_values.is_empty() {
            methods.retain(|method| asked_values.contains(&method.acr.as_str()));
        }
        if methods.is_empty() {
            return Err(NoMethod::EssentialAcr);
        }
        let by_claim = |method: &Method| asked_values.iter().position(|value| *value == method.acr.as_str());
        let by_parameter = |method: &Method| preferred.iter().position(|acr| *acr == method.acr);
        methods.sort_by_key(|method| by_claim(method).or_else(|| by_parameter(method)).unwrap_or(usize::MAX));
        Ok(methods)
    }

    /// Classes that can be met now, for discovery.
    pub fn acrs(&self, loaded: &Loaded<'_>) -> Vec<Acr> {
        let mut acrs: Vec<Acr> = Vec::new();
        for method in self.available(loaded) {
            if !acrs.contains(&method.acr) {
                acrs.push(method.acr.clone());
            }
        }
        acrs
    }
}

#[cfg(test)]
mod tests;
