//! What a released version of the contract promises, and whether the present one keeps it (ADR 0099).
//!
//! A plugin that was built against a released version must load and run on every later version of the same line. What it
//! imports may grow, since it never asks for what it does not know; what it exports may not, since the host would.

use semver::Version;

use super::contract::{Contract, Function, Interface, Package, Part, Reference, Shape, Type, World};

/// A rule of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    PackageRemoved,
    InterfaceRemoved,
    TypeRemoved,
    FunctionRemoved,
    WorldRemoved,
    TypeChanged,
    PartRemoved,
    PartAdded,
    PartMoved,
    PartChanged,
    FunctionChanged,
    RoleGrown,
    WorldGrown,
    WorldShrunk,
    VersionStands,
    VersionBack,
}

impl Rule {
    /// All of them, for a test of each.
    #[cfg(test)]
    pub(super) const ALL: [Self; 16] = [
        Self::PackageRemoved,
        Self::InterfaceRemoved,
        Self::TypeRemoved,
        Self::FunctionRemoved,
        Self::WorldRemoved,
        Self::TypeChanged,
        Self::PartRemoved,
        Self::PartAdded,
        Self::PartMoved,
        Self::PartChanged,
        Self::FunctionChanged,
        Self::RoleGrown,
        Self::WorldGrown,
        Self::WorldShrunk,
        Self::VersionStands,
        Self::VersionBack,
    ];

    /// Its name, as ADR 0099 has it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::PackageRemoved => "package-removed",
            Self::InterfaceRemoved => "interface-removed",
            Self::TypeRemoved => "type-removed",
            Self::FunctionRemoved => "function-removed",
            Self::WorldRemoved => "world-removed",
            Self::TypeChanged => "type-changed",
            Self::PartRemoved => "part-removed",
            Self::PartAdded => "part-added",
            Self::PartMoved => "part-moved",
            Self::PartChanged => "part-changed",
            Self::FunctionChanged => "function-changed",
            Self::RoleGrown => "role-grown",
            Self::WorldGrown => "world-grown",
            Self::WorldShrunk => "world-shrunk",
            Self::VersionStands => "version-stands",
            Self::VersionBack => "version-back",
        }
    }

    const fn fix(self) -> &'static str {
        match self {
            Self::PackageRemoved | Self::InterfaceRemoved | Self::TypeRemoved | Self::FunctionRemoved => {
                "put it back: what is not wanted any more stays until the next line, with a word in its documentation"
            }
            Self::WorldRemoved | Self::WorldShrunk => "put it back: plugins are built for it",
            Self::TypeChanged | Self::PartRemoved | Self::PartMoved | Self::PartChanged => {
                "put it back as it was; what should be different is a new type and a new function"
            }
            Self::PartAdded => {
                "leave the type as it was: an open vocabulary is a string, one more fact an `attribute`, anything else a \
                 new type and a new function"
            }
            Self::FunctionChanged => "leave the function as it was and add another one",
            Self::RoleGrown => {
                "put the function into an interface of its own, which a plugin need not export: those that are built do not \
                 have it"
            }
            Self::WorldGrown => {
                "make it a world of its own: plugins that are built for this one do not export that"
            }
            Self::VersionStands => "raise the version of the package, and of what draws on it",
            Self::VersionBack => "a version is never given twice: raise it above every frozen one",
        }
    }
}

/// A promise that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) rule: Rule,
    /// `esignet:host/http.request`.
    pub(super) place: String,
    /// What is different.
    pub(super) what: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rule, place, what } = self;
        write!(f, "{}: {place}: {what}\n    fix: {}", rule.as_str(), rule.fix())
    }
}

/// The line of versions that are compatible with one another: of one major version, before 1.0.0 of one minor version.
pub(super) fn line(version: &Version) -> String {
    if version.major == 0 { format!("0.{}", version.minor) } else { version.major.to_string() }
}

/// Every promise of a frozen version that the present contract breaks. A package that has gone on to a later line is not
/// held to the earlier one.
pub(super) fn compare(frozen: &Contract, present: &Contract) -> Vec<Broken> {
    let mut broken = Vec::new();
    for package in &frozen.packages {
        let Some(now) = present.packages.iter().find(|now| now.name == package.name) else {
            broken.push(Broken::gone(Rule::PackageRemoved, &package.name));
            continue;
        };
        if now.version < package.version {
            let what = format!("it is {}, and {} is frozen", now.version, package.version);
            broken.push(Broken::new(Rule::VersionBack, &package.name, what));
        }
        if line(&now.version) == line(&package.version) {
            let before = broken.len();
            of_package((package, now), (frozen, present), &mut broken);
            if broken.len() == before && now.version == package.version && now.shape() != package.shape() {
                let what = format!("it has grown and is still {}, which is frozen", now.version);
                broken.push(Broken::new(Rule::VersionStands, &package.name, what));
            }
        }
    }
    broken
}

impl Broken {
    fn new(rule: Rule, place: &str, what: String) -> Self {
        Self { rule, place: place.to_owned(), what }
    }

    fn gone(rule: Rule, place: &str) -> Self {
        Self::new(rule, place, "it is not there any more".to_owned())
    }
}

