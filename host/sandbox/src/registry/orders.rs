//! What operators tell a running server about its plugins: a file in the directory of compiled code, which is the server's
//! alone, and another with the answer.
//!
//! A file and not a request over HTTP, because it works where the admin API is off, needs no token, and who may write
//! there may do everything anyway. An order is taken once. Servers that share the directory would share its orders: each has one of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::{Asking, LoadReport, Operator, Reading, Registry};

const ORDER: &str = "order-";
const ANSWER: &str = "answer-";

/// What a server is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Say how the plugins are.
    List,
    /// Read every file again.
    Reload,
    /// Go back to the last good build of this plugin.
    RollBack(String),
    /// End the quarantine or the rolling back of this plugin.
    Release(String),
}

impl Order {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let order = match (words.next()?, words.next()) {
            ("list", None) => Self::List,
            ("reload", None) => Self::Reload,
            ("rollback", Some(id)) => Self::RollBack(id.to_owned()),
            ("release", Some(id)) => Self::Release(id.to_owned()),
            _ => return None,
        };
        words.next().is_none().then_some(order)
    }

    fn text(&self) -> String {
        match self {
            Self::List => "list".to_owned(),
            Self::Reload => "reload".to_owned(),
            Self::RollBack(id) => format!("rollback {id}"),
            Self::Release(id) => format!("release {id}"),
        }
    }

    /// Leaves the order for the server that keeps its compiled code there, under a name that nobody else uses.
    pub fn leave(&self, directory: &Path, name: &str) -> io::Result<()> {
        let draft = directory.join(format!(".{ORDER}{name}"));
        fs::write(&draft, self.text())?;
        fs::rename(draft, directory.join(format!("{ORDER}{name}")))
    }

    /// Takes an order back; false when a server has taken it.
    pub fn take_back(directory: &Path, name: &str) -> bool {
        fs::remove_file(directory.join(format!("{ORDER}{name}"))).is_ok()
    }

    /// Takes the answer to an order, if it was carried out.
    pub fn answer(directory: &Path, name: &str) -> Option<String> {
        let path = directory.join(format!("{ANSWER}{name}"));
        let answer = fs::read_to_string(&path).ok()?;
        // Nobody reads it again.
        let _ = fs::remove_file(path);
        Some(answer)
    }
}

impl Registry {
    /// Does what the calls of plugins and the orders of operators ask for.
    pub(super) async fn tend(&self, operator: &dyn Operator) -> Option<LoadReport> {
        let mut report = None;
        let word = operator.word();
        for (build, alarm) in self.sandbox.inner.alarms.take() {
            report = self.heed(word.source(), &build, alarm).await.or(report);
        }
        for (name, order) in self.orders() {
            let answer = match order {
                None => "refused: no such order".to_owned(),
                Some(Order::List) => {
                    let upstreams: BTreeMap<_, _> = self.upstreams().into_iter().collect();
                    serde_json::json!({ "plugins": self.states(), "upstreams": upstreams }).to_string()
                }
                Some(order) => match self.carry_out(operator, &order).await {
                    Ok((said, loaded)) => {
                        report = Some(loaded);
                        said
                    }
                    Err(refused) => format!("refused: {refused}"),
                },
            };
            self.answered(&name, &answer);
        }
        report
    }

    async fn carry_out(
        &self,
        operator: &dyn Operator,
        order: &Order,
    ) -> Result<(String, LoadReport), String> {
        tracing::warn!(order = order.text(), "plugins: an operator's order");
        let word = operator.word();
        let said = match order {
            Order::List => "done".to_owned(),
            Order::Reload => match operator.read(Asking::ByOrder).await {
                Ok(()) => "done: the configuration of plugins and every file were read again".to_owned(),
                Err(wrong) => {
                    format!("refused: the configuration is wrong, and the last good one holds:\n{wrong}")
                }
            },
            Order::RollBack(id) => self.roll_back(word.source(), id, "an operator said so").await?,
            Order::Release(id) => {
                self.decide(|standing| standing.release(id)).await?;
                if let Some(roles) = self.now.load().plugins.get(id) {
                    roles.plugin.health.release();
                }
                format!("done: {id} is released")
            }
        };
        Ok((said, self.read(operator.word().source(), Reading::All).await))
    }

    fn orders(&self) -> Vec<(String, Option<Order>)> {
        let entries = self.sandbox.inner.precompiled.directory().and_then(|path| fs::read_dir(path).ok());
        let mut orders = Vec::new();
        for entry in entries.into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(name) = name.strip_prefix(ORDER) {
                let text = fs::read_to_string(entry.path()).unwrap_or_default();
                // One that cannot be removed would be carried out again and again.
                if fs::remove_file(entry.path()).is_ok() {
                    orders.push((name.to_owned(), Order::parse(&text)));
                }
            }
        }
        orders
    }

    fn answered(&self, name: &str, answer: &str) {
        let Some(directory) = self.sandbox.inner.precompiled.directory() else { return };
        let draft = directory.join(format!(".{ANSWER}{name}"));
        let written = fs::write(&draft, answer)
            .and_then(|()| fs::rename(draft, directory.join(format!("{ANSWER}{name}"))));
        if let Err(error) = written {
            tracing::warn!(%error, "the answer to an order cannot be written");
        }
    }
}
