//! What a deployment says about its pages and its readiness.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The settings of the site.
#[derive(Clone)]
pub struct WebSettings {
    /// Whose sign-in this is.
    pub branding: Branding,
    /// Asked at every `/ready`: cheap, and without secrets.
    pub readiness: Arc<dyn Fn() -> Ready + Send + Sync>,
    /// When a request that has no answer yet is given up with 503. Longer than any call of a plugin.
    pub request_timeout: Duration,
}

/// Whose sign-in this is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branding {
    /// The operator's name by BCP 47 tag, such as "Government of Example". Empty for "National sign-in".
    pub operator: BTreeMap<String, String>,
    /// The operator's emblem; a plain one stands in.
    pub logo: Option<Logo>,
}

/// An image that the operator configured.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    /// The file.
    pub content: Vec<u8>,
    /// What it is.
    pub format: LogoFormat,
}

/// The formats of logos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoFormat {
    /// PNG.
    Png,
    /// SVG. It is shown as an image, so nothing in it runs.
    Svg,
    /// WebP.
    Webp,
}

impl LogoFormat {
    /// File extension and media type.
    pub(crate) const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Png => ("png", "image/png"),
            Self::Svg => ("svg", "image/svg+xml"),
            Self::Webp => ("webp", "image/webp"),
        }
    }
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Logo({:?}, {} bytes)", self.format, self.content.len())
    }
}

/// Whether logins can be done now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// Each thing that is needed, by a name without secrets, and whether it is there.
    pub checks: Vec<(&'static str, bool)>,
    /// What `/ready?verbose` tells of plugins: an array, without places of files.
    pub plugins: serde_json::Value,
    /// What else `/ready?verbose` tells, by name.
    pub details: Vec<(&'static str, serde_json::Value)>,
}

impl Ready {
    /// Whether everything is there.
    pub fn is_ready(&self) -> bool {
        self.checks.iter().all(|(_, holds)| *holds)
    }
}
