//! Reads the files that the TypeScript tests read too.

use serde_json::Value;
use std::path::Path;

/// A file of the folder `vectors`.
pub fn read(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The elements of a list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// A number that fits 32 bits.
pub fn word(value: &Value) -> u32 {
    number(value).try_into().unwrap()
}

/// A number, or one that is written as a string because some readers' numbers end earlier.
pub fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

/// What a field says, if it is there and isn't null.
pub fn optional(value: &Value) -> Option<u64> {
    (!value.is_null()).then(|| number(value))
}

/// A name.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
