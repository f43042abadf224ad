//! Whose browser a login belongs to, and what happens when a form is sent twice.
//!
//! A cookie holds a secret; each step of authentication replaces it, so that a secret planted or seen before the login
//! is worth nothing after it (`protocol.md` 31). A form carries a token that changes with every page, so a form from
//! another page, another tab or another site does nothing.
//!
//! A person who presses a button twice sends two equal requests, and their browser drops the first answer with its new
//! cookie. Therefore the *same* submission (same cookie, same bytes) gets the same new cookie, once only the first has
//! any effect: a [`Claim`] is put down before a plugin is called. This memory is short and ends with the first wrong
//! submission that has an old secret: who holds one has a single guess at what the person typed.

use esignet_jose::digest;
use serde::{Deserialize, Serialize};

use crate::ports::entropy::Entropy;
use crate::word::handle::{BrowserSecret, HandleHash, random_text};
use crate::word::time::Timestamp;

/// How long a claimed submission may take before another one may try, in seconds.
pub const CLAIM_TTL: u64 = 30;

/// How long the work on a submission may take at most, in seconds: less than its claim, so that no form acts twice.
/// Whoever calls ends it by then.
pub const WORK_TTL: u64 = CLAIM_TTL - 5;

/// How long the submission before is answered alike, in seconds: as long as an impatient finger takes.
pub const REPEAT_TTL: u64 = 10;

/// The browser of a login.
#[derive(Clone, Serialize, Deserialize)]
pub struct Browser {
    /// The secret that is good now.
    secret: String,
    /// The token of the form that is shown now.
    form_token: String,
    /// The submission under way.
    claim: Option<Claim>,
    /// The submission before, to answer it alike if it comes again.
    last: Option<Settled>,
}

/// A submission under way.
#[derive(Clone, Serialize, Deserialize)]
struct Claim {
    submission: Submission,
    next_secret: String,
    until: Timestamp,
}

/// A submission that was worked on.
#[derive(Clone, Serialize, Deserialize)]
struct Settled {
    submission: Submission,
    until: Timestamp,
}

/// One form as it was sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    secret: HandleHash,
    body: HandleHash,
}

impl Submission {
    /// A form as it came: the cookie's secret and all bytes of the body.
    pub fn new(secret: &BrowserSecret, body: &[u8]) -> Self {
        Self { secret: secret.hash(), body: HandleHash::of(body) }
    }
}

/// What a submission is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The first of its kind: go on.
    Fresh,
    /// The same as one that is or was worked on: answer with this cookie and do nothing.
    Repeated(String),
    /// From this browser, but from an old page, or while another one is worked on: show the current page.
    Stale,
    /// Not from this browser.
    Foreign,
}

impl Browser {
    /// A browser that has just opened a login.
    pub fn new(entropy: &dyn Entropy) -> Self {
        Self { secret: random_text(entropy), form_token: random_text(entropy), claim: None, last: None }
    }

    /// The secret for the cookie.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The token for the form.
    pub fn form_token(&self) -> &str {
        &self.form_token
    }

    /// Whether a cookie shows that a request comes from this browser.
    pub fn owns(&self, secret: &BrowserSecret) -> bool {
        let same = |known: &str| digest::equal(known.as_bytes(), secret.expose().as_bytes());
        same(&self.secret) || self.claim.as_ref().is_some_and(|claim| same(&claim.next_secret))
    }

    /// Whether a submission is being worked on.
    pub fn is_busy(&self, now: Timestamp) -> bool {
        self.claim.as_ref().is_some_and(|claim| now < claim.until)
    }

    /// What to make of a submission.
    pub fn standing(
        &self,
        secret: &BrowserSecret,
        form_token: &str,
        submission: &Submission,
        now: Timestamp,
    ) -> Standing {
        if let Some(claim) =
            self.claim.as_ref().filter(|claim| claim.submission == *submission && now < claim.until)
        {
            return Standing::Repeated(claim.next_secret.clone());
        }
        if self.last.as_ref().is_some_and(|last| last.submission == *submission && now < last.until) {
            return Standing::Repeated(self.secret.clone());
        }
        if !self.owns(secret) {
            return Standing::Foreign;
        }
        let current_form = digest::equal(form_token.as_bytes(), self.form_token.as_bytes());
        if self.is_busy(now) || !current_form {
            return Standing::Stale;
        }
        Standing::Fresh
    }

