//! The only file that chooses instructions: a word, or four of them in one vector.
//!
//! The compression functions are written once, over [`Lanes`]. [`U32x4`] is SIMD128 on wasm32,
//! SSE2 on x86-64, which every such CPU has, and plain Rust elsewhere; each is tested against the
//! plain one.

/// Independent 32-bit words that are computed on side by side.
pub(crate) trait Lanes: Copy {
    /// How many words there are.
    const COUNT: u64;

    /// The words as an array of [`Lanes::COUNT`].
    type Words: AsRef<[u32]> + AsMut<[u32]>;

    /// A word for each lane, from the lane's number.
    fn from_fn(word: impl Fn(u32) -> u32) -> Self;
    /// The same word in every lane.
    fn splat(word: u32) -> Self;
    /// The words of the lanes, in order.
    fn to_words(self) -> Self::Words;
    /// Sums, modulo 2³².
    fn add(self, other: Self) -> Self;
    /// Bits that differ.
    fn xor(self, other: Self) -> Self;
    /// Bits set in both.
    fn and(self, other: Self) -> Self;
    /// Moves bits towards the least significant; zeros come in.
    fn shift_right<const BITS: u32>(self) -> Self;
    /// Moves bits towards the least significant; those that fall out come in at the top.
    fn rotate_right<const BITS: u32>(self) -> Self;
}

/// What four lanes can do besides: change places between them and bytes.
pub(crate) trait Quad: Lanes {
    /// The words that bytes hold, the least significant byte of each first.
    fn from_bytes(bytes: &[u8; 16]) -> Self;
    /// Writes the words as [`Quad::from_bytes`] reads them.
    fn write_bytes(self, bytes: &mut [u8; 16]);
    /// Turns the bytes of each word round.
    fn swap_bytes(self) -> Self;
    /// Four vectors as the rows of a square: its columns.
    fn transposed(rows: [Self; 4]) -> [Self; 4];
}

/// What a schedule of one message, four words at a time, needs besides. Only WebAssembly uses it.
#[cfg(any(test, all(target_arch = "wasm32", target_feature = "simd128")))]
pub(crate) trait Row: Quad {
    /// Four words.
    fn from_words(words: &[u32; 4]) -> Self;
    /// Writes the words.
    fn write_words(self, words: &mut [u32; 4]);
    /// The last three words, then the first of `next`.
    fn followed_by(self, next: Self) -> Self;
    /// Each of the first two words twice.
    fn first_twice(self) -> Self;
    /// Each of the last two words twice.
    fn last_twice(self) -> Self;
    /// As `shift_right`, of pairs of words as one number each, the first the less significant.
    fn shift_pairs_right<const BITS: u32>(self) -> Self;
    /// The first word of each pair, then zeros.
    fn pairs_to_first(self) -> Self;
    /// Zeros, then the first word of each pair.
    fn pairs_to_last(self) -> Self;
}

impl Lanes for u32 {
    const COUNT: u64 = 1;
    type Words = [u32; 1];

    #[inline(always)]
    fn from_fn(word: impl Fn(u32) -> u32) -> Self {
        word(0)
    }
    #[inline(always)]
    fn splat(word: u32) -> Self {
        word
    }
    #[inline(always)]
    fn to_words(self) -> [u32; 1] {
        [self]
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self & other
    }
    #[inline(always)]
    fn shift_right<const BITS: u32>(self) -> Self {
        self >> BITS
    }
    #[inline(always)]
    fn rotate_right<const BITS: u32>(self) -> Self {
        u32::rotate_right(self, BITS)
    }
}

