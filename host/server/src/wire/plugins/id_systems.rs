//! Whether the list of ID systems leads everybody somewhere, with the plugins that are loaded; and the list in words.

use std::collections::BTreeSet;

use esignet_protocol::assurance::Method;
use esignet_protocol::id_systems::{Loaded, Rule};
use esignet_protocol::policy::IndividualKind;
use esignet_protocol::ports::plugins::Plugins as _;
use esignet_protocol::word::acr::Acr;
use esignet_protocol::word::client_id::ClientId;
use esignet_sandbox::Registry;
use serde_json::{Value, json};

use crate::config::finding::{Finding, did_you_mean};
use crate::config::{Config, Located};

/// What is wrong with the list. Nothing where there is one ID system.
pub(super) fn unmet(config: &Config, registry: &Registry) -> Vec<Finding> {
    let rules = &config.id_systems.rules;
    let mut findings: Vec<Finding> = rules.iter().filter_map(|rule| unknown(rule, registry)).collect();
    if rules.is_empty() || !findings.is_empty() {
        // With one of them missing the rest cannot be judged.
        return findings;
    }
    let list = config.id_systems.list();
    let loaded = list.loaded(registry);
    findings.extend(rules.iter().flat_map(|rule| unknown_kinds(rule, &loaded)));
    let every = Every::of(config, registry, &loaded);
    findings.extend(several_name_people(config));
    findings.extend(every.told_apart_by_nothing());
    findings.extend(every.unreachable());
    findings.extend(every.homeless());
    findings.extend(every.without_a_class());
    let named: BTreeSet<&str> = rules.iter().map(|rule| rule.value.plugin.as_str()).collect();
    findings.extend(registry.id_systems().into_iter().filter(|plugin| !named.contains(plugin.as_str())).map(
        |plugin| {
            Finding::warning(
                "id-system",
                "[[id_systems]]",
                format!("nobody is led to the ID system of the plugin {plugin}"),
                format!(
                    "add [[id_systems]] with plugin = \"{plugin}\", or take the file out of the directory"
                ),
            )
        },
    ));
    findings
}

fn unknown(rule: &Located<Rule>, registry: &Registry) -> Option<Finding> {
    let plugin = rule.value.plugin.as_str();
    if registry.id_system_by(plugin).is_some() {
        return None;
    }
    let known = registry.id_systems();
    let meant = did_you_mean(plugin, known.iter().map(String::as_str));
    let meant = meant.map_or_else(String::new, |word| format!("did you mean \"{word}\"? "));
    let problem = if registry.states().iter().any(|state| state.id == plugin && state.state == "loaded") {
        format!("the plugin {plugin} is no ID system")
    } else {
        format!("no ID system of a plugin {plugin} is loaded")
    };
    Some(Finding::error(
        "id-system",
        &rule.place,
        problem,
        format!("{meant}loaded ID systems are: {}; `esignet plugin list` says more", known.join(", ")),
    ))
}

fn unknown_kinds(rule: &Located<Rule>, loaded: &Loaded<'_>) -> Vec<Finding> {
    let Some(named) = loaded.named(&rule.value.name) else { return Vec::new() };
    let known = &named.id_system.descriptor().individual_kinds;
    let asked = rule.value.kinds.iter().flatten().filter(|kind| !known.contains(kind));
    let finding = |kind: &String| {
        let meant = did_you_mean(kind, known.iter().map(String::as_str));
        let meant = meant.map_or_else(String::new, |word| format!("did you mean \"{word}\"? "));
        Finding::error(
            "id-system",
            &rule.place,
            format!("the ID system {} knows no identifier of kind \"{kind}\"", rule.value.name.0),
            format!("{meant}it knows: {}", known.join(", ")),
        )
    };
    asked.map(finding).collect()
}

