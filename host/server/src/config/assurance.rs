//! `[assurance]`: which factors make which authentication context class, `acr = [[factor, …], …]`.
//!
//! A class is met by any of its methods, a method by all of its factors in that order (`login.md`).

use esignet_protocol::assurance::{Assurance, Method};
use esignet_protocol::word::acr::Acr;

use super::document::{Entry, Node};
use super::section::Section;

/// What there is without the section: the one-time code.
const DEFAULT: (&str, &str) = ("mosip:idp:acr:generated-code", "OTP");

const WANTED: &str = "a list of methods, each a list of factors, such as [[\"OTP\"], [\"PIN\", \"OTP\"]]";

pub(super) fn read(section: Section<'_>) -> Assurance {
    let mut methods: Vec<Method> = section.entries().flat_map(|entry| methods(&section, entry)).collect();
    if section.entries().next().is_none() {
        let (acr, factor) = DEFAULT;
        methods.push(Method { acr: Acr(acr.to_owned()), factors: vec![factor.to_owned()] });
    }
    section.finish_but(|_| true);
    Assurance { methods }
}

fn methods(section: &Section<'_>, entry: &Entry) -> Vec<Method> {
    let acr = Acr(entry.key.clone());
    let unusable =
        acr.as_str().is_empty() || acr.as_str().contains(|letter: char| !letter.is_ascii_graphic());
    if unusable {
        section.findings().error(
            "bad-value",
            &entry.place,
            format!("{:?} cannot be an acr: it has a space or is empty", entry.key),
            "acr_values is a list separated by spaces (OIDC Core section 3.1.2.1); use a name without one",
        );
        return Vec::new();
    }
    let Some(nodes) = section.as_array(&entry.key, &entry.node, WANTED) else { return Vec::new() };
    if nodes.is_empty() {
        section.findings().error(
            "bad-value",
            &entry.node.place,
            format!("the acr `{}` has no method", entry.key),
            format!("write {WANTED}, or remove the key"),
        );
    }
    nodes.iter().filter_map(|node| method(section, &acr, node)).collect()
}

fn method(section: &Section<'_>, acr: &Acr, node: &Node) -> Option<Method> {
    let factors = section.as_texts(acr.as_str(), node)?;
    let factors: Vec<String> = factors.into_iter().map(|factor| factor.value).collect();
    let mut distinct = factors.clone();
    distinct.sort();
    distinct.dedup();
    if factors.is_empty() || distinct.len() < factors.len() {
        section.findings().error(
            "bad-value",
            &node.place,
            format!("a method of the acr `{}` is empty or names a factor twice", acr.as_str()),
            "name each factor of the method once, such as [\"OTP\"]",
        );
        return None;
    }
    Some(Method { acr: acr.clone(), factors })
}
