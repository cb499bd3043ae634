//! How a nonce is written into a message, and where.

use super::template::WINDOW_BYTES;

/// How a nonce is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NonceFormat {
    /// Four bytes, the least significant first, over what the header holds there.
    Uint32LittleEndian,
    /// Four bytes, the most significant first, over what the header holds there.
    Uint32BigEndian,
    /// Eight bytes, the least significant first, over what the header holds there.
    Uint64LittleEndian,
    /// Eight bytes, the most significant first, over what the header holds there.
    Uint64BigEndian,
    /// ASCII digits, as few as the number has, between the header's bytes before and after.
    Decimal,
}

impl NonceFormat {
    /// Every format, in the order of the schema's `NonceFormat`.
    pub const ALL: [Self; 5] = [
        Self::Uint32LittleEndian,
        Self::Uint32BigEndian,
        Self::Uint64LittleEndian,
        Self::Uint64BigEndian,
        Self::Decimal,
    ];

    /// The name that the TypeScript package and the vectors use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uint32LittleEndian => "uint32-le",
            Self::Uint32BigEndian => "uint32-be",
            Self::Uint64LittleEndian => "uint64-le",
            Self::Uint64BigEndian => "uint64-be",
            Self::Decimal => "decimal",
        }
    }

    /// How many bytes of the header the nonce overwrites: none for digits, which are inserted.
    pub const fn header_bytes(self) -> usize {
        match self {
            Self::Uint32LittleEndian | Self::Uint32BigEndian => 4,
            Self::Uint64LittleEndian | Self::Uint64BigEndian => 8,
            Self::Decimal => 0,
        }
    }

    /// The largest nonce that it can write.
    pub const fn last_nonce(self) -> u64 {
        match self {
            Self::Uint32LittleEndian | Self::Uint32BigEndian => u32::MAX as u64,
            _ => u64::MAX,
        }
    }

    /// Where, after the nonce's first byte, its window lies: the bytes that change most often.
    fn window(self, message_growth: usize) -> usize {
        match self {
            Self::Uint32LittleEndian | Self::Uint32BigEndian | Self::Uint64LittleEndian => 0,
            Self::Uint64BigEndian => 4,
            Self::Decimal => message_growth - WINDOW_BYTES,
        }
    }
}

/// A format, and where in the header the nonce begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NoncePlace {
    /// Offset in the header, in bytes.
    pub offset: usize,
    /// How the nonce is written there.
    pub format: NonceFormat,
}

/// A little-endian nonce of 32 bits at an offset.
impl From<usize> for NoncePlace {
    fn from(offset: usize) -> Self {
        Self {
            offset,
            format: NonceFormat::Uint32LittleEndian,
        }
    }
}

impl NoncePlace {
    /// The message that is hashed for a nonce. The place must fit the header, and the nonce the
    /// format: otherwise it panics or loses the nonce's upper half.
    ///
    /// ```
    /// use inos_mining::{NonceFormat, NoncePlace};
    ///
    /// let place = NoncePlace { offset: 5, format: NonceFormat::Decimal };
    /// assert_eq!(place.message(b"salt:!", 1234), b"salt:1234!");
    /// ```
    pub fn message(self, header: &[u8], nonce: u64) -> Vec<u8> {
        let mut message = header.to_vec();
        let mut overwrite = |bytes: &[u8]| {
            message[self.offset..][..bytes.len()].copy_from_slice(bytes);
        };
        match self.format {
            NonceFormat::Uint32LittleEndian => overwrite(&(nonce as u32).to_le_bytes()),
            NonceFormat::Uint32BigEndian => overwrite(&(nonce as u32).to_be_bytes()),
            NonceFormat::Uint64LittleEndian => overwrite(&nonce.to_le_bytes()),
            NonceFormat::Uint64BigEndian => overwrite(&nonce.to_be_bytes()),
            NonceFormat::Decimal => {
                message.splice(self.offset..self.offset, nonce.to_string().into_bytes());
            }
        }
        message
    }

    /// The window in the message for `nonce`, as an offset there.
    pub(super) fn window_offset(self, header: &[u8], message: &[u8]) -> usize {
        self.offset + self.format.window(message.len() - header.len())
    }
}

/// How far the nonces go whose messages differ from that of `nonce` in its window alone: how many
/// there are from `nonce` on, and what the window is counted by. `None` for numbers with fewer
/// digits than the window has bytes.
pub(super) fn run_at(format: NonceFormat, nonce: u64) -> (u64, Option<(WindowForm, u32)>) {
    let in_32_bits = ((1 << 32) - u64::from(nonce as u32), nonce as u32);
    let (count, form, low) = match format {
        NonceFormat::Uint32LittleEndian | NonceFormat::Uint64LittleEndian => {
            (in_32_bits.0, WindowForm::LittleEndian, in_32_bits.1)
        }
        NonceFormat::Uint32BigEndian | NonceFormat::Uint64BigEndian => {
            (in_32_bits.0, WindowForm::BigEndian, in_32_bits.1)
        }
        NonceFormat::Decimal if nonce < SHORTEST_RUN => return (SHORTEST_RUN - nonce, None),
        NonceFormat::Decimal => {
            let low = nonce % WINDOW_NUMBERS;
            (WINDOW_NUMBERS - low, WindowForm::Digits, low as u32)
        }
    };
    (count, Some((form, low)))
}

/// How many numbers four digits can write.
const WINDOW_NUMBERS: u64 = 10_000;
/// The lowest number that has four digits.
const SHORTEST_RUN: u64 = 1_000;

/// How the four bytes of a window come from the number that it is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WindowForm {
    LittleEndian,
    BigEndian,
    Digits,
}

impl WindowForm {
    /// The window's bytes for a number, read most significant byte first.
    #[inline(always)]
    pub(super) fn bytes(self, number: u32) -> u32 {
        match self {
            Self::LittleEndian => number.swap_bytes(),
            Self::BigEndian => number,
            Self::Digits => digits(number),
        }
    }
}

/// The four ASCII digits of a number below 10,000.
#[inline(always)]
fn digits(number: u32) -> u32 {
    let (hundreds, rest) = (number / 100, number % 100);
    let pair = |number: u32| (number / 10) << 8 | number % 10;
    0x3030_3030 + (pair(hundreds) << 16 | pair(rest))
}
