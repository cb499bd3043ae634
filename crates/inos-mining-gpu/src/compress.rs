//! The compression functions in plain Rust: for the blocks before the window, which are the same for all
//! nonces of a run. Some sixteen blocks at most, so they are written to be read.

use core::array::from_fn;

/// The initial hash value, FIPS 180-4, 5.3.3; BLAKE3's too.
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The round constants, FIPS 180-4, 4.2.2.
#[rustfmt::skip]
const ROUND: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// The order of a block's words in the next round, §2.2 of the BLAKE3 paper.
const PERMUTATION: [usize; 16] = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
/// The four columns, then the four diagonals.
const QUADRUPLES: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];
const CHUNK_START: u32 = 1;

/// SHA-256's state after blocks.
pub fn sha256_state(blocks: &[[u32; 16]]) -> [u32; 8] {
    blocks.iter().fold(INITIAL, sha256_compress)
}

fn sha256_compress(state: [u32; 8], block: &[u32; 16]) -> [u32; 8] {
    let mut schedule = [0u32; 64];
    schedule[..16].copy_from_slice(block);
    for at in 16..64 {
        let (far, near) = (schedule[at - 15], schedule[at - 2]);
        let sigma0 = far.rotate_right(7) ^ far.rotate_right(18) ^ (far >> 3);
        let sigma1 = near.rotate_right(17) ^ near.rotate_right(19) ^ (near >> 10);
        schedule[at] = schedule[at - 16]
            .wrapping_add(sigma0)
            .wrapping_add(schedule[at - 7])
            .wrapping_add(sigma1);
    }
    let mut registers = state;
    for (word, key) in schedule.into_iter().zip(ROUND) {
        let [a, b, c, d, e, f, g, h] = registers;
        let sum1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let first = h
            .wrapping_add(sum1)
            .wrapping_add(g ^ (e & (f ^ g)))
            .wrapping_add(key)
            .wrapping_add(word);
        let sum0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let second = sum0.wrapping_add(b ^ ((a ^ b) & (b ^ c)));
        registers = [
            first.wrapping_add(second),
            a,
            b,
            c,
            d.wrapping_add(first),
            e,
            f,
            g,
        ];
    }
    from_fn(|index| state[index].wrapping_add(registers[index]))
}

/// BLAKE3's chaining value after blocks that are full and not the chunk's last.
pub fn blake3_chaining(blocks: &[[u32; 16]]) -> [u32; 8] {
    let mut chaining = INITIAL;
    for (index, block) in blocks.iter().enumerate() {
        chaining = blake3_compress(chaining, block, if index == 0 { CHUNK_START } else { 0 });
    }
    chaining
}

fn blake3_compress(chaining: [u32; 8], block: &[u32; 16], flags: u32) -> [u32; 8] {
    let mut v = [0u32; 16];
    v[..8].copy_from_slice(&chaining);
    v[8..12].copy_from_slice(&INITIAL[..4]);
    v[14..].copy_from_slice(&[64, flags]);
    let mut words = *block;
    for _ in 0..7 {
        for (places, pair) in QUADRUPLES.into_iter().zip(words.as_chunks::<2>().0) {
            mix(&mut v, places, *pair);
        }
        words = PERMUTATION.map(|from| words[from]);
    }
    from_fn(|index| v[index] ^ v[index + 8])
}

fn mix(v: &mut [u32; 16], [a, b, c, d]: [usize; 4], [first, second]: [u32; 2]) {
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(first);
    v[d] = (v[d] ^ v[a]).rotate_right(16);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(12);
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(second);
    v[d] = (v[d] ^ v[a]).rotate_right(8);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(7);
}
