//! The page of the inbox that somebody comes back to after signing in.

use url::Url;

/// Where all of the inbox is.
const HOME: &str = "/inbox";

/// The page to come back to: a path of the inbox that no browser takes for another address; else the queue.
pub fn way_back(text: Option<&str>) -> &str {
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
