//! The addresses of the inbox's pages.

use shared::review::{ReviewId, Seq};
use url::Url;

/// The queue, and where all of the inbox is.
pub(crate) const HOME: &str = "/inbox";

/// The pages for those who administer the organization: the function `administration` answers there.
pub(crate) const ADMINISTRATION: &str = "/inbox/administration";

/// The page of a review.
pub(crate) fn review(id: &ReviewId) -> String {
    format!("{HOME}/reviews/{}/{}", id.run, id.block)
}

/// A version of its output, as it was stored.
pub(crate) fn version(id: &ReviewId, seq: Seq) -> String {
    format!("{}/versions/{}", review(id), seq.0)
}

/// A path with those parts of a query that there are.
pub(crate) fn with_query<const PARTS: usize>(path: &str, parts: [Option<(&str, &str)>; PARTS]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parts.into_iter().flatten() {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The page to come back to: a path of the inbox that no browser takes for another address; else the queue.
pub(crate) fn way_back(text: Option<&str>) -> &str {
    let plain = |text: &&str| {
        let rest = text.strip_prefix(HOME);
        let below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        below && text.len() < 1000 && !text.contains("//") && is_taken_as_it_is(text)
    };
    text.filter(plain).unwrap_or(HOME)
}

/// Whether a browser goes to exactly this path and query: no `..` in any spelling, no backslash that is a slash.
fn is_taken_as_it_is(target: &str) -> bool {
    const SITE: &str = "https://holdpoint.invalid";
    let url = Url::parse(SITE).and_then(|site| site.join(target));
    url.is_ok_and(|url| url.as_str().strip_prefix(SITE) == Some(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_to_no_other_site() {
        for good in ["/inbox", "/inbox?status=approved", "/inbox/reviews/run/block?view=json"] {
            assert_eq!(way_back(Some(good)), good);
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "/inbox//evil",
            "/inboxes",
            "https://evil.example",
            "/inbox/\\evil",
            "/inbox?\r\nx: y",
            "/inbox/..",
            "/inbox/../../evil",
            "/inbox/%2e%2E/evil",
            "/inbox/./reviews",
            "/inbox?é",
        ] {
            assert_eq!(way_back(Some(bad)), HOME, "{bad}");
        }
        assert_eq!(way_back(None), HOME);
    }
}
