//! Saying what is not so, what is not its to say, or what would be dangerous to show.

use std::sync::{Mutex, PoisonError};

use esignet_sdk::prelude::*;

use crate::{FIELD, factor, form, refused};

/// What an earlier call left here, if instances were used twice.
static REMEMBERED: Mutex<Option<String>> = Mutex::new(None);

/// Leaves this login's transaction for the next call, and tells what the last one left: a canary.
pub(crate) fn remember(caller: &Caller) -> Step {
    let mut remembered = REMEMBERED.lock().unwrap_or_else(PoisonError::into_inner);
    match remembered.replace(caller.transaction.clone()) {
        None => refused("nothing-remembered"),
        Some(earlier) => refused(&format!("remembered-{earlier}")),
    }
}

/// Markup wherever words can stand.
pub(crate) fn markup(_: &Caller) -> Step {
    let markup = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"'>{{7*7}}";
    let words = || Message::new("bad<key>", markup).argument("<name>", markup);
    let field = Field::new(FIELD, "text", words())
        .hint(words())
        .constraint("pattern", "(a+)+$")
        .constraint("autocomplete", "\" onfocus=alert(1) autofocus=\"")
        .constraint("option", markup);
    let form = Form::new(words(), words()).field(field);
    Step::Ask(Question::new(form, Vec::new()).because(Rejection::new(markup)))
}

/// Field names that would leave their place in a page, or take the place of the host's own.
pub(crate) fn evil_field_names(_: &Caller) -> Step {
    let names = ["\"><script>", "csrf", "_csrf", "transaction", "same", "same", "", "a b", "é", "__proto__"];
    let mut form = form();
    form.fields = names.map(|name| Field::new(name, "text", Message::new("bad-word", "The word"))).to_vec();
    Step::Ask(Question::new(form, Vec::new()))
}

/// The reason of a refusal, as a string that is none.
pub(crate) fn invalid_utf8(_: &Caller) -> Step {
    Step::Refused(Rejection { reason: no_string(), attempts_left: None, retry_after_seconds: None })
}

/// The same in a call of the host.
pub(crate) fn invalid_utf8_to_the_host(_: &Caller) -> Step {
    let _ = config::get(&no_string());
    refused("taken")
}

/// A string that is none.
fn no_string() -> String {
    let octets = vec![0xC3, 0x28, 0xFF, 0xFE];
    #[expect(
        unsafe_code,
        reason = "the host must find out, and only a guest that breaks the rule can show that it does"
    )]
    // SAFETY: none. The string breaks the invariant; nothing here reads it but the copy to the host.
    unsafe {
        String::from_utf8_unchecked(octets)
    }
}

/// Claims hardware and a face for what was nothing.
pub(crate) fn amr_not_announced(_: &Caller) -> Step {
    match factor() {
        Ok(factor) => Step::Proved(Evidence::new(factor, &["hwk", "face", "mfa"])),
        Err(_) => refused("misconfigured"),
    }
}

/// Claims that a factor was proved which is not its own.
pub(crate) fn evidence_of_another_factor(_: &Caller) -> Step {
    Step::Proved(Evidence::new("BIO", &["face"]))
}

/// Hands the ID system a proof for a factor which is not its own.
pub(crate) fn proof_of_another_factor(_: &Caller) -> Step {
    Step::delegate(Proof::new("OTP", "alpha-numeric", "111111"), Vec::new())
}

/// Lets time pass until the end of the century.
pub(crate) fn endless_pause(_: &Caller) -> Step {
    let message = Message::new("bad-wait", "Please wait");
    Step::Pause(Pause { seconds: u32::MAX, message, state: Vec::new() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::{IN_BEGIN, IN_DESCRIBE};

    #[test]
    fn no_two_behaviours_share_a_name() {
        let names = IN_BEGIN.iter().map(|b| b.name).chain(IN_DESCRIBE.iter().map(|b| b.name));
        let count = names.clone().count();
        assert_eq!(names.collect::<BTreeSet<_>>().len(), count);
    }
}
