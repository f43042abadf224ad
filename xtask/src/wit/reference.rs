//! `docs/plugins/reference`: a page for each package of the contract, made of its WIT and the words in it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::contract::{Contract, Function, Interface, Package, Part, Reference, Shape, Token, Type, World};

/// Where it is, below the root.
pub(super) const DIRECTORY: &str = "docs/plugins/reference";

const NOTE: &str = "<!-- Written by `cargo xtask docs` from the comments in wit/: change it there. -->\n\n";

const INTRODUCTION: &str = "\
# The contract, function by function

A plugin is a WebAssembly component that exports one or more of the roles, and imports what it needs of the host. The SDKs have
the same names in the manner of their languages ([languages](../languages.md)); how limits are asked for and granted is in
[the manifest](../manifest.md), what they protect in [the security model](../security-model.md), and what a version promises in
[ADR 99](../../adr/0099-a-released-contract-is-kept.md).

WIT in five lines: `list<u8>` are bytes; `option<T>` may be absent; `result<T, E>` is an answer or an error; a `record` has all of
its fields; a `variant` or an `enum` is one of its cases. A `string` is UTF-8. Numbers are unsigned unless they begin with `s`.

Whatever a function gives back is checked by the host: a text that is longer than it says here, or more of something than it says,
ends the call as `broken`, and the operator reads which it was.
";

/// A page: the name of its file, and what is in it.
pub(super) type Page = (String, String);

/// All pages, by name.
pub(super) fn pages(contract: &Contract) -> Vec<Page> {
    let mut pages = vec![("README.md".to_owned(), index(contract))];
    pages.extend(contract.packages.iter().map(|package| (file(&package.name), page(contract, package))));
    pages
}

/// Writes what is new and removes what is not wanted any more; says how much that was.
pub(super) fn write(directory: &Path, pages: &[Page]) -> Result<usize> {
    fs::create_dir_all(directory)?;
    let stale = stale(directory, pages)?;
    for name in &stale {
        let file = directory.join(name);
        match pages.iter().find(|(of, _)| of == name) {
            Some((_, text)) => fs::write(&file, text),
            None => fs::remove_file(&file),
        }
        .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(stale.len())
}

/// The pages that are not as they should be, that are missing, or that should not be there.
pub(super) fn stale(directory: &Path, pages: &[Page]) -> Result<Vec<String>> {
    let differs =
        |(name, text): &&Page| fs::read_to_string(directory.join(name)).is_ok_and(|now| now == *text);
    let mut stale: Vec<String> =
        pages.iter().filter(|page| !differs(page)).map(|(name, _)| name.clone()).collect();
    if directory.is_dir() {
        for entry in fs::read_dir(directory)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if pages.iter().all(|(page, _)| *page != name) {
                stale.push(name);
            }
        }
    }
    Ok(stale)
}

/// What has no word of documentation: packages, interfaces, types, functions and worlds.
pub(super) fn bare(contract: &Contract) -> Vec<String> {
    let mut bare = Vec::new();
    let mut look = |docs: &str, name: String| {
        if docs.is_empty() {
            bare.push(name);
        }
    };
    for package in &contract.packages {
        look(&package.docs, package.name.clone());
        for world in &package.worlds {
            look(&world.docs, format!("{}/{}", package.name, world.name));
        }
        for interface in &package.interfaces {
            let place = format!("{}/{}", package.name, interface.name);
            look(&interface.docs, place.clone());
            for of in interface.types.iter().filter(|of| !of.is_used) {
                look(&of.docs, format!("{place}.{}", of.name));
            }
            for function in &interface.functions {
                look(&function.docs, format!("{place}.{}", function.name));
            }
        }
    }
    bare
}

fn file(package: &str) -> String {
    format!("{}.md", package.rsplit(':').next().unwrap_or(package))
}

/// The link to an interface or something in it, from a page.
fn link(from: &Package, interface: &str, name: Option<&str>) -> String {
    let (package, of) = interface.split_once('/').unwrap_or((interface, ""));
    let page = if package == from.name { String::new() } else { file(package) };
    let anchor = name.map_or_else(|| of.to_owned(), |name| format!("{of}.{name}"));
    format!("{page}#{anchor}")
}

