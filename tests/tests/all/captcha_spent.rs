//! A challenge is spent before it is judged, seen from inside: by a captcha that looks into the store while it judges.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use esignet_protocol::policy::CaptchaWhen;
use esignet_protocol::ports::captcha::{Captcha, Challenge};
use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::ports::plugins::{
    Answer, AuthFactor, Caller, Field, Form, IdSystem, Message, PluginError, Plugins,
};
use esignet_protocol::provider::Provider;
use esignet_protocol::transaction::captcha::Check;
use esignet_protocol::transaction::cookie::LoginCookie;
use esignet_protocol::transaction::stage::Stage;
use esignet_tests::login::{self, AMINA};
use esignet_tests::op::Setup;
use esignet_tests::{Browser, Op, Wire};
use esignet_web::{Branding, Ready, WebSettings};

/// What a login's record had while its answers were judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Spent,
    StillThere,
}

struct Watching {
    inside: Provider,
    cookie: Mutex<Option<LoginCookie>>,
    seen: Mutex<Vec<Seen>>,
}

impl Watching {
    fn follow(&self, browser: &Browser) {
        let cookie = browser.cookies.values().find_map(|value| LoginCookie::parse(value));
        *self.cookie.lock().unwrap() = Some(cookie.expect("a login"));
    }
}

#[async_trait]
impl Captcha for Watching {
    fn id(&self) -> &'static str {
        "watching"
    }

    async fn begin(&self, _: &Caller) -> Result<Challenge, PluginError> {
        let words =
            |text: &str| Message { key: "no-key".to_owned(), text: text.to_owned(), arguments: Vec::new() };
        let field = Field {
            name: "who".to_owned(),
            kind: "text".to_owned(),
            label: words("Who?"),
            hint: None,
            required: true,
            constraints: Vec::new(),
        };
        let form =
            Form { title: words("?"), fields: vec![field], submit: words("!"), resend_after_seconds: None };
        Ok(Challenge { form, state: b"s".to_vec() })
    }

    async fn verify(&self, _: &Caller, _: &[u8], _: Vec<Answer>) -> Result<(), PluginError> {
        let id = self.cookie.lock().unwrap().as_ref().expect("a login is followed").id();
        let open = self.inside.stores.transactions.load(&id, self.inside.now()).await.unwrap();
        let Stage::Requested(requested) = open.expect("the login is open").record.stage else {
            panic!("it went on before the answers were judged")
        };
        let spent = matches!(requested.captcha, Check::None);
        self.seen.lock().unwrap().push(if spent { Seen::Spent } else { Seen::StillThere });
        Ok(())
    }
}

/// The plugins that are loaded, and the captcha that watches.
struct Around {
    loaded: Arc<dyn Plugins>,
    watching: Arc<Watching>,
}

impl Plugins for Around {
    fn id_system(&self) -> Option<Arc<dyn IdSystem>> {
        self.loaded.id_system()
    }

    fn factor(&self, factor: &str) -> Option<Arc<dyn AuthFactor>> {
        self.loaded.factor(factor)
    }

    fn captcha(&self, _: &str) -> Option<Arc<dyn Captcha>> {
        Some(Arc::clone(&self.watching) as Arc<dyn Captcha>)
    }

    fn captcha_of(&self, begun: &PluginBuild) -> Option<Arc<dyn Captcha>> {
        assert_eq!(begun.id, "watching");
        self.captcha(&begun.id)
    }
}

async fn watched() -> (Op, Arc<Watching>) {
    let mut op = Setup::default().meets_captcha("watching", CaptchaWhen::Always).start().await;
    let inside = op.provider.clone();
    let watching = Arc::new(Watching { inside, cookie: Mutex::default(), seen: Mutex::default() });
    let loaded = Arc::clone(&op.provider.plugins);
    op.provider.plugins = Arc::new(Around { loaded, watching: Arc::clone(&watching) });
    let settings = WebSettings {
        branding: Branding::default(),
        readiness: Arc::new(Ready::default),
        request_timeout: Duration::from_secs(20),
    };
    op.wire = Wire::InProcess(esignet_web::router(op.provider.clone(), settings));
    (op, watching)
}

#[tokio::test]
async fn the_challenge_is_gone_from_the_store_when_its_answers_are_judged() {
    let (op, watching) = watched().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    watching.follow(&browser);
    let form = first.form().fill("individual", AMINA.id).fill("answer.who", "me");
    let page = browser.press(&first, &form, "continue").await.unwrap().page().unwrap();
    assert!(page.form().fields.iter().any(|field| field.name == "answer.otp"), "{}", page.text());
    assert_eq!(*watching.seen.lock().unwrap(), [Seen::Spent]);
}
