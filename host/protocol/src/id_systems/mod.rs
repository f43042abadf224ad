//! Several ID systems behind one server: which of them answers for a login.
//!
//! The operator lists them with what each is for: clients, classes, kinds of identifier. The first entry that fits answers,
//! and it is found when the person names themselves, since only then all three are known. What can fit is worked out when
//! the login begins and is part of it ([`crate::transaction::pins`]), so the same choice leads to the same ID system to its end. No
//! plugin has a word in this. A server without a list has one ID system, and nothing here asks anything of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::assurance::Method;
use crate::policy::IndividualKind;
use crate::ports::plugins::{IdSystem, Plugins};
use crate::word::acr::Acr;
use crate::word::client_id::ClientId;

/// What the operator calls an ID system. Subjects and counters of its people are derived over it, so it stays when another
/// plugin takes over for the same register. Empty for the only one of a server without a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdSystemName(pub String);

impl IdSystemName {
    /// Whether it is the name of the only one.
    pub fn is_sole(&self) -> bool {
        self.0.is_empty()
    }
}

/// One entry of the operator's list. What is `None` holds for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Which ID system it leads to.
    pub name: IdSystemName,
    /// The id of the plugin that speaks to it.
    pub plugin: String,
    /// For these clients alone.
    pub clients: Option<Vec<ClientId>>,
    /// For methods of these classes alone.
    pub acr_values: Option<Vec<Acr>>,
    /// For these kinds of identifier; for all that the ID system knows when `None`.
    pub kinds: Option<Vec<String>>,
}

impl Rule {
    /// Whether it holds for this client and class, whoever the person is.
    pub fn is_for(&self, client: &ClientId, acr: &Acr) -> bool {
        self.clients.as_ref().is_none_or(|clients| clients.contains(client))
            && self.acr_values.as_ref().is_none_or(|values| values.contains(acr))
    }

    /// Whether it takes a kind of identifier. Of one whose ID system is not loaded the kinds are not known: what is for
    /// some clients or classes alone keeps them from every other ID system, and what is for all stands in nobody's way.
    pub fn takes(&self, kind: &str, loaded: Option<&dyn IdSystem>) -> bool {
        match (&self.kinds, loaded) {
            (Some(kinds), _) => kinds.iter().any(|one| one == kind),
            (None, Some(loaded)) => loaded.descriptor().individual_kinds.iter().any(|one| one == kind),
            (None, None) => self.clients.is_some() || self.acr_values.is_some(),
        }
    }
}

/// The operator's list, in order. Empty for a server with one ID system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdSystems {
    /// The first that fits answers.
    pub rules: Vec<Rule>,
}

impl IdSystems {
    /// The list over what is loaded now.
    pub fn loaded<'a>(&'a self, plugins: &'a dyn Plugins) -> Loaded<'a> {
        let mut systems: Vec<Named> = Vec::new();
        for rule in &self.rules {
            if systems.iter().all(|named| named.name != rule.name)
                && let Some(id_system) = plugins.id_system_by(&rule.plugin)
            {
                systems.push(Named { name: rule.name.clone(), id_system });
            }
        }
        if self.rules.is_empty() {
            let sole = plugins.id_system();
            systems.extend(sole.map(|id_system| Named { name: IdSystemName::default(), id_system }));
        }
        Loaded { rules: &self.rules, systems, plugins }
    }
}

/// An ID system under its name.
#[derive(Clone)]
pub struct Named {
    /// Its name.
    pub name: IdSystemName,
    /// What speaks to it.
    pub id_system: Arc<dyn IdSystem>,
}

/// A way to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// The method.
    pub method: Method,
    /// The kinds of identifier that it takes, each with who answers.
    pub kinds: Vec<(String, IdSystemName)>,
}

impl Way {
    /// Who answers for somebody with an identifier of this kind.
    pub fn answering(&self, kind: &str) -> Option<&IdSystemName> {
        self.kinds.iter().find(|(one, _)| one == kind).map(|(_, name)| name)
    }
}

