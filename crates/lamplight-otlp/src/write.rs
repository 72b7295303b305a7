//! A protobuf writer that fills its buffer from back to front.
//!
//! The length of a length-delimited field precedes its content. A forward writer must compute every nested
//! length before it writes the content; a backward writer has already written the content when it needs the
//! length. So one pass is enough, each message is described once, and there is no cache of lengths.
//!
//! For the same reason, the fields of a message must be written in descending order of their numbers. They
//! then appear in ascending order, which is the order of canonical encoders.

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const LEN: u32 = 2;
const FIXED32: u32 = 5;

/// The maximum length of a 64-bit varint.
const MAX_VARINT: usize = 10;

/// A protobuf writer that fills its buffer from back to front.
///
/// The length of a nested message precedes it and is known only after it, so this order needs one pass.
/// Fields of a message are written in descending order of their numbers, the last repeated value first.
///
/// ```
/// use lamplight_otlp::Writer;
///
/// let mut writer = Writer::with_capacity(64);
/// writer.message(3, |writer| writer.uint(1, 150));
/// assert_eq!(writer.into_bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
/// ```
#[derive(Debug, Default)]
pub struct Writer {
    /// The written bytes are `buf[head..]`.
    buf: Vec<u8>,
    head: usize,
}

impl Writer {
    /// Returns a writer with this capacity in bytes; it grows if needed.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            buf: vec![0; capacity],
            head: capacity,
        }
    }

    /// Returns the written bytes.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.buf.drain(..self.head);
        self.buf
    }

    /// Returns the number of bytes written so far.
    pub fn len(&self) -> usize {
        self.buf.len() - self.head
    }

    /// Returns whether nothing has been written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes bytes as they are: an already encoded field, for instance.
    pub fn raw(&mut self, bytes: &[u8]) {
        if bytes.len() > self.head {
            self.grow(bytes.len());
        }
        let start = self.head - bytes.len();
        if let Some(free) = self.buf.get_mut(start..self.head) {
            free.copy_from_slice(bytes);
            self.head = start;
        }
    }

    /// Writes a few bytes, whose number is known to the compiler, so that it emits a store instead of a call.
    /// Keys and lengths make up most writes, and almost all of them have one byte.
    #[inline]
    fn array<const N: usize>(&mut self, bytes: [u8; N]) {
        if N > self.head {
            self.grow(N);
        }
        let free = self.buf.get_mut(..self.head);
        if let Some(free) = free.and_then(<[u8]>::last_chunk_mut) {
            *free = bytes;
            self.head -= N;
        }
    }

    /// Writes a nested message: `body` writes its fields, the highest number first.
    #[inline]
    pub fn message(&mut self, field: u32, body: impl FnOnce(&mut Self)) {
        let before = self.len();
        body(self);
        self.length(field, self.len() - before);
    }

    /// Writes a string or bytes field that is left out when empty (proto3 implicit presence).
    #[inline]
    pub fn bytes(&mut self, field: u32, value: &[u8]) {
        if !value.is_empty() {
            self.bytes_always(field, value);
        }
    }

    /// Writes a string or bytes field with explicit presence, such as a member of a `oneof`.
    #[inline]
    pub fn bytes_always(&mut self, field: u32, value: &[u8]) {
        self.raw(value);
        self.length(field, value.len());
    }

    /// Writes a varint field that is left out when zero.
    #[inline]
    pub fn uint(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.uint_always(field, value);
        }
    }

    /// Writes a varint field with explicit presence.
    #[inline]
    pub fn uint_always(&mut self, field: u32, value: u64) {
        self.varint(value);
        self.key(field, VARINT);
    }

    /// Writes a `fixed64` field that is left out when zero.
    #[inline]
    pub fn fixed64(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.fixed64_always(field, value);
        }
    }

    /// Writes a `fixed64` or `double` field with explicit presence.
    #[inline]
    pub fn fixed64_always(&mut self, field: u32, value: u64) {
        self.array(value.to_le_bytes());
        self.key(field, FIXED64);
    }

    /// Writes a `fixed32` field that is left out when zero.
    #[inline]
    pub fn fixed32(&mut self, field: u32, value: u32) {
        if value != 0 {
            self.array(value.to_le_bytes());
            self.key(field, FIXED32);
        }
    }

    /// Writes the key and the length of a field.
    #[inline]
    fn length(&mut self, field: u32, length: usize) {
        let key = field << 3 | LEN;
        if key < 0x80 && length < 0x80 {
            self.array([key as u8, length as u8]);
        } else {
            self.varint(length as u64);
            self.key(field, LEN);
        }
    }

    #[inline]
    fn key(&mut self, field: u32, wire_type: u32) {
        self.varint(u64::from(field << 3 | wire_type));
    }

    #[inline]
    fn varint(&mut self, value: u64) {
        if value < 0x80 {
            self.array([value as u8]);
        } else if value < 0x4000 {
            self.array([value as u8 | 0x80, (value >> 7) as u8]);
        } else {
            self.long_varint(value);
        }
    }

    fn long_varint(&mut self, mut value: u64) {
        let mut bytes = [0; MAX_VARINT];
        let mut length = 0;
        for byte in &mut bytes {
            length += 1;
            *byte = (value & 0x7f) as u8;
            value >>= 7;
            if value == 0 {
                break;
            }
            *byte |= 0x80;
        }
        if let Some(bytes) = bytes.get(..length) {
            self.raw(bytes);
        }
    }

    /// Makes room for at least `more` bytes before the written ones.
    #[cold]
    fn grow(&mut self, more: usize) {
        let written = self.len();
        let capacity = (written + more).max(self.buf.len() * 2).max(256);
        let mut buf = vec![0; capacity];
        let head = capacity - written;
        if let (Some(to), Some(from)) = (buf.get_mut(head..), self.buf.get(self.head..)) {
            to.copy_from_slice(from);
        }
        self.buf = buf;
        self.head = head;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(capacity: usize, body: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::with_capacity(capacity);
        body(&mut writer);
        writer.into_bytes()
    }

    #[test]
    fn follows_the_examples_of_the_protobuf_encoding_guide() {
        // "a: 150", "b: testing" and a nested message, as in protobuf.dev/programming-guides/encoding.
        assert_eq!(written(0, |w| w.uint(1, 150)), [0x08, 0x96, 0x01]);
        assert_eq!(
            written(0, |w| w.bytes(2, b"testing")),
            [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]
        );
        assert_eq!(
            written(0, |w| w.message(3, |w| w.uint(1, 150))),
            [0x1a, 0x03, 0x08, 0x96, 0x01]
        );
    }

    #[test]
    fn defaults_are_left_out_unless_presence_is_explicit() {
        let nothing = written(0, |w| {
            w.uint(1, 0);
            w.bytes(2, b"");
            w.fixed64(3, 0);
            w.fixed32(4, 0);
        });
        assert!(nothing.is_empty());
        assert_eq!(written(0, |w| w.bytes_always(1, b"")), [0x0a, 0x00]);
        assert_eq!(written(0, |w| w.uint_always(2, 0)), [0x10, 0x00]);
    }

    #[test]
    fn the_capacity_does_not_change_the_bytes() {
        let body = |w: &mut Writer| {
            for field in (1..40).rev() {
                w.message(field, |w| w.uint(1, u64::MAX >> field));
            }
        };
        let expected = written(4096, body);
        for capacity in [0, 1, 7, 100] {
            assert_eq!(written(capacity, body), expected, "capacity {capacity}");
        }
    }
}
