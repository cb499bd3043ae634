//! SHA-512 written again from FIPS 180-4, for clarity alone, with nothing of the crate or its dependencies.

use std::cmp::Ordering;
use std::sync::OnceLock;

/// A large number, its least significant 32 bits first.
type Number = Vec<u32>;

fn times(left: &[u32], right: &[u32]) -> Number {
    let mut product = vec![0; left.len() + right.len()];
    for (at, &digit) in left.iter().enumerate() {
        let mut carry = 0;
        for (place, &other) in right.iter().enumerate() {
            let sum = u64::from(digit) * u64::from(other) + u64::from(product[at + place]) + carry;
            product[at + place] = sum as u32;
            carry = sum >> 32;
        }
        product[at + right.len()] = carry as u32;
    }
    product
}

fn compare(left: &[u32], right: &[u32]) -> Ordering {
    let digit = |number: &[u32], place| number.get(place).copied().unwrap_or(0);
    (0..left.len().max(right.len()))
        .rev()
        .map(|place| digit(left, place).cmp(&digit(right, place)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The first 64 bits of the fractional parts of the `power`th roots (2 or 3) of the first primes,
/// which is how FIPS 180-4 defines all of SHA-512's constants: found bit by bit.
fn root_fractions<const COUNT: usize>(power: usize) -> [u64; COUNT] {
    let mut primes = (2u32..).filter(|&n| (2..n).all(|divisor| n % divisor != 0));
    std::array::from_fn(|_| {
        // The prime with 64 fractional bits for each factor, so that its root has 64.
        let mut scaled = vec![0; 2 * power];
        scaled.push(primes.next().unwrap());
        let mut root = 0u128;
        for bit in (0..72).rev() {
            let tried = root | (1 << bit);
            let digits = [tried as u32, (tried >> 32) as u32, (tried >> 64) as u32];
            let raised = (1..power).fold(digits.to_vec(), |product, _| times(&product, &digits));
            if compare(&raised, &scaled).is_le() {
                root = tried;
            }
        }
        root as u64
    })
}

pub fn sha512(message: &[u8]) -> [u8; 64] {
    static CONSTANTS: OnceLock<([u64; 8], [u64; 80])> = OnceLock::new();
    let (initial, constants) = CONSTANTS.get_or_init(|| (root_fractions(2), root_fractions(3)));
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 128 != 112 {
        padded.push(0);
    }
    padded.extend((message.len() as u128 * 8).to_be_bytes());
    let mut state = *initial;
    for block in padded.chunks(128) {
        let mut words: Vec<u64> = block
            .chunks(8)
            .map(|bytes| u64::from_be_bytes(bytes.try_into().unwrap()))
            .collect();
        for t in 16..80 {
            let (x, y) = (words[t - 15], words[t - 2]);
            let s0 = x.rotate_right(1) ^ x.rotate_right(8) ^ (x >> 7);
            let s1 = y.rotate_right(19) ^ y.rotate_right(61) ^ (y >> 6);
            let terms = [words[t - 7], s0, words[t - 16]];
            words.push(terms.into_iter().fold(s1, u64::wrapping_add));
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
        for (constant, word) in constants.iter().zip(words) {
            let sum1 = e.rotate_right(14) ^ e.rotate_right(18) ^ e.rotate_right(41);
            let choice = (e & f) ^ (!e & g);
            let terms = [sum1, choice, *constant, word];
            let t1 = terms.into_iter().fold(h, u64::wrapping_add);
            let sum0 = a.rotate_right(28) ^ a.rotate_right(34) ^ a.rotate_right(39);
            let majority = (a & b) ^ (a & c) ^ (b & c);
            let t2 = sum0.wrapping_add(majority);
            (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
        }
        for (word, change) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *word = word.wrapping_add(change);
        }
    }
    let mut digest = [0; 64];
    for (bytes, word) in digest.chunks_mut(8).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    digest
}
