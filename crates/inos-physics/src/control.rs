//! What drives bodies: characters, vehicles, PID controllers. They have slots of their own.

use serde::{Deserialize, Serialize};

use crate::character::Character;
use crate::operands::Operands;
use crate::pid::Pid;
use crate::vehicle::Vehicle;
use crate::{Error, Handle, World};

/// One of them. It stays when what it drives goes, and then does nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Control {
    Character(Box<Character>),
    Vehicle(Box<Vehicle>),
    Pid(Box<Pid>),
}

impl World {
    /// Gives a free slot to a controller.
    pub(crate) fn add_control(
        &mut self,
        handle: Handle,
        control: Control,
        operands: Operands<'_>,
    ) -> Result<(), Error> {
        if self.controls.insert(handle, control) {
            return Ok(());
        }
        Err(operands.bad(0))
    }

    fn control(&mut self, operands: Operands<'_>) -> Result<&mut Control, Error> {
        let handle = operands.handle(0)?;
        let dead = Error::DeadHandle {
            word: operands.at,
            slot: handle.slot,
        };
        self.controls.get_mut(handle).ok_or(dead)
    }

    /// The character that a command names.
    pub(crate) fn character(&mut self, operands: Operands<'_>) -> Result<&mut Character, Error> {
        match self.control(operands)? {
            Control::Character(character) => Ok(character),
            _ => Err(operands.bad(0)),
        }
    }

    /// The vehicle that a command names.
    pub(crate) fn vehicle(&mut self, operands: Operands<'_>) -> Result<&mut Vehicle, Error> {
        match self.control(operands)? {
            Control::Vehicle(vehicle) => Ok(vehicle),
            _ => Err(operands.bad(0)),
        }
    }

    /// The PID controller that a command names.
    pub(crate) fn pid(&mut self, operands: Operands<'_>) -> Result<&mut Pid, Error> {
        match self.control(operands)? {
            Control::Pid(pid) => Ok(pid),
            _ => Err(operands.bad(0)),
        }
    }

    /// Has vehicles and PID controllers do their part of a step, by ascending slot.
    pub(crate) fn drive(&mut self) {
        let physics = &mut self.physics;
        for control in self.controls.values_mut() {
            match control {
                Control::Character(_) => {}
                Control::Vehicle(vehicle) => vehicle.drive(physics),
                Control::Pid(pid) => pid.drive(physics),
            }
        }
    }
}

/// Forgets a controller.
pub(crate) fn remove(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    world.control(operands)?;
    world.controls.remove(operands.word(0)?);
    Ok(())
}