/// Two that decide themselves what a person is called could each call somebody what the other calls somebody else.
fn several_name_people(config: &Config) -> Option<Finding> {
    let grants = &config.plugins.grants;
    let names = |rule: &&Located<Rule>| {
        grants.get(&rule.value.plugin).is_some_and(|grant| grant.partner_specific_subjects)
    };
    let mut naming = config.id_systems.rules.iter().filter(names);
    let first = naming.next()?;
    let second = naming.find(|rule| rule.value.plugin != first.value.plugin)?;
    let (one, two) = (&first.value.plugin, &second.value.plugin);
    Some(Finding::error(
        "id-system",
        format!("[plugins.\"{two}\"] partner_specific_subjects"),
        format!(
            "{one} and {two} both decide what people are called, so either could name people of the other"
        ),
        "allow it to one of them; what the other says is derived from then",
    ))
}

/// Everybody who can come, as far as the list tells them apart.
struct Every<'a> {
    rules: &'a [Located<Rule>],
    loaded: &'a Loaded<'a>,
    clients: Vec<ClientId>,
    methods: Vec<&'a Method>,
    kinds: Vec<IndividualKind>,
}

impl<'a> Every<'a> {
    fn of(config: &'a Config, registry: &Registry, loaded: &'a Loaded<'a>) -> Self {
        let rules = &config.id_systems.rules;
        let named: BTreeSet<&ClientId> =
            rules.iter().flat_map(|rule| rule.value.clients.iter().flatten()).collect();
        // The first stands for all that no entry names.
        let mut other = "any-other-client".to_owned();
        while named.iter().any(|client| client.as_str() == other) {
            other.push('-');
        }
        let other = ClientId::parse(&other).ok();
        Self {
            rules,
            loaded,
            clients: other.into_iter().chain(named.into_iter().cloned()).collect(),
            methods: config.assurance.methods.iter().filter(|method| method.is_loaded(registry)).collect(),
            kinds: super::individual_kinds(config, registry),
        }
    }

    /// Each client, class and kind.
    fn comers(&self) -> impl Iterator<Item = (&ClientId, &Acr, &str)> {
        self.clients.iter().flat_map(move |client| {
            let acrs = self.methods.iter().map(|method| &method.acr);
            acrs.flat_map(move |acr| self.kinds.iter().map(move |kind| (client, acr, kind.kind.as_str())))
        })
    }

    fn located(&self, rule: &Rule) -> Option<&Located<Rule>> {
        self.rules.iter().find(|located| located.value == *rule)
    }

    /// Two ID systems know a kind, and the one that comes first says nothing of whom it is for.
    fn told_apart_by_nothing(&self) -> Vec<Finding> {
        let mut seen = BTreeSet::new();
        let mut findings = Vec::new();
        for (client, acr, kind) in self.comers() {
            let mut fitting = self.loaded.fitting(client, acr, kind);
            let Some(first) = fitting.next() else { continue };
            let rival = |second: &&Rule| second.name != first.name && says_nothing(first, second);
            let Some(second) = fitting.find(rival) else { continue };
            if !seen.insert((&first.name, &second.name, kind)) {
                continue;
            }
            let (one, two) = (&first.name.0, &second.name.0);
            let place = self.located(second).map_or_else(String::new, |located| located.place.to_string());
            findings.push(Finding::error(
                "id-system",
                place,
                format!("identifiers of kind \"{kind}\" belong to {one} and to {two}, and nothing says whose they are"),
                format!("write `kinds` into the entry of {one} without \"{kind}\", or put an entry before it that takes \"{kind}\" by `kinds`, `clients` or `acr_values`"),
            ));
        }
        findings
    }

    /// Entries that never come first for anybody.
    fn unreachable(&self) -> Vec<Finding> {
        let first: Vec<&Rule> = self
            .comers()
            .filter_map(|(client, acr, kind)| self.loaded.fitting(client, acr, kind).next())
            .collect();
        let unreached = self.rules.iter().filter(|rule| !first.iter().any(|first| **first == rule.value));
        unreached
            .map(|rule| {
                Finding::error(
                    "id-system",
                    &rule.place,
                    format!("no login is ever led to the ID system {} by this entry", rule.value.name.0),
                    "put it before the entries that take its logins, name kinds that [[login.individual]] has, or remove it",
                )
            })
            .collect()
    }

