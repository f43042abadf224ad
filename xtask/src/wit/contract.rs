//! The contract as it is compared and printed: packages with their interfaces and worlds, as `wit-parser` reads them.

use std::path::Path;

use anyhow::{Context, Result};
use semver::Version;
use wit_parser::{
    Docs, Function as WitFunction, FunctionKind, InterfaceId, Resolve, Type as WitType, TypeDefKind, TypeId,
    WorldItem,
};

use super::text::{anonymous, reference, whole_of};

/// All packages of one directory of WIT, by name.
#[derive(Clone, Debug)]
pub(super) struct Contract {
    pub(super) packages: Vec<Package>,
}

/// A package.
#[derive(Clone, Debug)]
pub(super) struct Package {
    /// Without version: `esignet:host`.
    pub(super) name: String,
    pub(super) version: Version,
    pub(super) docs: String,
    pub(super) interfaces: Vec<Interface>,
    pub(super) worlds: Vec<World>,
}

/// An interface.
#[derive(Clone, Debug)]
pub(super) struct Interface {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) types: Vec<Type>,
    pub(super) functions: Vec<Function>,
}

/// What a plugin of one kind imports and exports: interfaces without version, `esignet:host/log`.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
}

/// A type with a name in an interface.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) shape: Shape,
    /// The type with every name in it written out: two types of one text are the same to a component.
    pub(super) whole: String,
    /// Whether another interface defines it.
    pub(super) is_used: bool,
}

/// What a type is made of.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Record(Vec<Part>),
    Variant(Vec<Part>),
    Enum(Vec<Part>),
    Flags(Vec<Part>),
    Resource,
    Alias(Reference),
}

/// A field, a case, a flag or a parameter.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) holds: Option<Reference>,
}

/// A function.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) is_async: bool,
    pub(super) parameters: Vec<Part>,
    pub(super) result: Option<Reference>,
}

/// A type where it is used.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) tokens: Vec<Token>,
    /// As [`Type::whole`].
    pub(super) whole: String,
}

/// A piece of a type's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Text(String),
    /// A type with a name, and the interface that defines it.
    Named {
        name: String,
        interface: String,
    },
}

impl Contract {
    /// Reads a directory: a package, and in `deps` those that it draws on.
    pub(super) fn read(directory: &Path) -> Result<Self> {
        let mut resolve = Resolve::default();
        resolve.push_dir(directory).with_context(|| format!("{} is not sound WIT", directory.display()))?;
        Self::of(&resolve)
    }

    /// Reads packages from a text, as tests have them.
    #[cfg(test)]
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut resolve = Resolve::default();
        resolve.push_str("contract.wit", text)?;
        Self::of(&resolve)
    }

    fn of(resolve: &Resolve) -> Result<Self> {
        let mut packages = Vec::new();
        for (_, package) in &resolve.packages {
            let name = format!("{}:{}", package.name.namespace, package.name.name);
            let version = package.name.version.clone().with_context(|| format!("{name} has no version"))?;
            let interfaces = package.interfaces.values().map(|id| interface(resolve, *id)).collect();
            let worlds =
                package.worlds.values().filter_map(|id| Some(world(resolve, resolve.worlds.get(*id)?)));
            let docs = words(&package.docs);
            packages.push(Package { version, docs, interfaces, worlds: worlds.collect(), name });
        }
        packages.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self { packages })
    }

    /// Whether plugins export an interface (`esignet:host/log`): what they export has to be whole, what they import not.
    pub(super) fn is_role(&self, interface: &str) -> bool {
        let worlds = self.packages.iter().flat_map(|package| &package.worlds);
        worlds.flat_map(|world| &world.exports).any(|export| export == interface)
    }

    /// The package that names all others, which the version of the contract is that of.
    pub(super) fn version(&self) -> Result<&Version> {
        let plugin = self.packages.iter().find(|package| package.name == "esignet:plugin");
        Ok(&plugin.context("there is no package esignet:plugin")?.version)
    }
}

impl Package {
    /// Its interfaces, types, functions and worlds without a word of documentation.
    pub(super) fn shape(&self) -> String {
        let mut lines = Vec::new();
        for interface in &self.interfaces {
            let at = |name: &str| format!("{}.{name}", interface.name);
            lines.push(format!("interface {}", interface.name));
            lines.extend(interface.types.iter().map(|of| format!("{} = {}", at(&of.name), of.whole)));
            lines.extend(interface.functions.iter().map(|of| format!("{}{}", at(&of.name), of.whole())));
        }
        for world in &self.worlds {
            let (imports, exports) = (world.imports.join(" "), world.exports.join(" "));
            lines.push(format!("world {} imports {imports} exports {exports}", world.name));
        }
        lines.sort();
        lines.join("\n")
    }
}

impl Interface {
    pub(super) fn type_named(&self, name: &str) -> Option<&Type> {
        self.types.iter().find(|of| of.name == name)
    }
}

impl Function {
    /// The function as WIT has it, with every name of a type written out.
    pub(super) fn whole(&self) -> String {
        self.written(|reference| reference.whole.clone())
    }

    /// The function as it stands in the file.
    pub(super) fn text(&self) -> String {
        self.written(Reference::text)
    }

