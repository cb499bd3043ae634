//! Cap'n Proto at the border of the shared memory: requests are read from a copy, results are built aside.
//!
//! A message is read by following lengths and offsets in it, many of them more than once, and is built the
//! same way. What lies in shared memory may change in between, so neither happens there: the some hundred
//! bytes are copied, word by word. Bulk data never travels in messages.

use core::cell::Cell;
use core::ops::Deref;
use core::ptr::NonNull;

use capnp::message::{Allocator, Builder, Reader, ReaderOptions};
use capnp::serialize::BufferSegments;

use crate::error::Failure;
use crate::sync::{AtomicU32, Ordering};

/// A request, out of the shared memory.
pub(crate) type Request = Reader<BufferSegments<Private>>;

/// Messages of at most so many words are copied without an allocation.
const INLINE_WORDS: usize = 48;

/// The bytes of a message that nobody else can write.
pub(crate) struct Private {
    bytes: usize,
    inline: [u64; INLINE_WORDS],
    heap: Vec<u64>,
}

impl Private {
    /// A copy of the first `bytes` bytes of `words`, each read once.
    ///
    /// # Errors
    /// `malformedRequest` if there is no memory for it.
    fn copy(words: &[AtomicU32], bytes: usize) -> Result<Self, Failure> {
        let mut copy = Self {
            bytes: bytes.min(words.len() * 4),
            inline: [0; INLINE_WORDS],
            heap: Vec::new(),
        };
        let needed = words.len().div_ceil(2);
        let target = if needed <= INLINE_WORDS {
            &mut copy.inline[..needed]
        } else {
            reserve(&mut copy.heap, needed).map_err(|()| Failure::too_long(bytes))?;
            &mut copy.heap[..]
        };
        for (target, pair) in target.iter_mut().zip(words.chunks(2)) {
            let low = u64::from(pair[0].load(Ordering::Relaxed));
            let high = pair.get(1).map_or(0, |word| word.load(Ordering::Relaxed));
            *target = (low | u64::from(high) << 32).to_le();
        }
        Ok(copy)
    }
}

impl Deref for Private {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let words = if self.heap.is_empty() {
            &self.inline[..]
        } else {
            &self.heap[..]
        };
        &as_bytes(words)[..self.bytes]
    }
}

fn reserve(words: &mut Vec<u64>, count: usize) -> Result<(), ()> {
    words.try_reserve_exact(count).map_err(drop)?;
    words.resize(count, 0);
    Ok(())
}

fn as_bytes(words: &[u64]) -> &[u8] {
    // SAFETY: any eight bytes of a u64 are bytes, and the slice covers no more than the words.
    unsafe { core::slice::from_raw_parts(words.as_ptr().cast(), size_of_val(words)) }
}

/// Copies the message in the first `bytes` bytes of `words` and opens it, with limits fit for control messages.
///
/// # Errors
/// `malformedRequest`.
pub(crate) fn open(words: &[AtomicU32], bytes: usize) -> Result<Request, Failure> {
    let mut options = ReaderOptions::new();
    options
        .traversal_limit_in_words(Some(bytes / 8 * 4 + 64))
        .nesting_limit(16);
    let segments = BufferSegments::new(Private::copy(words, bytes)?, options)?;
    Ok(Reader::new(segments, options))
}

/// The one segment of a result, and others if that outgrows its room: then it is no result.
struct Aside<'a> {
    room: Vec<u64>,
    is_given: bool,
    has_outgrown: &'a Cell<bool>,
    spilled: Vec<Vec<u64>>,
}

// SAFETY: each segment is zeroed, is handed out once, and lives as long as the allocator, which the builder
// owns: the vectors are neither grown nor dropped before.
unsafe impl Allocator for Aside<'_> {
    fn allocate_segment(&mut self, minimum_size: u32) -> (NonNull<u8>, u32) {
        let words = if !self.is_given && minimum_size as usize <= self.room.len() {
            self.is_given = true;
            &mut self.room
        } else {
            self.has_outgrown.set(true);
            self.spilled.push(vec![0; minimum_size as usize]);
            self.spilled.last_mut().unwrap_or(&mut self.room)
        };
        (NonNull::from(&mut words[..]).cast(), words.len() as u32)
    }

    unsafe fn deallocate_segment(&mut self, _: NonNull<u8>, _: u32, _: u32) {
        // They go with the allocator.
    }
}

/// Builds a message of one segment and copies it into `area`, with the stream framing before it. Returns its
/// length in bytes.
///
/// # Errors
/// `resultTooLarge` if it doesn't fit.
pub(crate) fn build<T: capnp::traits::Owned>(
    area: &[AtomicU32],
    fill: impl FnOnce(T::Builder<'_>),
) -> Result<u32, Failure> {
    const HEADER: usize = 8;
    let capacity = area.len() * 4;
    let too_large = || Failure::result_too_large(capacity as u32);
    let mut room = Vec::new();
    reserve(&mut room, (capacity / 8).saturating_sub(1)).map_err(|()| too_large())?;
    let has_outgrown = Cell::new(false);
    let mut builder = Builder::new(Aside {
        room,
        is_given: false,
        has_outgrown: &has_outgrown,
        spilled: Vec::new(),
    });
    fill(builder.init_root());
    let segments = builder.get_segments_for_output();
    let [segment] = &segments[..] else {
        return Err(too_large());
    };
    if has_outgrown.get() {
        return Err(too_large());
    }
    // The framing: number of segments less one, then the segment's length in words.
    let framing = [0, (segment.len() / 8) as u32];
    let body = segment
        .as_chunks::<4>()
        .0
        .iter()
        .map(|&bytes| u32::from_le_bytes(bytes));
    for (word, value) in area.iter().zip(framing.into_iter().chain(body)) {
        word.store(value, Ordering::Relaxed);
    }
    Ok((HEADER + segment.len()) as u32)
}
