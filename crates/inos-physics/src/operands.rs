//! The words of one command, read with every index and number checked.

use rapier3d::dynamics::MassProperties;
use rapier3d::math::{Pose, Rotation, Vector};

use crate::{Error, Handle};

/// How far a rotation's length may be from 1.
const ROTATION_TOLERANCE: f32 = 1e-3;

/// A command's operands: the words behind its first.
#[derive(Clone, Copy)]
pub(crate) struct Operands<'w> {
    words: &'w [u32],
    /// Where the command begins in its stream, for errors.
    pub(crate) at: u32,
}

impl<'w> Operands<'w> {
    pub(crate) fn new(words: &'w [u32], at: u32) -> Self {
        Self { words, at }
    }

    /// The error of a command whose operand `index` is wrong.
    pub(crate) fn bad(&self, index: u32) -> Error {
        Error::BadCommand {
            word: self.at,
            operand: index + 1,
        }
    }

    pub(crate) fn word(&self, index: u32) -> Result<u32, Error> {
        let word = self.words.get(index as usize);
        word.copied().ok_or(self.bad(index))
    }

    pub(crate) fn handle(&self, index: u32) -> Result<Handle, Error> {
        Ok(Handle {
            slot: self.word(index)?,
            generation: self.word(index + 1)?,
        })
    }

    /// A finite number.
    pub(crate) fn number(&self, index: u32) -> Result<f32, Error> {
        let number = f32::from_bits(self.word(index)?);
        if number.is_finite() {
            return Ok(number);
        }
        Err(self.bad(index))
    }

    /// A finite number that isn't negative.
    pub(crate) fn size(&self, index: u32) -> Result<f32, Error> {
        self.number(index)
            .and_then(|number| (number >= 0.0).then_some(number).ok_or(self.bad(index)))
    }

    /// A finite number above zero.
    pub(crate) fn positive(&self, index: u32) -> Result<f32, Error> {
        self.number(index)
            .and_then(|number| (number > 0.0).then_some(number).ok_or(self.bad(index)))
    }

    pub(crate) fn vector(&self, index: u32) -> Result<Vector, Error> {
        Ok(Vector::new(
            self.number(index)?,
            self.number(index + 1)?,
            self.number(index + 2)?,
        ))
    }

    /// A vector of length 1, made from one of any length above zero.
    pub(crate) fn direction(&self, index: u32) -> Result<Vector, Error> {
        self.vector(index)?.try_normalize().ok_or(self.bad(index))
    }

    /// A rotation, x y z w. Its length must be 1; it is taken as it is.
    pub(crate) fn rotation(&self, index: u32) -> Result<Rotation, Error> {
        let number = |offset| self.number(index + offset);
        let rotation = Rotation::from_xyzw(number(0)?, number(1)?, number(2)?, number(3)?);
        let length = rotation.length();
        if (length - 1.0).abs() <= ROTATION_TOLERANCE {
            return Ok(rotation);
        }
        Err(self.bad(index))
    }

    /// As [`Self::rotation`], brought to length 1: as rapier.js does it where a rotation is set, bit by bit.
    pub(crate) fn unit_rotation(&self, index: u32) -> Result<Rotation, Error> {
        let [x, y, z, w] = self.rotation(index)?.to_array();
        let scale = 1.0 / (x * x + y * y + z * z + w * w).sqrt();
        Ok(Rotation::from_xyzw(
            x * scale,
            y * scale,
            z * scale,
            w * scale,
        ))
    }

    /// A mass, its centre, its principal inertia and the frame of that.
    pub(crate) fn mass_properties(&self, index: u32) -> Result<MassProperties, Error> {
        let inertia = [
            self.size(index + 4)?,
            self.size(index + 5)?,
            self.size(index + 6)?,
        ];
        Ok(MassProperties::with_principal_inertia_frame(
            self.vector(index + 1)?,
            self.size(index)?,
            Vector::from_array(inertia),
            self.rotation(index + 7)?,
        ))
    }

    pub(crate) fn pose(&self, position: u32, rotation: u32) -> Result<Pose, Error> {
        let translation = self.vector(position)?;
        Ok(Pose::from_parts(translation, self.rotation(rotation)?))
    }
}
