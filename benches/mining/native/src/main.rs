//! What `pnpm bench mining` compares the capsule with: the same source as native code, and BLAKE3's
//! own tree hashing over a mapped file, which is what b3sum does.
//!
//! Reads a command per line and answers with a line, so that its turns can be interleaved:
//! - `lanes COUNT` and `scalar COUNT`: nanoseconds for so many nonces of a header, double SHA-256;
//! - `file THREADS PATH`: nanoseconds for a file, and its digest.

use std::io::{BufRead, Error, Write, stdin, stdout};
use std::time::Instant;

use inos_mining::{Algorithm, DigestOrder, Search, Target};

fn search(count: u64, is_scalar: bool) -> Option<String> {
    let header: Vec<u8> = (0..80).collect();
    let target = Target::new([0; 32]);
    let order = DigestOrder::LittleEndian;
    let search = Search::new(Algorithm::Sha256d, &header, 76, target, order).ok()?;
    let started = Instant::now();
    let found = if is_scalar {
        search.scan_scalar(0u32, count)
    } else {
        search.scan(0u32, count)
    };
    let nanoseconds = started.elapsed().as_nanos();
    found.is_none().then(|| nanoseconds.to_string())
}

fn file(threads: usize, path: &str) -> Option<String> {
    let pool = rayon_core::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .ok()?;
    let started = Instant::now();
    let digest = pool.install(|| {
        let mut hasher = blake3::Hasher::new();
        hasher.update_mmap_rayon(path)?;
        Ok::<_, Error>(hasher.finalize())
    });
    let nanoseconds = started.elapsed().as_nanos();
    Some(format!("{nanoseconds} {}", digest.ok()?.to_hex()))
}

fn answer(line: &str) -> Option<String> {
    let (command, rest) = line.split_once(' ')?;
    match command {
        "lanes" | "scalar" => search(rest.parse().ok()?, command == "scalar"),
        "file" => {
            let (threads, path) = rest.split_once(' ')?;
            file(threads.parse().ok()?, path)
        }
        _ => None,
    }
}

fn main() -> Result<(), Error> {
    for line in stdin().lock().lines() {
        let answer = answer(&line?).unwrap_or_else(|| "failed".into());
        writeln!(stdout(), "{answer}")?;
    }
    Ok(())
}
