//! A call of a plugin, as the person who writes it reads it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use esignet_sandbox::{CallEnded, HostCall, LogLine, Narrowed, Observer};

/// The most lines of one call.
const LINES: usize = 200;

/// Prints every call when it has ended, with what it asked the host for.
#[derive(Default)]
pub(super) struct Printed(Mutex<BTreeMap<u64, Asked>>);

/// What a call that is under way asked for so far.
#[derive(Default)]
struct Asked {
    lines: String,
    count: usize,
}

impl Printed {
    /// A panic while a line was written leaves nothing broken behind.
    fn under_way(&self) -> MutexGuard<'_, BTreeMap<u64, Asked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, number: u64, line: &str) {
        let mut calls = self.under_way();
        let asked = calls.entry(number).or_default();
        asked.count += 1;
        if asked.count <= LINES {
            // Writing to a string does not fail.
            let _ = writeln!(asked.lines, "    {line}");
        }
    }

    /// A line for the call and one for everything that it asked the host for.
    fn text(&self, ended: &CallEnded) -> String {
        let CallEnded { plugin, version, role, function, outcome, error, cpu, elapsed, memory_kib, .. } =
            ended;
        let why = error.as_ref().map_or_else(String::new, |error| format!(" ({error})"));
        let mut text = format!(
            "{plugin} {version}  {role}.{function} → {outcome}{why}, {}, {} ms of processor, {memory_kib} KiB\n",
            short(*elapsed),
            cpu.as_millis(),
        );
        if let Some(Asked { lines, count }) = self.under_way().remove(&ended.number) {
            text.push_str(&lines);
            if count > LINES {
                // Writing to a string does not fail.
                let _ = writeln!(text, "    … and {} more", count - LINES);
            }
        }
        text
    }
}

impl Observer for Printed {
    fn host_call(&self, call: HostCall) {
        let HostCall { number, interface, function, subject, answer, elapsed, .. } = call;
        let asked = if subject.is_empty() { String::new() } else { format!(" {subject}") };
        let came = match answer {
            Ok(word) if word.is_empty() => "done".to_owned(),
            Ok(word) => word.into_owned(),
            Err(why) => why,
        };
        self.add(number, &format!("{interface}.{function}{asked} → {came}, {}", short(elapsed)));
    }

    fn log_line(&self, line: LogLine) {
        let LogLine { number, level, event, fields, .. } = line;
        // The values are in the log, after what is taken out of it.
        let names = fields.iter().fold(String::new(), |names, (name, _)| names + " " + name);
        self.add(number, &format!("log.log {level} {event:?}{names}"));
    }

    fn narrowed(&self, narrowed: Narrowed) {
        let Narrowed { plugin, what, count } = narrowed;
        println!(
            "{plugin}  {count} of {what} taken out: beyond its manifest, its grant or its own descriptor"
        );
    }

    fn call_ended(&self, ended: CallEnded) {
        print!("{}", self.text(&ended));
    }
}

fn short(took: Duration) -> String {
    let micros = took.as_micros();
    if micros < 1_000 { format!("{micros} µs") } else { format!("{:.1} ms", took.as_secs_f64() * 1_000.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_call(number: u64, subject: &str) -> HostCall {
        HostCall {
            number,
            plugin: "hello".to_owned(),
            interface: "config",
            function: "get",
            subject: subject.to_owned(),
            answer: Ok("found".into()),
            elapsed: Duration::from_micros(2),
        }
    }

    fn ended(number: u64) -> CallEnded {
        CallEnded {
            number,
            plugin: "hello".to_owned(),
            version: "0.1.0".to_owned(),
            role: "id-system",
            function: "authenticate",
            outcome: "rejected",
            error: Some("rejected: wrong".to_owned()),
            cpu: Duration::ZERO,
            elapsed: Duration::from_micros(420),
            memory_kib: 1_088,
            denials: 0,
            log_dropped: 0,
        }
    }

    #[test]
    fn a_call_is_told_with_everything_it_asked_for_and_nothing_of_another() {
        let printed = Printed::default();
        printed.host_call(host_call(7, "otp"));
        printed.host_call(host_call(8, "other"));
        printed.log_line(LogLine {
            number: 7,
            plugin: "hello".to_owned(),
            level: "info",
            event: "sent".to_owned(),
            fields: vec![("channel".to_owned(), "sms".to_owned())],
        });
        let head = "hello 0.1.0  id-system.authenticate → rejected (rejected: wrong), 420 µs, 0 ms of processor, 1088 KiB\n";
        let asked = "    config.get otp → found, 2 µs\n    log.log info \"sent\" channel\n";
        assert_eq!(printed.text(&ended(7)), format!("{head}{asked}"));
        assert_eq!(printed.text(&ended(7)), head, "it is told once");
    }

    #[test]
    fn of_a_call_that_asks_without_end_the_first_lines_are_told() {
        let printed = Printed::default();
        for _ in 0..LINES + 3 {
            printed.host_call(host_call(1, "otp"));
        }
        assert!(printed.text(&ended(1)).ends_with("    … and 3 more\n"));
        assert_eq!(short(Duration::from_micros(1_500)), "1.5 ms");
    }
}
