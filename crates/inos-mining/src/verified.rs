//! BLAKE3 verified streaming: to check a part of a file against the digest of the whole, without the
//! rest. The format is that of the crate bao, outboard: the tree's inner nodes beside the data.

use crate::error::Error;
use bao::decode::SliceDecoder;
use bao::encode::{Encoder, SliceExtractor};
use std::io::{self, Cursor, Read, Write};

/// Length of the outboard of an input: 8 bytes, and 64 for each started 1,024 but the first.
pub fn outboard_bytes(input_bytes: u64) -> u64 {
    8 + 64 * input_bytes.div_ceil(1024).saturating_sub(1)
}

/// Makes an outboard while data arrives in pieces.
#[derive(Debug)]
pub struct OutboardEncoder(Encoder<Cursor<Vec<u8>>>);

impl Default for OutboardEncoder {
    fn default() -> Self {
        Self(Encoder::new_outboard(Cursor::new(Vec::new())))
    }
}

impl OutboardEncoder {
    /// Appends data.
    ///
    /// # Errors
    ///
    /// [`Error::CorruptSlice`], which data in memory never gives.
    pub fn update(&mut self, data: &[u8]) -> Result<(), Error> {
        self.0.write_all(data).map_err(|_| Error::CorruptSlice)
    }

    /// The outboard, and BLAKE3's digest of all data.
    ///
    /// # Errors
    ///
    /// As [`OutboardEncoder::update`].
    pub fn finish(mut self) -> Result<(Vec<u8>, [u8; 32]), Error> {
        let digest = self.0.finalize().map_err(|_| Error::CorruptSlice)?;
        Ok((self.0.into_inner().into_inner(), *digest.as_bytes()))
    }
}

/// What proves `length` bytes of `input` from `start` on. Reads as bytes of the slice.
///
/// ```
/// use inos_mining::{OutboardEncoder, slice_of, verified};
/// use std::io::Read;
///
/// let data = vec![7; 5000];
/// let mut encoder = OutboardEncoder::default();
/// encoder.update(&data)?;
/// let (outboard, digest) = encoder.finish()?;
/// let mut slice = Vec::new();
/// slice_of(&data, &outboard, 3000, 10).read_to_end(&mut slice).unwrap();
/// let mut proven = Vec::new();
/// verified(&slice, &digest, 3000, 10).read_to_end(&mut proven).unwrap();
/// assert_eq!(proven, data[3000..3010]);
/// # Ok::<(), inos_mining::Error>(())
/// ```
pub fn slice_of<'d>(
    input: &'d [u8],
    outboard: &'d [u8],
    start: u64,
    length: u64,
) -> impl Read + use<'d> {
    SliceExtractor::new_outboard(Cursor::new(input), Cursor::new(outboard), start, length)
}

/// The bytes that a slice proves to lie at `start` in what has the digest. A read fails as soon as
/// something doesn't fit.
pub fn verified<'d>(
    slice: &'d [u8],
    digest: &[u8; 32],
    start: u64,
    length: u64,
) -> impl Read + use<'d> {
    SliceDecoder::new(slice, &(*digest).into(), start, length)
}

/// Fills `buffer` as far as `reader` goes and returns how far.
///
/// # Errors
///
/// [`Error::CorruptSlice`] if what is read isn't what it should be.
pub fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(_) => return Err(Error::CorruptSlice),
        }
    }
    Ok(filled)
}
