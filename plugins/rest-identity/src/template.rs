//! Text with placeholders: `/people/{individual.value}`. Braces themselves are written twice.
//!
//! A template knows nothing of where it stands; whoever fills it in escapes the values, each for its own place.

use crate::placeholder::{Facts, Operation, Placeholder};

/// A text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(pub(crate) Vec<Part>);

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(String),
    Placeholder(Placeholder),
}

/// Why a template cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// A placeholder has no value in this call.
    Missing,
    /// A value cannot stand where it should; whether the person typed it.
    Unplaceable { typed: bool },
}

impl Template {
    /// Reads a template of an operation, or says what is wrong with it.
    pub(crate) fn parse(text: &str, operation: Operation) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text.chars().peekable();
        while let Some(letter) = rest.next() {
            match letter {
                '{' | '}' if rest.peek() == Some(&letter) => {
                    rest.next();
                    literal.push(letter);
                }
                '{' => {
                    let mut name = String::new();
                    loop {
                        match rest.next() {
                            Some('}') => break,
                            Some(letter) if letter != '{' => name.push(letter),
                            _ => return Err(format!("`{{{name}` has no end; close it with }}")),
                        }
                    }
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Placeholder(Placeholder::parse(&name, operation)?));
                }
                '}' => return Err("there is a } without {; for a brace itself write it twice".to_owned()),
                other => literal.push(other),
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self(parts))
    }

    /// The text, with each value as `escape` makes it fit.
    pub(crate) fn fill(
        &self,
        facts: &Facts<'_>,
        escape: impl Fn(&str) -> Option<String>,
    ) -> Result<String, Unfit> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Placeholder(placeholder) => {
                    let value = placeholder.value(facts).ok_or(Unfit::Missing)?;
                    let unplaceable = Unfit::Unplaceable { typed: placeholder.is_typed() };
                    text.push_str(&escape(&value).ok_or(unplaceable)?);
                }
            }
        }
        facts.sent.borrow_mut().extend(self.placeholders().filter_map(Placeholder::proved).cloned());
        facts.told.borrow_mut().extend(self.placeholders().filter_map(Placeholder::address_of).cloned());
        Ok(text)
    }

    /// What it names.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().filter_map(|part| match part {
            Part::Placeholder(placeholder) => Some(placeholder),
            Part::Literal(_) => None,
        })
    }

    /// Whether the person typed any of it.
    pub(crate) fn is_typed(&self) -> bool {
        self.placeholders().any(Placeholder::is_typed)
    }
}

#[cfg(test)]
mod tests;
