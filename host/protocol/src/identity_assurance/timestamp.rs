//! Dates and times as identity assurance writes them (ISO 8601: `YYYY-MM-DD` and `YYYY-MM-DDThh:mm[:ss]TZD`; OpenID
//! Identity Assurance Schema §5.4), and how old they are (OIDC4IDA §5.5.2).

use crate::word::time::Timestamp;

const DAY: i64 = 24 * 60 * 60;

/// The seconds that have passed at `now` since the last second that a date or time still covers (OIDC4IDA §5.5.2): a day
/// without a time lasts until its end in UTC, a minute without seconds until its end. Nothing has passed since what lies
/// ahead. `None` when the text is neither date nor time.
pub(super) fn seconds_since(text: &str, now: Timestamp) -> Option<u64> {
    let last = last_second(text)?;
    let now = i64::try_from(now.0).ok()?;
    u64::try_from(now.saturating_sub(last).max(0)).ok()
}

/// The last second covered, since 1970 in UTC.
fn last_second(text: &str) -> Option<i64> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let midnight = day_number(date)?.checked_mul(DAY)?;
    let Some(time) = time else { return midnight.checked_add(DAY - 1) };
    let (clock, offset) = zone(time)?;
    midnight.checked_add(second_of_day(clock)?)?.checked_sub(offset)
}

/// `hh:mm` or `hh:mm:ss`, with or without a fraction, as the last second that it covers.
fn second_of_day(clock: &str) -> Option<i64> {
    let mut parts = clock.splitn(3, ':');
    let hour = two_digits(parts.next()?, 23)?;
    let minute = two_digits(parts.next()?, 59)?;
    let second = match parts.next() {
        None => 59,
        Some(second) => {
            let (whole, fraction) = second.split_once('.').unwrap_or((second, "0"));
            if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            // A leap second is the last second of its minute.
            two_digits(whole, 60)?.min(59)
        }
    };
    Some(hour * 3600 + minute * 60 + second)
}

/// Splits off `Z`, `±hh:mm`, `±hhmm` or `±hh`, the latter as seconds ahead of UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (clock, zone) = (time.get(..at)?, time.get(at..)?);
    let digits = zone.get(1..)?;
    let (hours, minutes) = match digits.len() {
        2 => (digits, "00"),
        4 => digits.split_at_checked(2)?,
        _ => digits.split_once(':')?,
    };
    let ahead = two_digits(hours, 23)? * 3600 + two_digits(minutes, 59)? * 60;
    Some((clock, if zone.starts_with('-') { -ahead } else { ahead }))
}

/// Days since 1970-01-01 of a date in the Gregorian calendar.
fn day_number(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day) = (year.parse::<i64>().ok()?, two_digits(month, 12)?, two_digits(day, 31)?);
    if month == 0 || day == 0 || day > days_in(year, month) {
        return None;
    }
    // A year that begins in March has its leap day at its end, and months whose days follow one formula.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before_the_year = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let before_the_month = (153 * month + 2) / 5;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    Some(before_the_year + before_the_month + day - 1 - 719_468)
}

const fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn two_digits(text: &str, most: i64) -> Option<i64> {
    let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2027-01-15T08:00:00Z.
    const NOW: Timestamp = Timestamp(1_800_000_000);

    #[test]
    fn the_last_second_that_a_text_covers_is_found_in_every_form() {
        for (text, second) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00Z", 59),
            ("1970-01-01", 86_399),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2012-04-23T18:25Z", 1_335_205_559),
            ("2012-04-23T18:25:00.511+02:00", 1_335_198_300),
            ("2012-04-23T18:25:00-0130", 1_335_210_900),
            ("2012-04-23T18:25:00+02", 1_335_198_300),
            ("2016-12-31T23:59:60Z", 1_483_228_799),
            ("2027-01-15T08:00:00Z", 1_800_000_000),
        ] {
            assert_eq!(last_second(text), Some(second), "{text}");
        }
    }

    #[test]
    fn what_is_neither_date_nor_time_has_no_age() {
        for text in [
            "",
            "T",
            "2021",
            "2021-13-01",
            "2021-00-10",
            "2021-02-29",
            "2021-04-31",
            "2021-1-1",
            "21-01-01",
            "2021-01-01T",
            "2021-01-01T10Z",
            "2021-01-01T10:00",
            "2021-01-01T24:00Z",
            "2021-01-01T10:60Z",
            "2021-01-01T10:00:00.Z",
            "2021-01-01T10:00:00+25:00",
            "2021-01-01T10:00:00+x",
            "+021-01-01",
            "2021-01-01-01",
            "١٩٧٠-٠١-٠١",
            "2021-01-01T10:00:00é",
            "yesterday",
        ] {
            assert_eq!(seconds_since(text, NOW), None, "{text}");
        }
    }

    #[test]
    fn age_counts_from_the_end_of_a_day_and_nothing_has_passed_since_what_lies_ahead() {
        assert_eq!(seconds_since("2027-01-14", NOW), Some(8 * 3600 + 1));
        assert_eq!(seconds_since("2027-01-15T07:59:00Z", NOW), Some(60));
        assert_eq!(seconds_since("2027-01-15", NOW), Some(0));
        assert_eq!(seconds_since("2033-05-31", NOW), Some(0));
    }

    proptest::proptest! {
        #[test]
        fn any_text_gets_an_answer(text in "[0-9TZ:+.-]{0,24}", now in proptest::num::u64::ANY) {
            let _ = seconds_since(&text, Timestamp(now));
        }
    }
}
