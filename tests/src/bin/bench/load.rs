//! Many logins, some at the same time, each step timed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use esignet_tests::{Browser, RelyingParty, login};

use crate::cpu;

/// What came of a load.
pub(crate) struct Load {
    /// How long each login took.
    pub(crate) durations: Vec<Duration>,
    /// How long each step took, by its name.
    steps: BTreeMap<&'static str, Vec<Duration>>,
    /// From the first to the last.
    wall: Duration,
    /// What the server used of its processor.
    pub(crate) server_cpu: Duration,
    /// The most memory it was seen to have.
    pub(crate) resident_mb: f64,
}

/// One login's steps, in order.
type Steps = Vec<(&'static str, Duration)>;

impl Load {
    /// Runs so many logins, so many of them at the same time.
    pub(crate) async fn run(rp: &RelyingParty, pid: u32, logins: usize, concurrency: usize) -> Result<Self> {
        let left = Arc::new(AtomicUsize::new(logins));
        let cpu_before = cpu::time_of(pid)?;
        let since = Instant::now();
        let mut lanes = tokio::task::JoinSet::new();
        for _ in 0..concurrency {
            let (rp, left) = (rp.clone(), Arc::clone(&left));
            lanes.spawn(async move {
                let mut done = Vec::new();
                while left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                    .is_ok()
                {
                    done.push(one(&rp.another_attempt()).await?);
                }
                anyhow::Ok(done)
            });
        }
        let mut load = Self {
            durations: Vec::new(),
            steps: BTreeMap::new(),
            wall: Duration::ZERO,
            server_cpu: Duration::ZERO,
            resident_mb: 0.0,
        };
        while let Some(lane) = lanes.join_next().await {
            // Memory is highest while the last lanes still run.
            load.resident_mb = load.resident_mb.max(cpu::resident_mb(pid)?);
            for steps in lane.context("a lane")?? {
                load.durations.push(steps.iter().map(|(_, took)| *took).sum());
                for (name, took) in steps {
                    load.steps.entry(name).or_default().push(took);
                }
            }
        }
        load.wall = since.elapsed();
        load.server_cpu = cpu::time_of(pid)?.saturating_sub(cpu_before);
        load.durations.sort_unstable();
        load.steps.values_mut().for_each(|durations| durations.sort_unstable());
        Ok(load)
    }

    /// Logins a second.
    pub(crate) fn per_second(&self) -> f64 {
        self.durations.len() as f64 / self.wall.as_secs_f64()
    }

    /// A percentile of whole logins, in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        percentile(&self.durations, percent)
    }

    /// The steps as a table.
    pub(crate) fn text(&self) -> String {
        let mut text =
            format!("{} logins\n{:<22} {:>9} {:>9}\n", self.durations.len(), "step", "p50 ms", "p99 ms");
        let whole = ("the whole login", &self.durations);
        for (name, durations) in self.steps.iter().map(|(name, durations)| (*name, durations)).chain([whole])
        {
            let (p50, p99) = (percentile(durations, 50), percentile(durations, 99));
            text.push_str(&row(name, &format!("{p50:>9.2} {p99:>9.2}")));
        }
        text
    }
}

fn row(name: &str, figures: &str) -> String {
    format!("{name:<22} {figures}\n")
}

/// A percentile of what is sorted, in milliseconds.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |duration| duration.as_secs_f64() * 1_000.0)
}

/// One login. Pages are read by looking for the form's token: this client must not cost more than the server.
async fn one(rp: &RelyingParty) -> Result<Steps> {
    let mut steps = Steps::new();
    let mut since = Instant::now();
    let mut step = |name| {
        steps.push((name, since.elapsed()));
        since = Instant::now();
    };

    let request_uri = rp.pushed().await?;
    step("1 par");
    let mut browser = Browser::new(&rp.wire);
    let first = browser.page(&rp.authorization_url(&request_uri)).await?.reply.text();
    step("2 authorize");
    let login_url = format!("{}/login", rp.issuer);
    let identifier = format!("form={}&action=continue&individual={}", token(&first)?, login::AMINA.id);
    let question = submit(&mut browser, &login_url, &identifier).await?;
    step("3 identifier");
    let code = format!("form={}&action=continue&answer.otp={}", token(&question)?, login::OTP);
    let consent = submit(&mut browser, &login_url, &code).await?;
    step("4 otp");
    let agreed = format!("form={}&action=allow", token(&consent)?);
    let response = browser.post(&login_url, &agreed).await?;
    let location = url::Url::parse(&response.header("location")).context("the authorization response")?;
    let code =
        location.query_pairs().find(|(name, _)| name == "code").context("no code came back")?.1.into_owned();
    step("5 consent");
    let tokens = rp.redeem(&code).send().await?;
    ensure!(tokens.status == 200, "token: {}", tokens.text());
    step("6 token");
    let userinfo = rp.userinfo(&tokens.member("access_token")).send().await?;
    ensure!(userinfo.status == 200, "userinfo: {}", userinfo.text());
    step("7 userinfo");
    Ok(steps)
}

/// Posts a form and loads the page it leads to.
async fn submit(browser: &mut Browser, url: &str, form: &str) -> Result<String> {
    let see = browser.post(url, form).await?;
    ensure!(see.status == 303, "the form was answered {}", see.status);
    let page = browser.request("GET", url, None, &[("sec-fetch-site", "same-origin")]).await?;
    ensure!(page.status == 200, "the page was answered {}", page.status);
    Ok(page.text())
}

fn token(page: &str) -> Result<&str> {
    let (_, rest) = page.split_once("name=\"form\" value=\"").context("the page has no form")?;
    rest.split_once('"').map(|(token, _)| token).context("the page has no form")
}
