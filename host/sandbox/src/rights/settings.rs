//! The operator's settings of a plugin against the JSON Schema of its manifest.

use crate::accept;
use crate::finding::Finding;
use crate::grant::Grant;
use crate::manifest::Manifest;

/// The most findings that are told of one plugin's settings.
const MOST: usize = 8;

/// What is wrong with the settings, each at its key. No value is repeated: it may be a secret in the wrong place.
pub(super) fn findings(manifest: &Manifest, grant: &Grant) -> Vec<Finding> {
    let id = &manifest.plugin.id;
    let section = format!("[plugins.\"{id}\".config]");
    let Some(schema) = &manifest.config.schema else {
        return grant
            .config
            .keys()
            .take(MOST)
            .map(|key| {
                Finding::new(
                    format!("`{key}` is no setting: the plugin takes none"),
                    &section,
                    "remove the key",
                )
            })
            .collect();
    };
    let validator = match jsonschema::draft202012::new(schema) {
        Ok(validator) => validator,
        Err(error) => {
            let rule = format!(
                "the schema of the plugin's settings is none ({})",
                accept::cut(&error.to_string(), 256)
            );
            return vec![Finding::new(
                rule,
                "plugin.toml [config.schema]",
                "have the plugin corrected by its publisher",
            )];
        }
    };
    let settings = serde_json::Value::Object(grant.config.clone().into_iter().collect());
    validator
        .iter_errors(&settings)
        .take(MOST)
        .map(|error| {
            let key = error.instance_path().to_string();
            let key = key.trim_start_matches('/').replace('/', ".");
            let place = if key.is_empty() { section.clone() } else { format!("{section} {key}") };
            let rule = accept::cut(&error.masked().to_string(), 256);
            Finding::new(
                format!("the setting does not fit: {rule}"),
                place,
                format!("see the settings of {id}: `esignet plugin inspect`"),
            )
        })
        .collect()
}