/// The operator's list over the ID systems that are loaded now.
pub struct Loaded<'a> {
    rules: &'a [Rule],
    systems: Vec<Named>,
    plugins: &'a dyn Plugins,
}

impl Loaded<'_> {
    /// Every ID system that answers for somebody, each once, in the operator's order.
    pub fn systems(&self) -> &[Named] {
        &self.systems
    }

    /// What all this is loaded from.
    pub fn plugins(&self) -> &dyn Plugins {
        self.plugins
    }

    /// Whether there is one ID system for everything.
    pub fn is_sole(&self) -> bool {
        self.rules.is_empty()
    }

    /// The one of a name.
    pub fn named(&self, name: &IdSystemName) -> Option<&Named> {
        self.systems.iter().find(|named| named.name == *name)
    }

    /// The entries that fit, the one that answers first.
    pub fn fitting<'b>(
        &'b self,
        client: &'b ClientId,
        acr: &'b Acr,
        kind: &'b str,
    ) -> impl Iterator<Item = &'b Rule> {
        self.rules.iter().filter(move |rule| {
            let loaded = self.named(&rule.name).map(|named| named.id_system.as_ref());
            rule.is_for(client, acr) && rule.takes(kind, loaded)
        })
    }

    /// Who answers for somebody of this kind who comes from this client by a method of this class.
    pub fn answering(&self, client: &ClientId, acr: &Acr, kind: &str) -> Option<&Named> {
        if self.is_sole() {
            return self.systems.first();
        }
        self.named(&self.fitting(client, acr, kind).next()?.name)
    }

    /// Whether somebody can prove all factors of a method to an ID system: those that it judges, those that judge themselves,
    /// and those that no ID system here says it judges, which must be judging themselves.
    pub fn can_judge(&self, id_system: &dyn IdSystem, method: &Method) -> bool {
        let by = |one: &dyn IdSystem, factor: &str| {
            one.descriptor().factors.iter().any(|(judged, _)| judged == factor)
        };
        let judges_itself = |factor: &str| {
            self.plugins.factor(factor).is_some_and(|loaded| loaded.descriptor().judges_itself)
                || !self.systems.iter().any(|named| by(named.id_system.as_ref(), factor))
        };
        method.factors.iter().all(|factor| by(id_system, factor) || judges_itself(factor))
    }

    /// Whether somebody who comes from this client can sign in by a method.
    pub fn can_begin(&self, client: &ClientId, method: &Method, kinds: &[IndividualKind]) -> bool {
        self.is_sole() || kinds.iter().any(|kind| self.way(client, method, &kind.kind).is_some())
    }

    fn way(&self, client: &ClientId, method: &Method, kind: &str) -> Option<&Named> {
        self.answering(client, &method.acr, kind)
            .filter(|named| self.is_sole() || self.can_judge(named.id_system.as_ref(), method))
    }

    /// Whether anybody at all can sign in by a method, for discovery.
    pub fn can_meet(&self, method: &Method) -> bool {
        let judged = |rule: &Rule| {
            let named = self.named(&rule.name);
            rule.acr_values.as_ref().is_none_or(|values| values.contains(&method.acr))
                && named.is_some_and(|named| self.can_judge(named.id_system.as_ref(), method))
        };
        self.is_sole() || self.rules.iter().any(judged)
    }

    /// Where everything that a login of this client can begin with leads.
    pub fn ways(&self, client: &ClientId, methods: &[Method], kinds: &[IndividualKind]) -> Vec<Way> {
        let way = |method: &Method| {
            let answering = |kind: &IndividualKind| {
                Some((kind.kind.clone(), self.way(client, method, &kind.kind)?.name.clone()))
            };
            Way { method: method.clone(), kinds: kinds.iter().filter_map(answering).collect() }
        };
        methods.iter().map(way).collect()
    }
}

#[cfg(test)]
mod tests;
