use std::path::Path;

use esignet_protocol::audit::event::{Action, Event, Outcome};
use esignet_protocol::ports::audit::AuditLog as _;
use tempfile::TempDir;

use super::*;

const MIB: u64 = 1024 * 1024;

fn terms(directory: &Path, sinks: &[&str]) -> Terms {
    Terms {
        directory: directory.join("audit"),
        sinks: sinks.iter().map(|sink| (*sink).to_owned()).collect(),
        spool_bytes: MIB,
        when_full: WhenFull::RefuseLogins,
        keep_bytes: MIB,
    }
}

fn open(terms: &Terms) -> Log {
    Log::open(terms.clone(), || 1_800_000_000_000).expect("opens").0
}

fn event() -> Event {
    Event::new(Action::Token, Outcome::Success).with("scope", "openid profile")
}

fn tell(log: &Log, count: usize) {
    for _ in 0..count {
        log.tell(event()).expect("is told");
    }
}

/// Events until the log has so many bytes more.
fn fill(log: &Log, bytes: u64) {
    let padded = || Event::new(Action::Token, Outcome::Success).with("claims", "x".repeat(512));
    for _ in 0..bytes / 512 {
        log.tell(padded()).expect("is told");
    }
}

fn files(terms: &Terms) -> usize {
    segment::list(&terms.directory).expect("is listed").len()
}

#[tokio::test]
async fn a_log_goes_on_where_it_ended_and_its_chain_holds() {
    let place = TempDir::new().unwrap();
    let terms = terms(place.path(), &[]);
    let log = open(&terms);
    let id = log.id().to_owned();
    tell(&log, 3);
    log.settled().await.unwrap();
    drop(log);
    let log = open(&terms);
    tell(&log, 2);
    log.close().await.unwrap();
    assert_eq!(log.id(), id);
    assert_eq!(verify(&terms.directory).unwrap(), Verified { log: id, first: 1, last: 5 });
}

#[tokio::test]
async fn a_line_that_was_changed_or_taken_out_breaks_the_chain_where_it_was() {
    for change in [
        |text: &str| text.replacen("\"sequence\":2,\"at_ms\":18", "\"sequence\":2,\"at_ms\":19", 1),
        |text: &str| {
            text.lines().filter(|line| !line.contains("\"sequence\":2,")).collect::<Vec<_>>().join("\n")
                + "\n"
        },
    ] {
        let place = TempDir::new().unwrap();
        let terms = terms(place.path(), &[]);
        let log = open(&terms);
        tell(&log, 4);
        log.close().await.unwrap();
        let file = segment::path(&terms.directory, 1);
        let text = std::fs::read_to_string(&file).unwrap();
        assert_ne!(change(&text), text);
        std::fs::write(&file, change(&text)).unwrap();
        let broken = verify(&terms.directory).unwrap_err();
        assert!(matches!(broken, Break::Event { sequence: 2, .. }), "{broken}");
    }
}

#[tokio::test]
async fn what_an_unclean_stop_tore_is_set_aside_and_the_log_says_so() {
    let place = TempDir::new().unwrap();
    let terms = terms(place.path(), &[]);
    let log = open(&terms);
    tell(&log, 3);
    log.close().await.unwrap();
    drop(log);
    let file = segment::path(&terms.directory, 1);
    let length = std::fs::metadata(&file).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(length - 10).unwrap();

    let (log, opened) = Log::open(terms.clone(), || 1).unwrap();
    assert!(opened.set_aside > 100);
    log.close().await.unwrap();
    let mut told = Vec::new();
    let verified = events(&terms.directory, |given| {
        if let Given::Event(event) = given {
            told.push(event.attributes.clone());
        }
        Ok(())
    });
    assert_eq!(verified.unwrap().last, 3);
    assert_eq!(told[2], [("set-aside-bytes".to_owned(), opened.set_aside.to_string())]);
    let torn = std::fs::read_dir(&terms.directory).unwrap().flatten();
    assert!(torn.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().contains("torn-")));
}

