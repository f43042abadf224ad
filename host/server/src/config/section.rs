//! Reads a table key by key, and knows afterwards which keys it was never asked for: those are the unknown ones.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::document::{self, Entry, Node, Place, Table, Value};
use super::finding::{Findings, did_you_mean};

/// What all readers share.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// Where findings go.
    pub(crate) findings: &'a Findings,
    /// The directory of the file: relative paths begin here.
    pub(crate) directory: &'a Path,
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it was written.
    pub(crate) place: Place,
}

/// One table of the configuration.
pub(crate) struct Section<'a> {
    reading: Reading<'a>,
    name: String,
    place: Place,
    table: Option<&'a Table>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(crate) fn root(reading: Reading<'a>, place: Place, table: &'a Table) -> Self {
        Self::new(reading, String::new(), place, Some(table))
    }

    fn new(reading: Reading<'a>, name: String, place: Place, table: Option<&'a Table>) -> Self {
        Self { reading, name, place, table, asked: RefCell::default() }
    }

    /// Where the section begins, or the file when it is not there.
    pub(crate) const fn place(&self) -> &Place {
        &self.place
    }

    /// Where findings go.
    pub(crate) const fn findings(&self) -> &'a Findings {
        self.reading.findings
    }

    /// The section as the operator writes it.
    pub(crate) fn title(&self) -> String {
        if self.name.is_empty() { "the file".to_owned() } else { format!("[{}]", self.name) }
    }

    /// Makes a key known that is read in another way or not at all.
    pub(crate) fn ask(&self, key: &'static str) {
        self.asked.borrow_mut().push(key);
    }

    /// The entry of a key that the caller reads by itself.
    pub(crate) fn known_entry(&self, key: &'static str) -> Option<&'a Entry> {
        self.entry(key)
    }

    fn entry(&self, key: &'static str) -> Option<&'a Entry> {
        self.asked.borrow_mut().push(key);
        self.table?.entry(key)
    }

    fn below(&self, key: &str) -> String {
        let bare = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        let key = if bare { key.to_owned() } else { format!("{key:?}") };
        if self.name.is_empty() { key } else { format!("{}.{key}", self.name) }
    }

    fn wrong_type(&self, key: &str, node: &Node, wanted: &str) {
        let problem = if let Value::Variable(_) = &node.value {
            format!("the value is not {wanted}")
        } else {
            format!("`{}` is {}, not {wanted}", self.below(key), node.value.kind())
        };
        self.findings().error("wrong-type", &node.place, problem, format!("write {wanted}"));
    }

    /// A section below this one, empty when it is not there.
    pub(crate) fn section(&self, key: &'static str) -> Section<'a> {
        let entry = self.entry(key);
        self.descend(key, entry)
    }

    fn descend(&self, key: &str, entry: Option<&'a Entry>) -> Section<'a> {
        let name = self.below(key);
        let Some(entry) = entry else {
            return Self::new(self.reading, name, self.place.clone(), None);
        };
        let table = entry.node.value.as_table();
        if table.is_none() {
            self.wrong_type(key, &entry.node, &format!("a section, [{name}]"));
        }
        Self::new(self.reading, name, entry.place.clone(), table)
    }

    /// All entries of a table whose keys the operator chooses, each with its key's place.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        self.table.into_iter().flat_map(|table| &table.entries)
    }

    /// The sections below this one whose names the operator chooses; other values are left to [`Section::finish`].
    pub(crate) fn named_sections(&self) -> Vec<(&'a str, Section<'a>)> {
        let tables = self.entries().filter(|entry| matches!(entry.node.value, Value::Table(_)));
        tables.map(|entry| (entry.key.as_str(), self.descend(&entry.key, Some(entry)))).collect()
    }

    /// The tables of an array of tables, `[[section.key]]`.
    pub(crate) fn tables(&self, key: &'static str) -> Option<Vec<Section<'a>>> {
        let entry = self.entry(key)?;
        let name = self.below(key);
        let Value::Array(nodes) = &entry.node.value else {
            self.wrong_type(key, &entry.node, &format!("an array of tables, [[{name}]]"));
            return None;
        };
        let sections = nodes.iter().filter_map(|node| {
            let table = node.value.as_table();
            if table.is_none() {
                self.wrong_type(key, node, &format!("a table, [[{name}]]"));
            }
            Some(Self::new(self.reading, name.clone(), node.place.clone(), Some(table?)))
        });
        Some(sections.collect())
    }

    /// A text.
    pub(crate) fn text(&self, key: &'static str) -> Option<Located<String>> {
        let node = &self.entry(key)?.node;
        self.as_text(key, node)
    }

    /// The text of a node that belongs to `key`.
    pub(crate) fn as_text(&self, key: &str, node: &Node) -> Option<Located<String>> {
        if let Value::Text(text) | Value::Variable(text) = &node.value {
            return Some(Located { value: text.clone(), place: node.place.clone() });
        }
        self.wrong_type(key, node, "a string in quotes");
        None
    }

    /// A text that must be there.
    pub(crate) fn required_text(&self, key: &'static str, example: &str) -> Option<Located<String>> {
        if !self.has(key) {
            self.entry(key);
            let problem = format!("`{key}` is missing in {}", self.title());
            self.findings().error("missing-key", &self.place, problem, format!("add {key} = {example}"));
            return None;
        }
        self.text(key)
    }

    /// Whether the key is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.entry(key).is_some())
    }

    /// Where a key was written, or the section.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        self.table
            .and_then(|table| table.entry(key))
            .map_or_else(|| self.place.clone(), |entry| entry.place.clone())
    }

    /// A list of texts.
    pub(crate) fn texts(&self, key: &'static str) -> Option<Vec<Located<String>>> {
        let node = &self.entry(key)?.node;
        self.as_texts(key, node)
    }

    /// The list of texts of a node that belongs to `key`.
    pub(crate) fn as_texts(&self, key: &str, node: &Node) -> Option<Vec<Located<String>>> {
        let nodes = self.as_array(key, node, "an array of strings, such as [\"a\", \"b\"]")?;
        Some(nodes.iter().filter_map(|node| self.as_text(key, node)).collect())
    }

    /// The elements of an array, in a variable in TOML's notation.
    pub(crate) fn as_array(&self, key: &str, node: &Node, wanted: &str) -> Option<Vec<Node>> {
        let parsed = if let Value::Variable(text) = &node.value {
            document::parse_value(&node.place, text).and_then(|node| node.value.into_array())
        } else {
            node.value.clone().into_array()
        };
        if parsed.is_none() {
            self.wrong_type(key, node, wanted);
        }
        parsed
    }

    /// A whole number in a range.
    pub(crate) fn number(&self, key: &'static str, range: RangeInclusive<u64>, default: u64) -> u64 {
        let Some(entry) = self.entry(key) else { return default };
        let node = &entry.node;
        let number = match &node.value {
            Value::Integer(number) => Some(*number),
            Value::Variable(text) => text.trim().replace('_', "").parse().ok(),
            Value::Text(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Array(_)
            | Value::Table(_) => None,
        };
        let Some(number) = number else {
            self.wrong_type(key, node, "a whole number");
            return default;
        };
        if let Some(number) = u64::try_from(number).ok().filter(|number| range.contains(number)) {
            return number;
        }
        let problem = format!("`{}` is {number}, out of range", self.below(key));
        let fix = format!("set it from {} to {}; the default is {default}", range.start(), range.end());
        self.findings().error("out-of-range", &node.place, problem, fix);
        default
    }

    /// A boolean.
    pub(crate) fn flag(&self, key: &'static str, default: bool) -> bool {
        let Some(entry) = self.entry(key) else { return default };
        let node = &entry.node;
        let flag = match &node.value {
            Value::Boolean(flag) => Some(*flag),
            Value::Variable(text) => text.parse().ok(),
            Value::Text(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Datetime(_)
            | Value::Array(_)
            | Value::Table(_) => None,
        };
        if flag.is_none() {
            self.wrong_type(key, node, "true or false");
        }
        flag.unwrap_or(default)
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&self, key: &'static str, choices: &[(&str, T)], default: T) -> T {
        let Some(text) = self.text(key) else { return default };
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == text.value) {
            return *choice;
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let meant = did_you_mean(&text.value, words.iter().copied());
        let meant = meant.map_or_else(String::new, |word| format!("did you mean \"{word}\"? "));
        let problem = format!("`{}` cannot be \"{}\"", self.below(key), text.value);
        self.findings().error(
            "bad-value",
            &text.place,
            problem,
            format!("{meant}choose of: {}", words.join(", ")),
        );
        default
    }

    /// A path; a relative one begins at the directory of the file, also when it comes from a variable.
    pub(crate) fn path(&self, key: &'static str) -> Option<Located<PathBuf>> {
        let text = self.text(key)?;
        if text.value.is_empty() {
            let problem = format!("`{}` is an empty path", self.below(key));
            self.findings().error(
                "bad-value",
                &text.place,
                problem,
                "name a file or directory, or remove the key",
            );
            return None;
        }
        Some(Located { value: self.resolve(&text.value), place: text.place })
    }

    /// A path as it is meant in this file.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        self.reading.directory.join(path)
    }

    /// An address to listen on.
    pub(crate) fn address(&self, key: &'static str, default: SocketAddr) -> SocketAddr {
        self.optional_address(key, &format!("\"{default}\"")).map_or(default, |address| address.value)
    }

    /// An address to listen on, if one is wanted.
    pub(crate) fn optional_address(&self, key: &'static str, example: &str) -> Option<Located<SocketAddr>> {
        let text = self.text(key)?;
        if let Ok(value) = text.value.parse() {
            return Some(Located { value, place: text.place });
        }
        let problem = format!("`{}` is not an address with a port", self.below(key));
        let fix = format!("write it like {example} or \"[::1]:8088\"");
        self.findings().error("bad-value", &text.place, problem, fix);
        None
    }

    /// Texts by language, `key = { en = "…", fr = "…" }`; a plain text stands for English.
    pub(crate) fn words(&self, key: &'static str) -> BTreeMap<String, String> {
        let Some(entry) = self.entry(key) else { return BTreeMap::new() };
        let node = match &entry.node.value {
            Value::Variable(text) => document::parse_value(&entry.node.place, text)
                .filter(|node| node.value.as_table().is_some())
                .unwrap_or_else(|| entry.node.clone()),
            Value::Text(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Array(_)
            | Value::Table(_) => entry.node.clone(),
        };
        if let Value::Text(text) | Value::Variable(text) = node.value {
            return [("en".to_owned(), text)].into();
        }
        let Some(table) = node.value.as_table() else {
            self.wrong_type(key, &node, "a text by language, such as { en = \"…\", fr = \"…\" }");
            return BTreeMap::new();
        };
        let words = table.entries.iter().filter_map(|entry| {
            if !esignet_protocol::word::locale::is_tag(&entry.key) {
                let problem = format!("`{}` is no language tag", entry.key);
                self.findings().error(
                    "bad-value",
                    &entry.place,
                    problem,
                    "use BCP 47 tags such as en, fr, pt-BR",
                );
                return None;
            }
            Some((entry.key.clone(), self.as_text(key, &entry.node)?.value))
        });
        words.collect()
    }

    /// Reports keys that nobody asked for.
    pub(crate) fn finish(self) {
        self.finish_but(|_| false);
    }

    /// Reports keys that nobody asked for, but for those that were read in another way.
    pub(crate) fn finish_but(self, read: impl Fn(&Entry) -> bool) {
        let asked = self.asked.borrow();
        for entry in self.entries().filter(|entry| !asked.contains(&entry.key.as_str()) && !read(entry)) {
            let code =
                if matches!(entry.place, Place::Variable(_)) { "unknown-variable" } else { "unknown-key" };
            let is_section = self.name.is_empty() && entry.node.value.as_table().is_some();
            let what = if is_section {
                format!("there is no section [{}]", entry.key)
            } else {
                format!("{} has no key `{}`", self.title(), entry.key)
            };
            let fix = match did_you_mean(&entry.key, asked.iter().copied()) {
                Some(known) if is_section => format!("did you mean [{known}]?"),
                Some(known) if code == "unknown-variable" => {
                    format!("did you mean {}?", self.variable(known))
                }
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("remove it; known here: {}", asked.join(", ")),
            };
            self.findings().error(code, &entry.place, what, fix);
        }
    }

    fn variable(&self, key: &str) -> String {
        let path = self.below(key).replace('.', "__").replace('-', "_").replace('"', "");
        format!("{}{}", super::environment::PREFIX, path.to_ascii_uppercase())
    }
}
