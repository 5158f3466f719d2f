//! The hottest open review that nobody has claimed.
//!
//! A call that names no review cannot find its own earlier try by the review's audit. So where it has a command id, a
//! COMMAND item, written in one transaction with the claim and never changed, says which review that command went to.
//! It is an index entry: the record of what was done is the audit of the review that it points to.

mod command;
mod race;
mod rounds;
mod walk;
