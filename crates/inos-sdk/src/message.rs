//! Cap'n Proto over the shared memory: requests read in place, results built in place.

use core::ptr::NonNull;

use capnp::message::{Allocator, Builder, Reader, ReaderOptions};
use capnp::serialize::BufferSegments;

use crate::error::Failure;

/// A request, read where it lies.
pub(crate) type Request<'m> = Reader<BufferSegments<&'m [u8]>>;

/// Opens the message in `bytes`, with limits fit for control messages.
pub(crate) fn open(bytes: &[u8]) -> Result<Request<'_>, Failure> {
    let mut options = ReaderOptions::new();
    options
        .traversal_limit_in_words(Some(bytes.len() / 8 * 4 + 64))
        .nesting_limit(16);
    let segments = BufferSegments::new(bytes, options)?;
    Ok(Reader::new(segments, options))
}

/// The one segment of a message that is built in its final place.
struct InPlace {
    start: NonNull<u8>,
    words: u32,
    given: bool,
}

// SAFETY: `allocate_segment` hands out the one zeroed range it was made with, once, and fails after
// that; the range outlives the builder because `build` owns both.
unsafe impl Allocator for InPlace {
    fn allocate_segment(&mut self, minimum_size: u32) -> (NonNull<u8>, u32) {
        assert!(!self.given && minimum_size <= self.words, "{OVERFLOW}");
        self.given = true;
        (self.start, self.words)
    }

    unsafe fn deallocate_segment(&mut self, _: NonNull<u8>, _: u32, _: u32) {
        // The bytes are the result: they stay.
    }
}

const OVERFLOW: &str = "the result needs more room than its method declares";

/// Builds a message of one segment in `area`, with the stream framing before it, and returns its
/// length in bytes. `area` must be 8-byte aligned.
///
/// # Errors
/// `resultTooLarge` if not even an empty message fits.
///
/// # Panics
/// If the message outgrows `area`: methods declare how much room their results need.
pub(crate) fn build<T: capnp::traits::Owned>(
    area: &mut [u8],
    fill: impl FnOnce(T::Builder<'_>),
) -> Result<u32, Failure> {
    const HEADER: usize = 8;
    if area.len() < HEADER + 8 {
        return Err(Failure::result_too_large(area.len() as u32));
    }
    area.fill(0);
    let (header, body) = area.split_at_mut(HEADER);
    let words = (body.len() / 8) as u32;
    let start = NonNull::from(&mut *body).cast();
    let mut builder = Builder::new(InPlace {
        start,
        words,
        given: false,
    });
    fill(builder.init_root());
    let used = builder
        .get_segments_for_output()
        .first()
        .map_or(0, |segment| segment.len());
    // The framing: number of segments less one, then the segment's length in words.
    header[4..].copy_from_slice(&((used / 8) as u32).to_le_bytes());
    Ok((HEADER + used) as u32)
}
