//! What is a person's or a credential, and does not print itself.

use super::plugins::{Evidence, Individual, Proof};

impl std::fmt::Debug for Individual {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Individual").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proof")
            .field("factor", &self.factor)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evidence")
            .field("factor", &self.factor)
            .field("amr", &self.amr)
            .finish_non_exhaustive()
    }
}
