//! The request for one notice.

use esignet_sdk::prelude::*;
use serde_json::Value;

use crate::settings::Settings;
use crate::template::{encoded, filled};

/// What goes to the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

/// The message for a notice.
pub(crate) fn of(settings: &Settings, notice: &Notice) -> Result<Message, Failure> {
    let words = settings.words_for(&notice.event, &notice.locale);
    let words = words.ok_or_else(|| Failure::unsupported("there are no words for this event"))?;
    let words = filled(words, |name| fact(notice, name).unwrap_or_default());
    let value = |name: &str| fact(notice, name).unwrap_or_else(|| words.clone());
    let headers = settings.headers.iter().map(|(name, text)| (name.clone(), filled(text, value)));
    Ok(Message {
        path: filled(&settings.path, |name| encoded(&value(name))),
        headers: headers.collect(),
        body: body(&settings.body, &value),
    })
}

/// What a placeholder but `{words}` stands for.
fn fact(notice: &Notice, name: &str) -> Option<String> {
    Some(match name {
        "id" => notice.id.clone(),
        "event" => notice.event.clone(),
        "at" => notice.at.to_string(),
        "subject" => notice.subject.clone(),
        "locale" => notice.locale.clone(),
        "client" => notice.client.clone(),
        "relying-party" => notice.relying_party_name.clone(),
        "words" => return None,
        other => {
            other.strip_prefix("fact.").and_then(|name| notice.fact(name)).unwrap_or_default().to_owned()
        }
    })
}

fn body(template: &Value, value: &impl Fn(&str) -> String) -> Value {
    match template {
        Value::String(text) => Value::String(filled(text, value)),
        Value::Array(items) => items.iter().map(|item| body(item, value)).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, item)| (name.clone(), body(item, value))).collect())
        }
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings::tests::settings;

    fn notice() -> Notice {
        Notice {
            id: "n-1".to_owned(),
            event: "signed-in".to_owned(),
            at: 1_800_000_000,
            subject: "p 7".to_owned(),
            locale: "en".to_owned(),
            client: "a/b".to_owned(),
            relying_party_name: "Bank \"{id}\"".to_owned(),
            attributes: vec![Attribute::new("acr", "low")],
        }
    }

    #[test]
    fn a_message_has_what_its_templates_name() {
        let mut settings = settings();
        settings.body = json!({ "to": "{subject}", "say": ["{words}", 1], "at": "{at}", "acr": "{fact.acr}", "no": "{fact.x}" });
        let message = of(&settings, &notice()).unwrap();
        assert_eq!(message.path, "/v1/a%2Fb");
        assert_eq!(message.headers, [("idempotency-key".to_owned(), "n-1".to_owned())]);
        let expected =
            json!({ "to": "p 7", "say": ["Hello p 7", 1], "at": "1800000000", "acr": "low", "no": "" });
        assert_eq!(message.body, expected);
    }

    #[test]
    fn a_name_that_looks_like_a_placeholder_stays_a_name() {
        let mut settings = settings();
        settings.body = json!({ "from": "{relying-party}" });
        assert_eq!(of(&settings, &notice()).unwrap().body, json!({ "from": "Bank \"{id}\"" }));
    }

    #[test]
    fn an_event_without_words_is_not_told() {
        let notice = Notice { event: "consent-given".to_owned(), ..notice() };
        assert!(matches!(of(&settings(), &notice), Err(Failure::Unsupported(_))));
    }
}
