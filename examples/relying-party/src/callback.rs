//! Step 4: the browser comes back. Is this the answer to our question, and does it come from our provider?

use crate::error::SignInError;
use crate::key::{Key, random_text, sha256_text};

/// What we must remember of one attempt to sign in, under the session of the browser that made it.
#[derive(Clone)]
pub(crate) struct Attempt {
    /// Comes back with the answer: it belongs to this browser (RFC 6749 §10.12).
    pub(crate) state: String,
    /// Comes back in the `id_token`: it belongs to this attempt (OIDC Core §15.5.2).
    pub(crate) nonce: String,
    /// Only who knows this can redeem the code (RFC 7636).
    pub(crate) code_verifier: String,
    /// Only who holds this can use the tokens (RFC 9449).
    pub(crate) key: Key,
}

impl Attempt {
    /// Fresh values for everything.
    pub(crate) fn fresh() -> Result<Self, SignInError> {
        Ok(Self {
            state: random_text()?,
            nonce: random_text()?,
            code_verifier: random_text()?,
            key: Key::fresh()?,
        })
    }

    /// The challenge that the provider gets: method `S256` of RFC 7636 §4.2.
    pub(crate) fn code_challenge(&self) -> String {
        sha256_text(&self.code_verifier)
    }
}

/// Reads the code out of the query, after all checks.
pub(crate) fn code(query: &str, attempt: &Attempt, issuer: &str) -> Result<String, SignInError> {
    let one = |wanted: &str| {
        let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == wanted);
        match (values.next(), values.next()) {
            (value, None) => Ok(value.map(|(_, value)| value.into_owned())),
            _ => Err(SignInError::Untrusted("a parameter of the response is there twice")),
        }
    };
    if one("state")?.as_deref() != Some(attempt.state.as_str()) {
        return Err(SignInError::Untrusted("state is not that of this browser's sign-in"));
    }
    // RFC 9207 §2.4: before anything else of the response is believed, an error included.
    if one("iss")?.as_deref() != Some(issuer) {
        return Err(SignInError::Untrusted("iss is not our provider"));
    }
    if let Some(error) = one("error")? {
        return Err(SignInError::Refused { step: "login", error });
    }
    one("code")?.ok_or(SignInError::Untrusted("the response has neither a code nor an error"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://op.example";

    fn attempt() -> Attempt {
        Attempt { state: "s".to_owned(), ..Attempt::fresh().expect("fresh") }
    }

    #[test]
    fn a_response_with_our_state_and_our_issuer_gives_its_code() {
        let answer = code("code=c&state=s&iss=https%3A%2F%2Fop.example", &attempt(), ISSUER);
        assert_eq!(answer, Ok("c".to_owned()));
    }

    #[test]
    fn a_response_that_is_not_the_answer_to_our_question_is_not_believed() {
        let bad = [
            "code=c&iss=https://op.example",
            "code=c&state=x&iss=https://op.example",
            "code=c&state=s",
            "code=c&state=s&iss=https://evil.example",
            "code=c&code=d&state=s&iss=https://op.example",
            "error=access_denied&state=s&iss=https://evil.example",
            "state=s&iss=https://op.example",
        ];
        for query in bad {
            assert!(matches!(code(query, &attempt(), ISSUER), Err(SignInError::Untrusted(_))), "{query}");
        }
    }

    #[test]
    fn an_error_of_our_provider_is_what_it_says() {
        let answer = code("error=access_denied&state=s&iss=https://op.example", &attempt(), ISSUER);
        assert_eq!(answer, Err(SignInError::Refused { step: "login", error: "access_denied".to_owned() }));
    }
}
