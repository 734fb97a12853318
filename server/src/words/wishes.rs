//! In which languages somebody would rather be spoken to: `Accept-Language` (RFC 9110 §12.5.4).

use fluent_langneg::{NegotiationStrategy, convert_vec_str_to_langids_lossy, negotiate_languages};
use ledger_core::profile::{Language, Profile};

use super::{DEFAULT, Vocabulary, Words};

/// The longest header that is looked at, in bytes: a browser's has some 50.
const HEADER_BYTES_MAX: usize = 500;

/// The languages that somebody can be spoken to in, the dearest first. Empty where none was named, or none that the
/// program speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes(Vec<Language>);

impl Wishes {
    /// Reads the value of `Accept-Language`. What is not understood in it is passed over.
    ///
    /// Whoever reads one of the two written forms of Norwegian reads the other, so each brings the other with it, right
    /// behind, unless the header ranks it itself. `no` is taken for Bokmål, which most who send it mean.
    pub fn parse(accept_language: &str) -> Self {
        if accept_language.len() > HEADER_BYTES_MAX {
            return Self::default();
        }
        let ranges: Vec<(&str, f32)> = accept_language.split(',').filter_map(range).collect();
        let names = |code: &str| ranges.iter().any(|(tag, _)| primary(tag) == code);
        let mut wished: Vec<(&str, f32)> = ranges
            .iter()
            .copied()
            .filter(|(_, quality)| *quality > 0.0)
            .collect();
        // Stable: of two that are as dear, the one named first.
        wished.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let mut tags = Vec::new();
        for (tag, _) in wished {
            let [first, second] = match primary(tag).as_str() {
                "no" => ["nb", "nn"],
                "nb" => [tag, "nn"],
                "nn" => [tag, "nb"],
                _ => [tag, ""],
            };
            tags.push(first);
            if !second.is_empty() && !names(second) {
                tags.push(second);
            }
        }
        let available = convert_vec_str_to_langids_lossy(Language::ALL.map(Language::code));
        let requested = convert_vec_str_to_langids_lossy(&tags);
        let found =
            negotiate_languages(&requested, &available, None, NegotiationStrategy::Filtering);
        let languages = found.into_iter().filter_map(|tag| {
            let tag = tag.to_string();
            Language::ALL.into_iter().find(|known| known.code() == tag)
        });
        Self(languages.collect())
    }

    /// The words to speak in where no system is known: the dearest language, or English.
    pub fn words(&self) -> Words {
        Words::of(self.0.first().copied().unwrap_or(DEFAULT))
    }

    /// The words and names of a system: in the dearest language that its rule book promises, or in its own.
    pub fn vocabulary<'a>(&self, profile: &'a Profile) -> Vocabulary<'a> {
        let promised = self
            .0
            .iter()
            .copied()
            .find(|language| profile.promises(*language));
        Vocabulary::new(profile, promised.unwrap_or(profile.language))
    }
}

/// One language range with its quality from 0 to 1; `None` for `*`, which names nothing.
fn range(part: &str) -> Option<(&str, f32)> {
    let mut parameters = part.split(';').map(str::trim);
    let tag = parameters.next()?;
    let quality = parameters
        .find_map(|parameter| parameter.strip_prefix("q="))
        .map_or(Ok(1.0), str::parse)
        .unwrap_or(0.0_f32);
    (!tag.is_empty() && tag != "*").then_some((tag, quality.clamp(0.0, 1.0)))
}

/// The language of a tag, without script and region: `nb` of `nb-NO`.
fn primary(tag: &str) -> String {
    let language = tag.split('-').next().unwrap_or_default();
    language.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use ledger_core::profile::RuleBookText;

    use super::{
        Language::{En, Nb, Nl, Nn},
        *,
    };

    #[test]
    fn the_dearest_language_comes_first() {
        let table: &[(&str, &[Language])] = &[
            ("", &[]),
            ("*", &[]),
            ("de, fr;q=0.5", &[]),
            ("nonsense;;q=, ,;", &[]),
            ("en", &[En]),
            ("en-GB", &[En]),
            ("nl-BE, de", &[Nl]),
            ("EN;q=0.3, NL;q=0.8", &[Nl, En]),
            ("en;q=0.8, nl;q=0.8", &[En, Nl]),
            ("en, nl;q=0", &[En]),
            ("en;q=nothing, nl;q=0.1", &[Nl]),
            // Norwegian in its forms.
            ("nn", &[Nn, Nb]),
            ("nb", &[Nb, Nn]),
            ("nb-NO, en;q=0.9", &[Nb, Nn, En]),
            ("nn-NO, en;q=0.9", &[Nn, Nb, En]),
            ("no", &[Nb, Nn]),
            ("no-NO, en;q=0.5", &[Nb, Nn, En]),
            ("NO, en;q=0.5", &[Nb, Nn, En]),
            ("no, nn;q=0.9", &[Nb, Nn]),
            // Whoever ranks both is taken at their word.
            ("nb, en;q=0.9, nn;q=0.1", &[Nb, En, Nn]),
            ("nn, nb;q=0, en;q=0.1", &[Nn, En]),
        ];
        for (header, languages) in table {
            assert_eq!(Wishes::parse(header).0, *languages, "{header:?}");
        }
    }

    #[test]
    fn an_overlong_header_names_nothing() {
        let header = format!("nn{}", " ".repeat(HEADER_BYTES_MAX));
        assert_eq!(Wishes::parse(&header), Wishes::default());
    }

    #[test]
    fn without_a_wish_a_system_speaks_its_own_language_and_the_program_english() {
        let text = RuleBookText::built_in("stafettloggen-kvam").unwrap();
        let profile = Profile::parse(&text).unwrap();
        let spoken = |header: &str| {
            let wishes = Wishes::parse(header);
            let vocabulary = wishes.vocabulary(&profile);
            (wishes.words().language(), vocabulary.language())
        };
        assert_eq!(spoken(""), (En, Nn));
        assert_eq!(spoken("de"), (En, Nn));
        assert_eq!(spoken("nl"), (Nl, Nl));
        assert_eq!(spoken("nb"), (Nb, Nb));
    }

    #[test]
    fn a_system_that_knows_one_norwegian_only_gives_it_before_english() {
        let mut text = RuleBookText::built_in("stafettloggen-kvam").unwrap();
        let promise = "languages = [\"nn\", \"nb\", \"nl\", \"en\"]";
        let less = text
            .profile_toml
            .replace(promise, "languages = [\"nn\", \"en\"]");
        assert_ne!(less, text.profile_toml);
        text.profile_toml = less;
        let profile = Profile::parse(&text).unwrap();
        let spoken = |header: &str| Wishes::parse(header).vocabulary(&profile).language();
        assert_eq!(spoken("nb, en;q=0.9"), Nn);
        assert_eq!(spoken("no, en;q=0.9"), Nn);
        assert_eq!(spoken("nl, en;q=0.9"), En);
    }
}