fn index(contract: &Contract) -> String {
    let mut text = format!("{NOTE}{INTRODUCTION}\n| Package | Interface | |\n|---|---|---|\n");
    for package in &contract.packages {
        for interface in &package.interfaces {
            let (page, name) = (file(&package.name), &interface.name);
            let words =
                first_sentence(if interface.docs.is_empty() { &package.docs } else { &interface.docs });
            row(
                &mut text,
                &[
                    format!("`{} {}`", package.name, package.version),
                    format!("[`{name}`]({page}#{name})"),
                    words,
                ],
            );
        }
    }
    text.push_str("\n| World | |\n|---|---|\n");
    for package in &contract.packages {
        for world in &package.worlds {
            let (page, name) = (file(&package.name), &world.name);
            row(&mut text, &[format!("[`{name}`]({page}#{name})"), first_sentence(&world.docs)]);
        }
    }
    text
}

fn page(contract: &Contract, package: &Package) -> String {
    let mut text = format!("{NOTE}# `{}` {}\n", package.name, package.version);
    paragraphs(&mut text, &package.docs);
    for interface in &package.interfaces {
        let place = format!("{}/{}", package.name, interface.name);
        let by = if contract.is_role(&place) { "exported by plugins" } else { "imported by plugins" };
        heading(&mut text, "##", &interface.name, &format!("`{}`, {by}", interface.name));
        paragraphs(&mut text, &interface.docs);
        of_interface(&mut text, package, interface);
    }
    for world in &package.worlds {
        of_world(&mut text, package, world);
    }
    text
}

fn of_interface(text: &mut String, package: &Package, interface: &Interface) {
    for function in &interface.functions {
        heading(
            text,
            "###",
            &format!("{}.{}", interface.name, function.name),
            &format!("`{}`", function.name),
        );
        of_function(text, package, function);
    }
    for of in interface.types.iter().filter(|of| !of.is_used) {
        let title = format!("{} `{}`", of.shape.kind(), of.name);
        heading(text, "###", &format!("{}.{}", interface.name, of.name), &title);
        of_type(text, package, of);
    }
}

fn of_function(text: &mut String, package: &Package, function: &Function) {
    paragraphs(text, &function.docs);
    text.push_str("\n| | |\n|---|---|\n");
    for parameter in &function.parameters {
        let holds = parameter.holds.as_ref().map_or_else(String::new, |holds| linked(package, holds));
        row(text, &[format!("`{}`", parameter.name), holds]);
    }
    let gives =
        function.result.as_ref().map_or_else(|| "nothing".to_owned(), |result| linked(package, result));
    row(text, &["gives".to_owned(), gives]);
}

fn of_type(text: &mut String, package: &Package, of: &Type) {
    paragraphs(text, &of.docs);
    let (word, parts) = of.shape.parts();
    if let Shape::Alias(alias) = &of.shape {
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n= {}", linked(package, alias));
    }
    if parts.is_empty() {
        return;
    }
    let holds = |part: &Part| part.holds.as_ref().map_or_else(String::new, |holds| linked(package, holds));
    let (name, last) = (capital(word), if word == "field" { "Type" } else { "Holds" });
    if parts.iter().any(|part| part.holds.is_some()) {
        let _ = writeln!(text, "\n| {name} | {last} | |\n|---|---|---|");
        for part in parts {
            row(text, &[format!("`{}`", part.name), holds(part), one_line(&part.docs)]);
        }
    } else {
        let _ = writeln!(text, "\n| {name} | |\n|---|---|");
        for part in parts {
            row(text, &[format!("`{}`", part.name), one_line(&part.docs)]);
        }
    }
}

fn of_world(text: &mut String, package: &Package, world: &World) {
    heading(text, "##", &world.name, &format!("world `{}`", world.name));
    paragraphs(text, &world.docs);
    for (word, interfaces) in [("exports", &world.exports), ("may import", &world.imports)] {
        let links = interfaces.iter().map(|of| format!("[`{of}`]({})", link(package, of, None)));
        let links = links.collect::<Vec<_>>().join(", ");
        if !links.is_empty() {
            let _ = writeln!(text, "\n{}: {links}", capital(word));
        }
    }
}

