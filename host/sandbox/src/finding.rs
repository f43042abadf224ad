//! What an operator must know and do: the rule, the place, the mend.

/// One thing that is wrong with a plugin, its grant or the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that does not hold.
    pub rule: String,
    /// The file, or the section of the operator's file.
    pub place: String,
    /// What to do.
    pub mend: String,
}

impl Finding {
    pub(crate) fn new(rule: impl Into<String>, place: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { rule: rule.into(), place: place.into(), mend: mend.into() }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.rule, self.mend)
    }
}

impl std::error::Error for Finding {}

impl From<Finding> for Vec<Finding> {
    fn from(finding: Finding) -> Self {
        vec![finding]
    }
}
