//! Open hashers by number: independent, bounded, and unknown once they are closed.

use inos_mining::{Algorithm, Error, HasherTable, hash};
use std::sync::Barrier;

#[test]
fn hashers_are_independent() {
    let table = HasherTable::new();
    let numbers = Algorithm::ALL.map(|algorithm| table.open(1, algorithm).unwrap());
    for piece in [b"first ".as_slice(), b"second"] {
        for number in numbers {
            table.with(number, |hasher| hasher.update(piece)).unwrap();
        }
    }
    for (algorithm, number) in Algorithm::ALL.into_iter().zip(numbers) {
        assert_eq!(
            table.finish(number),
            Ok(hash(algorithm, b"first second").into())
        );
    }
    assert_eq!(table.open_count(), 0);
}

#[test]
fn a_number_is_unknown_before_it_is_opened_and_after_it_is_closed() {
    let table = HasherTable::new();
    for given in [0, 1, 1024, u32::MAX] {
        let unknown = Error::UnknownHasher { given };
        assert_eq!(table.with(given, |_| ()), Err(unknown));
        assert_eq!(table.finish(given), Err(unknown));
        assert_eq!(table.close(given), Err(unknown));
    }
    let number = table.open(1, Algorithm::Sha256).unwrap();
    table.close(number).unwrap();
    assert_eq!(
        table.close(number),
        Err(Error::UnknownHasher { given: number })
    );
    let reused = table.open(1, Algorithm::Sha256).unwrap();
    assert_ne!(
        reused, number,
        "a stale number must not reach another's hasher"
    );
    assert_eq!(
        table.finish(number),
        Err(Error::UnknownHasher { given: number })
    );
    assert_eq!(
        table.finish(reused),
        Ok(hash(Algorithm::Sha256, b"").into())
    );
}

#[test]
fn as_many_as_the_limit_can_be_open() {
    let table = HasherTable::new();
    let numbers: Vec<u32> = (0..HasherTable::LIMIT)
        .map(|_| table.open(1, Algorithm::Sha256).unwrap())
        .collect();
    let refused = Err(Error::TooManyHashers {
        limit: HasherTable::LIMIT,
    });
    assert_eq!(table.open(1, Algorithm::Blake3), refused);
    table.close(numbers[500]).unwrap();
    assert!(table.open(1, Algorithm::Blake3).is_ok());
    assert_eq!(table.open(1, Algorithm::Blake3), refused);
    assert_eq!(table.open_count(), HasherTable::LIMIT);
}

#[test]
fn numbers_stay_distinct_while_a_slot_is_reused() {
    let table = HasherTable::new();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..10_000 {
        let number = table.open(1, Algorithm::Sha256).unwrap();
        assert!(seen.insert(number));
        table.close(number).unwrap();
    }
}

#[test]
fn threads_share_one_table() {
    static TABLE: HasherTable = HasherTable::new();
    const ROUNDS: usize = 200;
    let (barrier, shared) = (Barrier::new(4), TABLE.open(1, Algorithm::Blake3).unwrap());
    std::thread::scope(|scope| {
        for thread in 0..4u8 {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                for round in 0..ROUNDS {
                    let piece = [thread, round as u8];
                    let own = TABLE.open(1, Algorithm::Sha256d).unwrap();
                    TABLE.with(own, |hasher| hasher.update(&piece)).unwrap();
                    TABLE
                        .with(shared, |hasher| hasher.update(&[7; 100]))
                        .unwrap();
                    assert_eq!(
                        TABLE.finish(own),
                        Ok(hash(Algorithm::Sha256d, &piece).into())
                    );
                }
            });
        }
    });
    let whole = vec![7; 4 * ROUNDS * 100];
    assert_eq!(
        TABLE.finish(shared),
        Ok(hash(Algorithm::Blake3, &whole).into())
    );
}

#[test]
fn only_one_of_two_finishes_gets_the_digest() {
    let table = HasherTable::new();
    for _ in 0..200 {
        let number = table.open(1, Algorithm::Sha256).unwrap();
        let won = std::thread::scope(|scope| {
            let threads = [0, 1].map(|_| scope.spawn(|| table.finish(number).is_ok()));
            threads.map(|thread| thread.join().unwrap())
        });
        assert_eq!(won.into_iter().filter(|&ok| ok).count(), 1);
    }
}

#[test]
fn a_number_of_one_life_is_unknown_in_all_others() {
    let mut numbers = std::collections::HashSet::new();
    for life in 0..2000 {
        let table = HasherTable::new();
        for _ in 0..10 {
            let number = table.open(life, Algorithm::Sha256).unwrap();
            assert!(numbers.insert(number), "life {life}");
            table.close(number).unwrap();
        }
    }
}
