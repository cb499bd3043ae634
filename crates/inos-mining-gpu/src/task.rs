//! What the host works out for a run of nonces before the device tries them: the words of `Task` in
//! `search.wgsl`. A run is nonces whose messages differ in a window of at most nine bytes.

use crate::compress;

/// Length of a block of SHA-256 and of BLAKE3, in bytes.
const BLOCK_BYTES: usize = 64;
/// Longest message that BLAKE3 hashes without a tree, in bytes.
const CHUNK_BYTES: usize = 1024;
/// The most digits that a window has: what nine can write fits 32 bits.
const WINDOW_DIGITS: u32 = 9;

/// The algorithms, as the schema's `HashAlgorithm` numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-256.
    Sha256,
    /// SHA-256 of the SHA-256.
    Sha256d,
    /// BLAKE3.
    Blake3,
}

impl Algorithm {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha256d, Self::Blake3];

    /// The entry point of `search.wgsl`.
    pub const fn entry_point(self) -> &'static str {
        match self {
            Self::Sha256 => "search_sha256",
            Self::Sha256d => "search_sha256d",
            Self::Blake3 => "search_blake3",
        }
    }

    const fn word(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Sha256 | Self::Sha256d => u32::from_be_bytes(bytes),
            Self::Blake3 => u32::from_le_bytes(bytes),
        }
    }
}

/// How a nonce is written, as the schema's `NonceFormat` numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Four bytes, the least significant first.
    Uint32LittleEndian,
    /// Four bytes, the most significant first.
    Uint32BigEndian,
    /// Eight bytes, the least significant first.
    Uint64LittleEndian,
    /// Eight bytes, the most significant first.
    Uint64BigEndian,
    /// ASCII digits, as few as the number has, put between the header's bytes.
    Decimal,
}

impl Format {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Uint32LittleEndian,
        Self::Uint32BigEndian,
        Self::Uint64LittleEndian,
        Self::Uint64BigEndian,
        Self::Decimal,
    ];

    /// A nonce's bytes.
    fn write(self, nonce: u64) -> Vec<u8> {
        match self {
            Self::Uint32LittleEndian => (nonce as u32).to_le_bytes().to_vec(),
            Self::Uint32BigEndian => (nonce as u32).to_be_bytes().to_vec(),
            Self::Uint64LittleEndian => nonce.to_le_bytes().to_vec(),
            Self::Uint64BigEndian => nonce.to_be_bytes().to_vec(),
            Self::Decimal => nonce.to_string().into_bytes(),
        }
    }

    /// How many bytes of the header a nonce overwrites.
    const fn header_bytes(self) -> usize {
        match self {
            Self::Uint32LittleEndian | Self::Uint32BigEndian => 4,
            Self::Uint64LittleEndian | Self::Uint64BigEndian => 8,
            Self::Decimal => 0,
        }
    }

    /// The run that a nonce lies in.
    fn run(self, nonce: u64) -> Run {
        let in_32_bits = |place, form| Run {
            first: nonce >> 32 << 32,
            last: nonce | u64::from(u32::MAX),
            place,
            bytes: 4,
            form,
        };
        match self {
            Self::Uint32LittleEndian | Self::Uint64LittleEndian => {
                in_32_bits(0, Form::LittleEndian)
            }
            Self::Uint32BigEndian => in_32_bits(0, Form::BigEndian),
            Self::Uint64BigEndian => in_32_bits(4, Form::BigEndian),
            Self::Decimal => digits_run(nonce),
        }
    }
}

/// How the bytes of a window come from the number that it is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    LittleEndian,
    BigEndian,
    Digits,
}

/// Nonces that differ in a window of their bytes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// The nonce whose window is counted as 0; for numbers without leading digits that is 0 itself,
    /// which has fewer digits.
    first: u64,
    last: u64,
    /// Where in the nonce's bytes the window lies.
    place: usize,
    bytes: usize,
    form: Form,
}

/// Numbers with as many digits as `nonce`, and all but the last nine the same.
fn digits_run(nonce: u64) -> Run {
    let digits = nonce.checked_ilog10().unwrap_or(0) + 1;
    let window = digits.min(WINDOW_DIGITS);
    let numbers = 10u64.pow(window);
    let first = nonce / numbers * numbers;
    Run {
        first,
        last: first.saturating_add(numbers - 1),
        place: (digits - window) as usize,
        bytes: window as usize,
        form: Form::Digits,
    }
}

