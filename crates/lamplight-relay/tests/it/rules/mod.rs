//! Rules and their thresholds, over encoded spans.

mod adapting;
mod bugs;
mod collector;
mod counts;
mod faults;
mod judging;
mod population;
mod random;
mod replay;
mod traces;
