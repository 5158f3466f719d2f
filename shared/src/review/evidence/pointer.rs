//! JSON Pointers (RFC 6901).

/// Whether a text is a JSON Pointer: empty, or parts that each begin with `/`, with `~` only in `~0` and `~1`.
pub fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/'))
        && text.split('~').skip(1).all(|after| after.starts_with(['0', '1']))
}

/// [`is_pointer`] as a regular expression of JSON Schema.
pub const POINTER_PATTERN: &str = r"^(/([^/~]|~[01])*)*$";
