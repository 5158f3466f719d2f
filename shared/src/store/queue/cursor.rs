//! Places in the queue, and cursors, in which clients send them back.

use crate::review::{Review, Status, WorkflowId};
use crate::store::queue::filter::QueueFilter;
use crate::store::table::keys;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// One page of the queue.
#[derive(Debug)]
pub struct Page {
    /// The rows, in order.
    pub rows: Vec<Review>,
    /// Where the next page starts; none when this is the last.
    pub next: Option<Cursor>,
}

/// A row's place in the queue: open ones before decided ones, then by the index's sort key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct Place {
    pub(in crate::store) decided: bool,
    pub(in crate::store) position: String,
}

/// Where a page ended. Opaque to clients, and valid only for the organization and the filter that it was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub(in crate::store) Place);

/// The text is not a cursor of this organization and filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor of this list; leave it out to start from the first page")]
pub struct CursorError;

impl Cursor {
    /// How many bytes of the binding's hash a cursor carries.
    const BINDING: usize = 8;
    const VERSION: u8 = 1;

    /// The cursor of the page after that place.
    pub(in crate::store) const fn after(place: Place) -> Self {
        Self(place)
    }

    pub(in crate::store) const fn place(&self) -> &Place {
        &self.0
    }

    /// The text for clients.
    pub fn encode(&self, filter: &QueueFilter) -> String {
        let mut bytes = vec![Self::VERSION, u8::from(self.0.decided)];
        bytes.extend_from_slice(&Self::binding(filter, &self.0));
        bytes.extend_from_slice(self.0.position.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Parses a cursor that was made for this filter.
    ///
    /// The binding is a guard against mistakes, not a secret: a forged cursor can only name another place in
    /// the caller's own queue, because the partition comes from the API key and the filter, never from the cursor.
    pub fn decode(text: &str, filter: &QueueFilter) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let (head, rest) = bytes.split_at_checked(2).ok_or(CursorError)?;
        let (binding, position) = rest.split_at_checked(Self::BINDING).ok_or(CursorError)?;
        let decided = match head {
            [Self::VERSION, 0] => false,
            [Self::VERSION, 1] => true,
            _ => return Err(CursorError),
        };
        let position = String::from_utf8(position.to_vec()).map_err(|_| CursorError)?;
        let place = Place { decided, position };
        if !keys::is_queue_position(&place.position, decided) {
            return Err(CursorError);
        }
        if binding == Self::binding(filter, &place) { Ok(Self(place)) } else { Err(CursorError) }
    }

    fn binding(filter: &QueueFilter, place: &Place) -> [u8; Self::BINDING] {
        let holder = filter.claimed_by.as_ref().map(|actor| keys::holder(&filter.organization, actor));
        let assigned = filter.assigned.as_ref();
        let assigned = assigned.map(|(actor, _)| keys::holder(&filter.organization, actor) + "#assigned");
        let mut parts = vec![
            filter.organization.as_str(),
            filter.workflow.as_ref().map_or("", WorkflowId::as_str),
            filter.status.map_or("", Status::as_str),
            holder.as_deref().unwrap_or_default(),
            if place.decided { "decided" } else { "open" },
            &place.position,
        ];
        // Only where they filter: the cursors of older builds stay valid.
        parts.extend(filter.overdue.then_some("overdue"));
        parts.extend(assigned.as_deref());
        let mut binding = [0; Self::BINDING];
        // `#` occurs in no identifier; the holder, the position and what comes after it begin as nothing else does.
        binding.copy_from_slice(&Sha256::digest(parts.join("\n"))[..Self::BINDING]);
        binding
    }
}

/// Truncates `rows` to `limit`; returns the next page's cursor, if there were more.
pub(in crate::store) fn cut<T>(
    rows: &mut Vec<T>,
    limit: usize,
    place: impl Fn(&T) -> &Place,
) -> Option<Cursor> {
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last().map(|row| Cursor(place(row).clone()))
}

pub(in crate::store) fn place_of(review: &Review) -> Place {
    let position = keys::queue_position(review);
    Place { decided: review.status != Status::AwaitingReview, position }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::OrganizationId;

    fn filter(organization: &str) -> QueueFilter {
        let organization = OrganizationId::parse(organization).unwrap();
        QueueFilter {
            organization,
            workflow: None,
            status: None,
            claimed_by: None,
            overdue: false,
            assigned: None,
        }
    }

    #[test]
    fn a_cursor_is_bound_to_its_organization_and_filter() {
        let cursor = Cursor(Place { decided: false, position: "2147483647#1778662500000#run#block".into() });
        let text = cursor.encode(&filter("a"));
        assert_eq!(Cursor::decode(&text, &filter("a")), Ok(cursor));
        assert_eq!(Cursor::decode(&text, &filter("b")), Err(CursorError));
        let other = QueueFilter { status: Some(Status::Approved), ..filter("a") };
        assert_eq!(Cursor::decode(&text, &other), Err(CursorError));
    }

    #[test]
    fn no_other_text_is_a_cursor() {
        let cursor =
            Cursor(Place { decided: true, position: "8221337500000#run#block".into() }).encode(&filter("a"));
        for text in ["", "!", "AQA", "AQAAAAAAAAAAAA", &cursor[1..], &format!("{cursor}A")] {
            assert_eq!(Cursor::decode(text, &filter("a")), Err(CursorError), "{text}");
        }
    }
}