    /// Marks a submission as being worked on.
    pub fn claim(&mut self, submission: Submission, entropy: &dyn Entropy, now: Timestamp) {
        self.claim =
            Some(Claim { submission, next_secret: random_text(entropy), until: now.plus(CLAIM_TTL) });
    }

    /// Whether a submission from before could still be repeated.
    pub fn remembers(&self, now: Timestamp) -> bool {
        self.last.as_ref().is_some_and(|last| now < last.until)
    }

    /// Ends the memory of the submission before: somebody tried another one with an old secret.
    pub fn forget(&mut self) {
        self.last = None;
    }

    /// Ends the work on a submission: a new secret, a new form.
    pub fn settle(&mut self, entropy: &dyn Entropy, now: Timestamp) {
        if let Some(claim) = self.claim.take() {
            self.secret = claim.next_secret;
            self.last = Some(Settled { submission: claim.submission, until: now.plus(REPEAT_TTL) });
        }
        self.form_token = random_text(entropy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededEntropy;

    const NOW: Timestamp = Timestamp(1_000);

    fn secret(text: &str) -> BrowserSecret {
        BrowserSecret::presented(text).expect("not empty")
    }

    #[test]
    fn the_same_submission_twice_acts_once_and_gets_the_same_cookie() {
        let entropy = SeededEntropy::default();
        let mut browser = Browser::new(&entropy);
        let (held, form) = (secret(browser.secret()), browser.form_token().to_owned());
        let submission = Submission::new(&held, b"form=1&otp=111111");
        assert_eq!(browser.standing(&held, &form, &submission, NOW), Standing::Fresh);

        browser.claim(submission.clone(), &entropy, NOW);
        let Standing::Repeated(during) = browser.standing(&held, &form, &submission, NOW) else {
            panic!("not repeated")
        };
        browser.settle(&entropy, NOW);

        assert_eq!(browser.standing(&held, &form, &submission, NOW), Standing::Repeated(during.clone()));
        assert!(browser.owns(&secret(&during)));
        let late = NOW.plus(REPEAT_TTL);
        assert_eq!(browser.standing(&held, &form, &submission, late), Standing::Foreign);
    }

    #[test]
    fn who_holds_an_old_secret_has_one_guess_at_what_was_typed() {
        let entropy = SeededEntropy::default();
        let mut browser = Browser::new(&entropy);
        let planted = secret(browser.secret());
        let submission = Submission::new(&planted, b"form=1&otp=111111");
        browser.claim(submission.clone(), &entropy, NOW);
        browser.settle(&entropy, NOW);

        let guess = Submission::new(&planted, b"form=1&otp=000000");
        assert_eq!(browser.standing(&planted, "1", &guess, NOW), Standing::Foreign);
        assert!(browser.remembers(NOW));
        browser.forget();
        assert_eq!(browser.standing(&planted, "1", &submission, NOW), Standing::Foreign);
    }

    #[test]
    fn a_secret_from_before_a_step_is_worth_nothing_after_it() {
        let entropy = SeededEntropy::default();
        let mut browser = Browser::new(&entropy);
        let planted = secret(browser.secret());
        browser.claim(Submission::new(&planted, b"the victim's form"), &entropy, NOW);
        browser.settle(&entropy, NOW);

        let attack = Submission::new(&planted, b"the attacker's form");
        let form = browser.form_token().to_owned();
        assert_eq!(browser.standing(&planted, &form, &attack, NOW), Standing::Foreign);
        assert!(!browser.owns(&planted));
    }

    #[test]
    fn a_form_from_an_old_page_changes_nothing() {
        let entropy = SeededEntropy::default();
        let mut browser = Browser::new(&entropy);
        let old_form = browser.form_token().to_owned();
        let first = secret(browser.secret());
        browser.claim(Submission::new(&first, b"a"), &entropy, NOW);
        browser.settle(&entropy, NOW);

        let held = secret(browser.secret());
        assert_eq!(browser.standing(&held, &old_form, &Submission::new(&held, b"a"), NOW), Standing::Stale);
    }

    #[test]
    fn a_claim_that_was_never_settled_lets_go_after_its_time() {
        let entropy = SeededEntropy::default();
        let mut browser = Browser::new(&entropy);
        let (held, form) = (secret(browser.secret()), browser.form_token().to_owned());
        browser.claim(Submission::new(&held, b"a"), &entropy, NOW);
        let other = Submission::new(&held, b"b");
        assert_eq!(browser.standing(&held, &form, &other, NOW), Standing::Stale);
        assert_eq!(browser.standing(&held, &form, &other, NOW.plus(CLAIM_TTL)), Standing::Fresh);
    }
}
