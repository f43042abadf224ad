//! `prompt` (OIDC Core §3.1.2.1). This server keeps no session, so every login is a fresh one and `none` cannot succeed.

use serde::{Deserialize, Serialize};

/// What the relying party wants the end-user to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// `none`: nothing may be shown.
    pub none: bool,
    /// `consent`: consent is asked even if it is stored.
    pub consent: bool,
}

/// An unknown value, or `none` beside another value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("prompt is none alone, or any of login, consent and select_account")]
pub struct MalformedPrompt;

impl Prompt {
    /// Takes values separated by spaces. `login` and `select_account` are what always happens here.
    pub fn parse(text: &str) -> Result<Self, MalformedPrompt> {
        let mut prompt = Self::default();
        let mut others = false;
        for value in text.split(' ') {
            match value {
                "none" => prompt.none = true,
                "consent" => prompt.consent = true,
                "login" | "select_account" => {}
                _ => return Err(MalformedPrompt),
            }
            others |= value != "none";
        }
        if prompt.none && others {
            return Err(MalformedPrompt);
        }
        Ok(prompt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_stands_alone_and_unknown_values_are_refused() {
        assert_eq!(Prompt::parse("none"), Ok(Prompt { none: true, consent: false }));
        assert_eq!(Prompt::parse("login consent"), Ok(Prompt { none: false, consent: true }));
        for bad in ["none login", "login none", "create", "", "login  consent"] {
            assert_eq!(Prompt::parse(bad), Err(MalformedPrompt), "{bad:?}");
        }
    }
}
