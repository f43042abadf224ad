//! A browser without script: keeps cookies, follows redirects, submits forms, and stops where the server sends it away.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use http::Request;
use url::Url;

use crate::page::{Form, Page};
use crate::wire::{Reply, Wire};

/// Where a step of a browser ended.
#[derive(Clone, Debug)]
pub enum Landing {
    /// On a page of the server.
    Page(Box<Page>),
    /// The server sent it to another site.
    Away(Away),
}

/// The request that the browser would make at another site.
#[derive(Clone, Debug)]
pub struct Away {
    /// Where to, without the parameters of the response.
    pub url: String,
    /// The parameters of the response, in order.
    pub parameters: Vec<(String, String)>,
    /// What the server answered with.
    pub reply: Reply,
}

/// A browser.
#[derive(Clone)]
pub struct Browser {
    wire: Wire,
    /// The cookies of the server's site.
    pub cookies: BTreeMap<String, String>,
    /// Headers that go with every request.
    pub headers: Vec<(String, String)>,
    /// Everything the server answered, first to last.
    pub history: Vec<(String, u16)>,
}

impl Browser {
    /// A browser with nothing in it.
    pub fn new(wire: &Wire) -> Self {
        Self { wire: wire.clone(), cookies: BTreeMap::new(), headers: Vec::new(), history: Vec::new() }
    }

    /// One that prefers a language.
    #[must_use]
    pub fn speaking(mut self, languages: &str) -> Self {
        self.headers.push(("accept-language".to_owned(), languages.to_owned()));
        self
    }

    /// Opens a URL, as a person does who follows a link of another site.
    pub async fn open(&mut self, url: &str) -> Result<Landing> {
        let reply = self.request("GET", url, None, &[("sec-fetch-site", "cross-site")]).await?;
        self.follow(url, reply).await
    }

    /// Opens a URL that must be a page.
    pub async fn page(&mut self, url: &str) -> Result<Page> {
        self.open(url).await?.page()
    }

    /// Submits a form of a page by a button.
    pub async fn press(&mut self, page: &Page, form: &Form, button: &str) -> Result<Landing> {
        let url = Url::parse(&page.url)?.join(&form.action).context("the form's action")?;
        let body = form.pressed(button);
        if form.method == "GET" {
            return self.open(&format!("{url}?{body}")).await;
        }
        let origin = Url::parse(&page.url)?.origin().ascii_serialization();
        if url.origin().ascii_serialization() != origin {
            let parameters = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            return Ok(Landing::Away(Away { url: url.to_string(), parameters, reply: page.reply.clone() }));
        }
        let reply = self.post(url.as_str(), &body).await?;
        self.follow(url.as_str(), reply).await
    }

    /// Sends a form as this site's own page would; nothing is followed.
    pub async fn post(&mut self, url: &str, body: &str) -> Result<Reply> {
        let origin = Url::parse(url)?.origin().ascii_serialization();
        let headers = [("origin", origin.as_str()), ("sec-fetch-site", "same-origin")];
        self.request("POST", url, Some(body), &headers).await
    }

    /// One request with the cookies; nothing is followed, cookies that come are kept.
    pub async fn request(
        &mut self,
        method: &str,
        url: &str,
        form: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Result<Reply> {
        let mut request = Request::builder().method(method).uri(url).header("accept", "text/html");
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in own.chain(headers.iter().copied()) {
            request = request.header(name, value);
        }
        if form.is_some() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let reply = self.wire.send(request.body(form.unwrap_or_default().as_bytes().to_vec())?).await?;
        self.keep_cookies(&reply);
        self.history.push((format!("{method} {}", url.split('?').next().unwrap_or(url)), reply.status));
        Ok(reply)
    }

    fn keep_cookies(&mut self, reply: &Reply) {
        for cookie in reply.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()) {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            let gone =
                attributes.split(';').any(|attribute| attribute.trim().eq_ignore_ascii_case("max-age=0"));
            if gone {
                self.cookies.remove(name.trim());
            } else {
                self.cookies.insert(name.trim().to_owned(), value.to_owned());
            }
        }
    }

    async fn follow(&mut self, url: &str, mut reply: Reply) -> Result<Landing> {
        let mut url = Url::parse(url)?;
        for _ in 0..10 {
            if !(300..400).contains(&reply.status) {
                return Ok(Landing::Page(Box::new(Page { url: url.to_string(), reply })));
            }
            let next = url.join(&reply.header("location")).context("the redirect's location")?;
            if next.origin() != url.origin() {
                return Ok(Landing::Away(Away::to(&next, reply)));
            }
            // A 303 makes every method a GET; the server sends no other redirect (RFC 9700 §4.12).
            reply = self.request("GET", next.as_str(), None, &[("sec-fetch-site", "same-origin")]).await?;
            url = next;
        }
        bail!("the server redirects for ever")
    }
}

impl Away {
    fn to(url: &Url, reply: Reply) -> Self {
        let parameters = url.query_pairs().into_owned().collect();
        let mut bare = url.clone();
        bare.set_query(None);
        Self { url: bare.to_string(), parameters, reply }
    }

    /// A parameter of the response; empty when it is not there. Panics when it is there twice.
    pub fn parameter(&self, name: &str) -> String {
        let values: Vec<_> = self.parameters.iter().filter(|(present, _)| present == name).collect();
        assert!(values.len() < 2, "`{name}` is in the response twice");
        values.first().map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The names of the parameters, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.parameters.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}

impl Landing {
    /// The page; an error when the browser was sent away.
    pub fn page(self) -> Result<Page> {
        match self {
            Self::Page(page) => Ok(*page),
            Self::Away(away) => bail!("sent away to {} with {:?}", away.url, away.names()),
        }
    }

    /// The response for the relying party; an error when the browser is still on a page.
    pub fn away(self) -> Result<Away> {
        match self {
            Self::Away(away) => Ok(away),
            Self::Page(page) => {
                bail!("still on a page, {} “{}”: {}", page.status(), page.heading(), page.text())
            }
        }
    }
}
