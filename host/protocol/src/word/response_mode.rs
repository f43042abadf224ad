//! `response_mode`: how the authorization response travels (OAuth Multiple Response Types §2.1, Form Post §2, JARM §2.3).

use serde::{Deserialize, Serialize};

use crate::client::Profile;

/// The response modes that exist here. Fragments do not: there is no front-channel token to protect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// Parameters in the query of a 303.
    #[default]
    Query,
    /// Parameters in a form that the browser posts.
    FormPost,
    /// One signed parameter in the query of a 303 (JARM §2.3.1).
    QueryJwt,
    /// One signed parameter in a form that the browser posts (JARM §2.3.3).
    FormPostJwt,
}

/// A response mode that does not exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("response_mode is query, form_post, query.jwt, form_post.jwt or jwt")]
pub struct UnknownResponseMode;

/// The mode that leaves the way to the server: with `code` it is the query (JARM §2.3.4).
const JWT: &str = "jwt";

impl ResponseMode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::Query, Self::FormPost, Self::QueryJwt, Self::FormPostJwt];

    /// Every value of the parameter that a client of some profile from `floor` up may send, for discovery.
    pub fn values(floor: Profile) -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().filter(move |mode| mode.is_open_to(floor)).map(Self::as_str).chain([JWT])
    }

    /// Whether a client of this profile may ask for it. FAPI 2.0 Message Signing §5.4.1: who is registered for signed
    /// responses gets no others.
    pub fn is_open_to(self, profile: Profile) -> bool {
        self.is_signed() || profile < Profile::Fapi2MessageSigning
    }

    /// Reads the parameter.
    pub fn parse(text: &str) -> Result<Self, UnknownResponseMode> {
        if text == JWT {
            return Ok(Self::QueryJwt);
        }
        Self::ALL.into_iter().find(|mode| mode.as_str() == text).ok_or(UnknownResponseMode)
    }

    /// What a client of this profile gets that does not say (`protocol.md` §0).
    pub const fn usual(profile: Profile) -> Self {
        match profile {
            Profile::Interop | Profile::Fapi2 => Self::Query,
            Profile::Fapi2MessageSigning => Self::QueryJwt,
        }
    }

    /// The registered value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
            Self::QueryJwt => "query.jwt",
            Self::FormPostJwt => "form_post.jwt",
        }
    }

    /// Whether the response is one signed parameter.
    pub const fn is_signed(self) -> bool {
        match self {
            Self::Query | Self::FormPost => false,
            Self::QueryJwt | Self::FormPostJwt => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_value_is_read_and_no_other() {
        for value in ResponseMode::values(Profile::Interop) {
            assert!(ResponseMode::parse(value).is_ok(), "{value}");
        }
        for value in ["fragment", "fragment.jwt", "web_message", "Query", ""] {
            assert_eq!(ResponseMode::parse(value), Err(UnknownResponseMode), "{value}");
        }
        assert_eq!(ResponseMode::parse("jwt"), Ok(ResponseMode::QueryJwt));
    }
}
