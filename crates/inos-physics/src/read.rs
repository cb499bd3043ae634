//! Properties of many things at once, each into an array of its own.

mod body;
mod collider;
mod control;
mod joint;
mod world;

use rapier3d::math::{Rotation, Vector};

use crate::generated::answers_capnp::read_subject as subject;
use crate::operands::Operands;
use crate::{Error, World};

/// The most words that a property has.
const MOST_WORDS: usize = 36;

/// One property of one thing, as words.
pub(crate) struct Value {
    words: [u32; MOST_WORDS],
    count: usize,
}

impl Value {
    fn words<const N: usize>(given: [u32; N]) -> Self {
        let mut words = [0; MOST_WORDS];
        words[..N].copy_from_slice(&given);
        Self { words, count: N }
    }

    fn word(given: u32) -> Self {
        Self::words([given])
    }

    fn switch(given: bool) -> Self {
        Self::word(u32::from(given))
    }

    fn count(given: usize) -> Self {
        Self::word(given as u32)
    }

    fn signed(given: i32) -> Self {
        Self::word(given.cast_unsigned())
    }

    fn numbers<const N: usize>(given: [f32; N]) -> Self {
        Self::words(given.map(f32::to_bits))
    }

    fn number(given: f32) -> Self {
        Self::numbers([given])
    }

    fn vector(given: Vector) -> Self {
        Self::numbers(given.to_array())
    }

    fn rotation(given: Rotation) -> Self {
        Self::numbers(given.to_array())
    }
}

/// Words of what names one thing.
///
/// # Errors
/// [`Error::BadQuery`] for a subject that there isn't.
pub fn read_input_words(which: u32) -> Result<usize, Error> {
    Ok(match which {
        subject::BODY
        | subject::COLLIDER
        | subject::JOINT
        | subject::CHARACTER
        | subject::VEHICLE
        | subject::SOFT_BODY
        | subject::PID => 2,
        subject::WHEEL => 3,
        subject::POINT => 5,
        subject::WORLD => 1,
        _ => {
            return Err(Error::BadQuery {
                reason: "there is no such kind of thing",
            });
        }
    })
}

impl World {
    /// Writes properties of things: one property after another, each of all things.
    ///
    /// # Errors
    /// [`Error::BadQuery`] if `output` isn't as long as that; [`Error::DeadHandle`] or [`Error::BadCommand`] with
    /// the number of the thing in place of the command's word.
    pub fn read(
        &self,
        which: u32,
        properties: &[u32],
        things: &[u32],
        output: &mut [u32],
    ) -> Result<(), Error> {
        let no_fit = Error::BadQuery {
            reason: "input and output must hold as many properties",
        };
        let input_words = read_input_words(which)?;
        let mut rest = output;
        for &property in properties {
            for (index, thing) in things.chunks_exact(input_words).enumerate() {
                let value = self.property(which, property, Operands::new(thing, index as u32))?;
                let (target, after) = rest.split_at_mut_checked(value.count).ok_or(no_fit)?;
                target.copy_from_slice(&value.words[..value.count]);
                rest = after;
            }
        }
        if rest.is_empty() {
            return Ok(());
        }
        Err(no_fit)
    }

    fn property(&self, which: u32, property: u32, thing: Operands<'_>) -> Result<Value, Error> {
        let found = match which {
            subject::BODY => body::property(self, thing, property)?,
            subject::POINT => body::velocity_at(self, thing)?,
            subject::COLLIDER => collider::property(self, thing, property)?,
            subject::JOINT => joint::property(self, thing, property)?,
            subject::WORLD => world::property(self, property),
            _ => control::property(self, which, thing, property)?,
        };
        found.ok_or(Error::BadQuery {
            reason: "there is no such property",
        })
    }
}
