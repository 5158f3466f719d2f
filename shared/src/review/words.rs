//! The words of the domain's enums. Each word is spelled once, beside its variant and its meaning: the API's parser, its answers and its
//! description all take it from there.

use schemars::{Schema, json_schema};

/// One word of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// As clients read and write it.
    pub text: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

/// A type whose values clients name by a word.
pub trait FromWord: Sized {
    /// The value of a word.
    fn from_word(text: &str) -> Option<Self>;
}

/// The JSON Schema of an enum: its words, and what each means.
pub fn words_schema(about: &str, words: &[Word]) -> Schema {
    let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
    json_schema!({ "type": "string", "enum": texts, "description": with_meanings(about, words) })
}

/// A description of a field, followed by what each of its words means.
pub fn with_meanings(about: &str, words: &[Word]) -> String {
    let about = Some(about.trim()).filter(|about| !about.is_empty()).map(str::to_owned);
    let meanings = words.iter().map(|word| format!("`{}`: {}", word.text, word.meaning.trim()));
    about.into_iter().chain(meanings).collect::<Vec<_>>().join("\n\n")
}

/// Defines an enum with its words: `as_str`, `parse`, `ALL`, `WORDS`, and how it is serialized and described.
macro_rules! words {
    (
        $(#[doc = $about:literal])+
        $visibility:vis enum $name:ident {
            $($(#[doc = $meaning:literal])+ $variant:ident = $word:literal),+ $(,)?
        }
        $(default $default:ident)?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $visibility enum $name { $($(#[doc = $meaning])+ $variant),+ }

        impl $name {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Their words.
            pub const WORDS: &'static [$crate::review::Word] = &[$(Self::$variant.word()),+];

            /// Its word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Its word, with what it means.
            pub const fn word(self) -> $crate::review::Word {
                let meaning = match self { $(Self::$variant => concat!($($meaning),+)),+ };
                $crate::review::Word { text: self.as_str(), meaning }
            }

            /// The value of a word.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }

        impl $crate::review::FromWord for $name {
            fn from_word(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::review::words_schema(concat!($($about),+), Self::WORDS)
            }
        }

        $(impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        })?
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use crate::review::{ActorKind, BlockType, IfExists, Origin, ResumeKind, ResumeStatus, Status, Verdict};

    /// Clients and stored items depend on these: a changed word is a new version of the API.
    #[test]
    fn the_words_of_the_domain_are_these() {
        fn check<T: Copy + PartialEq + std::fmt::Debug + serde::Serialize>(
            all: &[T],
            as_str: fn(T) -> &'static str,
            parse: fn(&str) -> Option<T>,
            words: &[&str],
        ) {
            assert_eq!(all.iter().map(|value| as_str(*value)).collect::<Vec<_>>(), words);
            for value in all {
                assert_eq!(parse(as_str(*value)), Some(*value));
                assert_eq!(serde_json::to_string(value).unwrap(), format!("\"{}\"", as_str(*value)));
            }
            assert_eq!(parse("unknown"), None);
        }
        check(Status::ALL, Status::as_str, Status::parse, &["awaiting_review", "approved", "rejected"]);
        check(Verdict::ALL, Verdict::as_str, Verdict::parse, &["approved", "rejected", "escalated"]);
        check(
            BlockType::ALL,
            BlockType::as_str,
            BlockType::parse,
            &["extract", "classifier", "split", "conditional"],
        );
        check(ActorKind::ALL, ActorKind::as_str, ActorKind::parse, &["model", "agent", "human"]);
        check(
            Origin::ALL,
            Origin::as_str,
            Origin::parse,
            &["model_output", "human_edit", "agent_edit", "revert"],
        );
        check(IfExists::ALL, IfExists::as_str, IfExists::parse, &["reject", "adopt", "supersede"]);
        check(ResumeKind::ALL, ResumeKind::as_str, ResumeKind::parse, &["step_functions", "webhook", "poll"]);
        check(
            ResumeStatus::ALL,
            ResumeStatus::as_str,
            ResumeStatus::parse,
            &["pending", "resumed", "failed"],
        );
    }
}
