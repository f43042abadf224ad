//! Types as text: as they stand in the file, and with every name written out.

use wit_parser::{Handle, Resolve, Type as WitType, TypeDefKind, TypeId, TypeOwner};

use super::contract::{Reference, Token, path};

pub(super) fn reference(resolve: &Resolve, of: &WitType) -> Reference {
    Reference { tokens: tokens(resolve, of), whole: whole(resolve, of) }
}

fn primitive(of: &WitType) -> &'static str {
    match of {
        WitType::Bool => "bool",
        WitType::U8 => "u8",
        WitType::U16 => "u16",
        WitType::U32 => "u32",
        WitType::U64 => "u64",
        WitType::S8 => "s8",
        WitType::S16 => "s16",
        WitType::S32 => "s32",
        WitType::S64 => "s64",
        WitType::F32 => "f32",
        WitType::F64 => "f64",
        WitType::Char => "char",
        WitType::String => "string",
        WitType::ErrorContext => "error-context",
        WitType::Id(_) => "",
    }
}

/// The text of a type, with the names in it.
fn tokens(resolve: &Resolve, of: &WitType) -> Vec<Token> {
    let WitType::Id(id) = of else { return vec![Token::Text(primitive(of).to_owned())] };
    let Some(definition) = resolve.types.get(*id) else { return Vec::new() };
    match (&definition.name, &definition.kind, definition.owner) {
        // What is used from another interface is told of where it is defined.
        (Some(_), TypeDefKind::Type(of @ WitType::Id(_)), _) => tokens(resolve, of),
        (Some(name), _, TypeOwner::Interface(owner)) => {
            vec![Token::Named { name: name.clone(), interface: path(resolve, owner) }]
        }
        (Some(name), ..) => vec![Token::Text(name.clone())],
        (None, kind, _) => anonymous(resolve, kind),
    }
}

pub(super) fn anonymous(resolve: &Resolve, kind: &TypeDefKind) -> Vec<Token> {
    let of = |word: &str, types: &[Option<&WitType>]| {
        let mut text = vec![Token::Text(format!("{word}<"))];
        for (number, of) in types.iter().enumerate() {
            if number > 0 {
                text.push(Token::Text(", ".to_owned()));
            }
            match of {
                Some(of) => text.extend(tokens(resolve, of)),
                None => text.push(Token::Text("_".to_owned())),
            }
        }
        text.push(Token::Text(">".to_owned()));
        text
    };
    match kind {
        TypeDefKind::Option(some) => of("option", &[Some(some)]),
        TypeDefKind::List(item) | TypeDefKind::FixedLengthList(item, _) => of("list", &[Some(item)]),
        TypeDefKind::Map(key, value) => of("map", &[Some(key), Some(value)]),
        TypeDefKind::Tuple(tuple) => of("tuple", &tuple.types.iter().map(Some).collect::<Vec<_>>()),
        TypeDefKind::Result(result) => match (&result.ok, &result.err) {
            (None, None) => vec![Token::Text("result".to_owned())],
            (ok, None) => of("result", &[ok.as_ref()]),
            (ok, err) => of("result", &[ok.as_ref(), err.as_ref()]),
        },
        TypeDefKind::Handle(Handle::Own(id)) => of("own", &[Some(&WitType::Id(*id))]),
        TypeDefKind::Handle(Handle::Borrow(id)) => of("borrow", &[Some(&WitType::Id(*id))]),
        TypeDefKind::Future(item) => of("future", &[item.as_ref()]),
        TypeDefKind::Stream(item) => of("stream", &[item.as_ref()]),
        TypeDefKind::Record(_)
        | TypeDefKind::Variant(_)
        | TypeDefKind::Enum(_)
        | TypeDefKind::Flags(_)
        | TypeDefKind::Resource
        | TypeDefKind::Type(_)
        | TypeDefKind::Unknown => vec![Token::Text(kind.as_str().to_owned())],
    }
}

/// A type with every name in it written out. WIT has no recursion, so this ends.
fn whole(resolve: &Resolve, of: &WitType) -> String {
    let WitType::Id(id) = of else { return primitive(of).to_owned() };
    resolve.types.get(*id).map_or_else(String::new, |definition| whole_of(resolve, &definition.kind, *id))
}

pub(super) fn whole_of(resolve: &Resolve, kind: &TypeDefKind, id: TypeId) -> String {
    let all = |types: &[&WitType]| types.iter().map(|of| whole(resolve, of)).collect::<Vec<_>>().join(",");
    let maybe = |of: &Option<WitType>| of.as_ref().map_or_else(|| "_".to_owned(), |of| whole(resolve, of));
    match kind {
        TypeDefKind::Record(of) => {
            let fields =
                of.fields.iter().map(|field| format!("{}:{}", field.name, whole(resolve, &field.ty)));
            format!("record{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        TypeDefKind::Variant(of) => {
            let cases = of.cases.iter().map(|case| format!("{}:{}", case.name, maybe(&case.ty)));
            format!("variant{{{}}}", cases.collect::<Vec<_>>().join(","))
        }
        TypeDefKind::Enum(of) => {
            format!("enum{{{}}}", of.cases.iter().map(|case| &*case.name).collect::<Vec<_>>().join(","))
        }
        TypeDefKind::Flags(of) => {
            format!("flags{{{}}}", of.flags.iter().map(|flag| &*flag.name).collect::<Vec<_>>().join(","))
        }
        // What it is named after is all there is of a resource.
        TypeDefKind::Resource => {
            let definition = resolve.types.get(id);
            let owner = match definition.map(|of| of.owner) {
                Some(TypeOwner::Interface(owner)) => path(resolve, owner),
                Some(TypeOwner::World(_) | TypeOwner::None) | None => String::new(),
            };
            let name = definition.and_then(|of| of.name.clone()).unwrap_or_default();
            format!("resource {owner}.{name}")
        }
        TypeDefKind::Type(of) => whole(resolve, of),
        TypeDefKind::Option(of) => format!("option<{}>", all(&[of])),
        TypeDefKind::List(of) => format!("list<{}>", all(&[of])),
        TypeDefKind::FixedLengthList(of, length) => format!("list<{},{length}>", all(&[of])),
        TypeDefKind::Map(key, value) => format!("map<{}>", all(&[key, value])),
        TypeDefKind::Tuple(of) => format!("tuple<{}>", all(&of.types.iter().collect::<Vec<_>>())),
        TypeDefKind::Result(of) => format!("result<{},{}>", maybe(&of.ok), maybe(&of.err)),
        TypeDefKind::Handle(Handle::Own(of)) => format!("own<{}>", all(&[&WitType::Id(*of)])),
        TypeDefKind::Handle(Handle::Borrow(of)) => format!("borrow<{}>", all(&[&WitType::Id(*of)])),
        TypeDefKind::Future(of) => format!("future<{}>", maybe(of)),
        TypeDefKind::Stream(of) => format!("stream<{}>", maybe(of)),
        TypeDefKind::Unknown => "unknown".to_owned(),
    }
}