#[tokio::test]
async fn an_empty_file_of_a_stop_at_the_worst_moment_does_not_keep_a_log_from_opening() {
    let place = TempDir::new().unwrap();
    let terms = terms(place.path(), &[]);
    std::fs::create_dir(&terms.directory).unwrap();
    std::fs::set_permissions(&terms.directory, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    std::fs::write(segment::path(&terms.directory, 1), "").unwrap();
    let log = open(&terms);
    tell(&log, 1);
    log.close().await.unwrap();
    drop(log);
    std::fs::write(segment::path(&terms.directory, 2), "{\"format\":").unwrap();
    tell(&open(&terms), 1);
    assert_eq!(verify(&terms.directory).unwrap().last, 2);
}

#[tokio::test]
async fn a_log_belongs_to_one_process_and_to_nobody_else_s_eyes() {
    let place = TempDir::new().unwrap();
    let terms = terms(place.path(), &[]);
    let log = open(&terms);
    assert!(matches!(Log::open(terms.clone(), || 1), Err(AuditOpenError::Locked(_))));
    drop(log);
    std::fs::set_permissions(&terms.directory, std::os::unix::fs::PermissionsExt::from_mode(0o750)).unwrap();
    assert!(matches!(Log::open(terms, || 1), Err(AuditOpenError::Permissions { mode: 0o750, .. })));
}

#[tokio::test]
async fn a_sink_reads_what_is_on_the_disk_in_batches_across_files() {
    let place = TempDir::new().unwrap();
    let terms = terms(place.path(), &["archive"]);
    let log = open(&terms);
    fill(&log, 3 * 64 * 1024);
    log.settled().await.unwrap();
    assert!(files(&terms) > 2);
    let last = *log.synced().borrow();
    let mut cursor = Cursor::after(log.place("archive"));
    let mut sequences = Vec::new();
    loop {
        let batch = log.read(&mut cursor, 50, 20_000).unwrap();
        let Some(end) = batch.last() else { break };
        assert!(batch.len() < 50, "20,000 bytes are fewer events");
        log.advance("archive", end.sequence).unwrap();
        sequences.extend(batch.iter().map(|event| event.sequence));
    }
    assert_eq!(sequences, (1..=last).collect::<Vec<_>>());
    assert_eq!(log.read(&mut Cursor::after(0), 7, MIB).unwrap().len(), 7);
    assert_eq!(log.read(&mut Cursor::after(0), 7, 1).unwrap().len(), 1, "one at least");
    drop(log);
    assert_eq!(open(&terms).place("archive"), last, "the place outlives the process");
}

#[tokio::test]
async fn what_every_sink_has_is_removed_beyond_the_bound_and_nothing_else_is() {
    let place = TempDir::new().unwrap();
    let terms = Terms { keep_bytes: 0, ..terms(place.path(), &["one", "two"]) };
    let log = open(&terms);
    fill(&log, 4 * 64 * 1024);
    log.settled().await.unwrap();
    let (last, before) = (*log.synced().borrow(), files(&terms));
    log.advance("one", last).unwrap();
    assert_eq!(files(&terms), before, "the other has nothing yet");
    log.advance("two", last).unwrap();
    assert_eq!(files(&terms), 1);
    tell(&log, 1);
    log.close().await.unwrap();
    let verified = verify(&terms.directory).unwrap();
    assert!(verified.first > 1 && verified.last == last + 1);
}

#[tokio::test]
async fn no_login_begins_while_more_waits_for_a_sink_than_may() {
    let place = TempDir::new().unwrap();
    let terms = Terms { spool_bytes: 256 * 1024, ..terms(place.path(), &["archive"]) };
    let log = open(&terms);
    log.takes_logins().unwrap();
    fill(&log, 300 * 1024);
    assert!(log.takes_logins().unwrap_err().0.contains("sink"));
    log.tell(event()).expect("what is under way goes on");
    log.settled().await.unwrap();
    log.advance("archive", *log.synced().borrow()).unwrap();
    log.takes_logins().expect("the sink takes events again");
}

#[tokio::test]
async fn dropping_the_oldest_leaves_a_chain_and_says_what_is_missing() {
    let place = TempDir::new().unwrap();
    let terms = Terms {
        spool_bytes: 256 * 1024,
        when_full: WhenFull::DropOldest,
        ..terms(place.path(), &["archive"])
    };
    let log = open(&terms);
    fill(&log, 600 * 1024);
    log.takes_logins().unwrap();
    log.close().await.unwrap();
    let mut dropped = Vec::new();
    let verified = events(&terms.directory, |given| {
        if let Given::Event(event) = given
            && event.action == "audit"
        {
            dropped.push(event.attributes.clone());
        }
        Ok(())
    });
    let verified = verified.unwrap();
    assert!(verified.first > 1);
    assert_eq!(log.place("archive"), verified.first - 1);
    let last = dropped.last().unwrap();
    assert_eq!(last[1], ("dropped-to".to_owned(), (verified.first - 1).to_string()));
    let next = log.read(&mut Cursor::after(log.place("archive")), 1, 1).unwrap();
    assert_eq!(next[0].sequence, verified.first);
}

#[tokio::test]
async fn a_log_that_ends_before_what_a_sink_has_is_not_gone_on_with() {
    let place = TempDir::new().unwrap();
    let terms = terms(place.path(), &["archive"]);
    let log = open(&terms);
    tell(&log, 5);
    log.settled().await.unwrap();
    log.advance("archive", 5).unwrap();
    drop(log);
    let file = segment::path(&terms.directory, 1);
    let text = std::fs::read_to_string(&file).unwrap();
    let kept: Vec<&str> = text.split_inclusive('\n').take(4).collect();
    std::fs::write(&file, kept.concat()).unwrap();
    let refused = Log::open(terms, || 1).map(drop).unwrap_err().to_string();
    assert!(refused.contains("already has event 5"), "{refused}");
}
