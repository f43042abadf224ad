//! File descriptors: as many as the system grants, and never more connections than there are descriptors for.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Connections;

/// What everything but connections may need: the store, the log, requests to upstreams of plugins.
const RESERVED: u64 = 256;

/// Raises the soft limit of the process to the hard one, and takes fewer connections than configured when even that is
/// too little, which is a warning in the log.
pub(crate) fn provide_for(connections: &mut Connections) {
    let Some(limit) = raised() else { return };
    let affordable = affordable(connections.max, limit);
    if affordable < connections.max {
        tracing::warn!(
            configured = connections.max,
            taken = affordable,
            descriptors = limit,
            "the system grants too few file descriptors for [server] max_connections: raise the hard limit of the \
             process (LimitNOFILE= of systemd, `ulimit -Hn` of a shell), or configure fewer connections"
        );
        connections.max = affordable;
    }
}

/// The limit after raising it; `None` when there is none.
fn raised() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of file descriptors was not raised");
            current
        }
    }
}

/// As many of the wanted connections as a limit leaves descriptors for, and one at least.
fn affordable(wanted: usize, limit: u64) -> usize {
    let left = usize::try_from(limit.saturating_sub(RESERVED)).unwrap_or(usize::MAX);
    wanted.min(left.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_all_else() {
        assert_eq!(affordable(4_096, 1_048_576), 4_096);
        assert_eq!(affordable(4_096, 4_096 + RESERVED), 4_096);
        assert_eq!(affordable(4_096, 1_024), 768);
        assert_eq!(affordable(4_096, 64), 1, "a server that takes nobody is no server");
    }

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        let hard = getrlimit(Resource::Nofile).maximum;
        assert_eq!(raised(), hard);
        assert_eq!(getrlimit(Resource::Nofile).current, hard);
    }
}
