//! SHA-256 and BLAKE3 written again from FIPS 180-4 and the BLAKE3 paper, for clarity alone.
//!
//! They share no line with the crate or its dependencies, so that a digest on which both agree is
//! right or wrong for two independent reasons.

use inos_mining::Algorithm;
use std::sync::OnceLock;

pub fn hash(algorithm: Algorithm, data: &[u8]) -> [u8; 32] {
    match algorithm {
        Algorithm::Sha256 => sha256(data),
        Algorithm::Sha256d => sha256(&sha256(data)),
        Algorithm::Blake3 => blake3(data),
    }
}

/// The first 32 bits of the fractional parts of the `power`th roots (2 or 3) of the first primes,
/// which is how FIPS 180-4 defines all of SHA-256's constants.
fn root_fractions<const COUNT: usize>(power: u32) -> [u32; COUNT] {
    let mut primes = (2u128..).filter(|&n| (2..n).all(|divisor| n % divisor != 0));
    std::array::from_fn(|_| {
        let scaled = primes.next().unwrap() << (32 * power);
        let (mut low, mut high) = (0u128, 1 << 37);
        while high - low > 1 {
            let middle = (low + high) / 2;
            if middle.pow(power) <= scaled {
                low = middle
            } else {
                high = middle
            }
        }
        low as u32
    })
}

pub fn sha256(message: &[u8]) -> [u8; 32] {
    let (mut state, constants) = (initial(), sha256_constants());
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks(64) {
        let mut words: Vec<u32> = block
            .chunks(4)
            .map(|bytes| u32::from_be_bytes(bytes.try_into().unwrap()))
            .collect();
        for t in 16..64 {
            let (x, y) = (words[t - 15], words[t - 2]);
            let s0 = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
            let s1 = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
            let sum = s1
                .wrapping_add(words[t - 7])
                .wrapping_add(s0)
                .wrapping_add(words[t - 16]);
            words.push(sum);
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
        for t in 0..64 {
            let sum1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = (e & f) ^ (!e & g);
            let t1 = [sum1, choice, constants[t], words[t]]
                .into_iter()
                .fold(h, u32::wrapping_add);
            let sum0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let majority = (a & b) ^ (a & c) ^ (b & c);
            let t2 = sum0.wrapping_add(majority);
            (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
        }
        for (word, change) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *word = word.wrapping_add(change);
        }
    }
    to_bytes(state.map(u32::to_be_bytes))
}

fn sha256_constants() -> &'static [u32; 64] {
    static CONSTANTS: OnceLock<[u32; 64]> = OnceLock::new();
    CONSTANTS.get_or_init(|| root_fractions(3))
}

/// The initial state of both algorithms.
fn initial() -> [u32; 8] {
    static INITIAL: OnceLock<[u32; 8]> = OnceLock::new();
    *INITIAL.get_or_init(|| root_fractions(2))
}

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const PARENT: u32 = 4;
const ROOT: u32 = 8;
const KEYED_HASH: u32 = 16;
const DERIVE_KEY_CONTEXT: u32 = 32;
const DERIVE_KEY_MATERIAL: u32 = 64;

pub fn blake3(input: &[u8]) -> [u8; 32] {
    let plain = Mode {
        key: initial(),
        flags: 0,
    };
    blake3_xof(&plain, input, 0, 32).try_into().unwrap()
}

/// What each compression of a mode is told.
pub struct Mode {
    key: [u32; 8],
    flags: u32,
}

impl Mode {
    pub fn keyed(key: &[u8; 32]) -> Self {
        Self {
            key: words(key),
            flags: KEYED_HASH,
        }
    }

    pub fn derived(context: &str) -> Self {
        let of_context = Self {
            key: initial(),
            flags: DERIVE_KEY_CONTEXT,
        };
        let key = blake3_xof(&of_context, context.as_bytes(), 0, 32);
        Self {
            key: words(&key),
            flags: DERIVE_KEY_MATERIAL,
        }
    }
}

fn words<const COUNT: usize>(bytes: &[u8]) -> [u32; COUNT] {
    std::array::from_fn(|word| {
        u32::from_le_bytes(bytes[4 * word..4 * word + 4].try_into().unwrap())
    })
}

/// Bytes of the output from a position on: the root is compressed again and again, counting.
pub fn blake3_xof(mode: &Mode, input: &[u8], position: usize, count: usize) -> Vec<u8> {
    let root = blake3_node(mode, input, 0);
    (position..position + count)
        .map(|at| {
            let block = root.compress(mode, (at / 64) as u64, ROOT);
            block[at % 64 / 4].to_le_bytes()[at % 4]
        })
        .collect()
}

