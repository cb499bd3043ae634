//! Reads the fixture files that the TypeScript tests read too.

use std::path::Path;

use inos_physics::{Handle, World, WorldOptions};
use serde_json::Value;

/// One stream of commands and the steps after it.
pub struct Job {
    pub commands: Vec<u32>,
    pub steps: u64,
    /// A shape that was made after the commands: its slot and its words.
    pub shape: Option<(u32, Vec<u32>)>,
    /// A soft body that was made after the commands, likewise.
    pub soft_body: Option<(u32, Vec<u32>)>,
}

impl Job {
    /// Makes what isn't made by commands.
    pub fn make_parts(&self, world: &mut World) {
        let first = |slot: &u32| Handle {
            slot: *slot,
            generation: 0,
        };
        if let Some((slot, data)) = &self.shape {
            world.create_shape(first(slot), data).unwrap();
        }
        if let Some((slot, data)) = &self.soft_body {
            world.create_soft_body(first(slot), data).unwrap();
        }
    }
}

/// A world of `vectors/physics/worlds.json`.
pub struct Recorded {
    pub name: String,
    pub options: WorldOptions,
    pub jobs: Vec<Job>,
    pub bodies: u64,
    pub steps: u64,
    pub digest: String,
    pub snapshot: Snapshot,
}

/// The snapshot of a recorded world at its end, as WebAssembly made it.
pub struct Snapshot {
    pub host: Vec<u8>,
    pub checksum: Vec<u8>,
    pub byte_length: u64,
    /// So many steps later, what the world comes to.
    pub later: (u64, String),
}

impl Recorded {
    /// The world at its end.
    pub fn replay(&self) -> World {
        let mut world = World::new(&self.options);
        for job in &self.jobs {
            world.apply(&job.commands).unwrap();
            job.make_parts(&mut world);
            (0..job.steps).for_each(|_| world.step());
        }
        world
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The codes of this capsule in `vectors/errors.json`.
pub fn errors() -> Vec<Value> {
    read("errors.json")["physics"].as_array().unwrap().clone()
}

/// All recorded worlds.
pub fn worlds() -> Vec<Recorded> {
    let file = read("physics/worlds.json");
    file["worlds"]
        .as_array()
        .unwrap()
        .iter()
        .map(recorded)
        .collect()
}

fn read(file: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn recorded(world: &Value) -> Recorded {
    let jobs = world["jobs"].as_array().unwrap();
    Recorded {
        name: world["name"].as_str().unwrap().to_owned(),
        options: options(&world["options"]),
        jobs: jobs.iter().map(job).collect(),
        bodies: world["bodies"].as_u64().unwrap(),
        steps: world["steps"].as_u64().unwrap(),
        digest: world["digest"].as_str().unwrap().to_owned(),
        snapshot: snapshot(&world["snapshot"]),
    }
}

fn snapshot(given: &Value) -> Snapshot {
    let later = &given["later"];
    Snapshot {
        host: bytes(&given["host"]),
        checksum: bytes(&given["checksum"]),
        byte_length: given["byteLength"].as_u64().unwrap(),
        later: (
            later["steps"].as_u64().unwrap(),
            later["digest"].as_str().unwrap().to_owned(),
        ),
    }
}

fn options(given: &Value) -> WorldOptions {
    let otherwise = WorldOptions::default();
    let number = |name: &str, otherwise: f32| {
        given[name]
            .as_f64()
            .map_or(otherwise, |number| number as f32)
    };
    let axis = |index: usize| {
        let number = given["gravity"][index].as_f64();
        number.map_or(otherwise.gravity[index], |number| number as f32)
    };
    WorldOptions {
        gravity: [axis(0), axis(1), axis(2)],
        step_seconds: number("stepSeconds", otherwise.step_seconds),
        capacity: number("capacity", 1024.0) as u32,
        solver_iterations: number("solverIterations", 4.0) as u32,
        length_unit: number("lengthUnit", 1.0),
    }
}

fn bytes(digits: &Value) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let digits = digits.as_str().unwrap().as_bytes();
    digits.chunks(2).map(byte).collect()
}

fn words(digits: &Value) -> Vec<u32> {
    let bytes = bytes(digits);
    let (words, rest) = bytes.as_chunks::<4>();
    assert!(rest.is_empty());
    words.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

fn job(job: &Value) -> Job {
    let part = |name: &str| {
        let part = &job[name];
        let slot = part["slot"].as_u64();
        slot.map(|slot| (slot as u32, words(&part["data"])))
    };
    Job {
        commands: words(&job["commands"]),
        steps: job["steps"].as_u64().unwrap(),
        shape: part("shape"),
        soft_body: part("softBody"),
    }
}
