//! The registry of error codes this server sends, each with its one description and status.
//!
//! Descriptions are fixed: nothing of a request is ever echoed, and only the characters that RFC 6749 §5.2 allows are
//! used (%x20-21 %x23-5B %x5D-7E).

/// An error code of a specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorCode {
    /// RFC 6749 §4.1.2.1.
    AccessDenied,
    /// OIDC Core §3.1.2.6.
    ConsentRequired,
    /// RFC 9396 §5.
    InvalidAuthorizationDetails,
    /// RFC 6749 §5.2.
    InvalidClient,
    /// RFC 9470 §3.
    InsufficientUserAuthentication,
    /// OpenID for Verifiable Credential Issuance §8.3.1.2.
    InvalidProof,
    /// RFC 9449 §12.2.
    InvalidDpopProof,
    /// RFC 6749 §5.2.
    InvalidGrant,
    /// RFC 6749 §5.2.
    InvalidRequest,
    /// RFC 6749 §5.2.
    InvalidScope,
    /// RFC 6750 §3.1.
    InvalidToken,
    /// RFC 6750 §3.1.
    InsufficientScope,
    /// OIDC Core §3.1.2.6, RFC 9101 §7.
    InvalidRequestObject,
    /// OIDC Core §3.1.2.6.
    LoginRequired,
    /// OIDC Core §3.1.2.6.
    RegistrationNotSupported,
    /// OIDC Core §3.1.2.6.
    RequestNotSupported,
    /// OIDC Core §3.1.2.6.
    RequestUriNotSupported,
    /// RFC 6749 §4.1.2.1.
    ServerError,
    /// RFC 6749 §4.1.2.1.
    TemporarilyUnavailable,
    /// RFC 6749 §5.2.
    UnauthorizedClient,
    /// OIDC Unmet Authentication Requirements §2.
    UnmetAuthenticationRequirements,
    /// RFC 6749 §5.2.
    UnsupportedGrantType,
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType,
    /// RFC 9449 §8.
    UseDpopNonce,
}

impl ErrorCode {
    /// Every code, for tests and documents that must be complete.
    pub const ALL: [Self; 24] = [
        Self::AccessDenied,
        Self::ConsentRequired,
        Self::InvalidAuthorizationDetails,
        Self::InvalidClient,
        Self::InvalidDpopProof,
        Self::InvalidGrant,
        Self::InvalidRequest,
        Self::InvalidRequestObject,
        Self::InvalidScope,
        Self::InvalidToken,
        Self::InsufficientScope,
        Self::InsufficientUserAuthentication,
        Self::InvalidProof,
        Self::LoginRequired,
        Self::RegistrationNotSupported,
        Self::RequestNotSupported,
        Self::RequestUriNotSupported,
        Self::ServerError,
        Self::TemporarilyUnavailable,
        Self::UnauthorizedClient,
        Self::UnmetAuthenticationRequirements,
        Self::UnsupportedGrantType,
        Self::UnsupportedResponseType,
        Self::UseDpopNonce,
    ];

    /// The registered value of `error`.
    pub const fn as_str(self) -> &'static str {
        self.entry().0
    }

    /// The one `error_description` of this code.
    pub const fn description(self) -> &'static str {
        self.entry().1
    }

    /// The status of a JSON answer with this code.
    pub const fn status(self) -> u16 {
        self.entry().2
    }

    const fn entry(self) -> (&'static str, &'static str, u16) {
        match self {
            Self::AccessDenied => ("access_denied", "The end-user or the server denied the request.", 400),
            Self::ConsentRequired => {
                ("consent_required", "The end-user has to consent, and nothing may be shown.", 400)
            }
            Self::InvalidAuthorizationDetails => {
                ("invalid_authorization_details", "The authorization_details are not supported.", 400)
            }
            Self::InvalidClient => ("invalid_client", "The client could not be authenticated.", 401),
            Self::InvalidDpopProof => ("invalid_dpop_proof", "The DPoP proof is missing or not valid.", 400),
            Self::InvalidGrant => (
                "invalid_grant",
                "The authorization code is not valid, or does not fit this client, redirect_uri or code_verifier.",
                400,
            ),
            Self::InvalidRequest => (
                "invalid_request",
                "A parameter is missing, repeated, too large, malformed or not supported.",
                400,
            ),
            Self::InvalidRequestObject => (
                "invalid_request_object",
                "The request object is not signed by this client for this server, or its time is not right.",
                400,
            ),
            Self::InvalidScope => {
                ("invalid_scope", "The scope is missing or names a value that is not supported.", 400)
            }
            Self::InvalidToken => ("invalid_token", "The access token is not valid here.", 401),
            Self::InsufficientScope => {
                ("insufficient_scope", "The access token does not have the scope that is needed here.", 403)
            }
            Self::InsufficientUserAuthentication => (
                "insufficient_user_authentication",
                "The end-user has to log in anew, or in a stronger way, for this.",
                401,
            ),
            Self::InvalidProof => {
                ("invalid_proof", "The proof of the key that is to be bound is not valid.", 400)
            }
            Self::LoginRequired => {
                ("login_required", "The end-user has to log in, as the right person.", 400)
            }
            Self::RegistrationNotSupported => {
                ("registration_not_supported", "The parameter registration is not supported.", 400)
            }
            Self::RequestNotSupported => (
                "request_not_supported",
                "The parameter request is not supported here. Push the request.",
                400,
            ),
            Self::RequestUriNotSupported => (
                "request_uri_not_supported",
                "The only request_uri is one of this server. Push the request.",
                400,
            ),
            Self::ServerError => {
                ("server_error", "The server failed. Report the incident id to its operator.", 500)
            }
            Self::TemporarilyUnavailable => {
                ("temporarily_unavailable", "The server cannot answer now. Try again later.", 503)
            }
            Self::UnauthorizedClient => ("unauthorized_client", "The client may not do this.", 400),
            Self::UnmetAuthenticationRequirements => {
                ("unmet_authentication_requirements", "The essential acr cannot be met.", 400)
            }
            Self::UnsupportedGrantType => {
                ("unsupported_grant_type", "The only grant_type is authorization_code.", 400)
            }
            Self::UnsupportedResponseType => {
                ("unsupported_response_type", "The only response_type is code.", 400)
            }
            Self::UseDpopNonce => {
                ("use_dpop_nonce", "The DPoP proof needs the nonce of the header DPoP-Nonce.", 400)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_use_only_the_characters_of_the_specification() {
        let allowed = |c: char| matches!(c, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e');
        for code in ErrorCode::ALL {
            assert!(code.description().chars().all(allowed), "{}", code.as_str());
        }
    }

    #[test]
    fn every_code_is_listed_once() {
        let mut codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
    }
}
