//! The kernel's notice that something in a directory changed: inotify(7) on Linux, none elsewhere.
//!
//! A crate for this would do no more here, as what changed is found by looking.

use std::path::Path;

#[cfg(target_os = "linux")]
pub(super) use linux::Notice;
#[cfg(not(target_os = "linux"))]
pub(super) use none::Notice;

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::OwnedFd;

    use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
    use rustix::io::Errno;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    use super::Path;

    /// What ends a change: a file that was written is closed, or comes, goes, or changes its name or its rights.
    const ENDS: WatchFlags = WatchFlags::CLOSE_WRITE
        .union(WatchFlags::MOVED_TO)
        .union(WatchFlags::MOVED_FROM)
        .union(WatchFlags::DELETE)
        .union(WatchFlags::CREATE)
        .union(WatchFlags::ATTRIB);

    /// A watched directory; without a watch it never gives notice.
    pub(in super::super) struct Notice(Option<AsyncFd<OwnedFd>>);

    impl Notice {
        pub(in super::super) fn of(directories: &[&Path]) -> Self {
            let made = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC);
            let made = made.map_err(io::Error::from).and_then(registered);
            let made = made.inspect_err(|error| {
                tracing::warn!(%error, "changes of plugins are found by looking only, not at once");
            });
            let mut notice = Self(made.ok());
            notice.renew(directories);
            notice
        }

        /// Watches what is at these paths now. Nothing changes where that is watched already.
        pub(in super::super) fn renew(&mut self, directories: &[&Path]) {
            let Some(watch) = &self.0 else { return };
            for directory in directories {
                if let Err(error) = inotify::add_watch(watch.get_ref(), *directory, ENDS) {
                    tracing::debug!(directory = %directory.display(), %error, "not watched");
                }
            }
        }

        /// Returns once something changed.
        pub(in super::super) async fn given(&mut self) {
            let Some(watch) = &self.0 else { return std::future::pending().await };
            loop {
                let Ok(mut ready) = watch.readable().await else { return std::future::pending().await };
                let read = ready.try_io(|watch| drained(watch.get_ref()));
                match read {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => {
                        tracing::debug!(%error, "the notice of changes cannot be read");
                        return std::future::pending().await;
                    }
                    Err(_would_block) => {}
                }
            }
        }
    }

    #[expect(
        unsafe_code,
        reason = "tokio leaves it to us that a descriptor stays open while it waits for it"
    )]
    fn registered(watch: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
        // SAFETY: the descriptor is open, is owned by what is returned, and nothing here replaces or closes it.
        Ok(unsafe { AsyncFd::register_with_interest(watch, Interest::READABLE) }?)
    }

    /// Takes all that is told; at least something is.
    fn drained(watch: &OwnedFd) -> io::Result<()> {
        let mut events = [0; 4_096];
        let mut told = false;
        loop {
            match rustix::io::read(watch, &mut events) {
                Ok(_) => told = true,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) if told => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod none {
    use super::Path;

    /// Never gives notice.
    pub(in super::super) struct Notice;

    impl Notice {
        pub(in super::super) fn of(_: &[&Path]) -> Self {
            Self
        }

        pub(in super::super) fn renew(&mut self, _: &[&Path]) {}

        pub(in super::super) async fn given(&mut self) {
            std::future::pending().await
        }
    }
}
