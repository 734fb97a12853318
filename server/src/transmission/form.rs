//! What stands on the form and on the print for the family: the templates of the profile, filled in.

use ledger_core::{
    clock::Timestamp,
    profile::{FormTemplate, Language, Names, PrintTemplate},
};

use super::{Block, ContactDetails, Sheet};

/// What the words in curly brackets stand for.
pub struct Filling<'a> {
    /// In which language.
    pub language: Language,
    /// Who receives it.
    pub receiver: &'a str,
    /// Who sends it.
    pub sender: &'a str,
    /// By what both speak of it.
    pub reference: &'a str,
    /// When it is made, by the clock of the profile.
    pub date: &'a str,
    /// The same as a moment.
    pub made_at: Timestamp,
}

impl Filling<'_> {
    /// A text in this language, filled in. The profile promises every text in every language that can be asked for.
    pub fn text(&self, names: &Names) -> String {
        names
            .get(&self.language)
            .map_or("", String::as_str)
            .replace("{receiver}", self.receiver)
            .replace("{sender}", self.sender)
            .replace("{reference}", self.reference)
            .replace("{date}", self.date)
    }
}

/// The form as it goes to the receiver.
pub fn form(template: &FormTemplate, filling: &Filling<'_>, persons: &[&ContactDetails]) -> Sheet {
    let mut blocks = paragraphs(&filling.text(&template.introduction));
    blocks.extend(data(template, filling, persons));
    blocks.extend(paragraphs(&filling.text(&template.closing)));
    Sheet {
        title: filling.text(&template.title),
        language: filling.language.code(),
        made_at: filling.made_at,
        blocks,
    }
}

/// The print for the family: who gets what, for what, and how to take the consent back.
pub fn print(
    template: &PrintTemplate,
    form: &FormTemplate,
    filling: &Filling<'_>,
    persons: &[&ContactDetails],
) -> Sheet {
    let mut blocks = paragraphs(&filling.text(&template.introduction));
    for part in &template.parts {
        blocks.push(Block::Heading(filling.text(&part.question)));
        blocks.extend(paragraphs(&filling.text(&part.answer)));
        if part.with_data {
            blocks.extend(data(form, filling, persons));
        }
    }
    Sheet {
        title: filling.text(&template.title),
        language: filling.language.code(),
        made_at: filling.made_at,
        blocks,
    }
}

/// The data, person by person. What was not given is left out.
fn data(template: &FormTemplate, filling: &Filling<'_>, persons: &[&ContactDetails]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for person in persons {
        blocks.push(Block::Heading(filling.text(&template.person)));
        let rows = [
            (&template.name, &person.name),
            (&template.address, &person.address),
            (&template.telephone, &person.telephone),
            (&template.email, &person.email),
        ];
        let given = rows.into_iter().filter(|(_, value)| !value.is_empty());
        blocks.extend(given.map(|(label, value)| Block::Row(filling.text(label), value.clone())));
    }
    blocks
}

fn paragraphs(text: &str) -> Vec<Block> {
    let parts = text.split("\n\n").map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(|part| Block::Paragraph(part.to_owned()))
        .collect()
}
