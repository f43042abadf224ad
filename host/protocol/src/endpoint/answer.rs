//! What the browser-facing endpoints answer: a page, a step on, the response to the relying party, or a problem.
//!
//! An error that redirects carries a [`RedirectTarget`], which only a validated request can give; everything else is a
//! page (`protocol.md` 23, RFC 9700 §4.11).

use esignet_jose::algorithm::Algorithm;

use crate::authorization_request::AuthorizationRequest;
use crate::client::LogoId;
use crate::error::wire::Cause;
use crate::error::{ErrorCode, Fault};
use crate::extension::jarm;
use crate::policy::IndividualKind;
use crate::ports::plugins::{Form, Message, Rejection};
use crate::provider::Provider;
use crate::transaction::stage::OfferedClaim;
use crate::word::client_id::ClientId;
use crate::word::opaque::Opaque;
use crate::word::redirect_uri::RedirectUri;
use crate::word::response_mode::ResponseMode;

/// What a browser gets.
#[derive(Debug)]
pub enum Answer {
    /// A page of the login, 200.
    Page {
        /// What it shows.
        page: Box<LoginPage>,
        /// What becomes of the cookie.
        cookie: CookieChange,
        /// Why the page lacks something, for the log, when a port was at fault.
        cause: Option<Cause>,
    },
    /// 303 to the login page.
    SeeLogin {
        /// What becomes of the cookie.
        cookie: CookieChange,
        /// Why the last step failed, for the log, when a port was at fault.
        cause: Option<Cause>,
    },
    /// The authorization response.
    Return(Box<AuthorizationResponse>),
    /// An error page, never a redirect.
    Problem(Problem),
}

/// What becomes of the login cookie.
#[derive(Clone, PartialEq, Eq)]
pub enum CookieChange {
    /// It stays as it is.
    Keep,
    /// It gets this value.
    Set(String),
    /// It goes.
    Clear,
}

impl std::fmt::Debug for CookieChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Keep => "Keep",
            Self::Set(_) => "Set(…)",
            Self::Clear => "Clear",
        })
    }
}

/// An authorization response (RFC 6749 §4.1.2): success or error, always with `iss` (RFC 9207 §2), or signed (JARM §2).
pub struct AuthorizationResponse {
    /// Where it goes: validated.
    pub redirect_uri: RedirectUri,
    /// How it travels.
    pub mode: ResponseMode,
    /// `code` or `error`, `state` if there was one, `iss`; or all of it in `response`.
    pub parameters: Vec<(&'static str, String)>,
    /// What becomes of the cookie: it goes with its login.
    pub cookie: CookieChange,
    /// Why it is an error, for the log.
    pub cause: Option<Cause>,
}

impl std::fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("AuthorizationResponse")
            .field("parameters", &names)
            .field("cause", &self.cause)
            .finish_non_exhaustive()
    }
}

/// The right to redirect: where a validated request wants its response, and how it is written.
#[derive(Clone, Debug)]
pub struct RedirectTarget {
    /// Who reads it.
    pub(crate) client_id: ClientId,
    /// Registered for that client.
    pub(crate) redirect_uri: RedirectUri,
    /// How it travels.
    pub(crate) mode: ResponseMode,
    /// What signs it, if its mode is a signed one.
    pub(crate) algorithm: Algorithm,
    /// Comes back intact.
    pub(crate) state: Option<Opaque>,
}

impl RedirectTarget {
    /// The target of a validated request of this client.
    pub fn of(client_id: &ClientId, request: &AuthorizationRequest) -> Self {
        Self {
            client_id: client_id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            mode: request.response_mode,
            algorithm: request.response_alg,
            state: request.state.clone(),
        }
    }

    /// A response with a code.
    pub fn code(self, provider: &Provider, code: String) -> Answer {
        self.respond(provider, vec![("code", code)], None)
    }

    /// A response with an error.
    pub fn error(self, provider: &Provider, code: ErrorCode, cause: Cause) -> Answer {
        let mut parameters =
            vec![("error", code.as_str().to_owned()), ("error_description", code.description().to_owned())];
        parameters.push(("error_uri", provider.policy.issuer.error_uri(code)));
        self.respond(provider, parameters, Some(cause))
    }

