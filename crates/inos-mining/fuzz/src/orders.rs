//! What a search is told: any header, place, target and range is refused, or searched as a plain loop would.

use inos_mining::{
    Algorithm, DigestOrder, Error, Found, MAXIMUM_HEADER_BYTES, NonceFormat, NoncePlace, Search,
    Target, hash, nonce_count,
};

use crate::input::Input;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Sha256, Algorithm::Sha256d, Algorithm::Blake3];
/// Enough for several sets of lanes, and what is left over.
const MOST_NONCES: u32 = 40;

/// A header with a nonce, written again for this target alone.
fn message(header: &[u8], place: NoncePlace, nonce: u64) -> Vec<u8> {
    let written = match place.format {
        NonceFormat::Uint32LittleEndian => (nonce as u32).to_le_bytes().to_vec(),
        NonceFormat::Uint32BigEndian => (nonce as u32).to_be_bytes().to_vec(),
        NonceFormat::Uint64LittleEndian => nonce.to_le_bytes().to_vec(),
        NonceFormat::Uint64BigEndian => nonce.to_be_bytes().to_vec(),
        NonceFormat::Decimal => nonce.to_string().into_bytes(),
    };
    let end = place.offset + place.format.header_bytes();
    [&header[..place.offset], &written, &header[end..]].concat()
}

/// A target that some digests meet, or anything.
fn target(input: &mut Input<'_>) -> Result<Target, Error> {
    let lowest = match input.below(4) {
        0 => {
            let length = input.choose(&[31, 32, 33]);
            input.bytes(length)
        }
        _ => Vec::new(),
    };
    let mut highest = vec![0xff; 32];
    if input.is_set() {
        let length = input.choose(&[0, 31, 32, 32, 32, 33]);
        highest = input.bytes(length);
    } else {
        highest[0] = input.byte();
    }
    Target::between(&lowest, &highest)
}

/// Searches of any order end as they should.
pub fn orders(data: &[u8]) {
    let mut input = Input::new(data);
    let algorithm = input.choose(&ALGORITHMS);
    let format = input.choose(&NonceFormat::ALL);
    let order = input.choose(&DigestOrder::ALL);
    let first = input.long();
    let last = first.wrapping_add(input.below(MOST_NONCES).into());
    let is_ahead = nonce_count(first, last).is_ok();
    assert_eq!(is_ahead, first <= last, "{first} to {last}");
    let target = target(&mut input);
    let length = input.length(MAXIMUM_HEADER_BYTES + 8);
    let header = input.bytes(length);
    let offset = input.length(header.len() + 4);
    let place = NoncePlace { offset, format };
    let Ok(target) = target else { return };
    let fits = offset
        .checked_add(format.header_bytes())
        .is_some_and(|end| end <= header.len());
    let is_short = header.len() <= MAXIMUM_HEADER_BYTES;
    let search = match Search::new(algorithm, &header, place, target, order) {
        Ok(search) => search,
        Err(_) => {
            let is_empty = header.is_empty() && format != NonceFormat::Decimal;
            assert!(
                !fits || !is_short || is_empty,
                "{} bytes, {place:?}",
                header.len()
            );
            return;
        }
    };
    assert!(fits && is_short, "{} bytes, {place:?}", header.len());
    if !is_ahead || last > format.last_nonce() {
        return;
    }
    let expected = (first..=last).find_map(|nonce| {
        let digest = hash(algorithm, &message(&header, place, nonce));
        target
            .admits(&digest, order)
            .then_some(Found { nonce, digest })
    });
    assert_eq!(search.scan(first, last - first + 1), expected);
}
