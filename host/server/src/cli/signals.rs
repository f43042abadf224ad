//! The signals that stop a server. They are heard from the first moment on: what a signal ends while the server is being
//! made has not stopped cleanly.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM, SIGINT and SIGHUP from now on, each of which stops, unless [`Signals::hangups`] makes something else of the
/// last. A SIGHUP that whoever started us has us ignore (as `nohup` does) stays ignored.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Option<Signal>,
}

impl Signals {
    /// Begins to listen; one that comes later is kept until [`Signals::received`].
    pub(crate) fn install() -> io::Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let hangup = (!ignores_hangup(&status)).then(|| signal(SignalKind::hangup()));
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: hangup.transpose()?,
        })
    }

    /// Every SIGHUP from now on, and one that came before; none of them stops any more. Nothing where it is ignored.
    pub(crate) fn hangups(&mut self) -> Option<Signal> {
        self.hangup.take()
    }

    /// Returns once one came.
    pub(crate) async fn received(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = hangup => {}
        }
    }
}

/// Whether the process ignores SIGHUP, which is signal 1, by its entry in proc(5). Where there is none it does not.
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use rustix::process::{Signal, getpid, kill_process};

    use super::*;

    #[test]
    fn only_a_hangup_in_the_mask_is_ignored() {
        assert!(ignores_hangup("SigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n"));
        assert!(!ignores_hangup("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001006\n"));
        assert!(!ignores_hangup(""));
    }

    #[tokio::test]
    async fn a_signal_that_came_before_anybody_waited_for_it_stops() {
        let mut signals = Signals::install().unwrap();
        let hangup = signals.hangup.is_some().then_some(Signal::HUP);
        for sent in [Signal::TERM, Signal::INT].into_iter().chain(hangup) {
            kill_process(getpid(), sent).unwrap();
            signals.received().await;
        }
    }
}
