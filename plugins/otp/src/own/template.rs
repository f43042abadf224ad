//! Texts with placeholders: `{code} is your code`. A brace itself is written twice.

/// A text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Named(String),
}

impl Template {
    /// Reads a text that may name these, or says what is wrong with it.
    pub(crate) fn parse(text: &str, known: &[&str]) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            literal.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                literal.extend(from.chars().next());
                rest = after;
                continue;
            }
            let inside = from.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let Some((name, after)) = inside.filter(|(name, _)| known.contains(name)) else {
                return Err(format!(
                    "a brace stands for one of {}; write a brace itself twice",
                    known.iter().map(|known| format!("{{{known}}}")).collect::<Vec<_>>().join(", ")
                ));
            };
            parts.push(Part::Literal(std::mem::take(&mut literal)));
            parts.push(Part::Named(name.to_owned()));
            rest = after;
        }
        literal.push_str(rest);
        parts.push(Part::Literal(literal));
        Ok(Self(parts))
    }

    /// Whether it names this.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Named(named) if named == name))
    }

    /// The text, with a value for each name.
    pub(crate) fn fill<'a>(&self, value: &dyn Fn(&str) -> &'a str) -> String {
        let text = |part: &Part| match part {
            Part::Literal(literal) => literal.clone(),
            Part::Named(name) => value(name).to_owned(),
        };
        self.0.iter().map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_and_double_braces_are_braces() {
        let template = Template::parse("{{{code}}} for {to}: {code}", &["code", "to"]).unwrap();
        let filled = template.fill(&|name| if name == "code" { "{to}" } else { "x" });
        assert_eq!(filled, "{{to}} for x: {to}", "a value is no template");
        assert!(template.names("code") && !template.names("text"));
    }

    #[test]
    fn what_names_nothing_known_is_refused_with_what_there_is() {
        for text in ["{pin}", "{code", "code}", "{}", "{ code }"] {
            let problem = Template::parse(text, &["code", "to"]).unwrap_err();
            assert!(problem.contains("{code}, {to}"), "{text}: {problem}");
        }
    }
}