    fn written(&self, of: impl Fn(&Reference) -> String) -> String {
        let parameter = |part: &Part| match &part.holds {
            Some(holds) => format!("{}: {}", part.name, of(holds)),
            None => part.name.clone(),
        };
        let parameters = self.parameters.iter().map(parameter).collect::<Vec<_>>().join(", ");
        let result = self.result.as_ref().map_or_else(String::new, |result| format!(" -> {}", of(result)));
        format!("{}func({parameters}){result}", if self.is_async { "async " } else { "" })
    }
}

impl Shape {
    /// The word for it.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Record(_) => "record",
            Self::Variant(_) => "variant",
            Self::Enum(_) => "enum",
            Self::Flags(_) => "flags",
            Self::Resource => "resource",
            Self::Alias(_) => "type",
        }
    }

    /// Its fields, cases or flags, and the word for one of them.
    pub(super) fn parts(&self) -> (&'static str, &[Part]) {
        match self {
            Self::Record(parts) => ("field", parts),
            Self::Variant(parts) | Self::Enum(parts) => ("case", parts),
            Self::Flags(parts) => ("flag", parts),
            Self::Resource | Self::Alias(_) => ("part", &[]),
        }
    }
}

impl Reference {
    /// The type as it stands in the file.
    pub(super) fn text(&self) -> String {
        let text = |token: &Token| match token {
            Token::Text(text) | Token::Named { name: text, .. } => text.clone(),
        };
        self.tokens.iter().map(text).collect()
    }
}

fn words(docs: &Docs) -> String {
    docs.contents.as_deref().unwrap_or_default().trim().to_owned()
}

/// `esignet:host/log`, without the version.
pub(super) fn path(resolve: &Resolve, interface: InterfaceId) -> String {
    let id = resolve.id_of(interface).unwrap_or_default();
    id.split('@').next().unwrap_or_default().to_owned()
}

fn interface(resolve: &Resolve, id: InterfaceId) -> Interface {
    let Some(interface) = resolve.interfaces.get(id) else {
        return Interface { name: String::new(), docs: String::new(), types: vec![], functions: vec![] };
    };
    let types = interface.types.iter().map(|(name, id)| named(resolve, name, *id)).collect();
    Interface {
        name: interface.name.clone().unwrap_or_default(),
        docs: words(&interface.docs),
        types,
        functions: interface.functions.values().map(|of| function(resolve, of)).collect(),
    }
}

fn world(resolve: &Resolve, world: &wit_parser::World) -> World {
    let interfaces = |items: &mut dyn Iterator<Item = &WorldItem>| {
        let mut paths: Vec<String> = items
            .filter_map(|item| match item {
                WorldItem::Interface { id, .. } => Some(path(resolve, *id)),
                WorldItem::Function(function) => Some(function.name.clone()),
                WorldItem::Type { .. } => None,
            })
            .collect();
        paths.sort();
        paths
    };
    World {
        name: world.name.clone(),
        docs: words(&world.docs),
        imports: interfaces(&mut world.imports.values()),
        exports: interfaces(&mut world.exports.values()),
    }
}

fn function(resolve: &Resolve, function: &WitFunction) -> Function {
    let parameters = function.params.iter().map(|parameter| Part {
        name: parameter.name.clone(),
        docs: String::new(),
        holds: Some(reference(resolve, &parameter.ty)),
    });
    Function {
        name: function.name.clone(),
        docs: words(&function.docs),
        is_async: matches!(
            function.kind,
            FunctionKind::AsyncFreestanding | FunctionKind::AsyncMethod(_) | FunctionKind::AsyncStatic(_)
        ),
        parameters: parameters.collect(),
        result: function.result.as_ref().map(|result| reference(resolve, result)),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else there is has no parts with names")]
fn named(resolve: &Resolve, name: &str, id: TypeId) -> Type {
    let part = |name: &str, docs: &Docs, holds: Option<&WitType>| Part {
        name: name.to_owned(),
        docs: words(docs),
        holds: holds.map(|holds| reference(resolve, holds)),
    };
    let Some(definition) = resolve.types.get(id) else {
        return Type {
            name: name.to_owned(),
            docs: String::new(),
            shape: Shape::Resource,
            whole: String::new(),
            is_used: false,
        };
    };
    let shape = match &definition.kind {
        TypeDefKind::Record(of) => {
            Shape::Record(of.fields.iter().map(|f| part(&f.name, &f.docs, Some(&f.ty))).collect())
        }
        TypeDefKind::Variant(of) => {
            Shape::Variant(of.cases.iter().map(|c| part(&c.name, &c.docs, c.ty.as_ref())).collect())
        }
        TypeDefKind::Enum(of) => Shape::Enum(of.cases.iter().map(|c| part(&c.name, &c.docs, None)).collect()),
        TypeDefKind::Flags(of) => {
            Shape::Flags(of.flags.iter().map(|f| part(&f.name, &f.docs, None)).collect())
        }
        TypeDefKind::Resource => Shape::Resource,
        TypeDefKind::Type(of) => Shape::Alias(reference(resolve, of)),
        other => {
            Shape::Alias(Reference { tokens: anonymous(resolve, other), whole: whole_of(resolve, other, id) })
        }
    };
    let is_used = match &definition.kind {
        TypeDefKind::Type(WitType::Id(of)) => {
            resolve.types.get(*of).is_some_and(|of| of.owner != definition.owner)
        }
        _ => false,
    };
    let whole = whole_of(resolve, &definition.kind, id);
    Type { name: name.to_owned(), docs: words(&definition.docs), shape, whole, is_used }
}
