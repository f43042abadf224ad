//! Bodies: one type, and no more than the largest (`protocol.md` 5 and 53).

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use esignet_protocol::word::parameters::MAX_TOTAL;
use http::header::{self, HeaderMap};
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// The one type of body that is taken (RFC 6749 §3.2, RFC 9126 §2.1).
const FORM: &str = "application/x-www-form-urlencoded";

/// Why a body is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyRefusal {
    /// It is of another type: 415.
    MediaType,
    /// It is larger than [`MAX_TOTAL`]: 413.
    TooLarge,
    /// It broke off: 400.
    Incomplete,
}

/// Whether a body has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It has.
    Required,
    /// An empty one needs no type.
    Optional,
}

/// Reads a form.
pub(crate) async fn form(headers: &HeaderMap, body: Body, need: Need) -> Result<Bytes, BodyRefusal> {
    let is_empty = body.is_end_stream();
    let untyped = !headers.contains_key(header::CONTENT_TYPE);
    if need == Need::Optional && untyped && is_empty {
        return Ok(Bytes::new());
    }
    if !is_form(headers) {
        return Err(BodyRefusal::MediaType);
    }
    match Limited::new(body, MAX_TOTAL).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(BodyRefusal::TooLarge),
        Err(_) => Err(BodyRefusal::Incomplete),
    }
}

/// Whether there is one content type, and it is that of forms. Its parameters do not matter: the encoding is UTF-8.
fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return false };
    let essence = only.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(FORM)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn typed(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_TYPE, HeaderValue::from_static(value));
        }
        headers
    }

    #[tokio::test]
    async fn only_forms_are_read() {
        let table: &[(&[&'static str], bool)] = &[
            (&["application/x-www-form-urlencoded"], true),
            (&["Application/X-WWW-Form-Urlencoded; charset=UTF-8"], true),
            (&[], false),
            (&["application/json"], false),
            (&["multipart/form-data; boundary=x"], false),
            (&["application/x-www-form-urlencodedx"], false),
            (&["application/x-www-form-urlencoded", "application/json"], false),
        ];
        for (types, taken) in table {
            let read = form(&typed(types), Body::from("a=1"), Need::Required).await;
            let expected = if *taken { Ok(Bytes::from("a=1")) } else { Err(BodyRefusal::MediaType) };
            assert_eq!(read, expected, "{types:?}");
        }
    }

    #[tokio::test]
    async fn a_body_over_the_bound_is_refused_and_one_at_the_bound_is_not() {
        let headers = typed(&[FORM]);
        let largest = vec![b'a'; MAX_TOTAL];
        assert!(form(&headers, Body::from(largest), Need::Required).await.is_ok());
        let larger = vec![b'a'; MAX_TOTAL + 1];
        assert_eq!(form(&headers, Body::from(larger), Need::Required).await, Err(BodyRefusal::TooLarge));
    }

    #[tokio::test]
    async fn an_empty_optional_body_needs_no_type() {
        assert_eq!(form(&typed(&[]), Body::empty(), Need::Optional).await, Ok(Bytes::new()));
        assert_eq!(form(&typed(&[]), Body::empty(), Need::Required).await, Err(BodyRefusal::MediaType));
        assert_eq!(form(&typed(&[]), Body::from("a"), Need::Optional).await, Err(BodyRefusal::MediaType));
    }
}
