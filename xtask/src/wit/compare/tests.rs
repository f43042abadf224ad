use super::*;

/// A contract in small: a word, what the host gives, a role, a world. `{…}` are what tests change.
const SMALL: &str = r"
package esignet:small@{version};
interface words {
    record pair { name: string, value: list<u8> }
    variant failure { rejected(pair), unavailable(string), other }
    enum level { info, warn }
    flags rights { read, write }
    type name = string;
}
interface host {
    use words.{pair};
    get: func(key: string) -> option<pair>;
    put: func(key: string, value: pair);
}
interface role {
    use words.{pair, failure};
    ask: func(pair: pair) -> result<bool, failure>;
}
world plugin {
    import host;
    import words;
    export role;
}
";

fn small(version: &str, change: impl FnOnce(String) -> String) -> Contract {
    let text = change(SMALL.replace("{version}", version));
    Contract::parse(&text).unwrap_or_else(|error| panic!("{error:#}\n{text}"))
}

/// What becomes of the contract when one text in it is another one.
fn judged(was: &str, now: &str) -> Vec<Broken> {
    let changed = |text: String| {
        assert!(text.contains(was), "the contract in small has no {was}");
        text.replace(was, now)
    };
    compare(&small("1.0.0", |text| text), &small("1.1.0", changed))
}

/// Each rule by one change that breaks it: the rule, where, the text and what it becomes.
const CHANGES: &[(Rule, &str, &str, &str)] = &[
    (Rule::TypeRemoved, "esignet:small/words.name", "type name = string;", ""),
    (Rule::TypeRemoved, "esignet:small/words.name", "type name = string;", "type nom = string;"),
    (Rule::FunctionRemoved, "esignet:small/host.put", "put: func(key: string, value: pair);", ""),
    (Rule::FunctionRemoved, "esignet:small/host.put", "put: func", "store: func"),
    (Rule::WorldRemoved, "esignet:small/plugin", "world plugin", "world other"),
    (Rule::TypeChanged, "esignet:small/words.name", "type name = string;", "type name = u8;"),
    (
        Rule::TypeChanged,
        "esignet:small/words.level",
        "enum level { info, warn }",
        "flags level { info, warn }",
    ),
    (Rule::PartRemoved, "esignet:small/words.pair", "name: string, ", ""),
    (Rule::PartRemoved, "esignet:small/words.failure", ", other", ""),
    (Rule::PartAdded, "esignet:small/words.pair", "value: list<u8>", "value: list<u8>, more: bool"),
    (Rule::PartAdded, "esignet:small/words.failure", ", other", ", other, locked"),
    (Rule::PartAdded, "esignet:small/words.level", "info, warn", "info, warn, error"),
    (Rule::PartAdded, "esignet:small/words.rights", "read, write", "read, write, run"),
    (Rule::PartMoved, "esignet:small/words.level", "info, warn", "warn, info"),
    (
        Rule::PartMoved,
        "esignet:small/words.pair",
        "name: string, value: list<u8>",
        "value: list<u8>, name: string",
    ),
    (Rule::PartChanged, "esignet:small/words.pair", "value: list<u8>", "value: string"),
    (Rule::PartChanged, "esignet:small/words.failure", "unavailable(string)", "unavailable"),
    (
        Rule::FunctionChanged,
        "esignet:small/host.get",
        "get: func(key: string)",
        "get: func(key: string, ttl: u32)",
    ),
    (Rule::FunctionChanged, "esignet:small/host.get", "get: func(key", "get: func(name"),
    (Rule::FunctionChanged, "esignet:small/host.get", "-> option<pair>", "-> pair"),
    (Rule::FunctionChanged, "esignet:small/host.get", "get: func", "get: async func"),
    (Rule::RoleGrown, "esignet:small/role.more", "ask: func", "more: func(); ask: func"),
    (Rule::WorldGrown, "esignet:small/plugin", "export role;", "export role; export words;"),
    (Rule::WorldShrunk, "esignet:small/plugin", "import host;", ""),
    (Rule::WorldShrunk, "esignet:small/plugin", "export role;", ""),
];

