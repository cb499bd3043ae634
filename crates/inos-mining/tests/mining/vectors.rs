//! Reads the fixture files that the TypeScript tests read too.

use inos_mining::{Algorithm, DigestOrder};
use serde_json::Value;
use std::path::Path;

/// The list under `vectors` of a file in `vectors/mining`.
pub fn read(name: &str) -> Vec<Value> {
    list(&format!("mining/{name}"), "vectors")
}

/// The codes of this capsule in `vectors/errors.json`: those without a number never come from it.
pub fn errors() -> Vec<Value> {
    let mut errors = list("errors.json", "mining");
    errors.retain(|error| error.get("number").is_some());
    errors
}

fn list(file: &str, key: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    file[key].as_array().unwrap().clone()
}

pub fn algorithm(vector: &Value) -> Algorithm {
    let name = vector["algorithm"].as_str().unwrap();
    Algorithm::ALL
        .into_iter()
        .find(|algorithm| algorithm.name() == name)
        .unwrap()
}

pub fn digest_order(vector: &Value) -> DigestOrder {
    let name = vector["digestOrder"].as_str().unwrap();
    DigestOrder::ALL
        .into_iter()
        .find(|order| order.name() == name)
        .unwrap()
}

/// The bytes that a hash vector's `input` describes: `hex`, or the bytes 0, 1, 2 … of a `cycle`
/// for a `length`, or a `text` as often as `repeat` says.
pub fn input(vector: &Value) -> Vec<u8> {
    let input = &vector["input"];
    if let Some(text) = input["text"].as_str() {
        return text.repeat(number(&input["repeat"]) as usize).into_bytes();
    }
    if let Some(cycle) = input["cycle"].as_u64() {
        return (0..number(&input["length"]))
            .map(|index| (index % cycle) as u8)
            .collect();
    }
    bytes(&input["hex"])
}

pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

pub fn bytes(value: &Value) -> Vec<u8> {
    from_hex(value.as_str().unwrap())
}

pub fn from_hex(text: &str) -> Vec<u8> {
    assert_eq!(text.len() % 2, 0, "whole bytes");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
