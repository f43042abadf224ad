//! The lines of versions of the contract, and how long each is served (ADR 0099).
//!
//! Versions of a line are compatible: those of one major version, before 1.0.0 of one minor version.

use esignet_protocol::word::time::Timestamp;
use semver::Version;

/// The lines, oldest first, each with the day of its first release, or `draft`.
const LINES: &str = include_str!("../../../wit/archive/lines");
/// How long a line is served after the first release of the next one.
const MONTHS: u32 = 24;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u32,
    month: u32,
    of_month: u32,
}

/// A line that a component was built against, and how long this server serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractLine {
    /// `0.1` or `1`.
    pub line: String,
    /// How long.
    pub support: Support,
}

/// How long a line is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It is not released: what is built against it may have to be built again.
    Draft,
    /// As long as there is no later one, and 24 months more.
    Present,
    /// A later one is released.
    Until(Day),
    /// Not by this server.
    Never,
}

impl Support {
    /// The word for it in lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Present => "present",
            Self::Until(_) => "until",
            Self::Never => "never",
        }
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.of_month)
    }
}

impl Day {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse().ok());
        Some(Self { year: parts.next()??, month: parts.next()??, of_month: parts.next()?? })
    }

    /// The day in UTC. After Howard Hinnant's `civil_from_days`.
    fn of(now: Timestamp) -> Self {
        let days = u32::try_from(now.0 / 86_400).unwrap_or(u32::MAX / 2) + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year + era * 400 + u32::from(month <= 2);
        Self { year, month, of_month: of_year - (153 * shifted + 2) / 5 + 1 }
    }

    /// Whole months from a time until this day; none when it is over.
    pub fn months_after(self, now: Timestamp) -> Option<u32> {
        let today = Self::of(now);
        let begun = u32::from(self.of_month < today.of_month);
        (self.year * 12 + self.month)
            .checked_sub(today.year * 12 + today.month + begun)
            .filter(|_| self >= today)
    }

    const fn later(self, months: u32) -> Self {
        let month = self.month - 1 + months;
        Self { year: self.year + month / 12, month: month % 12 + 1, of_month: self.of_month }
    }
}

/// The lines of the interfaces that a component imports and exports, each once.
pub(crate) fn lines_of<'a>(interfaces: impl IntoIterator<Item = &'a String>) -> Vec<ContractLine> {
    let mut lines: Vec<ContractLine> = Vec::new();
    for interface in interfaces {
        let version = interface.strip_prefix("esignet:").and_then(|of| of.split_once('@'));
        let Some(version) = version.and_then(|(_, version)| Version::parse(version).ok()) else { continue };
        let line = line(&version);
        if lines.iter().all(|known| known.line != line) {
            lines.push(ContractLine { support: support(LINES, &line), line });
        }
    }
    lines
}

fn line(version: &Version) -> String {
    if version.major == 0 { format!("0.{}", version.minor) } else { version.major.to_string() }
}

fn support(lines: &str, line: &str) -> Support {
    let mut rows = lines.lines().filter_map(|row| row.split_once(' ')).skip_while(|(name, _)| *name != line);
    let Some((_, day)) = rows.next() else { return Support::Never };
    if Day::parse(day).is_none() {
        return Support::Draft;
    }
    let mut later = rows.filter_map(|(_, day)| Day::parse(day));
    match (later.next(), later.next()) {
        (None, _) => Support::Present,
        (Some(next), None) => Support::Until(next.later(MONTHS)),
        (Some(_), Some(_)) => Support::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;

    #[test]
    fn a_line_is_served_until_two_years_after_the_next_one_and_no_third_beside_it() {
        let draft = "0.1 draft\n";
        assert_eq!(support(draft, "0.1"), Support::Draft);
        assert_eq!(support(draft, "0.2"), Support::Never);
        let two = "0.1 2027-01-15\n1 2027-11-30\n2 draft\n";
        let until = Day { year: 2029, month: 11, of_month: 30 };
        assert_eq!(support(two, "0.1"), Support::Until(until));
        assert_eq!(support(two, "1"), Support::Present);
        assert_eq!(support(two, "2"), Support::Draft);
        let three = "0.1 2027-01-15\n1 2027-11-30\n2 2029-12-01\n";
        assert_eq!(support(three, "0.1"), Support::Never);
        assert!(matches!(support(three, "1"), Support::Until(_)));
    }

    #[test]
    fn what_is_left_is_told_in_whole_months() {
        let until = Day::parse("2029-11-30").unwrap();
        assert_eq!(until.to_string(), "2029-11-30");
        // 2028-02-29, a leap day: `date -u -d 2028-02-29 +%s`.
        let leap = Timestamp(1_835_395_200);
        assert_eq!(Day::of(leap), Day { year: 2028, month: 2, of_month: 29 });
        assert_eq!(until.months_after(leap), Some(21));
        assert_eq!(until.months_after(Timestamp(leap.0 + 640 * DAY)), Some(0), "2029-11-30");
        assert_eq!(until.months_after(Timestamp(leap.0 + 641 * DAY)), None, "2029-12-01");
        assert_eq!(Day::of(Timestamp(0)).to_string(), "1970-01-01");
    }

    #[test]
    fn a_component_has_the_lines_of_what_it_imports_and_exports() {
        let interfaces =
            ["esignet:host/log@0.1.0", "wasi:cli/exit@0.2.6", "esignet:id-system/id-system@0.1.3"];
        let lines = lines_of(&interfaces.map(str::to_owned));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].line, "0.1");
        assert_ne!(lines[0].support, Support::Never, "the server serves what it is built with");
        assert_eq!(lines_of(&["esignet:host/log@7.0.0".to_owned()])[0].support, Support::Never);
    }
}