#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
pub(crate) use portable::U32x4;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use simd128::U32x4;
#[cfg(target_arch = "x86_64")]
pub(crate) use sse2::U32x4;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128 {
    use super::{Lanes, Quad, Row};
    use core::arch::wasm32::{
        i8x16_shuffle, u32x4, u32x4_add, u32x4_extract_lane, u32x4_shl, u32x4_shr, u32x4_shuffle,
        u32x4_splat, u64x2_shr, u64x2_shuffle, v128, v128_and, v128_load, v128_or, v128_store,
        v128_xor,
    };

    /// Four words in a SIMD128 vector.
    #[derive(Clone, Copy)]
    pub(crate) struct U32x4(v128);

    impl Quad for U32x4 {
        #[inline(always)]
        fn from_bytes(bytes: &[u8; 16]) -> Self {
            // SAFETY: `bytes` is 16 readable bytes; the load asks for no alignment.
            Self(unsafe { v128_load(bytes.as_ptr().cast()) })
        }
        #[inline(always)]
        fn write_bytes(self, bytes: &mut [u8; 16]) {
            // SAFETY: `bytes` is 16 writable bytes; the store asks for no alignment.
            unsafe { v128_store(bytes.as_mut_ptr().cast(), self.0) };
        }
        #[inline(always)]
        fn swap_bytes(self) -> Self {
            Self(i8x16_shuffle::<
                3,
                2,
                1,
                0,
                7,
                6,
                5,
                4,
                11,
                10,
                9,
                8,
                15,
                14,
                13,
                12,
            >(self.0, self.0))
        }
        #[inline(always)]
        fn transposed([a, b, c, d]: [Self; 4]) -> [Self; 4] {
            let upper_left = u32x4_shuffle::<0, 4, 1, 5>(a.0, b.0);
            let upper_right = u32x4_shuffle::<2, 6, 3, 7>(a.0, b.0);
            let lower_left = u32x4_shuffle::<0, 4, 1, 5>(c.0, d.0);
            let lower_right = u32x4_shuffle::<2, 6, 3, 7>(c.0, d.0);
            [
                Self(u64x2_shuffle::<0, 2>(upper_left, lower_left)),
                Self(u64x2_shuffle::<1, 3>(upper_left, lower_left)),
                Self(u64x2_shuffle::<0, 2>(upper_right, lower_right)),
                Self(u64x2_shuffle::<1, 3>(upper_right, lower_right)),
            ]
        }
    }

    impl Row for U32x4 {
        #[inline(always)]
        fn from_words(words: &[u32; 4]) -> Self {
            // SAFETY: `words` is 16 readable bytes.
            Self(unsafe { v128_load(words.as_ptr().cast()) })
        }
        #[inline(always)]
        fn write_words(self, words: &mut [u32; 4]) {
            // SAFETY: `words` is 16 writable bytes.
            unsafe { v128_store(words.as_mut_ptr().cast(), self.0) };
        }
        #[inline(always)]
        fn followed_by(self, next: Self) -> Self {
            Self(u32x4_shuffle::<1, 2, 3, 4>(self.0, next.0))
        }
        #[inline(always)]
        fn first_twice(self) -> Self {
            Self(u32x4_shuffle::<0, 0, 1, 1>(self.0, self.0))
        }
        #[inline(always)]
        fn last_twice(self) -> Self {
            Self(u32x4_shuffle::<2, 2, 3, 3>(self.0, self.0))
        }
        #[inline(always)]
        fn shift_pairs_right<const BITS: u32>(self) -> Self {
            Self(u64x2_shr(self.0, BITS))
        }
        #[inline(always)]
        fn pairs_to_first(self) -> Self {
            Self(u32x4_shuffle::<0, 2, 4, 4>(self.0, u32x4_splat(0)))
        }
        #[inline(always)]
        fn pairs_to_last(self) -> Self {
            Self(u32x4_shuffle::<4, 4, 0, 2>(self.0, u32x4_splat(0)))
        }
    }

    impl Lanes for U32x4 {
        const COUNT: u64 = 4;
        type Words = [u32; 4];

        #[inline(always)]
        fn from_fn(word: impl Fn(u32) -> u32) -> Self {
            Self(u32x4(word(0), word(1), word(2), word(3)))
        }
        #[inline(always)]
        fn splat(word: u32) -> Self {
            Self(u32x4_splat(word))
        }
        #[inline(always)]
        fn to_words(self) -> [u32; 4] {
            [
                u32x4_extract_lane::<0>(self.0),
                u32x4_extract_lane::<1>(self.0),
                u32x4_extract_lane::<2>(self.0),
                u32x4_extract_lane::<3>(self.0),
            ]
        }
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            Self(u32x4_add(self.0, other.0))
        }
        #[inline(always)]
        fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }
        #[inline(always)]
        fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }
        #[inline(always)]
        fn shift_right<const BITS: u32>(self) -> Self {
            Self(u32x4_shr(self.0, BITS))
        }
        #[inline(always)]
        fn rotate_right<const BITS: u32>(self) -> Self {
            Self(v128_or(
                u32x4_shr(self.0, BITS),
                u32x4_shl(self.0, 32 - BITS),
            ))
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use super::{Lanes, Quad};
    use core::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_and_si128, _mm_cvtsi32_si128, _mm_loadu_si128, _mm_or_si128,
        _mm_set1_epi32, _mm_setr_epi32, _mm_sll_epi32, _mm_slli_epi16, _mm_srl_epi32,
        _mm_srli_epi16, _mm_storeu_si128, _mm_unpackhi_epi32, _mm_unpackhi_epi64,
        _mm_unpacklo_epi32, _mm_unpacklo_epi64, _mm_xor_si128,
    };

    /// Four words in an SSE2 vector.
    #[derive(Clone, Copy)]
    pub(crate) struct U32x4(__m128i);

    /// Calls an intrinsic on registers alone.
    macro_rules! sse2 {
        ($call:expr) => {
            // SAFETY: SSE2 is part of the x86-64 baseline, and nothing here touches memory.
            unsafe { $call }
        };
    }

    impl Quad for U32x4 {
        #[inline(always)]
        fn from_bytes(bytes: &[u8; 16]) -> Self {
            // SAFETY: SSE2 is in the baseline; `bytes` is 16 readable bytes, of any alignment.
            Self(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
        }
        #[inline(always)]
        fn write_bytes(self, bytes: &mut [u8; 16]) {
            // SAFETY: SSE2 is in the baseline; `bytes` is 16 writable bytes, of any alignment.
            unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), self.0) };
        }
        #[inline(always)]
        fn swap_bytes(self) -> Self {
            // The bytes of each half change places, then the halves.
            let low = sse2!(_mm_srli_epi16::<8>(self.0));
            let high = sse2!(_mm_slli_epi16::<8>(self.0));
            Self(sse2!(_mm_or_si128(low, high))).rotate_right::<16>()
        }
        #[inline(always)]
        fn transposed([a, b, c, d]: [Self; 4]) -> [Self; 4] {
            let upper_left = sse2!(_mm_unpacklo_epi32(a.0, b.0));
            let upper_right = sse2!(_mm_unpackhi_epi32(a.0, b.0));
            let lower_left = sse2!(_mm_unpacklo_epi32(c.0, d.0));
            let lower_right = sse2!(_mm_unpackhi_epi32(c.0, d.0));
            [
                Self(sse2!(_mm_unpacklo_epi64(upper_left, lower_left))),
                Self(sse2!(_mm_unpackhi_epi64(upper_left, lower_left))),
                Self(sse2!(_mm_unpacklo_epi64(upper_right, lower_right))),
                Self(sse2!(_mm_unpackhi_epi64(upper_right, lower_right))),
            ]
        }
    }

    impl Lanes for U32x4 {
        const COUNT: u64 = 4;
        type Words = [u32; 4];

        #[inline(always)]
        fn from_fn(word: impl Fn(u32) -> u32) -> Self {
            let [a, b, c, d] = [word(0), word(1), word(2), word(3)].map(u32::cast_signed);
            Self(sse2!(_mm_setr_epi32(a, b, c, d)))
        }
        #[inline(always)]
        fn splat(word: u32) -> Self {
            Self(sse2!(_mm_set1_epi32(word.cast_signed())))
        }
        #[inline(always)]
        fn to_words(self) -> [u32; 4] {
            let mut words = [0; 4];
            // SAFETY: SSE2 is in the baseline; `words` is 16 writable bytes, of any alignment.
            unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), self.0) };
            words
        }
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            Self(sse2!(_mm_add_epi32(self.0, other.0)))
        }
        #[inline(always)]
        fn xor(self, other: Self) -> Self {
            Self(sse2!(_mm_xor_si128(self.0, other.0)))
        }
        #[inline(always)]
        fn and(self, other: Self) -> Self {
            Self(sse2!(_mm_and_si128(self.0, other.0)))
        }
        // Shift counts from registers, since `32 - BITS` can't be a const argument yet; the
        // compiler makes immediates of them.
        #[inline(always)]
        fn shift_right<const BITS: u32>(self) -> Self {
            Self(sse2!(_mm_srl_epi32(
                self.0,
                _mm_cvtsi32_si128(BITS.cast_signed())
            )))
        }
        #[inline(always)]
        fn rotate_right<const BITS: u32>(self) -> Self {
            let rest = (32 - BITS).cast_signed();
            let high = sse2!(_mm_sll_epi32(self.0, _mm_cvtsi32_si128(rest)));
            Self(sse2!(_mm_or_si128(self.shift_right::<BITS>().0, high)))
        }
    }
}

