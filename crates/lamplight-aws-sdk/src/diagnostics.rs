//! Log lines about messages without context, or with too much of it. Each is logged once per carrier.
//!
//! Repeating them for every message would be noise: the first message of a process represents all.

use lamplight_internal::diagnostics::warn_once_of;

use crate::{Carrier, limits};

/// Logs that a message has no context because there was no room for any.
#[cfg(feature = "_messages")]
pub(crate) fn no_room(carrier: Carrier) {
    let name = carrier.name();
    warn_once_of("no_room", name, || {
        format!(
            "a message went without trace context: its attributes or its size leave no room \
             (carrier `{name}`); send fewer or less, set the limit of the carrier \
             (`LamplightInterceptor::with_size_limit(Carrier::{carrier:?}, bytes)` or \
             `LAMPLIGHT_INJECT_LIMITS={name}=bytes`, AWS takes up to {}), or leave the carrier out",
            limits::largest(carrier)
        )
    });
}

/// Logs that a later interceptor made a message too large, or its attributes too many.
pub(crate) fn overfull(carrier: Carrier) {
    let name = carrier.name();
    warn_once_of("overfull", name, || {
        format!(
            "an interceptor that runs after Lamplight added to a message until trace context took it \
             over the limit, and the service may refuse it (carrier `{name}`); add Lamplight last, \
             leave room in interceptors of single calls, or leave the carrier out"
        )
    });
}

/// Logs that a later interceptor removed the context from a message.
pub(crate) fn removed(carrier: Carrier) {
    let name = carrier.name();
    warn_once_of("removed", name, || {
        format!(
            "an interceptor that runs after Lamplight replaced what carries trace context, and a \
             message goes without (carrier `{name}`); add Lamplight last"
        )
    });
}

/// Logs that a message with context was rejected because of its size.
pub(crate) fn refused(carrier: Carrier) {
    let name = carrier.name();
    warn_once_of("refused", name, || {
        format!(
            "a message that carries trace context was refused as too large (carrier `{name}`); if it \
             would not be without, say what its destination takes: \
             `LAMPLIGHT_INJECT_LIMITS={name}:destination=bytes` or \
             `LamplightInterceptor::with_destination_limit`"
        )
    });
}

/// Logs that a limit exceeds what AWS accepts, which is used instead.
pub(crate) fn beyond(carrier: Carrier, bytes: usize) {
    let name = carrier.name();
    warn_once_of("beyond", name, || {
        format!(
            "a limit of {bytes} bytes was set on the carrier `{name}`, on which AWS takes {}; that is \
             the limit now, set it or less",
            limits::largest(carrier)
        )
    });
}
