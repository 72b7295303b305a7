//! Reads a response while the runtime serializes it.
//!
//! The only access to the status code of a response type is `Serialize`, which belongs to the function: it
//! may take long, and may work only once. So nothing is serialized just for reading. Instead the runtime's
//! serializer is wrapped, and the wrapper records top-level members in passing; values below the members it
//! knows are passed directly to the runtime's serializer.

mod compound;
mod serializer;
mod tee;
mod watch;

use serde::{Serialize, Serializer};

pub(crate) use self::watch::Peeked;
use self::{
    tee::Tee,
    watch::{Object, Place, Watch},
};

/// Serializes `response` with `serializer`. Returns the result, and what was read in passing. `names` are
/// headers to read, in lower case.
pub(crate) fn peek<T: Serialize + ?Sized, S: Serializer>(
    response: &T,
    names: &[String],
    serializer: S,
) -> (Result<S::Ok, S::Error>, Peeked) {
    let watch = Watch::new(names);
    let result = response.serialize(Tee::new(serializer, Place::In(Object::Answer), &watch));
    (result, watch.finish())
}

#[cfg(test)]
mod tests;
