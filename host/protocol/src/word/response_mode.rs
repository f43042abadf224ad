//! `response_mode`: how the authorization response travels (OAuth Multiple Response Types §2.1, Form Post §2).

use serde::{Deserialize, Serialize};

/// The response modes that exist here. Fragments do not: there is no front-channel token to protect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// Parameters in the query of a 303.
    #[default]
    Query,
    /// Parameters in a form that the browser posts.
    FormPost,
}

/// A response mode that does not exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("response_mode is query or form_post")]
pub struct UnknownResponseMode;

impl ResponseMode {
    /// Every mode, for discovery.
    pub const ALL: [Self; 2] = [Self::Query, Self::FormPost];

    /// Reads the parameter.
    pub fn parse(text: &str) -> Result<Self, UnknownResponseMode> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text).ok_or(UnknownResponseMode)
    }

    /// The registered value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }
}
