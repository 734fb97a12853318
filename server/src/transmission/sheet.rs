//! A sheet of headings, paragraphs and rows as an accessible PDF that can be archived (PDF/A-2a, PDF/UA-1).
//!
//! Only as much layout as a form takes: one column, lines broken between words, a new page where one is full.

use std::sync::LazyLock;

use chrono::{Datelike as _, Timelike as _};
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, Archival, Configuration, ConfigurationBuilder},
    geom::{PathBuilder, Point},
    metadata::{DateTime, Metadata},
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::{Fill, Stroke},
    surface::Surface,
    tagging::{
        Artifact, ArtifactType, ContentTag, Identifier, SpanTag, Tag, TagGroup, TagKind, TagTree,
    },
    text::{Font, TextDirection},
};
use ledger_core::clock::Timestamp;
use skrifa::{
    FontRef, MetadataProvider as _,
    instance::{LocationRef, Size},
};
use zeroize::Zeroizing;

static REGULAR: &[u8] = include_bytes!("../../fonts/open-sans/OpenSans-Regular.ttf");
static SEMIBOLD: &[u8] = include_bytes!("../../fonts/open-sans/OpenSans-Semibold.ttf");

/// A4, in points.
const PAGE: (f32, f32) = (595.28, 841.89);
const MARGIN_SIDES: f32 = 68.0;
const MARGIN_TOP: f32 = 72.0;
const MARGIN_BOTTOM: f32 = 64.0;
/// Where the values of rows begin.
const VALUES_FROM: f32 = MARGIN_SIDES + 130.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN_SIDES;

/// A part of a sheet.
pub enum Block {
    /// A heading above several others.
    Heading(String),
    /// Text; its lines are kept.
    Paragraph(String),
    /// A label and a value; the value's lines are kept.
    Row(String, String),
}

/// What stands on a sheet.
pub struct Sheet {
    /// The heading of all of it, also its title.
    pub title: String,
    /// The language that it is in, as a language tag.
    pub language: &'static str,
    /// When it was made.
    pub made_at: Timestamp,
    /// Its parts in order.
    pub blocks: Vec<Block>,
}

/// Why a sheet could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// A letter that the fonts do not have; printing something else would change a name.
    #[error(
        "the form cannot print the character {0:?}; write it in Latin, Greek or Cyrillic letters"
    )]
    NoSuchLetter(char),
    /// The library refused. Its own message may quote what was to be printed, so it goes no further.
    #[error("the form could not be made into a PDF")]
    Unwritable,
}

/// A weight of the typeface at a size.
#[derive(Clone, Copy)]
struct Style {
    bold: bool,
    size: f32,
    leading: f32,
}

const TITLE: Style = Style {
    bold: true,
    size: 20.0,
    leading: 27.0,
};
const HEADING: Style = Style {
    bold: true,
    size: 12.5,
    leading: 18.0,
};
const TEXT: Style = Style {
    bold: false,
    size: 11.0,
    leading: 16.5,
};
const LABEL: Style = Style { bold: true, ..TEXT };

impl Sheet {
    /// The sheet as a PDF.
    ///
    /// # Errors
    /// Where a letter cannot be printed, or the PDF cannot be made.
    pub fn to_pdf(&self) -> Result<Zeroizing<Vec<u8>>, SheetError> {
        let settings = SerializeSettings {
            configuration: configuration()?,
            ..SerializeSettings::default()
        };
        let mut document = Document::new_with(settings);
        let (lines, groups) = self.laid_out()?;
        let mut tags: Vec<Vec<Identifier>> = vec![Vec::new(); groups.len()];
        let mut headings = Vec::new();
        for (number, page) in lines.chunk_by(|a, b| a.page == b.page).enumerate() {
            let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or(SheetError::Unwritable)?;
            let mut sheet = document.start_page_with(settings);
            let mut surface = sheet.surface();
            if number == 0 {
                rule(&mut surface, page);
            }
            for line in page {
                let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
                surface.set_fill(Some(ink()));
                surface.draw_text(
                    Point::from_xy(line.x, line.y),
                    fonts(line.style.bold).krilla.clone(),
                    line.style.size,
                    &line.text,
                    false,
                    TextDirection::LeftToRight,
                );
                surface.end_tagged();
                tags[line.group].push(id);
                if line.begins_heading {
                    headings.push((line.text.clone(), number, line.y - line.style.size));
                }
            }
            surface.finish();
            sheet.finish();
        }
        let mut tree = TagTree::new();
        for (kind, ids) in groups.into_iter().zip(tags) {
            let mut group = TagGroup::new(kind);
            for id in ids {
                group.push(id);
            }
            tree.push(group);
        }
        document.set_tag_tree(tree);
        let mut outline = Outline::new();
        for (text, page, y) in headings {
            let place = krilla::destination::XyzDestination::new(page, Point::from_xy(0.0, y));
            outline.push_child(OutlineNode::new(text, place));
        }
        document.set_outline(outline);
        document.set_metadata(
            Metadata::new()
                .title(self.title.clone())
                .language(self.language.to_owned())
                .creation_date(date(self.made_at)),
        );
        let written = document.finish().map_err(|_| SheetError::Unwritable)?;
        Ok(Zeroizing::new(written))
    }

