//! Why a sign-in did not happen.

/// Why a sign-in did not happen. What a person reads is in `page.rs`; these texts are for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The provider said no, in the words of its specifications (RFC 6749 §4.1.2.1 and §5.2).
    #[error("the provider answered {error} at the {step}")]
    Refused {
        /// Which step it was.
        step: &'static str,
        /// The registered code, such as `access_denied`.
        error: String,
    },
    /// Something that the provider sent does not pass a check. Nothing of it may be used.
    #[error("a check failed: {0}")]
    Untrusted(&'static str),
    /// The provider cannot be reached, or its answer is none.
    #[error("the provider gave no usable answer at the {step}: {reason}")]
    Unreachable {
        /// Which step it was.
        step: &'static str,
        /// What went wrong.
        reason: String,
    },
    /// Our own key cannot be used.
    #[error("our key: {0}")]
    Key(&'static str),
}

/// Takes the JSON of a good answer; of a bad one takes the error code.
pub(crate) async fn json_of(
    step: &'static str,
    sent: Result<reqwest::Response, reqwest::Error>,
) -> Result<serde_json::Value, SignInError> {
    let unreachable = |reason: reqwest::Error| SignInError::Unreachable { step, reason: reason.to_string() };
    let response = sent.map_err(unreachable)?;
    let succeeded = response.status().is_success();
    let challenge = response.headers().get("www-authenticate").and_then(|value| value.to_str().ok());
    let challenged = challenge.and_then(error_of_challenge);
    let body: serde_json::Value = response.json().await.map_err(unreachable)?;
    if succeeded {
        return Ok(body);
    }
    let error = body.get("error").and_then(serde_json::Value::as_str).map(str::to_owned).or(challenged);
    Err(SignInError::Refused { step, error: error.unwrap_or_else(|| "no error code".to_owned()) })
}

/// The `error` of a `WWW-Authenticate` header (RFC 6750 §3).
fn error_of_challenge(challenge: &str) -> Option<String> {
    let (_, rest) = challenge.split_once("error=\"")?;
    rest.split_once('"').map(|(error, _)| error.to_owned())
}
