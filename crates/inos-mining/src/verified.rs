//! BLAKE3 verified streaming: to check a part of a file against the digest of the whole, without the
//! rest. The format is that of the crate bao, outboard: the tree's inner nodes beside the data.

use crate::error::Error;
use crate::tree::SUBTREE_BYTES;
use bao::decode::SliceDecoder;
use bao::encode::{Encoder, SliceExtractor};
use blake3::hazmat::{
    ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root,
};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

const HEAD_BYTES: usize = 8;
const NODE_BYTES: usize = 64;
const CHUNK_BYTES: usize = 1024;

/// Length of the nodes of a subtree.
fn node_bytes(subtree_bytes: u64) -> u64 {
    NODE_BYTES as u64 * subtree_bytes.div_ceil(CHUNK_BYTES as u64).saturating_sub(1)
}

/// Length of the outboard of an input: 8 bytes, and 64 for each started 1,024 but the first.
pub fn outboard_bytes(input_bytes: u64) -> u64 {
    HEAD_BYTES as u64 + node_bytes(input_bytes)
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

/// Fills `outboard` with the nodes of one subtree of [`SUBTREE_BYTES`], or of the last one, which may be shorter, and
/// gives what it hashes to. `number` is how many subtrees lie before it.
///
/// # Errors
///
/// [`Error::OutputLength`] if there is no room for the nodes, or no data.
pub fn encode_subtree(
    data: &[u8],
    number: u64,
    outboard: &mut [u8],
) -> Result<ChainingValue, Error> {
    // No tree has an empty part.
    require_length(data.len() as u64, 1)?;
    let nodes = node_bytes(data.len() as u64);
    require_length(outboard.len() as u64, nodes)?;
    let offset = number.wrapping_mul(SUBTREE_BYTES as u64);
    Ok(encode(data, offset, &mut outboard[..nodes as usize]))
}

fn encode(data: &[u8], offset: u64, nodes: &mut [u8]) -> ChainingValue {
    let Some((node, below)) = nodes.split_first_chunk_mut::<NODE_BYTES>() else {
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(offset).update(data);
        return hasher.finalize_non_root();
    };
    let (left, right) = data.split_at(left_subtree_len(data.len() as u64) as usize);
    let (left_nodes, right_nodes) = below.split_at_mut(node_bytes(left.len() as u64) as usize);
    let left_value = encode(left, offset, left_nodes);
    let right_offset = offset.wrapping_add(left.len() as u64);
    let right_value = encode(right, right_offset, right_nodes);
    write_node(node, &left_value, &right_value);
    merge_subtrees_non_root(&left_value, &right_value, Mode::Hash)
}

fn write_node(node: &mut [u8; NODE_BYTES], left: &ChainingValue, right: &ChainingValue) {
    let (first, second) = node.split_at_mut(left.len());
    first.copy_from_slice(left);
    second.copy_from_slice(right);
}

/// Completes the outboard of `bytes` bytes, which has the nodes of its subtrees in their places already, and gives the
/// digest. `values` is what the subtrees hash to.
///
/// # Errors
///
/// [`Error::OutputLength`] if there is no room for the outboard, if so many bytes have one subtree only, or more than
/// there are values.
pub fn join_subtrees(
    values: &[ChainingValue],
    bytes: u64,
    outboard: &mut [u8],
) -> Result<[u8; 32], Error> {
    require_length(bytes, SUBTREE_BYTES as u64 + 1)?;
    let subtrees = bytes.div_ceil(SUBTREE_BYTES as u64);
    require_length(values.len() as u64, subtrees)?;
    require_length(outboard.len() as u64, outboard_bytes(bytes))?;
    let (head, nodes) = outboard[..outboard_bytes(bytes) as usize].split_at_mut(HEAD_BYTES);
    head.copy_from_slice(&bytes.to_le_bytes());
    let (left, right) = join_below(&values[..subtrees as usize], bytes, nodes);
    Ok(*merge_subtrees_root(&left, &right, Mode::Hash).as_bytes())
}

fn require_length(given: u64, needed: u64) -> Result<(), Error> {
    if given < needed {
        return Err(Error::OutputLength { given, needed });
    }
    Ok(())
}

/// Writes the node over two values or more, and all below that aren't within subtrees. What its halves hash to.
fn join_below(
    values: &[ChainingValue],
    bytes: u64,
    nodes: &mut [u8],
) -> (ChainingValue, ChainingValue) {
    let left_bytes = left_subtree_len(bytes);
    let (left, right) = values.split_at((left_bytes / SUBTREE_BYTES as u64) as usize);
    let (node, below) = nodes.split_at_mut(NODE_BYTES);
    let (left_nodes, right_nodes) = below.split_at_mut(node_bytes(left_bytes) as usize);
    let halves = (
        join(left, left_bytes, left_nodes),
        join(right, bytes - left_bytes, right_nodes),
    );
    if let Some((node, _)) = node.split_first_chunk_mut() {
        write_node(node, &halves.0, &halves.1);
    }
    halves
}

fn join(values: &[ChainingValue], bytes: u64, nodes: &mut [u8]) -> ChainingValue {
    if let [value] = values {
        return *value;
    }
    let (left, right) = join_below(values, bytes, nodes);
    merge_subtrees_non_root(&left, &right, Mode::Hash)
}

/// A part of data, read as if it were all of it.
struct Part<'d> {
    start: u64,
    bytes: &'d [u8],
    position: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let at = self.position.checked_sub(self.start);
        let at = at.and_then(|at| usize::try_from(at).ok());
        let mut rest = at.and_then(|at| self.bytes.get(at..)).unwrap_or_default();
        let bytes = rest.read(buffer)?;
        self.position += bytes as u64;
        Ok(bytes)
    }
}

impl Seek for Part<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(position) = to else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        self.position = position;
        Ok(position)
    }
}

/// As [`slice_of`] of data of which only a part is there, from `input_start` on. A read fails where it needs more than
/// that: the chunks of 1,024 bytes that the slice is about, or the last one if it begins beyond them.
pub fn slice_of_part<'d>(
    input: &'d [u8],
    input_start: u64,
    outboard: &'d [u8],
    start: u64,
    length: u64,
) -> impl Read + use<'d> {
    let part = Part {
        start: input_start,
        bytes: input,
        position: 0,
    };
    SliceExtractor::new_outboard(part, Cursor::new(outboard), start, length)
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
    slice_of_part(input, 0, outboard, start, length)
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