    /// Every line with its place, and the tag of each group of lines.
    fn laid_out(&self) -> Result<(Vec<Line>, Vec<TagKind>), SheetError> {
        let mut layout = Layout::default();
        let level = |level: u16| std::num::NonZeroU16::new(level).expect("it is not nought");
        let title = Tag::Hn(level(1), Some(self.title.clone()));
        layout.block(title, TITLE, &self.title, MARGIN_SIDES, WIDTH)?;
        layout.space(14.0);
        let mut after_row = false;
        for block in &self.blocks {
            if after_row && !matches!(block, Block::Row(..)) {
                layout.space(9.0);
            }
            after_row = matches!(block, Block::Row(..));
            match block {
                Block::Heading(text) => {
                    layout.space(10.0);
                    layout.keep_together(HEADING.leading + 2.0 * TEXT.leading);
                    let heading = Tag::Hn(level(2), Some(text.clone()));
                    layout.block(heading, HEADING, text, MARGIN_SIDES, WIDTH)?;
                    layout.space(1.0);
                }
                Block::Paragraph(text) => {
                    layout.block(Tag::P, TEXT, text, MARGIN_SIDES, WIDTH)?;
                    layout.space(7.0);
                }
                Block::Row(label, value) => layout.row(label, value)?,
            }
        }
        Ok((layout.lines, layout.groups))
    }
}

struct Line {
    page: usize,
    x: f32,
    /// Of the baseline, from the top.
    y: f32,
    style: Style,
    text: String,
    group: usize,
    begins_heading: bool,
}

#[derive(Default)]
struct Layout {
    lines: Vec<Line>,
    groups: Vec<TagKind>,
    page: usize,
    /// What of the page is full, below the upper margin.
    used: f32,
}

impl Layout {
    const HEIGHT: f32 = PAGE.1 - MARGIN_TOP - MARGIN_BOTTOM;

    fn space(&mut self, height: f32) {
        self.used += height;
    }

    /// Begins a new page unless so much of this one is free.
    fn keep_together(&mut self, height: f32) {
        if self.used + height > Self::HEIGHT {
            self.page += 1;
            self.used = 0.0;
        }
    }

    fn block(
        &mut self,
        tag: impl Into<TagKind>,
        style: Style,
        text: &str,
        x: f32,
        width: f32,
    ) -> Result<(), SheetError> {
        let tag = tag.into();
        let is_heading = matches!(tag, TagKind::Hn(_));
        self.groups.push(tag);
        for (place, text) in broken(text, style, width)?.into_iter().enumerate() {
            self.keep_together(style.leading);
            self.line(x, style, text, is_heading && place == 0);
            self.used += style.leading;
        }
        Ok(())
    }

    /// A label with its value beside it, read as one sentence.
    fn row(&mut self, label: &str, value: &str) -> Result<(), SheetError> {
        let labels = broken(label, LABEL, VALUES_FROM - MARGIN_SIDES - 8.0)?;
        let values = broken(value, TEXT, PAGE.0 - MARGIN_SIDES - VALUES_FROM)?;
        let lines = u16::try_from(labels.len().max(values.len())).unwrap_or(u16::MAX);
        let height = TEXT.leading * f32::from(lines);
        self.keep_together(height.min(Self::HEIGHT));
        self.groups.push(Tag::P.into());
        let begin = self.used;
        for text in labels {
            self.line(MARGIN_SIDES, LABEL, text, false);
            self.used += LABEL.leading;
        }
        self.used = begin;
        for text in values {
            self.line(VALUES_FROM, TEXT, text, false);
            self.used += TEXT.leading;
        }
        self.used = begin + height + 3.0;
        Ok(())
    }

    fn line(&mut self, x: f32, style: Style, text: String, begins_heading: bool) {
        if text.is_empty() {
            return;
        }
        self.lines.push(Line {
            page: self.page,
            x,
            y: MARGIN_TOP + self.used + style.size,
            style,
            text,
            group: self.groups.len() - 1,
            begins_heading,
        });
    }
}

/// One typeface, to measure and to draw.
struct Fonts {
    skrifa: FontRef<'static>,
    krilla: Font,
}

