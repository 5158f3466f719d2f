//! claim-next: claims the most urgent open review that is not claimed.
//!
//! A call without a review's id cannot find its own earlier attempt in a review's audit. So if it has a command id, a COMMAND item
//! says which review the command claimed: written in one transaction with the claim, and never changed. It is an index entry; the
//! record is the audit of the review.

mod command;
mod race;
mod rounds;
mod scan;
