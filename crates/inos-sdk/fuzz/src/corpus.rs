//! The inputs that are kept: a text file for each target, an input on each line, in hexadecimal.

use std::fs::read_to_string;
use std::path::Path;

/// The kept inputs of a target.
///
/// # Panics
/// If there are none, or a line isn't what it should be.
pub fn corpus(target: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("corpus/{target}.txt"));
    let text = read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let inputs: Vec<Vec<u8>> = text.lines().map(bytes_of).collect();
    assert!(!inputs.is_empty(), "{} is empty", path.display());
    inputs
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
