use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ::image::{DynamicImage, ImageFormat, RgbaImage};
use async_trait::async_trait;
use esignet_jose::algorithm::Algorithm;
use esignet_protocol::client::Profile;
use esignet_protocol::ports::fetch::{FetchRefusal, Fetched, PublicRequest};
use esignet_store::{SealingKey, Store};

use super::plan::Outcome;
use super::*;
use crate::config::client_file;
use crate::config::finding::Severity;
use crate::system::SystemClock;

/// A web server with one picture, which a test takes away.
#[derive(Default)]
struct Pictures {
    picture: Mutex<Option<Vec<u8>>>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl PublicFetch for Pictures {
    async fn get(&self, request: PublicRequest) -> Result<Fetched, FetchRefusal> {
        self.asked.lock().unwrap().push(request.url);
        let bytes = self.picture.lock().unwrap().clone().ok_or(FetchRefusal::Status(404))?;
        Ok(Fetched { media_type: "image/png".to_owned(), bytes, max_age: None })
    }
}

fn picture(shade: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbaImage::from_pixel(8, 8, ::image::Rgba([shade, 0, 0, 255]));
    DynamicImage::ImageRgba8(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

struct Server {
    registrations: Registrations,
    stores: Stores,
    pictures: Arc<Pictures>,
}

async fn server() -> Server {
    let store = Store::memory(Arc::new(SystemClock), SealingKey::new([7; 32])).await.unwrap();
    let here = Here {
        floor: Profile::Fapi2,
        algorithms: vec![Algorithm::Es256],
        acr_values: Vec::new(),
        claims: Some(BTreeSet::from(["name".to_owned(), "email".to_owned(), "birthdate".to_owned()])),
    };
    let pictures = Arc::new(Pictures::default());
    let stores = store.stores();
    let registrations = Registrations::new(&stores, pictures.clone(), here);
    Server { registrations, stores, pictures }
}

/// The example with another id and with lines before its keys.
fn registration(id: &str, more: &str) -> Registration {
    let example = include_str!("../../../../examples/clients/example-bank.toml");
    let text = example.replace("client_id = \"example-bank\"", &format!("client_id = \"{id}\"\n{more}"));
    client_file::read(Path::new("bank.toml"), &text).unwrap_or_else(|findings| panic!("{findings:?}"))
}

impl Server {
    async fn apply(&self, all: Vec<Registration>, unlisted: Unlisted) -> Vec<(String, Outcome)> {
        let plan = self.registrations.plan(all, unlisted).await.unwrap();
        let planned: Vec<Outcome> = plan.changes.iter().map(Change::outcome).collect();
        let (done, _) = self.registrations.apply(plan, Fetching::Changed).await.unwrap();
        let done: Vec<_> =
            done.into_iter().map(|done| (done.client.client_id.to_string(), done.outcome)).collect();
        let outcomes: Vec<Outcome> = done.iter().map(|(_, outcome)| outcome.clone()).collect();
        assert_eq!(planned, outcomes, "what was planned is what was done");
        done
    }

    async fn stored(&self, id: &str) -> Client {
        self.registrations.load(&ClientId::parse(id).unwrap()).await.unwrap().record
    }
}

fn outcomes(done: &[(String, Outcome)]) -> Vec<(&str, &Outcome)> {
    done.iter().map(|(id, outcome)| (id.as_str(), outcome)).collect()
}

#[tokio::test]
async fn applying_the_same_files_again_changes_nothing_and_an_edit_changes_what_was_edited() {
    let server = server().await;
    let both = || vec![registration("a", ""), registration("b", "")];
    let done = server.apply(both(), Unlisted::Keep).await;
    assert_eq!(outcomes(&done), [("a", &Outcome::Created), ("b", &Outcome::Created)]);
    let done = server.apply(both(), Unlisted::Keep).await;
    assert_eq!(outcomes(&done), [("a", &Outcome::Unchanged), ("b", &Outcome::Unchanged)]);
    let edited = vec![registration("a", "consent_expires_after_minutes = 5\nsector_identifier = \"x\"")];
    let done = server.apply(edited, Unlisted::Keep).await;
    let members = vec!["consent_expires_after_minutes".to_owned(), "sector_identifier".to_owned()];
    assert_eq!(outcomes(&done), [("a", &Outcome::Updated { members })]);
}

#[tokio::test]
async fn a_client_that_no_file_declares_is_deactivated_only_when_that_is_asked_for() {
    let server = server().await;
    server.apply(vec![registration("a", ""), registration("b", "")], Unlisted::Keep).await;
    let only_a = || vec![registration("a", "")];
    server.apply(only_a(), Unlisted::Keep).await;
    assert!(server.stored("b").await.is_active());
    let done = server.apply(only_a(), Unlisted::Deactivate).await;
    assert_eq!(outcomes(&done), [("a", &Outcome::Unchanged), ("b", &Outcome::Deactivated)]);
    let done = server.apply(only_a(), Unlisted::Deactivate).await;
    assert_eq!(outcomes(&done), [("a", &Outcome::Unchanged)]);
}

#[tokio::test]
async fn a_file_that_does_not_say_status_never_activates_whom_somebody_deactivated() {
    let server = server().await;
    let id = ClientId::parse("a").unwrap();
    server.apply(vec![registration("a", "")], Unlisted::Keep).await;
    server.registrations.set_status(&id, Status::Inactive).await.unwrap();
    server.apply(vec![registration("a", "consent_expires_after_minutes = 5")], Unlisted::Keep).await;
    assert!(!server.stored("a").await.is_active());
    let said = vec![registration("a", "consent_expires_after_minutes = 5\nstatus = \"active\"")];
    assert_eq!(outcomes(&server.apply(said, Unlisted::Keep).await), [("a", &Outcome::Activated)]);
}

#[tokio::test]
async fn of_two_changes_meant_for_one_version_the_second_is_told() {
    let server = server().await;
    let add = || vec![registration("a", "")];
    let [first, second] = [(); 2].map(|()| server.registrations.plan(add(), Unlisted::Keep));
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert!(server.registrations.apply(first, Fetching::Changed).await.is_ok());
    let refused = server.registrations.apply(second, Fetching::Changed).await;
    assert!(matches!(refused, Err(Refusal::Taken(_))));
    let edit = |minutes: u8| vec![registration("a", &format!("consent_expires_after_minutes = {minutes}"))];
    let first = server.registrations.plan(edit(1), Unlisted::Keep).await.unwrap();
    let second = server.registrations.plan(edit(2), Unlisted::Keep).await.unwrap();
    assert!(server.registrations.apply(first, Fetching::Changed).await.is_ok());
    let refused = server.registrations.apply(second, Fetching::Changed).await;
    assert!(matches!(refused, Err(Refusal::Changed(_))));
    assert_eq!(server.stored("a").await.consent_expires_after_minutes, Some(1));
}

#[tokio::test]
async fn with_one_wrong_registration_none_is_planned() {
    let server = server().await;
    let wrong = registration("b", "profile = \"interop\"\nid_token_signed_response_alg = \"RS256\"");
    let refused = server.registrations.plan(vec![registration("a", ""), wrong], Unlisted::Keep).await;
    let Err(Refusal::Wrong(findings)) = refused else { panic!("it was planned") };
    let places: Vec<(&str, Severity)> =
        findings.iter().map(|finding| (finding.place.as_str(), finding.severity)).collect();
    assert_eq!(places, [("bank.toml:4:1", Severity::Error), ("bank.toml:5:1", Severity::Error)]);
    assert!(findings[0].fix.contains("profile = \"fapi2\""), "{}", findings[0]);
    assert!(server.registrations.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_logo_is_fetched_when_its_uri_is_new_kept_when_that_fails_and_goes_with_its_uri() {
    let server = server().await;
    let uri = |name: &str| format!("logo_uri = \"https://bank.example/{name}.png\"");
    let update = async |more: &str| server.registrations.update(registration("a", more), None).await.unwrap();
    *server.pictures.picture.lock().unwrap() = Some(picture(1));
    let added = server.registrations.add(registration("a", &uri("one"))).await.unwrap();
    assert_eq!(added.warnings, []);
    let first = added.client.logo.expect("it was fetched");
    let png = server.stores.logos.logo(&first).await.unwrap().expect("it is kept");
    assert_eq!(&png[1..4], b"PNG");
    assert_eq!(update(&uri("one")).await.outcome, Outcome::Unchanged);
    assert_eq!(server.pictures.asked.lock().unwrap().len(), 1);

    *server.pictures.picture.lock().unwrap() = None;
    let failed = update(&uri("two")).await;
    assert_eq!(failed.outcome, Outcome::Updated { members: vec!["logo_uri".to_owned()] });
    assert_eq!((failed.warnings.len(), failed.client.logo.as_ref()), (1, Some(&first)));
    assert!(failed.warnings[0].problem.contains("404"), "{}", failed.warnings[0]);

    *server.pictures.picture.lock().unwrap() = Some(picture(2));
    let second = update(&uri("three")).await.client.logo.expect("it was fetched");
    assert_ne!(second, first);
    assert_eq!(server.stores.logos.logo(&first).await.unwrap(), None, "the old one is forgotten");
    assert_eq!(update("").await.client.logo, None);
    assert_eq!(server.stores.logos.logo(&second).await.unwrap(), None);
}

#[tokio::test]
async fn a_deleted_client_takes_its_logo_along() {
    let server = server().await;
    *server.pictures.picture.lock().unwrap() = Some(picture(1));
    let logo = "logo_uri = \"https://bank.example/one.png\"";
    let added = server.registrations.add(registration("a", logo)).await.unwrap();
    let id = added.client.client_id;
    server.registrations.delete(&id).await.unwrap();
    assert_eq!(server.stores.logos.logo(&added.client.logo.unwrap()).await.unwrap(), None);
    assert!(matches!(server.registrations.delete(&id).await, Err(Refusal::Unknown(_))));
    let gone = server.registrations.update(registration("a", ""), None).await;
    assert!(matches!(gone, Err(Refusal::Unknown(_))));
}

#[test]
fn files_are_read_all_and_one_client_stands_in_one_of_them() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| -> PathBuf {
        let file = directory.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let example = include_str!("../../../../examples/clients/example-bank.toml");
    let file = write("a.toml", example);
    write(".hidden.toml", "nonsense");
    write("notes.txt", "nonsense");
    let all = directory.path().to_owned();
    assert_eq!(files::load(&[all.clone(), file.clone(), file]).unwrap().len(), 1);
    write("b.toml", example);
    write("c.toml", "client_id = 5");
    let findings = files::load(&[all, PathBuf::from("absent.toml")]).unwrap_err();
    let text = findings.iter().map(ToString::to_string).collect::<String>();
    for expected in ["declared in", "client_id", "absent.toml"] {
        assert!(text.contains(expected), "{text}");
    }
}
