//! A form from the guest (`esignet:types/forms`), after a check.

use std::collections::BTreeSet;

use esignet_protocol::ports::plugins::{Field, Form};

use super::{image, word};
use crate::accept::{FORM_BYTES, at_most};
use crate::bindings::esignet::types::forms as wit;
use crate::failure::Breach;
use crate::words::InLocale;

const FIELDS: usize = 32;
const CONSTRAINTS: usize = 256;
const KINDS: [&str; 10] =
    ["text", "otp", "pin", "password", "date", "choice", "checkbox", "phone", "notice", image::KIND];

/// The form as the core gets it, with the plugin's own words where it has any in the person's language.
pub(super) fn accepted(form: wit::Form, words: InLocale<'_>) -> Result<Form, Breach> {
    at_most("form.fields", form.fields.len(), FIELDS)?;
    let fields = form.fields.into_iter().map(|asked| field(asked, words)).collect::<Result<Vec<_>, _>>()?;
    let mut names = BTreeSet::new();
    if fields.iter().any(|field| !names.insert(field.name.as_str())) {
        return Err(Breach("two fields of the form have the same name".to_owned()));
    }
    let form = Form {
        title: words.told(word::message("form.title", form.title)?),
        fields,
        submit: words.told(word::message("form.submit", form.submit)?),
        resend_after_seconds: form.resend_after_seconds,
    };
    let written = serde_json::to_vec(&form).map_err(|_| Breach("the form cannot be kept".to_owned()))?;
    at_most("the form in bytes", written.len(), FORM_BYTES)?;
    Ok(form)
}

fn field(field: wit::Field, words: InLocale<'_>) -> Result<Field, Breach> {
    at_most("field.name", field.name.len(), 64)?;
    if field.name.is_empty() || !field.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(Breach(
            "the name of a field has other characters than letters, digits and underscores".to_owned(),
        ));
    }
    if !KINDS.contains(&field.kind.as_str()) {
        return Err(Breach(format!("the field {} is of no known kind", field.name)));
    }
    let label = words.told(word::message("field.label", field.label.clone())?);
    if field.kind == image::KIND {
        return image::accepted(field, label);
    }
    Ok(Field {
        label,
        hint: field
            .hint
            .map(|hint| word::message("field.hint", hint).map(|hint| words.told(hint)))
            .transpose()?,
        constraints: word::attributes("field.constraints", field.constraints, CONSTRAINTS)?,
        required: field.required,
        kind: field.kind,
        name: field.name,
    })
}