/// The last compression of a node, which is done otherwise if the node is the root.
struct Node {
    chaining: [u32; 8],
    block: [u32; 16],
    length: u32,
    flags: u32,
    counter: u64,
}

impl Node {
    fn compress(&self, mode: &Mode, counter: u64, more: u32) -> [u32; 16] {
        let flags = self.flags | mode.flags | more;
        blake3_compress(self.chaining, self.block, counter, self.length, flags)
    }

    fn value(&self, mode: &Mode) -> [u32; 8] {
        let whole = self.compress(mode, self.counter, 0);
        whole[..8].try_into().unwrap()
    }
}

/// The top of the tree over `input`, whose first chunk has the number `counter`.
fn blake3_node(mode: &Mode, input: &[u8], counter: u64) -> Node {
    if input.len() <= 1024 {
        return blake3_chunk(mode, input, counter);
    }
    // The left subtree takes the most whole chunks that are a power of two and leave something.
    let mut left = 1024;
    while left * 2 < input.len() {
        left *= 2;
    }
    let (left, right) = input.split_at(left);
    let right_counter = counter + left.len() as u64 / 1024;
    let values = [
        blake3_node(mode, left, counter).value(mode),
        blake3_node(mode, right, right_counter).value(mode),
    ];
    Node {
        chaining: mode.key,
        block: values.concat().try_into().unwrap(),
        length: 64,
        flags: PARENT,
        counter: 0,
    }
}

fn blake3_chunk(mode: &Mode, chunk: &[u8], counter: u64) -> Node {
    let mut blocks: Vec<&[u8]> = chunk.chunks(64).collect();
    if blocks.is_empty() {
        blocks.push(&[]);
    }
    let mut chaining = mode.key;
    for (index, block) in blocks.iter().enumerate() {
        let mut bytes = [0; 64];
        bytes[..block.len()].copy_from_slice(block);
        let start = if index == 0 { CHUNK_START } else { 0 };
        let is_last = index + 1 == blocks.len();
        let node = Node {
            chaining,
            block: words(&bytes),
            length: block.len() as u32,
            flags: start | if is_last { CHUNK_END } else { 0 },
            counter,
        };
        if is_last {
            return node;
        }
        chaining = node.value(mode);
    }
    unreachable!("there is a last block")
}

fn blake3_compress(
    chaining: [u32; 8],
    mut block: [u32; 16],
    counter: u64,
    length: u32,
    flags: u32,
) -> [u32; 16] {
    const PERMUTATION: [usize; 16] = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
    let mut v = [0; 16];
    v[..8].copy_from_slice(&chaining);
    v[8..12].copy_from_slice(&initial()[..4]);
    v[12..].copy_from_slice(&[counter as u32, (counter >> 32) as u32, length, flags]);
    for _ in 0..7 {
        for (index, column) in [0, 1, 2, 3].into_iter().enumerate() {
            let places = [column, column + 4, column + 8, column + 12];
            quarter_round(&mut v, places, block[2 * index], block[2 * index + 1]);
        }
        for (index, diagonal) in [0, 1, 2, 3].into_iter().enumerate() {
            let turn = |row: usize| 4 * row + (diagonal + row) % 4;
            let (first, second) = (block[8 + 2 * index], block[9 + 2 * index]);
            quarter_round(&mut v, [turn(0), turn(1), turn(2), turn(3)], first, second);
        }
        block = PERMUTATION.map(|from| block[from]);
    }
    std::array::from_fn(|index| match index {
        0..8 => v[index] ^ v[index + 8],
        _ => v[index] ^ chaining[index - 8],
    })
}

fn quarter_round(v: &mut [u32; 16], [a, b, c, d]: [usize; 4], first: u32, second: u32) {
    for (word, turn_d, turn_b) in [(first, 16, 12), (second, 8, 7)] {
        v[a] = v[a].wrapping_add(v[b]).wrapping_add(word);
        v[d] = (v[d] ^ v[a]).rotate_right(turn_d);
        v[c] = v[c].wrapping_add(v[d]);
        v[b] = (v[b] ^ v[c]).rotate_right(turn_b);
    }
}

fn to_bytes(words: [[u8; 4]; 8]) -> [u8; 32] {
    words.concat().try_into().unwrap()
}
