//! Serves every page in every state on this machine, to be looked at: `cargo run -p esignet-web --example gallery`.

use axum::Router;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use esignet_web::sample;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut router = Router::new();
    let mut index = String::from("<!doctype html><title>Gallery</title>");
    for locale in esignet_web::locales() {
        for page in sample::pages(&locale) {
            let path = format!("/{locale}/{}", page.name);
            index.extend(["<p><a href=\"", &path, "\">", &path, "</a>"]);
            let policy = [("content-security-policy", page.content_security_policy)];
            router =
                router.route(&path, get(move || async move { (policy, Html(page.html)).into_response() }));
        }
    }
    for file in sample::files() {
        let answer =
            move || async move { ([("content-type", file.media_type)], file.content).into_response() };
        router = router.route(&file.path, get(answer));
    }
    router = router.route("/", get(move || async move { Html(index) }));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, router).await
}
