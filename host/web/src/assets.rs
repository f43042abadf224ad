//! What pages load: one style sheet, one script, an icon and the operator's logo, and a style sheet for the error catalogue, each under a name that changes with its
//! content, so that it can be cached for ever (RFC 8246).

use bytes::Bytes;

use crate::settings::Branding;

/// One file.
pub(crate) struct Asset {
    /// The name with the hash of the content, as in the URL.
    pub(crate) file: String,
    /// The media type.
    pub(crate) media_type: &'static str,
    /// The content.
    pub(crate) content: Bytes,
}

/// All files.
pub(crate) struct Assets {
    /// The style sheet.
    pub(crate) style: Asset,
    /// The script.
    pub(crate) script: Asset,
    /// The style sheet of the error catalogue, which no login page loads.
    pub(crate) guide: Asset,
    /// What a browser shows in a tab.
    pub(crate) icon: Asset,
    /// The operator's logo, if there is one.
    pub(crate) logo: Option<Asset>,
}

impl Asset {
    fn new(name: &str, extension: &str, media_type: &'static str, content: Bytes) -> Self {
        Self { file: format!("{name}.{:016x}.{extension}", hash(&content)), media_type, content }
    }
}

impl Assets {
    /// The files of a site.
    pub(crate) fn new(branding: &Branding) -> Self {
        let text = |content: &'static str| Bytes::from_static(content.as_bytes());
        let logo = branding.logo.as_ref();
        Self {
            style: Asset::new(
                "style",
                "css",
                "text/css; charset=utf-8",
                text(include_str!("assets/style.css")),
            ),
            script: Asset::new(
                "login",
                "js",
                "text/javascript; charset=utf-8",
                text(include_str!("assets/login.js")),
            ),
            guide: Asset::new(
                "guide",
                "css",
                "text/css; charset=utf-8",
                text(include_str!("assets/guide.css")),
            ),
            icon: Asset::new("icon", "svg", "image/svg+xml", text(include_str!("assets/icon.svg"))),
            logo: logo.map(|logo| {
                let (extension, media_type) = logo.format.parts();
                Asset::new("logo", extension, media_type, Bytes::from(logo.content.clone()))
            }),
        }
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Asset> {
        [&self.style, &self.script, &self.icon, &self.guide].into_iter().chain(&self.logo)
    }
}

/// FNV-1a, 64 bits: it tells versions of a file apart and protects nothing.
fn hash(content: &[u8]) -> u64 {
    content
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_gets_another_name() {
        let name = |content: &'static str| {
            Asset::new("a", "css", "text/css", Bytes::from_static(content.as_bytes())).file
        };
        assert_eq!(name("x"), name("x"));
        assert_ne!(name("x"), name("y"));
        assert_eq!(name("x").split('.').map(str::len).collect::<Vec<_>>(), [1, 16, 3]);
    }

    #[test]
    fn style_script_and_icon_stay_within_their_budgets() {
        let assets = Assets::new(&Branding::default());
        let size = |asset: &Asset| asset.content.len();
        assert!(size(&assets.style) <= 8 * 1024, "style sheet: {} bytes", size(&assets.style));
        assert!(size(&assets.script) <= 12 * 1024, "script: {} bytes", size(&assets.script));
        assert!(size(&assets.icon) <= 1024, "icon: {} bytes", size(&assets.icon));
    }

    #[test]
    fn the_style_sheet_lays_out_by_logical_properties_only() {
        let style = include_str!("assets/style.css");
        for physical in
            ["left:", "right:", "left;", "right;", "margin-left", "padding-right", "float", "url(", "@import"]
        {
            assert!(!style.contains(physical), "{physical}");
        }
    }

    #[test]
    fn the_script_neither_stores_nor_fetches_nor_writes_markup() {
        let script = include_str!("assets/login.js");
        for word in [
            "localStorage",
            "sessionStorage",
            "fetch",
            "XMLHttp",
            "innerHTML",
            "eval",
            "document.write",
            "cookie",
        ] {
            assert!(!script.contains(word), "{word}");
        }
    }
}