/// A type with links to what is named in it.
fn linked(package: &Package, reference: &Reference) -> String {
    let piece = |token: &Token| match token {
        Token::Text(text) => format!("`{text}`"),
        Token::Named { name, interface } => format!("[`{name}`]({})", link(package, interface, Some(name))),
    };
    // Two pieces of code side by side would be one with a backtick inside.
    reference.tokens.iter().map(piece).collect::<String>().replace("``", "")
}

fn heading(text: &mut String, level: &str, anchor: &str, title: &str) {
    let _ = writeln!(text, "\n<a id=\"{anchor}\"></a>\n{level} {title}");
}

fn paragraphs(text: &mut String, docs: &str) {
    if !docs.is_empty() {
        let _ = writeln!(text, "\n{docs}");
    }
}

fn row(text: &mut String, cells: &[String]) {
    let cells = cells.iter().map(|cell| cell.replace('|', "\\|"));
    let _ = writeln!(text, "| {} |", cells.collect::<Vec<_>>().join(" | "));
}

fn one_line(docs: &str) -> String {
    docs.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first_sentence(docs: &str) -> String {
    let line = one_line(docs);
    line.split_inclusive(". ").next().unwrap_or_default().trim().to_owned()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r"
/// A word | a world.
package esignet:small@1.2.0;
/// What people say. And more.
interface words {
    /// A pair.
    record pair {
        /// Of few
        /// letters.
        name: string,
        all: list<pair-of>,
    }
    /// Another.
    record pair-of { level: level }
    enum level { info, warn }
}
/// What is asked.
interface role {
    use words.{pair};
    ask: func(pair: option<pair>) -> result<_, string>;
}
/// A plugin.
world plugin { export role; }
";

    #[test]
    fn a_page_has_every_name_with_its_words_and_links_to_what_it_is_made_of() {
        let contract = Contract::parse(SMALL).unwrap();
        let pages = pages(&contract);
        assert_eq!(
            pages.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["README.md", "small.md"]
        );
        let page = &pages[1].1;
        for part in [
            "# `esignet:small` 1.2.0",
            "<a id=\"words.pair\"></a>\n### record `pair`\n\nA pair.",
            "| `name` | `string` | Of few letters. |",
            "| `all` | `list<`[`pair-of`](#words.pair-of)`>` |  |",
            "| `info` |  |",
            "## `role`, exported by plugins",
            "| `pair` | `option<`[`pair`](#words.pair)`>` |\n| gives | `result<_, string>` |",
            "Exports: [`esignet:small/role`](#role)",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        assert!(pages[0].1.contains("| `esignet:small 1.2.0` | [`role`](small.md#role) | What is asked. |"));
    }

    #[test]
    fn links_of_documents_into_the_reference_lead_somewhere() {
        let plugins = crate::workspace::root().join("docs/plugins");
        let mut seen = 0;
        for entry in fs::read_dir(&plugins).unwrap() {
            let Ok(text) = fs::read_to_string(entry.unwrap().path()) else { continue };
            for link in text.split("](reference/").skip(1).filter_map(|rest| rest.split(')').next()) {
                let (page, anchor) = link.split_once('#').unwrap_or((link, ""));
                let page = fs::read_to_string(plugins.join("reference").join(page)).unwrap_or_default();
                let is_there = if anchor.is_empty() {
                    !page.is_empty()
                } else {
                    page.contains(&format!("<a id=\"{anchor}\">"))
                };
                assert!(is_there, "{link} leads nowhere");
                seen += 1;
            }
        }
        assert!(seen > 10, "links are found");
    }

    #[test]
    fn what_has_no_word_is_found() {
        let contract = Contract::parse(SMALL).unwrap();
        assert_eq!(bare(&contract), ["esignet:small/words.level", "esignet:small/role.ask"]);
    }

    #[test]
    fn a_page_that_is_missing_or_old_or_nobodys_is_stale_until_it_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let pages = pages(&Contract::parse(SMALL).unwrap());
        fs::write(directory.path().join("small.md"), "old").unwrap();
        fs::write(directory.path().join("gone.md"), "gone").unwrap();
        assert_eq!(stale(directory.path(), &pages).unwrap(), ["README.md", "small.md", "gone.md"]);
        assert_eq!(write(directory.path(), &pages).unwrap(), 3);
        assert!(stale(directory.path(), &pages).unwrap().is_empty());
    }
}
