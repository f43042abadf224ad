use serde_json::json;

use super::*;

fn mapped(mapping: impl Into<Value>, document: &Value) -> Mapped {
    let written: WrittenMapping = serde_json::from_value(mapping.into()).unwrap();
    written.checked("claims.x").unwrap().of(document)
}

fn claim(mapping: impl Into<Value>, document: &Value) -> Value {
    let mapped = mapped(mapping, document);
    let Mapped::Claim(value) = mapped else { panic!("{mapped:?}") };
    value
}

fn person() -> Value {
    json!({
        "name": { "first": " AMINA ", "middle": "", "last": "BEN-ALI" },
        "born": "17/04/1991", "sex": "F", "sexCode": 2, "phone": "655501417", "intl": "+212655501417",
        "mailOk": "Y", "smsOk": false, "city": "rabat", "tags": ["a", { "b": 1 }], "nothing": null, "blank": "  ",
    })
}

#[test]
fn a_value_is_copied_as_it_is() {
    assert_eq!(claim(json!({ "pointer": "/tags" }), &person()), json!(["a", { "b": 1 }]));
    assert_eq!(claim(json!({ "pointer": "/tags/1/b", "transform": "copy" }), &person()), json!(1));
    assert_eq!(claim(json!({ "constant": { "a": [1] } }), &person()), json!({ "a": [1] }));
}

#[test]
fn what_is_not_there_or_empty_is_no_claim() {
    for pointer in ["/no", "/nothing", "/blank", "/tags/7"] {
        assert_eq!(
            mapped(json!({ "pointer": pointer, "transform": "upper" }), &person()),
            Mapped::Absent,
            "{pointer}"
        );
    }
    assert_eq!(mapped(json!({ "join": ["/no", "/blank", "/nothing"] }), &person()), Mapped::Absent);
    assert_eq!(mapped(json!({ "members": { "a": { "pointer": "/no" } } }), &person()), Mapped::Absent);
}

#[test]
fn letters_are_made_small_large_or_those_of_names() {
    let letters = |transform: &str, text: &str| {
        claim(json!({ "pointer": "", "transform": transform }), &json!(text)).as_str().unwrap().to_owned()
    };
    assert_eq!(letters("lower", "ÉLODIE İ"), "élodie i\u{307}");
    assert_eq!(letters("upper", "straße"), "STRASSE");
    for (text, name) in [
        ("AMINA BEN-ALI", "Amina Ben-Ali"),
        ("o'neill  d’arc", "O'Neill  D’Arc"),
        ("ÉLODIE", "Élodie"),
        ("أمينة", "أمينة"),
    ] {
        assert_eq!(letters("title", text), name);
    }
}

#[test]
fn parts_are_joined_as_far_as_they_are_there() {
    let join = json!({ "join": ["/name/first", "/name/middle", "/name/last"], "transform": "title" });
    assert_eq!(claim(join, &person()), json!("Amina Ben-Ali"));
    let join = json!({ "join": ["/name/last", "/name/first"], "separator": ", " });
    assert_eq!(claim(join, &person()), json!("BEN-ALI, AMINA"));
}

#[test]
fn values_stand_for_others_and_one_that_is_not_listed_is_no_claim() {
    let values =
        |pointer: &str| json!({ "pointer": pointer, "values": { "F": "female", "2": "female", "false": 0 } });
    assert_eq!(claim(values("/sex"), &person()), json!("female"));
    assert_eq!(claim(values("/sexCode"), &person()), json!("female"));
    assert_eq!(claim(values("/smsOk"), &person()), json!(0));
    assert_eq!(mapped(values("/city"), &person()), Mapped::Unexpected);
    assert_eq!(mapped(values("/tags"), &person()), Mapped::Unexpected);
}

#[test]
fn dates_prefixes_and_booleans() {
    assert_eq!(claim(json!({ "pointer": "/born", "date": "dd/MM/yyyy" }), &person()), json!("1991-04-17"));
    assert_eq!(mapped(json!({ "pointer": "/city", "date": "dd/MM/yyyy" }), &person()), Mapped::Unexpected);
    for pointer in ["/phone", "/intl"] {
        assert_eq!(claim(json!({ "pointer": pointer, "prefix": "+212" }), &person()), json!("+212655501417"));
    }
    let boolean = |pointer: &str| claim(json!({ "pointer": pointer, "boolean": ["Y", true, 2] }), &person());
    assert_eq!(boolean("/mailOk"), json!(true));
    assert_eq!(boolean("/sexCode"), json!(true));
    assert_eq!(boolean("/smsOk"), json!(false));
    assert_eq!(boolean("/city"), json!(false));
}

#[test]
fn steps_come_in_their_order() {
    let all =
        json!({ "pointer": "/sex", "values": { "F": "17.4.1991" }, "date": "d.M.yyyy", "prefix": "on " });
    assert_eq!(claim(all, &person()), json!("on 1991-04-17"));
}

#[test]
fn an_object_has_the_members_that_are_there_and_is_none_when_one_is_unexpected() {
    let address = json!({ "members": {
        "locality": { "pointer": "/city", "transform": "title" },
        "postal_code": { "pointer": "/zip" },
        "country": { "constant": "Morocco" },
    }});
    assert_eq!(claim(address, &person()), json!({ "locality": "Rabat", "country": "Morocco" }));
    let unexpected =
        json!({ "members": { "a": { "pointer": "/city" }, "b": { "pointer": "/city", "date": "yyyy" } } });
    assert_eq!(mapped(unexpected, &person()), Mapped::Unexpected);
}
