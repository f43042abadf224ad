//! The documents that relying parties publish, such as what is at their `jwks_uri`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use esignet_protocol::ports::fetch::{FetchRefusal, Fetched, PublicFetch, PublicRequest};
use serde_json::Value;

/// What is there, by URL. Nothing else can be reached.
#[derive(Clone, Default)]
pub struct Published(Arc<Mutex<BTreeMap<String, Value>>>);

impl Published {
    /// Puts a document there, in place of what was.
    pub fn put(&self, url: &str, document: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), document);
    }
}

#[async_trait]
impl PublicFetch for Published {
    async fn get(&self, request: PublicRequest) -> Result<Fetched, FetchRefusal> {
        let documents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let document = documents.get(&request.url).ok_or(FetchRefusal::Unreachable)?;
        let media_type = "application/json".to_owned();
        Ok(Fetched { media_type, bytes: document.to_string().into_bytes(), max_age: None })
    }
}
