//! Looks at a response while the runtime serializes it.
//!
//! A response type says nothing about its status code except through `Serialize`, which belongs to
//! the function: it may take long, and may work only once. So nothing is serialized for the sake of
//! looking. The runtime's serializer is wrapped, and the wrapper notes what passes it on the top
//! level; what is below the members it knows goes straight to the runtime's.

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

/// Serializes `response` into `serializer`. Returns the result with what was seen on the way.
/// `names` are headers to read, in lower case.
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