fn fonts(bold: bool) -> &'static Fonts {
    static BOTH: LazyLock<[Fonts; 2]> = LazyLock::new(|| {
        [REGULAR, SEMIBOLD].map(|bytes| Fonts {
            skrifa: FontRef::new(bytes).expect("the font that comes with the program is one"),
            krilla: Font::new(bytes.to_vec().into(), 0)
                .expect("the font that comes with the program is one"),
        })
    });
    &BOTH[usize::from(bold)]
}

/// How wide a text is.
fn width(text: &str, style: Style) -> Result<f32, SheetError> {
    let font = &fonts(style.bold).skrifa;
    let metrics = font.glyph_metrics(Size::new(style.size), LocationRef::default());
    let letters = font.charmap();
    text.chars().try_fold(0.0, |sum, letter| {
        let glyph = letters
            .map(letter)
            .ok_or(SheetError::NoSuchLetter(letter))?;
        Ok(sum + metrics.advance_width(glyph).unwrap_or(style.size))
    })
}

/// A text in lines that fit. A word that fits no line is broken where the line ends.
fn broken(text: &str, style: Style, width_max: f32) -> Result<Vec<String>, SheetError> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let longer = if line.is_empty() {
                word.to_owned()
            } else {
                format!("{line} {word}")
            };
            if width(&longer, style)? <= width_max {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                line.push(letter);
                if width(&line, style)? > width_max {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, letter.to_string()));
                }
            }
        }
        lines.push(line);
    }
    Ok(lines)
}

fn configuration() -> Result<Configuration, SheetError> {
    ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| SheetError::Unwritable)
}

fn ink() -> Fill {
    Fill {
        paint: rgb::Color::new(26, 26, 26).into(),
        ..Fill::default()
    }
}

/// A line under the title.
fn rule(surface: &mut Surface<'_>, page: &[Line]) {
    let under = page
        .iter()
        .filter(|line| line.group == 0)
        .map(|line| line.y)
        .fold(0.0, f32::max)
        + 9.0;
    let mut path = PathBuilder::new();
    path.move_to(MARGIN_SIDES, under);
    path.line_to(PAGE.0 - MARGIN_SIDES, under);
    if let Some(path) = path.finish() {
        let layout = Artifact::with_kind(ArtifactType::Layout);
        surface.start_tagged(ContentTag::Artifact(layout));
        surface.set_fill(None);
        surface.set_stroke(Some(Stroke {
            paint: rgb::Color::new(120, 120, 120).into(),
            width: 0.8,
            ..Stroke::default()
        }));
        surface.draw_path(&path);
        surface.set_stroke(None);
        surface.end_tagged();
    }
}

fn date(at: Timestamp) -> DateTime {
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(name: &str) -> Sheet {
        Sheet {
            title: "Aanmelding".to_owned(),
            language: "nl",
            made_at: Timestamp::UNIX_EPOCH,
            blocks: vec![
                Block::Heading("Ouder".to_owned()),
                Block::Row("Naam".to_owned(), name.to_owned()),
            ],
        }
    }

    #[test]
    fn a_sheet_becomes_a_pdf_and_the_same_sheet_the_same_pdf() {
        let pdf = sheet("Testpersoon Zoë Đặng-Čapek").to_pdf().unwrap();
        assert!(pdf.starts_with(b"%PDF-1."));
        assert_eq!(*pdf, *sheet("Testpersoon Zoë Đặng-Čapek").to_pdf().unwrap());
    }

    #[test]
    fn a_name_that_cannot_be_printed_is_refused_rather_than_changed() {
        let refused = sheet("Testpersoon 測試").to_pdf().unwrap_err();
        assert!(
            matches!(refused, SheetError::NoSuchLetter('測')),
            "{refused}"
        );
    }

    #[test]
    fn what_is_long_is_broken_and_goes_on_over_the_page() {
        let mut long = sheet("Voorbeeld");
        for _ in 0..120 {
            let text = "De gegevens gaan alleen naar de dienst als u daar zelf mee instemt.";
            long.blocks.push(Block::Paragraph(text.repeat(3)));
        }
        long.blocks.push(Block::Paragraph("x".repeat(300)));
        let (lines, _) = long.laid_out().unwrap();
        let last = lines.last().unwrap();
        assert!(last.page > 3, "{}", last.page);
        for line in &lines {
            assert!(line.y <= PAGE.1 - MARGIN_BOTTOM, "{}", line.text);
            let right = line.x + width(&line.text, line.style).unwrap();
            assert!(right <= PAGE.0 - MARGIN_SIDES + 0.1, "{}", line.text);
        }
        long.to_pdf().unwrap();
    }
}
