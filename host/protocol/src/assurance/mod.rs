//! From `acr` to factors and back (OIDC Core §2, §5.5.1.1): a class is met by any of its methods, a method by all of its
//! factors, and an id_token states only what happened.

use crate::ports::plugins::Plugins;
use crate::word::acr::Acr;
use crate::word::claims_request::ClaimsRequest;

/// One way to meet a class: every factor, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// The class it meets.
    pub acr: Acr,
    /// The words of its factors, at least one.
    pub factors: Vec<String>,
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
    /// Methods whose factors are all loaded.
    pub fn available<'a>(&'a self, plugins: &'a dyn Plugins) -> impl Iterator<Item = &'a Method> {
        self.having(|factor: &str| plugins.factor(factor).is_some())
    }

    fn having(&self, has: impl Fn(&str) -> bool) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(move |method| method.factors.iter().all(|factor| has(factor)))
    }

    /// Methods to offer for a request, best first: what an essential `acr` claim allows; otherwise what `acr_values`
    /// prefer and then the rest (OIDC Core §3.1.2.1: a preference, not a condition).
    pub fn offer(
        &self,
        plugins: &dyn Plugins,
        registered: &[Acr],
        preferred: &[Acr],
        claims: &ClaimsRequest,
    ) -> Result<Vec<Method>, NoMethod> {
        self.offer_of(|factor: &str| plugins.factor(factor).is_some(), registered, preferred, claims)
    }

    /// The same where the factors are not those that are loaded now, but others.
    pub fn offer_of(
        &self,
        has: impl Fn(&str) -> bool,
        registered: &[Acr],
        preferred: &[Acr],
        claims: &ClaimsRequest,
    ) -> Result<Vec<Method>, NoMethod> {
        let registered = |method: &&Method| registered.is_empty() || registered.contains(&method.acr);
        let mut methods: Vec<Method> = self.having(has).filter(registered).cloned().collect();
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
    pub fn acrs(&self, plugins: &dyn Plugins) -> Vec<Acr> {
        let mut acrs: Vec<Acr> = Vec::new();
        for method in self.available(plugins) {
            if !acrs.contains(&method.acr) {
                acrs.push(method.acr.clone());
            }
        }
        acrs
    }
}

#[cfg(test)]
mod tests;