fn of_package(
    (package, now): (&Package, &Package),
    (frozen, present): (&Contract, &Contract),
    broken: &mut Vec<Broken>,
) {
    for interface in &package.interfaces {
        let place = format!("{}/{}", package.name, interface.name);
        match now.interfaces.iter().find(|now| now.name == interface.name) {
            Some(now) => {
                let is_role = frozen.is_role(&place) || present.is_role(&place);
                of_interface(&place, (interface, now), is_role, broken);
            }
            None => broken.push(Broken::gone(Rule::InterfaceRemoved, &place)),
        }
    }
    for world in &package.worlds {
        let place = format!("{}/{}", package.name, world.name);
        match now.worlds.iter().find(|now| now.name == world.name) {
            Some(now) => of_world(&place, world, now, broken),
            None => broken.push(Broken::gone(Rule::WorldRemoved, &place)),
        }
    }
}

fn of_interface(place: &str, (was, now): (&Interface, &Interface), is_role: bool, broken: &mut Vec<Broken>) {
    for of in &was.types {
        let place = format!("{place}.{}", of.name);
        match now.type_named(&of.name) {
            Some(now) => of_type(&place, of, now, broken),
            None => broken.push(Broken::gone(Rule::TypeRemoved, &place)),
        }
    }
    for function in &was.functions {
        let place = format!("{place}.{}", function.name);
        match now.functions.iter().find(|now| now.name == function.name) {
            Some(now) => of_function(&place, function, now, broken),
            None => broken.push(Broken::gone(Rule::FunctionRemoved, &place)),
        }
    }
    let is_new = |function: &&Function| was.functions.iter().all(|was| was.name != function.name);
    for function in now.functions.iter().filter(|_| is_role).filter(is_new) {
        let place = format!("{place}.{}", function.name);
        broken.push(Broken::new(
            Rule::RoleGrown,
            &place,
            "it is new, and plugins export this interface".to_owned(),
        ));
    }
}

fn of_function(place: &str, was: &Function, now: &Function, broken: &mut Vec<Broken>) {
    // A type that changed is told of where it is defined; here it is a change when other names stand here, too.
    if was.whole() != now.whole() && was.text() != now.text() {
        let what = format!("it was `{}` and is `{}`", was.text(), now.text());
        broken.push(Broken::new(Rule::FunctionChanged, place, what));
    }
}

fn of_type(place: &str, was: &Type, now: &Type, broken: &mut Vec<Broken>) {
    // What is used is told of where it is defined.
    if was.whole == now.whole || (was.is_used && now.is_used) {
        return;
    }
    if was.shape.kind() != now.shape.kind() && !was.is_used && !now.is_used {
        let what = format!("it was a {} and is a {}", was.shape.kind(), now.shape.kind());
        broken.push(Broken::new(Rule::TypeChanged, place, what));
        return;
    }
    let ((word, parts), (_, parts_now)) = (was.shape.parts(), now.shape.parts());
    let before = broken.len();
    for part in parts {
        match parts_now.iter().find(|now| now.name == part.name) {
            None => {
                let what = format!("the {word} `{}` is not there any more", part.name);
                broken.push(Broken::new(Rule::PartRemoved, place, what));
            }
            Some(now) => {
                let (was, now) = (part.holds.as_ref(), now.holds.as_ref());
                let text = |of: Option<&Reference>| of.map_or_else(String::new, Reference::text);
                if was.map(|of| &of.whole) != now.map(|of| &of.whole) && text(was) != text(now) {
                    let what =
                        format!("the {word} `{}` was `{}` and is `{}`", part.name, text(was), text(now));
                    broken.push(Broken::new(Rule::PartChanged, place, what));
                }
            }
        }
    }
    for part in parts_now.iter().filter(|now| parts.iter().all(|was| was.name != now.name)) {
        broken.push(Broken::new(Rule::PartAdded, place, format!("the {word} `{}` is new", part.name)));
    }
    if broken.len() > before {
        return;
    }
    let names = |parts: &[Part]| parts.iter().map(|part| part.name.clone()).collect::<Vec<_>>();
    if names(parts) != names(parts_now) {
        let what = format!("its {word}s were in the order {}", names(parts).join(", "));
        broken.push(Broken::new(Rule::PartMoved, place, what));
    } else if let (Shape::Alias(was), Shape::Alias(now)) = (&was.shape, &now.shape)
        && was.text() != now.text()
    {
        let what = format!("it was `{}` and is `{}`", was.text(), now.text());
        broken.push(Broken::new(Rule::TypeChanged, place, what));
    } else if was.is_used || now.is_used {
        broken.push(Broken::new(Rule::TypeChanged, place, "it is another type than it was".to_owned()));
    }
}

fn of_world(place: &str, was: &World, now: &World, broken: &mut Vec<Broken>) {
    let gone = |was: &[String], now: &[String]| {
        was.iter().filter(|of| !now.contains(of)).cloned().collect::<Vec<_>>()
    };
    for import in gone(&was.imports, &now.imports) {
        let what = format!("it does not import {import} any more");
        broken.push(Broken::new(Rule::WorldShrunk, place, what));
    }
    for export in gone(&was.exports, &now.exports) {
        let what = format!("it does not export {export} any more");
        broken.push(Broken::new(Rule::WorldShrunk, place, what));
    }
    for export in gone(&now.exports, &was.exports) {
        broken.push(Broken::new(Rule::WorldGrown, place, format!("it exports {export}, which is new")));
    }
}

#[cfg(test)]
mod tests;
