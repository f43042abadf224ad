//! Cores, processor time and memory of processes, as Linux tells them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// How many cores there are.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}

/// Keeps this thread, and what it starts from now on, on one core.
#[expect(unsafe_code, reason = "the standard library has no processor affinity")]
pub(crate) fn pin(core: usize) -> Result<()> {
    // SAFETY: `cpu_set_t` is plain bits for which zero is the empty set; both calls only read or write that local value.
    let pinned = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(core, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set)
    };
    ensure!(pinned == 0, "core {core} cannot be had");
    Ok(())
}

/// The processor time of a process so far, user and system.
#[expect(unsafe_code, reason = "the standard library does not tell the length of a clock tick")]
pub(crate) fn time_of(pid: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("the process has ended")?;
    // The name of the program is in parentheses and may hold anything.
    let (_, rest) = stat.rsplit_once(')').context("/proc/PID/stat")?;
    let ticks: u64 =
        rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    // SAFETY: reads one number of the system's configuration.
    let per_second = u64::try_from(unsafe { libc::sysconf(libc::_SC_CLK_TCK) }).unwrap_or(100);
    Ok(Duration::from_millis(ticks * 1_000 / per_second))
}

/// The resident memory of a process, in MB.
pub(crate) fn resident_mb(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("the process has ended")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").trim().parse().context("VmRSS")?;
    Ok(kilobytes * 1_024.0 / 1_000_000.0)
}