    fn respond(
        self,
        provider: &Provider,
        mut parameters: Vec<(&'static str, String)>,
        cause: Option<Cause>,
    ) -> Answer {
        if let Some(state) = &self.state {
            parameters.push(("state", state.as_str().to_owned()));
        }
        let parameters = if self.mode.is_signed() {
            // JARM §2.1: `response` and nothing beside it, errors too.
            match jarm::response(provider, &self.client_id, self.algorithm, parameters) {
                Ok(response) => vec![("response", response)],
                Err(failed) => return super::login::problem(Fault::from(failed)),
            }
        } else {
            // RFC 9207 §2: who answers stands in every response.
            parameters.push(("iss", provider.policy.issuer.as_str().to_owned()));
            parameters
        };
        Answer::Return(Box::new(AuthorizationResponse {
            redirect_uri: self.redirect_uri,
            mode: self.mode,
            parameters,
            cookie: CookieChange::Clear,
            cause,
        }))
    }
}

/// An error page.
#[derive(Debug)]
pub struct Problem {
    /// Which one.
    pub kind: ProblemKind,
    /// What exactly was wrong, for the log.
    pub cause: Cause,
}

impl Problem {
    /// The answer for a refusal that must not redirect.
    pub fn page(kind: ProblemKind, refusal: &impl std::fmt::Display) -> Answer {
        Answer::Problem(Self { kind, cause: Cause::Request(refusal.to_string()) })
    }
}

/// The error pages there are. What a person can do about each is for the page to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// No such client.
    UnknownClient,
    /// The `request_uri` is missing, unknown, expired, used, or another client's.
    RequestUri,
    /// The request did not come by PAR, which is required (RFC 9126 §4, FAPI 2.0 SP §5.3.2.2).
    NotPushed,
    /// The request is not well formed.
    MalformedRequest,
    /// A form came from another site.
    CrossSite,
    /// There is no login in this browser, or it is over.
    NoLogin,
    /// A plugin or store cannot answer now.
    Unavailable,
    /// We are wrong.
    ServerError,
}

impl ProblemKind {
    /// Every kind, for tests and catalogues that must be complete.
    pub const ALL: [Self; 8] = [
        Self::UnknownClient,
        Self::RequestUri,
        Self::NotPushed,
        Self::MalformedRequest,
        Self::CrossSite,
        Self::NoLogin,
        Self::Unavailable,
        Self::ServerError,
    ];

    /// The status of the page.
    pub const fn status(self) -> u16 {
        match self {
            Self::UnknownClient
            | Self::RequestUri
            | Self::NotPushed
            | Self::MalformedRequest
            | Self::NoLogin => 400,
            Self::CrossSite => 403,
            Self::Unavailable => 503,
            Self::ServerError => 500,
        }
    }
}

/// A page of the login: data only.
#[derive(Debug)]
pub struct LoginPage {
    /// Who asks, in the page's language. Not markup.
    pub client_name: String,
    /// Its logo, as it is served from [`path::CLIENT_LOGOS`](crate::endpoint::path::CLIENT_LOGOS).
    pub client_logo: Option<LogoId>,
    /// The host that gets the answer.
    pub client_host: String,
    /// Where the form's last redirect leads, for `form-action`.
    pub redirect_origin: String,
    /// The language of the page.
    pub locale: String,
    /// The hidden field `form`.
    pub form_token: String,
    /// Seconds until the login ends by itself.
    pub seconds_left: u64,
    /// What is asked.
    pub view: View,
}

/// What a page asks.
#[derive(Debug)]
pub enum View {
    /// Who the person is. Fields: `method` (an index), `kind`, `individual`; with a captcha `answer.NAME` for each of its
    /// fields, and `action=another`.
    Identify {
        /// Ways to sign in, best first.
        methods: Vec<MethodChoice>,
        /// Kinds of identifier, the usual one first.
        kinds: Vec<IndividualKind>,
        /// Prefills the identifier.
        login_hint: Option<String>,
        /// The method and the kind that were chosen already.
        chosen: (Option<usize>, Option<String>),
        /// Why the last attempt ended.
        rejection: Option<Rejection>,
        /// What is asked besides.
        captcha: CaptchaView,
    },
    /// What a factor asks. Fields: `answer.NAME` for each; `action=resend`.
    Question {
        /// Which factor, from 1.
        step: usize,
        /// Of how many.
        steps: usize,
        /// The form.
        form: Form,
        /// Why the last answer was not accepted.
        rejection: Option<Rejection>,
        /// Seconds until the same can be asked for again; 0 is now.
        resend_in: Option<u64>,
    },
    /// A factor lets time pass. The person goes on with `action=continue`, which does nothing before its time.
    Pause {
        /// What to say.
        message: Message,
        /// Seconds.
        seconds: u64,
    },
    /// A form is being worked on; the page comes again by itself.
    Busy,
    /// What to release. Fields: `claim.NAME` for each voluntary claim; `action=allow` or `action=deny`.
    Consent {
        /// The claims.
        claims: Vec<OfferedClaim>,
        /// Whether a key of the client's is to be bound to the person, too.
        key_binding: bool,
        /// How long the answer is remembered, in seconds; 0 when it is for this login.
        remembered_for: u64,
    },
}

/// The captcha beside the question who the person is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptchaView {
    /// There is none.
    Absent,
    /// A challenge.
    Asked {
        /// Its form; heading and fields are shown.
        form: Box<Form>,
        /// Why the last answer was not accepted.
        rejection: Option<Rejection>,
    },
    /// There should be one, and it does not work now.
    Unavailable,
    /// There were too many in this login.
    Exhausted,
}

/// A way to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodChoice {
    /// What the field `method` says.
    pub index: usize,
    /// The class it meets.
    pub acr: String,
    /// The words of its factors.
    pub factors: Vec<String>,
}
