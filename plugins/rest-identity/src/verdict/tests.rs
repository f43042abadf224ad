use serde_json::json;

use super::*;

fn verdicts(success: Value, rejections: Value) -> Verdicts {
    let success: WrittenRule = serde_json::from_value(success).unwrap();
    let rejections: Vec<WrittenRejection> = serde_json::from_value(rejections).unwrap();
    Verdicts::checked("authenticate", success, rejections).unwrap()
}

fn judged(verdicts: &Verdicts, status: u16, document: Value) -> Result<(), Failure> {
    verdicts.judge("authenticate", &Answer { status, document })
}

#[test]
fn without_rules_a_status_of_success_is_a_yes_and_everything_else_is_no_answer() {
    let verdicts = verdicts(json!({}), json!([]));
    for status in [200, 201, 204, 299] {
        assert_eq!(judged(&verdicts, status, Value::Null), Ok(()));
    }
    for status in [300, 302, 400, 401, 404, 500, 503] {
        let failure = judged(&verdicts, status, json!({ "result": "OK" }));
        assert!(matches!(failure, Err(Failure::Unavailable(text)) if text.contains(&status.to_string())));
    }
}

#[test]
fn a_yes_has_to_be_said_where_the_operator_says_and_as_they_say() {
    let verdicts = verdicts(json!({ "pointer": "/result", "equals": ["OK", 1] }), json!([]));
    assert_eq!(judged(&verdicts, 200, json!({ "result": "OK" })), Ok(()));
    assert_eq!(judged(&verdicts, 200, json!({ "result": 1 })), Ok(()));
    for document in [
        json!({ "result": "ok" }),
        json!({ "result": "1" }),
        json!({ "result": true }),
        json!({}),
        Value::Null,
    ] {
        assert!(matches!(judged(&verdicts, 200, document), Err(Failure::Unavailable(_))));
    }
    assert!(matches!(judged(&verdicts, 202 + 200, json!({ "result": "OK" })), Err(Failure::Unavailable(_))));
}

#[test]
fn a_pointer_alone_asks_that_something_is_there() {
    let verdicts = verdicts(json!({ "pointer": "/person" }), json!([]));
    assert_eq!(judged(&verdicts, 200, json!({ "person": {} })), Ok(()));
    assert!(judged(&verdicts, 200, json!({ "person": null })).is_err());
}

#[test]
fn a_no_comes_with_its_reason_and_what_is_left_and_goes_before_a_yes() {
    let verdicts = verdicts(
        json!({}),
        json!([
            { "status": [401, 403], "pointer": "/code", "equals": "LOCKED", "reason": "locked", "retry-after-seconds": "/wait" },
            { "status": [401, 403], "reason": "wrong", "attempts-left": "/left" },
            { "pointer": "/error", "reason": "expired" },
        ]),
    );
    let locked = judged(&verdicts, 401, json!({ "code": "LOCKED", "wait": 60, "left": 0 }));
    assert_eq!(locked, Err(Rejection::locked().retry_after(60).into()));
    let wrong = judged(&verdicts, 403, json!({ "code": "BAD", "left": "2" }));
    assert_eq!(wrong, Err(Rejection::wrong().attempts_left(2).into()));
    for left in [json!("two"), json!(-1), json!(1.5), json!([2]), json!(4_294_967_296_u64)] {
        let wrong = judged(&verdicts, 401, json!({ "left": left }));
        assert_eq!(wrong, Err(Rejection::wrong().into()), "{left}: what is no number is not shown as one");
    }
    assert_eq!(judged(&verdicts, 200, json!({ "error": "x" })), Err(Rejection::expired().into()));
    assert_eq!(judged(&verdicts, 200, json!({})), Ok(()));
}

#[test]
fn what_the_registry_says_is_in_no_text() {
    let failure = judged(&verdicts(json!({}), json!([])), 500, json!({ "name": "Amina Benali" }));
    assert!(!failure.unwrap_err().to_string().contains("Amina"));
}
