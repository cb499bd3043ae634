//! Cap'n Proto at the border of the shared memory: requests are read from a copy, results are built aside.
//!
//! A message is read by following lengths and offsets in it, many of them more than once, and is built the
//! same way. What lies in shared memory may change in between, so neither happens there: the some hundred
//! bytes are copied, word by word. Bulk data never travels in messages.

use core::cell::Cell;
use core::ptr::NonNull;

use capnp::message::{Allocator, Builder, Reader, ReaderOptions, ReaderSegments};

use crate::error::Failure;
use crate::sync::{AtomicU32, Ordering};

/// A request, out of the shared memory.
pub(crate) type Request = Reader<Segment>;

/// Words of framing before a message's one segment: number of segments less one, then the segment's length in
/// 64-bit words. See <https://capnproto.org/encoding.html#serialization-over-a-stream>.
const FRAMING_WORDS: usize = 2;
/// Segments of at most so many 64-bit words are copied without an allocation.
const INLINE_WORDS: usize = 48;

/// A request's segment, where nobody else can write.
pub(crate) struct Segment {
    length: usize,
    inline: [u64; INLINE_WORDS],
    heap: Vec<u64>,
}

impl Segment {
    /// A copy of the segment of the message in `message`, each word read once.
    ///
    /// # Errors
    /// `malformedRequest` if the message isn't of one segment, ends too soon, or there is no memory for it.
    fn copy(message: &[AtomicU32]) -> Result<Self, Failure> {
        let Some((framing, words)) = message.split_at_checked(FRAMING_WORDS) else {
            return Err(Failure::badly_framed(message.len()));
        };
        let pairs = words.as_chunks::<2>().0;
        let length = framing[1].load(Ordering::Relaxed) as usize;
        if framing[0].load(Ordering::Relaxed) != 0 || length > pairs.len() {
            return Err(Failure::badly_framed(message.len()));
        }
        let mut copy = Self {
            length,
            inline: [0; INLINE_WORDS],
            heap: Vec::new(),
        };
        let target = if length <= INLINE_WORDS {
            &mut copy.inline[..]
        } else {
            reserve(&mut copy.heap, length).map_err(|()| Failure::too_long(length))?;
            &mut copy.heap[..]
        };
        for (target, [low, high]) in target.iter_mut().zip(&pairs[..length]) {
            let [low, high] = [low, high].map(|word| u64::from(word.load(Ordering::Relaxed)));
            *target = (low | high << 32).to_le();
        }
        Ok(copy)
    }
}

impl ReaderSegments for Segment {
    fn get_segment(&self, index: u32) -> Option<&[u8]> {
        let words = if self.length <= INLINE_WORDS {
            &self.inline[..]
        } else {
            &self.heap[..]
        };
        (index == 0).then(|| as_bytes(&words[..self.length]))
    }

    fn len(&self) -> usize {
        1
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

/// Copies the message in `message` and opens it, with limits fit for control messages.
///
/// # Errors
/// `malformedRequest`.
pub(crate) fn open(message: &[AtomicU32]) -> Result<Request, Failure> {
    let mut options = ReaderOptions::new();
    options
        .traversal_limit_in_words(Some(message.len() * 2 + 64))
        .nesting_limit(16);
    Ok(Reader::new(Segment::copy(message)?, options))
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
