//! The operator's file as a tree in which every value knows where it was written.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::finding::Findings;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a file.
    File {
        /// The path as the operator gave it.
        file: Arc<str>,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
    },
    /// In a file that does not mention it.
    Nowhere(Arc<str>),
    /// In an environment variable.
    Variable(Arc<str>),
}

impl Place {
    /// Where findings about it stand among others: the file from top to bottom, then what is in no line.
    pub(crate) fn order(&self) -> (usize, usize) {
        match self {
            Self::File { line, column, .. } => (*line, *column),
            Self::Nowhere(_) | Self::Variable(_) => (usize::MAX, 0),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line, column } => write!(f, "{file}:{line}:{column}"),
            Self::Nowhere(name) | Self::Variable(name) => f.write_str(name),
        }
    }
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where it was written.
    pub(crate) place: Place,
    /// What was written.
    pub(crate) value: Value,
}

/// What was written.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A string.
    Text(String),
    /// An integer.
    Integer(i128),
    /// A floating-point number.
    Float(f64),
    /// A boolean.
    Boolean(bool),
    /// A date or a time.
    Datetime(String),
    /// An array.
    Array(Vec<Node>),
    /// A table.
    Table(Table),
    /// The text of an environment variable, whose type is that of the key it stands for.
    Variable(String),
}

impl Value {
    /// What it is, for a sentence.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a floating-point number",
            Self::Boolean(_) => "a boolean",
            Self::Datetime(_) => "a date",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
            Self::Variable(_) => "a single value",
        }
    }
}

impl Value {
    /// The table, if it is one.
    pub(crate) fn as_table(&self) -> Option<&Table> {
        if let Self::Table(table) = self { Some(table) } else { None }
    }

    /// The elements, if it is an array.
    pub(crate) fn into_array(self) -> Option<Vec<Node>> {
        if let Self::Array(nodes) = self { Some(nodes) } else { None }
    }
}

/// A table, in the order of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// The entries.
    pub(crate) entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Where the key was written.
    pub(crate) place: Place,
    /// The value.
    pub(crate) node: Node,
}

impl Table {
    /// The value of a key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// Reads a file's text; every syntax error is a finding of its own, and what could be read is there nevertheless.
pub(crate) fn parse(file: &Path, text: &str, findings: &Findings) -> Table {
    let source = Source { file: Arc::from(file.display().to_string()), text };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let place = source.place(error.span().map_or(0, |span| span.start));
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        findings.error(
            "syntax",
            &place,
            format!("this is not TOML: {message}"),
            "correct the line; strings need quotes, keys and values an equals sign",
        );
    }
    source.table(table.get_ref())
}

/// Reads one value written as TOML, as it may stand in an environment variable.
pub(crate) fn parse_value(place: &Place, text: &str) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    let source = Source { file: Arc::from(""), text };
    let mut node = source.node(&value);
    node.replace_places(place);
    Some(node)
}

impl Node {
    fn replace_places(&mut self, place: &Place) {
        self.place = place.clone();
        match &mut self.value {
            Value::Array(nodes) => nodes.iter_mut().for_each(|node| node.replace_places(place)),
            Value::Table(table) => {
                for entry in &mut table.entries {
                    entry.place = place.clone();
                    entry.node.replace_places(place);
                }
            }
            Value::Text(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Variable(_) => {}
        }
    }
}

/// A text and the name of the file it stands in.
struct Source<'a> {
    file: Arc<str>,
    text: &'a str,
}

impl Source<'_> {
    fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place::File {
            file: Arc::clone(&self.file),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }

    fn table(&self, table: &DeTable<'_>) -> Table {
        let mut entries: Vec<(usize, Entry)> = table
            .iter()
            .map(|(key, value)| {
                let at = key.span().start;
                let node = self.node(value);
                (at, Entry { key: key.get_ref().to_string(), place: self.place(at), node })
            })
            .collect();
        entries.sort_by_key(|(at, _)| *at);
        Table { entries: entries.into_iter().map(|(_, entry)| entry).collect() }
    }

    fn node(&self, spanned: &Spanned<DeValue<'_>>) -> Node {
        let value = match spanned.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| Value::Text(number.to_string()), Value::Integer),
            DeValue::Float(number) => {
                number.as_str().parse().map_or_else(|_| Value::Text(number.to_string()), Value::Float)
            }
            DeValue::Boolean(flag) => Value::Boolean(*flag),
            DeValue::Datetime(date) => Value::Datetime(date.to_string()),
            DeValue::Array(array) => Value::Array(array.iter().map(|value| self.node(value)).collect()),
            DeValue::Table(table) => Value::Table(self.table(table)),
        };
        Node { place: self.place(spanned.span().start), value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_line_and_column() {
        let findings = Findings::default();
        let table = parse(Path::new("x.toml"), "a = 1\n[\"é\"]\n  bb = \"x\"\n", &findings);
        assert!(findings.into_vec().is_empty());
        let section = table.entry("é").unwrap();
        assert_eq!(section.place.to_string(), "x.toml:2:2");
        let Value::Table(inner) = &section.node.value else { panic!("a table") };
        assert_eq!(inner.entry("bb").unwrap().place.to_string(), "x.toml:3:3");
        assert_eq!(inner.entry("bb").unwrap().node.place.to_string(), "x.toml:3:8");
    }

    #[test]
    fn several_syntax_errors_are_several_findings() {
        let findings = Findings::default();
        parse(Path::new("x.toml"), "a = \nb = 1\nc = tru\n", &findings);
        let findings = findings.into_vec();
        let lines: Vec<_> = findings.iter().map(|finding| finding.place.split(':').nth(1).unwrap()).collect();
        assert_eq!(lines, ["1", "3"]);
    }
}
