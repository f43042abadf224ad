//! The words that every role shares (`esignet:types`), with constructors.

pub use crate::bindings::host::esignet::types::types::{
    Attribute, Caller, Evidence, Failure, Individual, MaskedTarget, Message, OtpReceipt, Proof, Rejection,
};

impl Attribute {
    /// A named value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

impl Message {
    /// Words for a person: the host's entry for `key` in the person's language, or `text` where it has none.
    pub fn new(key: impl Into<String>, text: impl Into<String>) -> Self {
        Self { key: key.into(), text: text.into(), arguments: Vec::new() }
    }

    /// Adds a value for a placeholder of the host's entry.
    #[must_use]
    pub fn argument(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.arguments.push(Attribute::new(name, value));
        self
    }
}

impl Rejection {
    /// A rejection for a reason of the open vocabulary.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), attempts_left: None, retry_after_seconds: None }
    }

    /// The credential is not the right one.
    pub fn wrong() -> Self {
        Self::new("wrong")
    }

    /// The credential is too old.
    pub fn expired() -> Self {
        Self::new("expired")
    }

    /// The person or the factor is locked.
    pub fn locked() -> Self {
        Self::new("locked")
    }

    /// There is no such person. The host does not tell them apart from a wrong credential.
    pub fn unknown() -> Self {
        Self::new("unknown")
    }

    /// Whether no other credential can be accepted in this login: locked, or no try is left.
    pub fn is_final(&self) -> bool {
        self.reason == "locked" || self.attempts_left == Some(0)
    }

    /// Says how many tries are left.
    #[must_use]
    pub fn attempts_left(mut self, attempts: u32) -> Self {
        self.attempts_left = Some(attempts);
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl Failure {
    /// The ID system or gateway cannot answer now.
    pub fn unavailable(why: impl Into<String>) -> Self {
        Self::Unavailable(why.into())
    }

    /// The operator must act.
    pub fn misconfigured(what: impl Into<String>) -> Self {
        Self::Misconfigured(what.into())
    }

    /// This plugin does not do that.
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }

    /// The plugin itself is at fault.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Internal(what.into())
    }
}

impl Proof {
    /// What a factor collected, for the ID system to judge.
    pub fn new(factor: impl Into<String>, format: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        Self { factor: factor.into(), format: format.into(), value: value.into(), attributes: Vec::new() }
    }
}

impl Evidence {
    /// What a factor judged itself, with the authentication method references (RFC 8176) that it claims.
    pub fn new(factor: impl Into<String>, amr: &[&str]) -> Self {
        let amr = amr.iter().map(|&value| value.to_owned()).collect();
        Self { factor: factor.into(), amr, attributes: Vec::new() }
    }

    /// Adds a fact that was proved with it, such as the address that a code went to.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push(Attribute::new(name, value));
        self
    }

    /// The value of a fact, if there is exactly one of that name.
    pub fn fact(&self, name: &str) -> Option<&str> {
        let mut named = self.attributes.iter().filter(|attribute| attribute.name == name);
        let value = named.next().map(|attribute| attribute.value.as_str());
        if named.next().is_some() { None } else { value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_becomes_a_failure_with_all_it_says() {
        let failure = Failure::from(Rejection::wrong().attempts_left(2).retry_after(30));
        let Failure::Rejected(rejection) = failure else { panic!("it became {failure}") };
        assert_eq!(rejection.reason, "wrong");
        assert_eq!(rejection.attempts_left, Some(2));
        assert_eq!(rejection.retry_after_seconds, Some(30));
    }

    #[test]
    fn a_lock_and_a_last_try_are_final() {
        assert!(Rejection::locked().is_final() && Rejection::wrong().attempts_left(0).is_final());
        assert!(!Rejection::wrong().is_final() && !Rejection::wrong().attempts_left(1).is_final());
    }

    #[test]
    fn a_fact_that_is_there_twice_is_none() {
        let evidence = Evidence::new("OTP", &["otp"]).attribute("address", "a").attribute("channel", "sms");
        assert_eq!((evidence.fact("address"), evidence.fact("other")), (Some("a"), None));
        assert_eq!(evidence.attribute("address", "b").fact("address"), None);
    }
}
