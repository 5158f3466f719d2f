//! What a review is called on its page and in the queue: by its data; by its ids only where the data says nothing.

use crate::document::key_label::{label, short};
use crate::pages::labels::{block_type, workflow};
use shared::review::{JsonText, Review, Title, visible};

/// Characters of a title at most.
const LONGEST: usize = 80;

/// A review's name, and what stands beside it.
pub(crate) struct Heading {
    pub(crate) title: String,
    /// The other party and the amount, as far as they are known.
    pub(crate) beside: Vec<String>,
}

/// The heading of a page: of the output that it shows, and of the first document's file name, if there is one.
pub(crate) fn heading(review: &Review, output: Option<&JsonText>, file: Option<&str>) -> Heading {
    let Title { document, from, amount } = output.map(Title::of).unwrap_or_default();
    let shown = |text: String| short(&visible(&text), LONGEST);
    let known = document.or_else(|| file.map(str::to_owned)).filter(|text| !text.trim().is_empty());
    // What a policy shows may have the name of the other party in it already.
    let is_new = |text: &String| !review.shown_as.as_ref().is_some_and(|title| title.contains(text.as_str()));
    Heading {
        title: review.shown_as.clone().or(known).map_or_else(|| by_ids(review), shown),
        beside: [from, amount].into_iter().flatten().filter(is_new).map(shown).collect(),
    }
}

/// What a review is called whose data says nothing: the block, and the run.
pub(crate) fn by_ids(review: &Review) -> String {
    format!("{} · {}", label(review.id.block.as_str()), visible(review.id.run.as_str()))
}

/// What a row of the queue says of a review. It has no output at hand.
pub(crate) struct Row {
    pub(crate) document: String,
    pub(crate) from: String,
    pub(crate) amount: String,
    /// What else identifies it: where the pointer rests, and for the search.
    pub(crate) detail: String,
}

impl Row {
    pub(crate) fn of(review: &Review) -> Self {
        let detail = format!(
            "{} · {} · {} · {}",
            block_type(review.block_type),
            review.id.run,
            review.id.block,
            review.workflow_id
        );
        let shown = |text: &String| short(&visible(text), LONGEST);
        let title = &review.title;
        let file = review.documents.first().map(|document| &document.filename);
        let known = review
            .shown_as
            .as_ref()
            .or(title.document.as_ref())
            .or(file)
            .filter(|text| !text.trim().is_empty());
        let (document, from) = match known {
            Some(document) => {
                let is_new = |from: &&String| review.shown_as.is_none() || !document.contains(from.as_str());
                (shown(document), title.from.as_ref().filter(is_new).map(shown))
            }
            None => (label(review.id.block.as_str()), title.from.as_ref().map(shown)),
        };
        // What has no name of its own is told apart by its run.
        let from = from.unwrap_or_else(|| {
            if known.is_none() { review.id.run.to_string() } else { workflow(review.workflow_id.as_str()) }
        });
        let amount = title.amount.as_ref().map(shown).unwrap_or_default();
        Self { document, from, amount, detail }
    }

    /// Whether it has this text, which is in lower case.
    pub(crate) fn says(&self, sought: &str) -> bool {
        let texts = [&self.document, &self.from, &self.amount, &self.detail];
        texts.iter().any(|text| text.to_lowercase().contains(sought))
    }
}
