//! A page as a browser understands it: parsed by the rules of HTML, with the forms a person could submit.

use scraper::{ElementRef, Html, Selector};

use crate::wire::Reply;

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it came from.
    pub url: String,
    /// What the server answered.
    pub reply: Reply,
}

/// A form with what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where it goes, as written.
    pub action: String,
    /// `GET` or `POST`.
    pub method: String,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// Its buttons: name and value.
    pub buttons: Vec<(String, String)>,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name.
    pub name: String,
    /// The value that would be sent.
    pub value: String,
    /// The type: `hidden`, `text`, `checkbox`, `radio`, ….
    pub kind: String,
    /// Whether it would be sent: a box that is not ticked is not.
    pub sent: bool,
}

fn select<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("the selector is written right");
    html.select(&selector).collect()
}

fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Page {
    fn html(&self) -> Html {
        Html::parse_document(&self.reply.text())
    }

    /// The status it came with.
    pub fn status(&self) -> u16 {
        self.reply.status
    }

    /// The texts of all elements that a selector finds.
    pub fn all(&self, selector: &str) -> Vec<String> {
        select(&self.html(), selector).into_iter().map(text_of).collect()
    }

    /// An attribute of all elements that have it.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let html = self.html();
        select(&html, selector).iter().filter_map(|element| element.attr(name)).map(str::to_owned).collect()
    }

    /// The heading.
    pub fn heading(&self) -> String {
        self.all("h1").join(" | ")
    }

    /// What a person reads.
    pub fn text(&self) -> String {
        self.all("body").join(" ")
    }

    /// The first form. A page without one has a form without anything.
    pub fn form(&self) -> Form {
        self.forms().into_iter().next().unwrap_or_else(|| Form {
            action: String::new(),
            method: "GET".to_owned(),
            fields: Vec::new(),
            buttons: Vec::new(),
        })
    }

    /// All forms.
    pub fn forms(&self) -> Vec<Form> {
        let html = self.html();
        select(&html, "form").into_iter().map(form_of).collect()
    }
}

fn form_of(form: ElementRef<'_>) -> Form {
    let attribute = |element: ElementRef<'_>, name: &str| element.attr(name).unwrap_or_default().to_owned();
    let mut fields = Vec::new();
    let mut buttons = Vec::new();
    let controls = Selector::parse("input, button, select, textarea").expect("the selector is written right");
    for control in form.select(&controls) {
        let name = attribute(control, "name");
        let value = attribute(control, "value");
        let kind = control.attr("type").unwrap_or("text").to_ascii_lowercase();
        match control.value().name() {
            "button" => buttons.push((name, value)),
            "select" => {
                let option =
                    Selector::parse("option[selected], option").expect("the selector is written right");
                let chosen = control.select(&option).max_by_key(|option| option.attr("selected").is_some());
                let value = chosen.map(|option| attribute(option, "value")).unwrap_or_default();
                fields.push(Field { name, value, kind: "select".to_owned(), sent: true });
            }
            _ if kind == "submit" => buttons.push((name, value)),
            _ => {
                let ticks = kind == "checkbox" || kind == "radio";
                let sent = !ticks || control.attr("checked").is_some();
                let value = if ticks && control.attr("value").is_none() { "on".to_owned() } else { value };
                fields.push(Field { name, value, kind, sent });
            }
        }
    }
    Form {
        action: attribute(form, "action"),
        method: form.attr("method").unwrap_or("get").to_ascii_uppercase(),
        fields,
        buttons,
    }
}

impl Form {
    /// Types a value into a field that is there; panics when it is not, as a person would look in vain.
    #[must_use]
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        let names: Vec<_> = self.fields.iter().map(|field| field.name.clone()).collect();
        let field = self.fields.iter_mut().find(|field| field.name == name);
        let field = field.unwrap_or_else(|| panic!("the form has no field `{name}`, it has {names:?}"));
        value.clone_into(&mut field.value);
        field.sent = true;
        self
    }

    /// Types into the one field that a person can type into.
    #[must_use]
    pub fn fill_only(self, value: &str) -> Self {
        let typed: Vec<_> = self
            .fields
            .iter()
            .filter(|field| !["hidden", "checkbox", "radio"].contains(&field.kind.as_str()))
            .collect();
        assert_eq!(typed.len(), 1, "one field to type into, not {typed:?}");
        let name = typed[0].name.clone();
        self.fill(&name, value)
    }

    /// Ticks a box, or every box when the name is `*`.
    #[must_use]
    pub fn tick(mut self, name: &str) -> Self {
        let mut found = name == "*";
        for field in self.fields.iter_mut().filter(|field| field.kind == "checkbox") {
            if name == "*" || field.name == name {
                field.sent = true;
                found = true;
            }
        }
        assert!(found, "the form has no box `{name}`");
        self
    }

    /// Adds what no browser would send.
    #[must_use]
    pub fn forge(mut self, name: &str, value: &str) -> Self {
        let field =
            Field { name: name.to_owned(), value: value.to_owned(), kind: "hidden".to_owned(), sent: true };
        self.fields.retain(|present| present.name != name);
        self.fields.push(field);
        self
    }

    /// Leaves a field out.
    #[must_use]
    pub fn drop_field(mut self, name: &str) -> Self {
        self.fields.retain(|field| field.name != name);
        self
    }

    /// Whether there is a button with that value.
    pub fn has_button(&self, value: &str) -> bool {
        self.buttons.iter().any(|(_, present)| present == value)
    }

    /// The body that pressing a button sends; panics when there is no such button. An empty value presses the first.
    pub fn pressed(&self, value: &str) -> String {
        let button = if value.is_empty() {
            self.buttons.first()
        } else {
            self.buttons.iter().find(|(_, present)| present == value)
        };
        let (name, value) = button.unwrap_or_else(|| panic!("no button `{value}` among {:?}", self.buttons));
        let mut body = form_urlencoded::Serializer::new(String::new());
        for field in self.fields.iter().filter(|field| field.sent && !field.name.is_empty()) {
            body.append_pair(&field.name, &field.value);
        }
        if !name.is_empty() {
            body.append_pair(name, value);
        }
        body.finish()
    }

    /// The value of a field; empty when it is not there.
    pub fn value(&self, name: &str) -> String {
        self.fields
            .iter()
            .find(|field| field.name == name)
            .map(|field| field.value.clone())
            .unwrap_or_default()
    }
}
