//! Streams of commands: how a host changes a world.
//!
//! The host checks all that it can before it writes a command, so a stream that stops half-way was written by
//! somebody else.

use crate::generated::physics_capnp::command;
use crate::operands::Operands;
use crate::{
    Error, World, body, character, collider, control, hooks, joint, mesh, pid, soft, vehicle,
};

/// A command's length lies above its opcode.
const LENGTH_SHIFT: u32 = 8;

impl World {
    /// Applies a stream of commands in order.
    ///
    /// # Errors
    /// [`Error::BadCommand`] or [`Error::DeadHandle`] of the first command that can't be. All others are applied: the
    /// host goes on as if all were.
    pub fn apply(&mut self, stream: &[u32]) -> Result<(), Error> {
        let mut at = 0;
        let mut missed = Ok(());
        while at < stream.len() {
            let (opcode, length) = (stream[at] & 0xff, stream[at] >> LENGTH_SHIFT);
            let word = at as u32;
            let bad = Error::BadCommand { word, operand: 0 };
            let words = stream
                .get(at..at + length as usize)
                .filter(|words| !words.is_empty())
                .ok_or(bad)?;
            let operands = Operands::new(&words[1..], word);
            let applied = match opcode {
                command::CREATE_BODY => body::create(self, operands),
                command::REMOVE_BODY => body::remove(self, operands),
                command::CREATE_COLLIDER => collider::create(self, operands),
                command::REMOVE_COLLIDER => collider::remove(self, operands),
                command::SET_BODY => body::set(self, operands),
                command::SET_COLLIDER => collider::set(self, operands),
                command::CREATE_JOINT => joint::create(self, operands),
                command::REMOVE_JOINT => joint::remove(self, operands),
                command::SET_JOINT => joint::set(self, operands),
                command::REMOVE_SHAPE => mesh::remove(self, operands),
                command::SET_WORLD => self.set(operands),
                command::IGNORE_PAIR => hooks::ignore_pair(self, operands),
                command::SET_SOFT_BODY => soft::set(self, operands),
                _ => self.apply_control(opcode, operands),
            };
            missed = missed.and(applied);
            at += length as usize;
        }
        missed
    }

    /// Applies a command on what drives bodies.
    fn apply_control(&mut self, opcode: u32, operands: Operands<'_>) -> Result<(), Error> {
        match opcode {
            command::CREATE_CHARACTER => character::create(self, operands),
            command::SET_CHARACTER => character::set(self, operands),
            command::MOVE_CHARACTER => character::go(self, operands),
            command::CREATE_VEHICLE => vehicle::create(self, operands),
            command::SET_VEHICLE => vehicle::set(self, operands),
            command::ADD_WHEEL => vehicle::add_wheel(self, operands),
            command::SET_WHEEL => vehicle::set_wheel(self, operands),
            command::CREATE_PID => pid::create(self, operands),
            command::SET_PID => pid::set(self, operands),
            command::TARGET_PID => pid::aim(self, operands),
            command::RESET_PID => pid::reset(self, operands),
            command::REMOVE_CONTROLLER => control::remove(self, operands),
            command::REMOVE_SOFT_BODY => soft::remove(self, operands),
            _ => Err(Error::BadCommand {
                word: operands.at,
                operand: 0,
            }),
        }
    }
}
