//! A call of a plugin, as the person who writes it reads it.

use std::fmt::Write as _;
use std::time::Duration;

use esignet_sandbox::{SeenCall, Witness};

/// Prints every call when it has ended.
pub(super) struct Printed;

impl Witness for Printed {
    fn saw(&self, call: &SeenCall) {
        print!("{}", text(call));
    }
}

/// A line for the call and one for everything that it asked the host for.
fn text(call: &SeenCall) -> String {
    let SeenCall { plugin, version, role, function, outcome, error, elapsed, cpu_ms, memory_kib, imports, more_imports } =
        call;
    let why = error.as_ref().map_or_else(String::new, |error| format!(" ({error})"));
    let mut text = format!(
        "{plugin} {version}  {role}.{function} → {outcome}{why}, {}, {cpu_ms} ms of processor, {memory_kib} KiB\n",
        short(*elapsed)
    );
    for import in imports {
        let arguments = if import.arguments.is_empty() { "" } else { " " };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "    {}.{}{arguments}{} → {}, {}",
            import.interface,
            import.function,
            import.arguments,
            import.outcome,
            short(import.took)
        );
    }
    if *more_imports > 0 {
        let _ = writeln!(text, "    … and {more_imports} more");
    }
    text
}

fn short(took: Duration) -> String {
    let micros = took.as_micros();
    if micros < 1_000 { format!("{micros} µs") } else { format!("{:.1} ms", took.as_secs_f64() * 1_000.0) }
}

#[cfg(test)]
mod tests {
    use esignet_sandbox::SeenImport;

    use super::*;

    #[test]
    fn a_call_is_told_with_everything_it_asked_for() {
        let call = SeenCall {
            plugin: "hello".to_owned(),
            version: "0.1.0".to_owned(),
            role: "id-system",
            function: "authenticate",
            outcome: "rejected",
            error: Some("rejected: wrong".to_owned()),
            elapsed: Duration::from_micros(420),
            cpu_ms: 0,
            memory_kib: 1_088,
            imports: vec![SeenImport {
                interface: "config",
                function: "get",
                arguments: "\"otp\"".to_owned(),
                outcome: "6 bytes".to_owned(),
                took: Duration::from_micros(2),
            }],
            more_imports: 3,
        };
        assert_eq!(
            text(&call),
            "hello 0.1.0  id-system.authenticate → rejected (rejected: wrong), 420 µs, 0 ms of processor, 1088 KiB\n    \
             config.get \"otp\" → 6 bytes, 2 µs\n    … and 3 more\n"
        );
        assert_eq!(short(Duration::from_micros(1_500)), "1.5 ms");
    }
}
