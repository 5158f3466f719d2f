//! What holds under races, lost answers and random sequences, and what it costs.

mod budgets;
mod contention;
mod expiry_races;
mod lost_answers;
mod model;
