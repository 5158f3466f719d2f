//! Tables of what the parsers accept.