/// What to search for.
#[derive(Clone, Debug)]
pub struct Search {
    /// The hash function.
    pub algorithm: Algorithm,
    /// The bytes around the nonce.
    pub header: Vec<u8>,
    /// Where in the header the nonce lies.
    pub nonce_offset: usize,
    /// How it is written there.
    pub format: Format,
    /// The lowest number that qualifies, most significant byte first.
    pub lowest: [u8; 32],
    /// The highest number that qualifies, most significant byte first.
    pub highest: [u8; 32],
    /// Whether a digest's last byte is its most significant one.
    pub is_little_endian: bool,
}

/// A piece of a run: what one dispatch searches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The nonce that names the run: the same for all its slices.
    pub run: u64,
    /// The number that the first window is written for.
    pub low: u32,
    /// How many nonces.
    pub count: u32,
}

impl Search {
    /// Whether the nonce lies inside the header, and no message of the nonces up to `last` is too long.
    pub fn is_possible(&self, last: u64) -> bool {
        let nonce_bytes = self.format.header_bytes();
        let fits = self
            .header
            .len()
            .checked_sub(nonce_bytes)
            .is_some_and(|room| self.nonce_offset <= room);
        let longest =
            self.header.len() - nonce_bytes.min(self.header.len()) + self.format.write(last).len();
        fits && (self.algorithm != Algorithm::Blake3 || longest <= CHUNK_BYTES)
    }

    /// Cuts `count` nonces from `first` on into slices, each inside one run.
    pub fn slices(&self, first: u64, count: u32) -> Vec<Slice> {
        let mut slices = Vec::new();
        let mut nonce = first;
        let mut left = count;
        while left > 0 {
            let run = self.format.run(nonce);
            let count = (run.last - nonce).saturating_add(1).min(u64::from(left)) as u32;
            slices.push(Slice {
                // 0 to 9, 10 to 99 and so on begin at 0 all alike: their last nonce tells them apart.
                run: run.last,
                low: (nonce - run.first) as u32,
                count,
            });
            left -= count;
            nonce = nonce.wrapping_add(u64::from(count));
        }
        slices
    }

    /// The message that is hashed for a nonce.
    pub fn message(&self, nonce: u64) -> Vec<u8> {
        let (before, rest) = self.header.split_at(self.nonce_offset);
        let after = &rest[self.format.header_bytes()..];
        [before, &self.format.write(nonce), after].concat()
    }

    /// The words of `Task` for a run, by its [`Slice::run`].
    pub fn task(&self, run: u64) -> Vec<u32> {
        let Run {
            place, bytes, form, ..
        } = self.format.run(run);
        let mut message = self.message(run);
        let message_bytes = message.len();
        let window = self.nonce_offset + place;
        message[window..][..bytes].fill(0);
        self.pad(&mut message);
        let blocks: Vec<u32> = message
            .as_chunks::<4>()
            .0
            .iter()
            .map(|&bytes| self.algorithm.word(bytes))
            .collect();
        let before = window / BLOCK_BYTES;
        let (done, rest) = blocks.as_chunks::<16>().0.split_at(before);
        let midstate = match self.algorithm {
            Algorithm::Blake3 => compress::blake3_chaining(done),
            Algorithm::Sha256 | Algorithm::Sha256d => compress::sha256_state(done),
        };
        let is_word_swapped = self.algorithm == Algorithm::Blake3;
        let mut task = Vec::with_capacity(32 + 16 * rest.len());
        task.extend(number(&self.lowest));
        task.extend(number(&self.highest));
        task.extend(midstate);
        task.extend([
            rest.len() as u32,
            (window % BLOCK_BYTES) as u32,
            bytes as u32,
            form as u32,
            u32::from(self.is_little_endian),
            u32::from(self.is_little_endian != is_word_swapped),
            (message_bytes - (blocks.len() / 16 - 1) * BLOCK_BYTES) as u32,
            u32::from(before == 0),
        ]);
        task.extend_from_slice(rest.as_flattened());
        task
    }

    /// SHA-256's padding, FIPS 180-4, 5.1.1; BLAKE3 is padded with zeros.
    fn pad(&self, message: &mut Vec<u8>) {
        let bits = message.len() as u64 * 8;
        match self.algorithm {
            Algorithm::Blake3 => {
                message.resize(message.len().max(1).next_multiple_of(BLOCK_BYTES), 0);
            }
            Algorithm::Sha256 | Algorithm::Sha256d => {
                message.push(0x80);
                let filled = (message.len() + 8).next_multiple_of(BLOCK_BYTES);
                message.resize(filled - 8, 0);
                message.extend_from_slice(&bits.to_be_bytes());
            }
        }
    }
}

fn number(bytes: &[u8; 32]) -> [u32; 8] {
    core::array::from_fn(|index| {
        let at = 4 * index;
        u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
    })
}