#[cfg(any(
    test,
    not(any(
        target_arch = "x86_64",
        all(target_arch = "wasm32", target_feature = "simd128")
    ))
))]
pub(crate) mod portable {
    #[cfg(test)]
    use super::Row;
    use super::{Lanes, Quad};
    use core::array::from_fn;

    /// Four words that the compiler may put into a vector.
    #[derive(Clone, Copy)]
    pub(crate) struct U32x4([u32; 4]);

    impl Quad for U32x4 {
        #[inline(always)]
        fn from_bytes(bytes: &[u8; 16]) -> Self {
            let (words, _) = bytes.as_chunks::<4>();
            Self(from_fn(|lane| u32::from_le_bytes(words[lane])))
        }
        #[inline(always)]
        fn write_bytes(self, bytes: &mut [u8; 16]) {
            for (quad, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(self.0) {
                *quad = word.to_le_bytes();
            }
        }
        #[inline(always)]
        fn swap_bytes(self) -> Self {
            Self(self.0.map(u32::swap_bytes))
        }
        #[inline(always)]
        fn transposed(rows: [Self; 4]) -> [Self; 4] {
            from_fn(|column| Self(from_fn(|row| rows[row].0[column])))
        }
    }

    #[cfg(test)]
    impl Row for U32x4 {
        fn from_words(words: &[u32; 4]) -> Self {
            Self(*words)
        }
        fn write_words(self, words: &mut [u32; 4]) {
            *words = self.0;
        }
        fn followed_by(self, Self([next, ..]): Self) -> Self {
            let [_, b, c, d] = self.0;
            Self([b, c, d, next])
        }
        fn first_twice(self) -> Self {
            let [a, b, ..] = self.0;
            Self([a, a, b, b])
        }
        fn last_twice(self) -> Self {
            let [.., c, d] = self.0;
            Self([c, c, d, d])
        }
        fn shift_pairs_right<const BITS: u32>(self) -> Self {
            let [a, b, c, d] = self.0;
            let shifted = |low: u32, high: u32| {
                let pair = (u64::from(high) << 32 | u64::from(low)) >> BITS;
                [pair as u32, (pair >> 32) as u32]
            };
            let [[a, b], [c, d]] = [shifted(a, b), shifted(c, d)];
            Self([a, b, c, d])
        }
        fn pairs_to_first(self) -> Self {
            let [a, _, c, _] = self.0;
            Self([a, c, 0, 0])
        }
        fn pairs_to_last(self) -> Self {
            let [a, _, c, _] = self.0;
            Self([0, 0, a, c])
        }
    }

    impl Lanes for U32x4 {
        const COUNT: u64 = 4;
        type Words = [u32; 4];

        #[inline(always)]
        fn from_fn(word: impl Fn(u32) -> u32) -> Self {
            Self([word(0), word(1), word(2), word(3)])
        }
        #[inline(always)]
        fn splat(word: u32) -> Self {
            Self([word; 4])
        }
        #[inline(always)]
        fn to_words(self) -> [u32; 4] {
            self.0
        }
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            Self(from_fn(|lane| self.0[lane].wrapping_add(other.0[lane])))
        }
        #[inline(always)]
        fn xor(self, other: Self) -> Self {
            Self(from_fn(|lane| self.0[lane] ^ other.0[lane]))
        }
        #[inline(always)]
        fn and(self, other: Self) -> Self {
            Self(from_fn(|lane| self.0[lane] & other.0[lane]))
        }
        #[inline(always)]
        fn shift_right<const BITS: u32>(self) -> Self {
            Self(self.0.map(|word| word >> BITS))
        }
        #[inline(always)]
        fn rotate_right<const BITS: u32>(self) -> Self {
            Self(self.0.map(|word| word.rotate_right(BITS)))
        }
    }
}
