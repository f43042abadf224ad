//! From a login to the page it is at: data only, no words and no markup.

use crate::client::Client;
use crate::consent::reuse::remembered_for;
use crate::endpoint::answer::{CaptchaView, LoginPage, MethodChoice, View};
use crate::endpoint::login::ways::{kinds, ways};
use crate::id_systems::Way;
use crate::provider::Provider;
use crate::transaction::Transaction;
use crate::transaction::captcha::Check;
use crate::transaction::stage::{Pending, Proving, Requested, Stage};
use crate::word::time::Timestamp;

/// The page of a login now.
pub fn page(provider: &Provider, client: &Client, transaction: &Transaction, now: Timestamp) -> LoginPage {
    let view =
        if transaction.browser.is_busy(now) { View::Busy } else { view(provider, client, transaction, now) };
    LoginPage {
        client_name: client.name(&transaction.locale).to_owned(),
        client_logo: client.logo.clone(),
        client_host: transaction.request.redirect_uri.host(),
        redirect_origin: transaction.request.redirect_uri.origin(),
        locale: transaction.locale.clone(),
        form_token: transaction.browser.form_token().to_owned(),
        seconds_left: transaction.deadline.since(now),
        view,
    }
}

fn view(provider: &Provider, client: &Client, transaction: &Transaction, now: Timestamp) -> View {
    match &transaction.stage {
        Stage::Requested(requested) => identify(provider, client, transaction, requested),
        Stage::Proving(proving) => prove(proving, now),
        Stage::Authenticated(authenticated) => View::Consent {
            claims: authenticated.offer.clone(),
            key_binding: transaction.request.scope.has_key_binding(),
            remembered_for: remembered_for(client, &provider.policy.lifetimes),
        },
    }
}

fn identify(provider: &Provider, client: &Client, transaction: &Transaction, requested: &Requested) -> View {
    let plugins = provider.plugins.as_ref();
    let can_begin = |factor: &String| transaction.pins.is_offered(plugins, factor);
    let ways = ways(provider, client, transaction);
    let kinds = kinds(&ways, &provider.policy.individual_kinds).into_iter().cloned().collect();
    let needs_kind = !provider.policy.individual_kinds.is_empty();
    let methods = ways.into_iter().enumerate();
    View::Identify {
        methods: methods
            .filter(|(_, way)| !needs_kind || !way.kinds.is_empty())
            .filter(|(_, way)| way.method.factors.iter().all(can_begin))
            .map(|(index, Way { method, .. })| MethodChoice {
                index,
                acr: method.acr.0,
                factors: method.factors,
            })
            .collect(),
        kinds,
        login_hint: match &requested.typed {
            Some(typed) => Some(typed.individual.clone()),
            None => transaction.request.login_hint.clone(),
        },
        chosen: requested.typed.as_ref().map(|typed| (typed.method, typed.kind.clone())).unwrap_or_default(),
        rejection: requested.rejection.clone(),
        captcha: match &requested.captcha {
            Check::None => CaptchaView::Absent,
            Check::Asked(asked) => {
                CaptchaView::Asked { form: Box::new(asked.form.clone()), rejection: asked.rejection.clone() }
            }
            Check::Unavailable => CaptchaView::Unavailable,
            Check::Exhausted => CaptchaView::Exhausted,
        },
    }
}

fn prove(proving: &Proving, now: Timestamp) -> View {
    match &proving.pending {
        Pending::Question { form, rejection, asked_at, .. } => View::Question {
            step: proving.current + 1,
            steps: proving.factors.len(),
            form: form.clone(),
            rejection: rejection.clone(),
            resend_in: form.resend_after_seconds.map(|after| asked_at.plus(u64::from(after)).since(now)),
        },
        Pending::Pause { until, message, .. } => {
            View::Pause { message: message.clone(), seconds: until.since(now) }
        }
        Pending::None => View::Busy,
    }
}
