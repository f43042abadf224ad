//! XML in the form that `JUnit` made usual.

use std::fmt::Write as _;

use super::super::{Outcome, Unmet};
use super::Results;

/// All results as a document.
pub(super) fn written(results: &Results) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string does not fail, here and below.
    let _ = writeln!(xml, "<testsuites name=\"{}\" {}>", escaped(&results.plugin), counts(&results.outcomes));
    let mut rest = results.outcomes.as_slice();
    while let Some(first) = rest.first() {
        let together = rest.iter().take_while(|outcome| suite(outcome) == suite(first)).count();
        let (of_suite, others) = rest.split_at(together);
        let name = escaped(&suite(first));
        let _ = writeln!(xml, "  <testsuite name=\"{name}\" {}>", counts(of_suite));
        for outcome in of_suite {
            case(&mut xml, &name, outcome);
        }
        xml.push_str("  </testsuite>\n");
        rest = others;
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// The world and what the case is of.
fn suite(outcome: &Outcome) -> String {
    let of = outcome.id.split('/').next().unwrap_or_default();
    if outcome.fixture.is_empty() { of.to_owned() } else { format!("{}.{of}", outcome.fixture) }
}

fn counts(outcomes: &[Outcome]) -> String {
    let count = |word| outcomes.iter().filter(|outcome| outcome.word() == word).count();
    let time: f64 = outcomes.iter().map(|outcome| outcome.elapsed.as_secs_f64()).sum();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{time:.3}\"",
        outcomes.len(),
        count("FAILED"),
        count("skipped")
    )
}

fn case(xml: &mut String, suite: &str, outcome: &Outcome) {
    let (name, time) = (escaped(&outcome.id), outcome.elapsed.as_secs_f64());
    let _ = write!(xml, "    <testcase classname=\"{suite}\" name=\"{name}\" time=\"{time:.3}\"");
    let _ = match &outcome.verdict {
        Ok(()) => writeln!(xml, "/>"),
        Err(Unmet::Skipped(why)) => {
            writeln!(xml, "><skipped message=\"{}\"/></testcase>", escaped(why))
        }
        Err(Unmet::Failed(why)) => {
            let (why, says) = (escaped(why), escaped(&outcome.says));
            writeln!(xml, "><failure message=\"{why}\">what must hold: {says}</failure></testcase>")
        }
    };
}

/// As it may stand in text and in an attribute (XML 1.0 §2.2, §2.4): what XML has no letter for becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn outcome(fixture: &str, id: &str, verdict: Result<(), Unmet>) -> Outcome {
        Outcome {
            fixture: fixture.to_owned(),
            id: id.to_owned(),
            says: "it <holds> & stays".to_owned(),
            verdict,
            elapsed: Duration::from_millis(12),
        }
    }

    #[test]
    fn the_document_is_well_formed_and_counts_what_is_in_it() {
        let outcomes = vec![
            outcome("a", "id-system/one", Ok(())),
            outcome("a", "id-system/two", Err(Unmet::Failed("\"a\" < \0\u{1b}[31m\n& ]]>".to_owned()))),
            outcome("a", "fixture/Ami<na", Err(Unmet::Skipped("no reason".to_owned()))),
            outcome("b", "id-system/one", Ok(())),
        ];
        let results = Results { plugin: "x & y".to_owned(), outcomes };
        let xml = results.junit();
        let document = roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
        let root = document.root_element();
        assert_eq!(root.attribute("name"), Some("x & y"));
        assert_eq!(
            [root.attribute("tests"), root.attribute("failures"), root.attribute("skipped")],
            [Some("4"), Some("1"), Some("1")]
        );
        let suites: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
        let names: Vec<_> = suites.iter().map(|suite| suite.attribute("name").unwrap()).collect();
        assert_eq!(names, ["a.id-system", "a.fixture", "b.id-system"]);
        let failure = document.descendants().find(|node| node.has_tag_name("failure")).unwrap();
        assert_eq!(failure.attribute("message"), Some("\"a\" < \u{fffd}\u{fffd}[31m\n& ]]>"));
        assert_eq!(failure.text(), Some("what must hold: it <holds> & stays"));
    }
}
