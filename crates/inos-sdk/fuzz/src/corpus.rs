//! The inputs that are kept: text files, an input on each line, in hexadecimal.

use std::fs::read_to_string;
use std::path::Path;

/// The inputs that together reach all that was ever reached of a target, then those that were findings once.
///
/// # Panics
/// If there are none, or a line isn't what it should be.
pub fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |kind: &str| read_to_string(folder.join(kind).join(format!("{target}.txt")));
    let reaching = read("corpus").unwrap_or_default();
    assert!(!reaching.is_empty(), "there is no corpus for {target}");
    let findings = read("findings").unwrap_or_default();
    let lines = reaching.lines().chain(findings.lines());
    lines.map(bytes_of).collect()
}

fn bytes_of(line: &str) -> Vec<u8> {
    let digits = line.as_bytes().as_chunks::<2>();
    assert!(digits.1.is_empty(), "an odd number of digits: {line}");
    let byte = |pair: &[u8; 2]| {
        let digit = |at: usize| {
            char::from(pair[at])
                .to_digit(16)
                .expect("a hexadecimal digit")
        };
        (digit(0) * 16 + digit(1)) as u8
    };
    digits.0.iter().map(byte).collect()
}
