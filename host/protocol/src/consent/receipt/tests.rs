use super::*;
use crate::consent::record::Asked;
use crate::consent::tests::{claim, record_of};
use crate::testing::{client, key, request};

#[test]
fn a_receipt_says_who_was_asked_by_whom_for_what_and_what_they_granted() {
    let mut client = client(&key());
    let titles = [("en", "Open an account"), ("fr", "Ouvrir un compte")];
    let title = titles.map(|(tag, title)| (tag.to_owned(), title.to_owned())).into();
    client.purpose = Some(Purpose { title, ..Purpose::default() });
    let name = OfferedClaim { essential: true, id_token: true, ..claim("name") };
    let asked = Asked::of(&request(&[]), &[name.clone(), claim("email")]);
    let now = Timestamp(1_700_000_000);
    let record = record_of((asked, "hash".to_owned()), vec![name], now, now.plus(60));
    let issuer = Issuer::parse("https://id.example.org").expect("an issuer");
    let wording = Wording { client: &client, locale: "fr", auth_time: now.minus(30) };

    let receipt = Value::Object(claims(&record, wording, &issuer));
    assert_eq!(
        receipt,
        json!({
            "iss": "https://id.example.org",
            "iat": 1_700_000_000,
            "jti": "receipt",
            "sub": "subject",
            "version": "1",
            "lawful_basis": "consent",
            "client_id": "rp",
            "client_name": "Banque Exemple",
            "locale": "fr",
            "purpose": { "type": "login", "title": "Ouvrir un compte", "subtitle": null },
            "scope": "openid profile",
            "asked": [
                { "name": "email", "essential": false, "to": ["userinfo"] },
                { "name": "name", "essential": true, "to": ["userinfo", "id_token"] },
            ],
            "granted": ["name"],
            "asked_hash": "hash",
            "expires_at": 1_700_000_060,
            "acr": "mosip:idp:acr:generated-code",
            "amr": ["otp"],
            "auth_time": 1_699_999_970,
        })
    );
}
