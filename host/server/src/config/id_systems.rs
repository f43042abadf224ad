//! `[[id_systems]]`: several ID systems, and which of them answers for whom. Without it there is one (`[plugins] id_system`).

use esignet_protocol::assurance::Assurance;
use esignet_protocol::id_systems::{IdSystemName, IdSystems as List, Rule};
use esignet_protocol::word::acr::Acr;
use esignet_protocol::word::client_id::ClientId;

use super::finding::did_you_mean;
use super::section::{Located, Section};

/// The operator's list, each entry with where it was written.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdSystems {
    /// In order: the first that fits answers.
    pub(crate) rules: Vec<Located<Rule>>,
}

impl IdSystems {
    /// The list as the core has it.
    pub(crate) fn list(&self) -> List {
        List { rules: self.rules.iter().map(|rule| rule.value.clone()).collect() }
    }
}

/// Reads the list. `sole` is what `[plugins] id_system` says.
pub(super) fn read(root: &Section<'_>, assurance: &Assurance, sole: Option<&str>) -> IdSystems {
    let sections = root.tables("id_systems").unwrap_or_default();
    let rules: Vec<Located<Rule>> =
        sections.into_iter().filter_map(|section| rule(section, assurance)).collect();
    if let (Some(sole), Some(first)) = (sole, rules.first()) {
        root.findings().error(
            "bad-value",
            &first.place,
            format!("`id_system = \"{sole}\"` in [plugins] says that one ID system answers for everybody"),
            "take it out of [plugins]; an [[id_systems]] at the end with `plugin` alone answers for everybody else",
        );
    }
    for (at, rule) in rules.iter().enumerate() {
        let earlier = || rules.iter().take(at);
        refuse_two_meanings(root, rule, earlier());
    }
    IdSystems { rules }
}

/// A name is one ID system, and an ID system has one name: people would be strangers under the other one.
fn refuse_two_meanings<'a>(
    root: &Section<'_>,
    rule: &Located<Rule>,
    mut earlier: impl Iterator<Item = &'a Located<Rule>>,
) {
    let (name, plugin) = (&rule.value.name, &rule.value.plugin);
    let other = earlier.find(|one| (one.value.name == *name) != (one.value.plugin == *plugin));
    if let Some(other) = other {
        root.findings().error(
            "bad-value",
            &rule.place,
            format!(
                "the ID system \"{}\" of the plugin {plugin} is \"{}\" of the plugin {} in {}",
                name.0, other.value.name.0, other.value.plugin, other.place
            ),
            "give each ID system one name and one plugin; the name is part of what people are known by, so keep it",
        );
    }
}

fn rule(section: Section<'_>, assurance: &Assurance) -> Option<Located<Rule>> {
    let plugin = section.required_text("plugin", "\"population-register\"").map(|text| text.value);
    let name = section.text("name");
    if let Some(name) = &name
        && (name.value.is_empty() || name.value.len() > 64 || !name.value.bytes().all(is_of_a_name))
    {
        section.findings().error(
            "bad-value",
            &name.place,
            format!("\"{}\" is no name of an ID system", name.value),
            "use up to 64 letters, digits, -, _ and dots, such as \"citizens\"",
        );
    }
    let clients = filled(&section, "clients")
        .map(|texts| texts.iter().filter_map(|text| client(&section, text)).collect());
    let acr_values = filled(&section, "acr_values")
        .map(|texts| texts.iter().map(|text| acr(&section, text, assurance)).collect());
    let kinds = filled(&section, "kinds").map(|texts| texts.into_iter().map(|text| text.value).collect());
    let place = section.place().clone();
    section.finish();
    let plugin = plugin?;
    let name = IdSystemName(name.map_or_else(|| plugin.clone(), |name| name.value));
    Some(Located { value: Rule { name, plugin, clients, acr_values, kinds }, place })
}

fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

/// A list that says something: an empty one would lead nobody anywhere.
fn filled(section: &Section<'_>, key: &'static str) -> Option<Vec<Located<String>>> {
    let texts = section.texts(key)?;
    if texts.is_empty() {
        section.findings().error(
            "bad-value",
            &section.place_of(key),
            format!("`{key}` is empty, so nobody is led to this ID system"),
            format!("name some, or remove the key: without `{key}` it is for all"),
        );
    }
    Some(texts)
}

fn client(section: &Section<'_>, text: &Located<String>) -> Option<ClientId> {
    let parsed = ClientId::parse(&text.value);
    parsed
        .map_err(|error| {
            let fix = "write the client_id as it is registered";
            section.findings().error("bad-value", &text.place, error.to_string(), fix);
        })
        .ok()
}

fn acr(section: &Section<'_>, text: &Located<String>, assurance: &Assurance) -> Acr {
    let known: Vec<&str> = assurance.methods.iter().map(|method| method.acr.as_str()).collect();
    if !known.contains(&text.value.as_str()) {
        let meant = did_you_mean(&text.value, known.iter().copied());
        let meant = meant.map_or_else(String::new, |word| format!("did you mean \"{word}\"? "));
        section.findings().error(
            "bad-value",
            &text.place,
            format!("no method of [assurance] is of the class \"{}\"", text.value),
            format!("{meant}there are: {}", known.join(", ")),
        );
    }
    Acr(text.value.clone())
}