#[test]
fn a_change_that_breaks_plugins_is_told_by_rule_place_and_remedy() {
    for (rule, place, was, now) in CHANGES {
        let broken = judged(was, now);
        let told: Vec<_> = broken.iter().map(|broken| (broken.rule, broken.place.as_str())).collect();
        assert_eq!(told, [(*rule, *place)], "{was:?} became {now:?}");
        let text = broken[0].to_string();
        assert!(text.starts_with(rule.as_str()) && text.contains("fix: "), "{text}");
    }
}

#[test]
fn an_interface_or_a_package_that_is_gone_is_told() {
    let with_spare =
        |text: String| text.replace("world plugin", "interface spare { none: func(); }\nworld plugin");
    let broken = compare(&small("1.0.0", with_spare), &small("1.0.1", |text| text));
    assert_eq!((broken.len(), broken[0].rule), (1, Rule::InterfaceRemoved));
    let other = Contract::parse("package esignet:other@1.0.0;").unwrap();
    let broken = compare(&small("1.0.0", |text| text), &other);
    assert_eq!((broken.len(), broken[0].rule), (1, Rule::PackageRemoved));
}

#[test]
fn versions_go_up() {
    let grown = |text: String| text.replace("put: func", "drop: func(key: string); put: func");
    let frozen = small("1.2.0", |text| text);
    let stands = compare(&frozen, &small("1.2.0", grown));
    assert_eq!((stands.len(), stands[0].rule), (1, Rule::VersionStands));
    let back = compare(&frozen, &small("1.1.9", |text| text));
    assert_eq!((back.len(), back[0].rule), (1, Rule::VersionBack));
    assert_eq!(compare(&frozen, &small("1.2.1", grown)), []);
}

#[test]
fn every_rule_is_broken_by_a_test() {
    let elsewhere = [Rule::PackageRemoved, Rule::InterfaceRemoved, Rule::VersionStands, Rule::VersionBack];
    for rule in Rule::ALL {
        let shown = CHANGES.iter().any(|(shown, ..)| *shown == rule) || elsewhere.contains(&rule);
        assert!(shown, "{} has no test", rule.as_str());
    }
}

#[test]
fn growth_that_no_plugin_notices_is_let_through() {
    for (was, now) in [
        ("put: func", "drop: func(key: string); put: func"),
        ("world plugin", "interface more { use words.{pair}; more: func() -> pair; }\nworld plugin"),
        ("world plugin", "world another { import host; export role; }\nworld plugin"),
        ("world plugin {", "interface more { type seconds = u32; }\nworld plugin {\nimport more;"),
        ("type name = string;", "type name = string; record third { name: name }"),
        ("interface words", "/// Words.\ninterface words"),
    ] {
        assert_eq!(judged(was, now), [], "{was:?} became {now:?}");
    }
}

#[test]
fn a_type_that_moves_to_another_interface_and_is_used_from_there_is_the_same() {
    let moved = |text: String| {
        text.replace("    enum level { info, warn }\n", "    use more.{level};\n")
            .replace("interface words", "interface more { enum level { info, warn } }\ninterface words")
    };
    assert_eq!(compare(&small("1.0.0", |text| text), &small("1.0.1", moved)), []);
}

#[test]
fn a_type_that_changed_is_told_once_and_not_at_all_that_draws_on_it() {
    let broken = judged("value: list<u8>", "value: list<u8>, more: bool");
    assert_eq!(broken.len(), 1, "{broken:?}");
}

#[test]
fn a_later_line_is_not_held_to_the_one_before() {
    let changed = |text: String| text.replace("value: list<u8>", "value: string");
    for (frozen, present) in [("0.1.0", "0.2.0"), ("0.9.4", "1.0.0"), ("1.4.0", "2.0.0")] {
        assert_eq!(compare(&small(frozen, |text| text), &small(present, changed)), []);
    }
    for (frozen, present) in [("0.1.0", "0.1.7"), ("1.4.0", "1.5.0")] {
        assert_eq!(compare(&small(frozen, |text| text), &small(present, changed)).len(), 1);
    }
}