    /// Kinds of identifier that lead nowhere.
    fn homeless(&self) -> Vec<Finding> {
        let leads = |kind: &IndividualKind| {
            self.comers().any(|(client, acr, one)| {
                one == kind.kind && self.loaded.answering(client, acr, one).is_some()
            })
        };
        let homeless = self.kinds.iter().filter(|kind| !self.methods.is_empty() && !leads(kind));
        homeless
            .map(|kind| {
                Finding::error(
                    "id-system",
                    "[[login.individual]]",
                    format!("no ID system answers for identifiers of kind \"{}\"", kind.kind),
                    "remove the kind, or add it to `kinds` of an [[id_systems]] whose plugin knows it",
                )
            })
            .collect()
    }

    /// Clients that are led to ID systems alone that cannot meet a class which others can.
    fn without_a_class(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut acrs: Vec<&Acr> = Vec::new();
        for method in &self.methods {
            if !acrs.contains(&&method.acr) {
                acrs.push(&method.acr);
            }
        }
        for acr in acrs {
            let can = |client: &ClientId| {
                let mut of_class = self.methods.iter().filter(|method| method.acr == *acr);
                of_class.any(|method| self.loaded.can_begin(client, method, &self.kinds))
            };
            let cannot: Vec<&ClientId> = self.clients.iter().filter(|client| !can(client)).collect();
            if cannot.is_empty() || cannot.len() == self.clients.len() {
                // Where nobody can, it is said of the class.
                continue;
            }
            let names: Vec<String> = cannot.iter().map(|client| self.name(client)).collect();
            findings.push(Finding::warning(
                "acr",
                format!("[assurance] \"{}\"", acr.as_str()),
                format!("the class cannot be met for {}: the ID systems that they are led to judge none of its methods", names.join(", ")),
                "lead them to an ID system that judges its factors for this class (`acr_values` in [[id_systems]]), or leave it so where it is meant",
            ));
        }
        findings
    }

    fn name(&self, client: &ClientId) -> String {
        if self.clients.first() == Some(client) { "other clients".to_owned() } else { client.to_string() }
    }
}

/// Whether the first of two that fit has no condition that the second lacks, so that it takes what is the second's as well.
fn says_nothing(first: &Rule, second: &Rule) -> bool {
    first.kinds.is_none()
        && (first.clients.is_none() || first.clients == second.clients)
        && (first.acr_values.is_none() || first.acr_values == second.acr_values)
}

/// Whom an entry is for, in words.
pub(crate) fn in_words(rule: &Rule) -> String {
    let list =
        |what: &str, words: Option<Vec<&str>>| words.map(|words| format!("{what} {}", words.join(", ")));
    let clients = rule.clients.as_ref().map(|clients| clients.iter().map(ClientId::as_str).collect());
    let acrs = rule.acr_values.as_ref().map(|values| values.iter().map(Acr::as_str).collect());
    let kinds = rule.kinds.as_ref().map(|kinds| kinds.iter().map(String::as_str).collect());
    let said = [list("clients", clients), list("classes", acrs), list("identifiers", kinds)];
    let said: Vec<String> = said.into_iter().flatten().collect();
    let whom = if said.is_empty() { "all that is left".to_owned() } else { said.join("; ") };
    format!("{} for {whom}", rule.name.0)
}

/// The list for machines, in order.
pub(crate) fn as_json<'a>(rules: impl Iterator<Item = &'a Rule>) -> Value {
    let entry = |rule: &Rule| {
        json!({
            "name": rule.name,
            "plugin": rule.plugin,
            "clients": rule.clients,
            "acr_values": rule.acr_values,
            "kinds": rule.kinds,
        })
    };
    rules.map(entry).collect()
}
