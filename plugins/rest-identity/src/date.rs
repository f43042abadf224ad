//! Dates as registries write them, and as OpenID Connect Core §5.1 wants them.

/// A way to write a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DateFormat {
    parts: Vec<Part>,
    /// Whether something may follow, such as a time.
    open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Year,
    Month { two: bool },
    Day { two: bool },
    Literal(char),
}

impl DateFormat {
    /// Reads a format such as `dd/MM/yyyy`, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (text, open) = text.strip_suffix('*').map_or((text, false), |before| (before, true));
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let run = rest.len() - rest.trim_start_matches(letter).len();
            let (part, taken) = match (letter, run) {
                ('y', 4) => (Part::Year, 4),
                ('M', 1 | 2) => (Part::Month { two: run == 2 }, run),
                ('d', 1 | 2) => (Part::Day { two: run == 2 }, run),
                (letter, _) if !letter.is_ascii_alphanumeric() => (Part::Literal(letter), letter.len_utf8()),
                _ => {
                    return Err(format!(
                        "{text:?} is no format of dates; write yyyy, MM or M, dd or d, and what stands between them; a * at \
                         the end allows for more"
                    ));
                }
            };
            parts.push(part);
            rest = rest.get(taken..).unwrap_or_default();
        }
        let count = |wanted: fn(&Part) -> bool| parts.iter().filter(|part| wanted(part)).count();
        let years = count(|part| matches!(part, Part::Year));
        let months = count(|part| matches!(part, Part::Month { .. }));
        let days = count(|part| matches!(part, Part::Day { .. }));
        if (years, months, days) != (1, 1, 1) && (years, months, days) != (1, 0, 0) {
            return Err(format!("{text:?} has to have year, month and day once each, or the year alone"));
        }
        Ok(Self { parts, open })
    }

    /// The date as `yyyy-MM-dd`, or as `yyyy` where the format has no more (ISO 8601-1, as OIDC Core §5.1 refers to it).
    pub(crate) fn iso(&self, text: &str) -> Option<String> {
        let mut rest = text.trim();
        let (mut year, mut month, mut day) = (0, None, None);
        for part in &self.parts {
            match part {
                Part::Literal(letter) => rest = rest.strip_prefix(*letter)?,
                Part::Year => year = number(&mut rest, (4, 4))?,
                Part::Month { two } => month = Some(number(&mut rest, if *two { (2, 2) } else { (1, 2) })?),
                Part::Day { two } => day = Some(number(&mut rest, if *two { (2, 2) } else { (1, 2) })?),
            }
        }
        if !self.open && !rest.is_empty() {
            return None;
        }
        match (month, day) {
            (Some(month), Some(day)) => {
                let is_real = year > 0 && (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
                is_real.then(|| format!("{year:04}-{month:02}-{day:02}"))
            }
            (None, None) => (year > 0).then(|| format!("{year:04}")),
            (Some(_), None) | (None, Some(_)) => None,
        }
    }
}

/// Takes a number of so many ASCII digits, as many as there are.
fn number(rest: &mut &str, (least, most): (usize, usize)) -> Option<u32> {
    let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if digits < least {
        return None;
    }
    let (number, after) = rest.split_at_checked(digits)?;
    *rest = after;
    number.parse().ok()
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A time in seconds since 1970 as RFC 3339 has it, in UTC.
pub(crate) fn instant(seconds: u64) -> String {
    let (mut day, second) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    loop {
        let length = if days(year, 2) == 29 { 366 } else { 365 };
        if day < length || year == 9999 {
            break;
        }
        day -= length;
        year += 1;
    }
    let mut month = 1;
    while month < 12 && day >= u64::from(days(year, month)) {
        day -= u64::from(days(year, month));
        month += 1;
    }
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", day + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn iso(format: &str, text: &str) -> Option<String> {
        DateFormat::parse(format).unwrap().iso(text)
    }

    #[test]
    fn dates_come_out_as_openid_connect_wants_them() {
        for (format, text) in [
            ("dd/MM/yyyy", "17/04/1991"),
            ("yyyy-MM-dd", " 1991-04-17 "),
            ("d.M.yyyy", "17.4.1991"),
            ("M/d/yyyy", "4/17/1991"),
            ("yyyyMMdd", "19910417"),
            ("yyyy-MM-dd*", "1991-04-17T00:00:00.000Z"),
        ] {
            assert_eq!(iso(format, text).as_deref(), Some("1991-04-17"), "{format}");
        }
        assert_eq!(iso("yyyy", "1991").as_deref(), Some("1991"));
    }

    #[test]
    fn what_is_no_date_of_the_format_is_none_at_all() {
        for text in [
            "",
            "1991-04-17",
            "17/4/1991",
            "17/04/91",
            "31/04/1991",
            "29/02/1900",
            "00/01/1991",
            "17/13/1991",
            "17/04/0000",
            "17/04/1991 ca.",
            "١٧/٠٤/١٩٩١",
        ] {
            assert_eq!(iso("dd/MM/yyyy", text), None, "{text}");
        }
        assert_eq!(iso("dd/MM/yyyy", "29/02/2000").as_deref(), Some("2000-02-29"));
    }

    #[test]
    fn a_format_without_all_parts_or_with_others_is_refused() {
        for format in
            ["", "dd/MM", "yy-MM-dd", "yyyy-MM", "yyyy-MM-dd HH:mm", "yyyy-yyyy-MM-dd", "dd/MMM/yyyy"]
        {
            assert!(DateFormat::parse(format).is_err(), "{format}");
        }
    }

    #[test]
    fn an_instant_is_written_in_utc() {
        assert_eq!(instant(0), "1970-01-01T00:00:00Z");
        assert_eq!(instant(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(instant(951_868_799), "2000-02-29T23:59:59Z");
        assert_eq!(instant(1_800_000_000), "2027-01-15T08:00:00Z");
        assert_eq!(instant(4_107_542_399), "2100-02-28T23:59:59Z");
        assert_eq!(instant(4_107_542_400), "2100-03-01T00:00:00Z");
    }

    proptest! {
        #[test]
        fn a_date_survives_every_way_to_write_it(year in 1_u32..=9999, month in 1_u32..=12, day in 1_u32..=31) {
            let is_real = day <= days(year, month);
            let expected = is_real.then(|| format!("{year:04}-{month:02}-{day:02}"));
            prop_assert_eq!(iso("dd/MM/yyyy", &format!("{day:02}/{month:02}/{year:04}")), expected.clone());
            prop_assert_eq!(iso("yyyyMMdd*", &format!("{year:04}{month:02}{day:02}T10:00")), expected.clone());
            prop_assert_eq!(iso("M-d-yyyy", &format!("{month}-{day}-{year:04}")), expected);
        }

        #[test]
        fn no_format_and_no_text_makes_it_panic(format in "[yMd/. *-]{0,12}|\\PC{0,12}", text in "[0-9/. -]{0,12}|\\PC{0,12}") {
            if let Ok(format) = DateFormat::parse(&format)
                && let Some(date) = format.iso(&text)
            {
                prop_assert!(date.len() == 4 || date.len() == 10, "{}", date);
            }
        }
    }
}
