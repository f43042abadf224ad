use super::*;
use crate::testing::access_grant;
use crate::word::acr::Acr;
use crate::word::scope::Scope;

fn terms() -> Terms {
    Terms {
        plugin: "mock".to_owned(),
        max_login_age: 300,
        acr_values: vec![Acr("a".to_owned()), Acr("b".to_owned())],
        bindings_per_person_per_hour: 10,
    }
}

/// A token of a login at the second 1 in the class `a`, bound by DPoP.
fn grant() -> AccessGrant {
    AccessGrant { scope: Scope::parse("openid key_binding").expect("known"), ..access_grant() }
}

fn refused(grant: &AccessGrant, now: u64) -> Option<(ErrorCode, u16)> {
    let refusal = decide(grant, &terms(), Timestamp(now)).err()?;
    let refused = refusal.refused(&terms());
    Some((refused.code, refused.status))
}

#[test]
fn a_key_is_bound_shortly_after_a_login_that_was_good_enough() {
    assert_eq!(refused(&grant(), 301), None);
    let stale = Some((ErrorCode::InsufficientUserAuthentication, 401));
    assert_eq!(refused(&grant(), 302), stale);
    let mut weak = grant();
    weak.login.acr = Acr("c".to_owned());
    assert_eq!(refused(&weak, 2), stale);
}

#[test]
fn a_token_for_something_else_or_for_anybody_binds_no_key() {
    assert_eq!(refused(&access_grant(), 2), Some((ErrorCode::InsufficientScope, 403)));
    let bearer = AccessGrant { confirmation: None, ..grant() };
    assert_eq!(refused(&bearer, 2), Some((ErrorCode::InvalidToken, 401)));
    let certificate = Confirmation::Certificate("t".to_owned());
    assert_eq!(refused(&AccessGrant { confirmation: Some(certificate), ..grant() }, 2), None);
}

#[test]
fn whoever_must_log_in_anew_is_told_how() {
    let refused = Refusal::TooWeak.refused(&terms());
    assert_eq!(refused.step_up.expect("there").parameters(), ", acr_values=\"a b\", max_age=\"300\"");
    let any = StepUp { acr_values: Vec::new(), max_age: 60 };
    assert_eq!(any.parameters(), ", max_age=\"60\"");
}
