//! The tutorials of `docs/plugins`, done as they are written: each command is run, each change is made, and what a document says
//! that one sees is what there is to see.
//!
//! What a fenced block is, its info string tells: `sh` are lines to run, and those with `esignet plugin dev` a server; `diff` is a
//! change of the file that it names; `json` is what the service gets of the person who signs in; of `text` that is indented, each
//! line up to its arrow has been printed.

use std::path::{Path, PathBuf};
use std::time::Instant;

use esignet_tests::{Dev, Workshop, login};
use serde_json::Value;

/// Who signs in in the tutorials.
const AMINA: &str = "1001";

/// A fenced block: its info string and its lines.
struct Block {
    info: String,
    text: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in document.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some(Block { info: info.to_owned(), text: String::new() }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "the last block is closed");
    blocks
}

/// Somebody who does what a tutorial says.
struct Reader {
    workshop: Workshop,
    folder: PathBuf,
    dev: Option<Dev>,
    swaps: usize,
}

impl Reader {
    async fn does(&mut self, block: &Block) {
        match block.info.as_str() {
            "sh" if block.text.starts_with("esignet plugin dev") => {
                let line = block.text.trim_end();
                self.dev = Some(self.workshop.dev(&self.folder, line).await.unwrap());
                self.swaps = 0;
            }
            "sh" => self.folder = self.workshop.shell(&self.folder, &block.text).unwrap().1,
            "diff" => self.changes(&block.text).await,
            "json" => {
                let rp = self.dev.as_ref().expect("a server is running").rp().await.unwrap();
                let mut claims = login::whole(&rp, AMINA).await.unwrap().userinfo;
                claims.remove("sub");
                let told: Value = serde_json::from_str(&block.text).unwrap();
                assert_eq!(Value::Object(claims), told);
            }
            "text" => {
                let log = self.dev.as_ref().expect("a server is running").server.log();
                let lines = block.text.lines().filter_map(|line| line.strip_prefix("    "));
                for line in lines.filter_map(|line| line.split(" → ").next()) {
                    assert!(log.contains(line), "`{line}` was not printed: {log}");
                }
            }
            "toml" | "" => {}
            other => panic!("nobody knows what to do with a block of {other}"),
        }
    }

    /// Makes a change, and waits for it where something is served.
    async fn changes(&mut self, diff: &str) {
        let (file, change) = diff.split_once('\n').unwrap();
        let side = |sign: char| {
            let lines = change.lines().filter(|line| line.starts_with([' ', sign]));
            lines.fold(String::new(), |text, line| text + &line[1..] + "\n")
        };
        let file = self.folder.join(file.trim_start_matches("+++ "));
        let before = std::fs::read_to_string(&file).unwrap();
        let (from, to) = (side('-'), side('+'));
        assert_eq!(before.matches(&from).count(), 1, "what is changed is there once:\n{from}\nin:\n{before}");
        std::fs::write(&file, before.replace(&from, &to)).unwrap();
        if let Some(dev) = &self.dev {
            self.swaps = dev.says(": in place after", self.swaps).await.unwrap();
        }
    }

    async fn is_done(&mut self) {
        if let Some(mut dev) = self.dev.take() {
            assert_eq!(dev.server.stop().await.unwrap(), Some(0), "{}", dev.server.log());
        }
    }
}

async fn done(tutorial: &str) {
    let began = Instant::now();
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/plugins").join(tutorial);
    let blocks = blocks(&std::fs::read_to_string(place).unwrap());
    let logins = blocks.iter().filter(|block| block.info == "json").count();
    assert!(logins >= 2, "{tutorial} has a login before and after a change");
    let workshop = Workshop::new().unwrap();
    let folder = workshop.directory.path().to_owned();
    let mut reader = Reader { workshop, folder, dev: None, swaps: 0 };
    for block in &blocks {
        // Who types the next command has stopped the server.
        if block.info == "sh" {
            reader.is_done().await;
        }
        reader.does(block).await;
    }
    reader.is_done().await;
    println!("{tutorial}: done in {:.1?}", began.elapsed());
}

#[tokio::test]
async fn the_tutorial_of_rust_leads_from_an_empty_folder_to_a_login() {
    done("rust.md").await;
}

#[tokio::test]
async fn the_tutorial_of_javascript_leads_from_an_empty_folder_to_a_login() {
    done("javascript.md").await;
}

#[tokio::test]
async fn the_tutorial_of_python_leads_from_an_empty_folder_to_a_login() {
    done("python.md").await;
}
